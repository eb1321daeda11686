use std::collections::BTreeMap;
use std::error::Error as _;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use minijinja::{Environment, UndefinedBehavior};

use crate::diag::{Code, Diagnostic};
use crate::source::{Tree, TreeError, stays_below};
use crate::span::Source;
use crate::value::Frozen;

use super::{error, filters, values};

/// What one rendered file may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Instructions.
    pub fuel: u64,
    /// Bytes of output.
    pub output_bytes: usize,
    /// Nested includes, macros and recursive loops.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { fuel: 50_000_000, output_bytes: 64 << 20, depth: 200 }
    }
}

/// The template texts read so far, by name.
pub(super) type Sources = Arc<Mutex<BTreeMap<String, Arc<Source>>>>;

/// Renders the files of one folder with one set of variables. Templates are read and compiled once.
pub struct Renderer {
    environment: Environment<'static>,
    tree: Tree,
    sources: Sources,
    variables: IndexMap<String, Frozen>,
    limits: Limits,
}

impl Renderer {
    /// Prepares to render files of `tree`. Includes are looked up by their path below it.
    pub fn new(tree: Tree, variables: IndexMap<String, Frozen>, limits: Limits) -> Self {
        let sources = Sources::default();
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_fuel(Some(limits.fuel));
        environment.set_recursion_limit(limits.depth);
        filters::register(&mut environment, limits.output_bytes);
        let (folder, seen) = (tree.clone(), Arc::clone(&sources));
        environment.set_loader(move |name| load(&folder, &seen, name));
        Self { environment, tree, sources, variables, limits }
    }

    /// The text of one file of the folder.
    ///
    /// # Errors
    /// One diagnostic that points into the file, or into a file that it includes.
    pub fn render(&self, path: &str) -> Result<String, Diagnostic> {
        let mut out = Bounded { bytes: Vec::new(), limit: self.limits.output_bytes, hit: false };
        let variables: BTreeMap<&str, minijinja::value::Value> =
            self.variables.iter().map(|(name, value)| (name.as_str(), values::to_jinja(value))).collect();
        let rendered = self
            .environment
            .get_template(path)
            .and_then(|template| template.render_captured_to(variables, &mut out).map(drop));
        if out.hit {
            let message = format!("the output is larger than the limit of {} bytes", self.limits.output_bytes);
            let place = self.source(path).map(|source| crate::span::Span::new(&source, 0..0));
            return Err(Diagnostic::error(Code("template.limit"), message)
                .maybe_at(place, "rendered from here")
                .help("produce less, or raise `limits.outputBytes` in `kiln.yaml`"));
        }
        match rendered {
            Ok(()) => String::from_utf8(out.bytes)
                .map_err(|_| Diagnostic::error(Code("template.render"), format!("`{path}` rendered to invalid UTF-8"))),
            Err(problem) => Err(match modified(&problem) {
                Some(error) => error.diagnostic(Code("template.render")),
                None => error::diagnose(&problem, &self.tree, &self.sources, &self.variables),
            }),
        }
    }

    fn source(&self, path: &str) -> Option<Arc<Source>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }
}

/// The vendored file behind a problem that differs from what the lock pins.
fn modified(problem: &minijinja::Error) -> Option<&TreeError> {
    let mut cause = problem.source();
    while let Some(error) = cause {
        match error.downcast_ref::<TreeError>() {
            Some(error @ TreeError::Modified { .. }) => return Some(error),
            _ => cause = error.source(),
        }
    }
    None
}

fn load(tree: &Tree, sources: &Sources, name: &str) -> Result<Option<String>, minijinja::Error> {
    let refuse = |why: String| minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, why);
    let unread = |error: TreeError| refuse(error.to_string()).with_source(error);
    if !stays_below(std::path::Path::new(name)) {
        return Err(refuse(format!("`{name}` is outside the template folder")));
    }
    if !tree.is_file(name) {
        return match tree.kind(name) {
            Err(error) => Err(unread(error)),
            Ok(_) => Ok(None),
        };
    }
    let bytes = tree.read(name).map_err(unread)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| refuse(format!("`{name}` is not UTF-8: {error}")))?;
    let source = Source::new(tree.display(name), text);
    sources.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), source);
    Ok(Some(text.to_owned()))
}

struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    hit: bool,
}

impl io::Write for Bounded {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if self.bytes.len().saturating_add(chunk.len()) > self.limit {
            self.hit = true;
            return Err(io::Error::other("output limit reached"));
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
