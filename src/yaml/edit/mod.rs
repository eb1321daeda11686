//! Edits of a document's text: the bytes of a value change, comments and everything else stay.
//!
//! An edit works out the splices from the places of the nodes, then reads the new text again and
//! compares it with the value that was meant. What does not come out equal is refused.

mod fragment;
mod layout;
mod shared;
mod splice;
mod target;

use std::fmt;
use std::sync::Arc;

use super::{Document, Node, load_node_native, parse_stream};
use crate::diag::{Code, Diagnostic};
use crate::span::{Source, Span};
use crate::value::{Frozen, Str};
pub use shared::{SharedValue, shared};
use splice::Splices;

/// One step of a path into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value below a key.
    Key(String),
    /// The item of a sequence, counted from 0.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Step::Index(index)
    }
}

/// Prints a path as `a.b[2]`.
pub fn show_path(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// Why an edit was refused.
#[derive(Clone, Debug)]
pub struct EditError {
    /// What is wrong.
    pub message: String,
    /// The place that is in the way.
    pub span: Option<Span>,
    /// What to do instead.
    pub help: Option<String>,
}

impl EditError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), span: None, help: None }
    }

    fn at(mut self, document: &Document, node: &Node) -> Self {
        self.span = Some(document.span(node));
        self
    }

    fn help(mut self, help: &str) -> Self {
        self.help = Some(help.to_owned());
        self
    }

    /// The error as a diagnostic with code `yaml.edit`.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(Code("yaml.edit"), self.message.clone()).maybe_at(self.span.clone(), "");
        diagnostic.help.clone_from(&self.help);
        diagnostic
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EditError {}

/// Sets the value at a path and gives the whole new text. Missing keys on the way are created;
/// a scalar keeps its style where the new value allows it.
///
/// # Errors
/// The path leads through a scalar or an alias, or the edit cannot be done without changing other values.
pub fn set(document: &Document, path: &[Step], value: &Frozen) -> Result<String, EditError> {
    let attempt = |on_one_line| {
        let splices = target::set(document, path, value, on_one_line)?;
        apply(document, splices, &|root| change(root, path, &Change::Set(value)))
    };
    // Among comments and in odd layouts a value of several lines may have no place.
    attempt(false).or_else(|error| attempt(true).map_err(|_| error))
}

/// Sets a value where it is written, and with it everything that reads it through aliases.
///
/// # Errors
/// Those of [`set`].
pub fn set_shared(document: &Document, places: &SharedValue, value: &Frozen) -> Result<String, EditError> {
    let splices = target::set(document, &places.own, value, false)?;
    apply(document, splices, &|root| {
        let mut paths = std::iter::once(&places.own).chain(&places.others);
        paths.try_fold(root.clone(), |root, path| change(&root, path, &Change::Set(value)))
    })
}

/// Adds an item to the end of the sequence at a path, which is created when it is missing or null.
///
/// # Errors
/// The value at the path is no sequence, and those of [`set`].
pub fn append(document: &Document, path: &[Step], value: &Frozen) -> Result<String, EditError> {
    let attempt = |on_one_line| {
        let splices = target::append(document, path, value, on_one_line)?;
        apply(document, splices, &|root| change(root, path, &Change::Append(value)))
    };
    attempt(false).or_else(|error| attempt(true).map_err(|_| error))
}

/// Removes the entry or item at a path. The last one leaves `{}` or `[]`.
///
/// # Errors
/// Nothing stands at the path, and those of [`set`].
pub fn remove(document: &Document, path: &[Step]) -> Result<String, EditError> {
    let attempt = |with_comments| {
        let splices = target::remove(document, path, with_comments)?;
        apply(document, splices, &|root| change(root, path, &Change::Remove))
    };
    // A comment that a block scalar would swallow belongs to what is removed.
    attempt(false).or_else(|error| attempt(true).map_err(|_| error))
}

/// Makes the new text and proves that it says what was meant.
fn apply(
    document: &Document,
    splices: Splices,
    intend: &dyn Fn(&Frozen) -> Option<Frozen>,
) -> Result<String, EditError> {
    let text = splices.apply(document.source.text());
    let broken = |why: &str| {
        EditError::new(format!("this edit would {why}; nothing was changed"))
            .at(document, &document.root)
            .help("edit the text by hand")
    };
    let failed = |_| broken("leave a text that is not YAML");
    let before = values(&document.source).map_err(failed)?;
    let after = values(&Source::new(document.source.name(), text.as_str())).map_err(failed)?;
    // An empty document among the others starts where the next one starts, so compare ends too.
    let place = (document.root.outer(), document.root.end);
    let mut wanted = Vec::with_capacity(before.len().max(1));
    let mut found = false;
    for (at, value) in before {
        if at == place && !found {
            found = true;
            wanted.push(intend(&value).ok_or_else(|| broken("not reach the value"))?);
        } else {
            wanted.push(value);
        }
    }
    if !found {
        wanted.push(intend(&Frozen::Nil).ok_or_else(|| broken("not reach the value"))?);
    }
    let same = after.len() == wanted.len() && after.iter().zip(&wanted).all(|((_, value), wanted)| value == wanted);
    if same { Ok(text) } else { Err(broken("also change other values")) }
}

/// A document's first byte and end, and its value.
type Placed = ((u32, u32), Frozen);

/// The values of all documents with their places.
fn values(source: &Arc<Source>) -> Result<Vec<Placed>, super::YamlError> {
    parse_stream(source)?
        .iter()
        .map(|document| Ok(((document.root.outer(), document.root.end), load_node_native(&document.root)?)))
        .collect()
}

enum Change<'v> {
    Set(&'v Frozen),
    Append(&'v Frozen),
    Remove,
}

/// The value as it should be after a change; `None` when the path does not fit.
fn change(value: &Frozen, path: &[Step], what: &Change<'_>) -> Option<Frozen> {
    let Some((step, rest)) = path.split_first() else {
        return match (what, value) {
            (Change::Set(new), _) => Some((*new).clone()),
            (Change::Append(new), Frozen::Nil) => Some(Frozen::list(vec![(*new).clone()])),
            (Change::Append(new), Frozen::List(items)) => {
                Some(Frozen::list(items.iter().chain([*new]).cloned().collect()))
            }
            _ => None,
        };
    };
    let last = rest.is_empty() && matches!(what, Change::Remove);
    match (step, value) {
        (Step::Key(key), Frozen::Map(_) | Frozen::Nil) => {
            let mut entries: Vec<(Str, Frozen)> = match value {
                Frozen::Map(map) => map.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
                _ => Vec::new(),
            };
            let at = entries.iter().position(|(own, _)| own == key.as_str());
            match (at, last) {
                (Some(at), true) => drop(entries.remove(at)),
                (None, true) => return None,
                (Some(at), false) => entries[at].1 = change(&entries[at].1, rest, what)?,
                (None, false) => entries.push((key.as_str().into(), change(&Frozen::Nil, rest, what)?)),
            }
            Some(Frozen::map(entries))
        }
        (Step::Index(index), Frozen::List(items)) => {
            let mut items = items.to_vec();
            if last {
                (*index < items.len()).then(|| items.remove(*index))?;
            } else {
                let item = items.get_mut(*index)?;
                *item = change(item, rest, what)?;
            }
            Some(Frozen::list(items))
        }
        _ => None,
    }
}
