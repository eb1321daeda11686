use std::collections::BTreeMap;
use std::sync::Arc;

use super::expressions::placed;
use super::{ConfigMap, ConfigNode, ConfigValue, Layer};
use crate::diag::{Blame, Code, Diagnostic, nearest_few};
use crate::helm::{Compat, set};
use crate::span::Source;
use crate::value::{Frozen, FrozenMap, Map, Value};

const INVALID: Code = Code("usage.set");
/// The most components that a message names.
const MOST_NAMES: usize = 12;

/// The kinds of assignments on the command line, in the order in which they are applied: Helm's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AssignmentKind {
    /// `--set-json`.
    Json,
    /// `--set`.
    Typed,
    /// `--set-string`.
    Text,
    /// `--set-file`.
    File,
    /// `--set-literal`.
    Literal,
}

impl AssignmentKind {
    /// The flag.
    pub fn flag(self) -> &'static str {
        match self {
            AssignmentKind::Json => "--set-json",
            AssignmentKind::Typed => "--set",
            AssignmentKind::Text => "--set-string",
            AssignmentKind::File => "--set-file",
            AssignmentKind::Literal => "--set-literal",
        }
    }
}

/// Values that are set on the command line, above all layers: `COMPONENT:KEY=VALUE` with Helm's grammar
/// behind the colon.
#[derive(Clone, Debug, Default)]
pub struct Assignments {
    all: Vec<Assignment>,
    /// The files that `--set-file` names, by the path as written.
    files: BTreeMap<String, Vec<u8>>,
}

#[derive(Clone, Debug)]
struct Assignment {
    kind: AssignmentKind,
    /// The component as written, then its address; the root when there is none.
    component: Option<String>,
    /// Helm's part of the text.
    words: String,
    source: Arc<Source>,
}

impl Assignments {
    /// Adds the text of a flag. `read` gives the files of `--set-file`.
    ///
    /// # Errors
    /// One diagnostic when Helm would not understand the part behind the colon.
    pub fn add(
        &mut self,
        kind: AssignmentKind,
        text: &str,
        read: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    ) -> Result<(), Diagnostic> {
        let (component, words) = split(text);
        let source = Source::new(kind.flag(), text);
        let own = Assignment { kind, component: component.map(str::to_owned), words: words.to_owned(), source };
        let files = &mut self.files;
        let mut keep = |path: &str| {
            let content = read(path)?;
            files.insert(path.to_owned(), content.clone());
            Ok(content)
        };
        own.set(&Map::new(), &mut keep).map_err(|why| own.invalid(why))?;
        let at = self.all.partition_point(|other| other.kind <= kind);
        self.all.insert(at, own);
        Ok(())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The texts with their flags, for digests of a run's input.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.all.iter().map(|own| (own.kind.flag(), own.source.text()))
    }

    /// The contents of the files that are named.
    pub fn files(&self) -> impl Iterator<Item = &[u8]> {
        self.files.values().map(Vec::as_slice)
    }

    /// The same with the addresses of components: `components` are all of them, the root first, each with
    /// whether it reads values.
    ///
    /// # Errors
    /// A diagnostic for each component that does not exist or reads no values.
    pub fn resolved(&self, components: &[(&str, bool)]) -> Result<Self, Vec<Diagnostic>> {
        let mut own = self.clone();
        let mut problems = Vec::new();
        let root = components.first().map_or("", |(address, _)| address);
        for assignment in &mut own.all {
            let written = assignment.component.as_deref().unwrap_or(root);
            let below = format!("{root}/{written}");
            let find = |wanted: &str| components.iter().find(|(address, _)| *address == wanted);
            match find(written).or_else(|| find(&below)) {
                Some((address, true)) => assignment.component = Some((*address).to_owned()),
                Some((address, false)) => {
                    let problem =
                        assignment.invalid(format!("`{address}` is no chart or template, and reads no values"));
                    problems.push(problem.help(choices(components)));
                }
                None => {
                    let problem =
                        assignment.invalid(format!("the stack has no component `{}`", written.escape_debug()));
                    let near = nearest_few(written, components.iter().map(|(address, _)| *address), 3);
                    problems.push(match near.first() {
                        Some(_) => problem.help(format!("the nearest: {}", near.join(", "))),
                        None => problem.help(choices(components)),
                    });
                }
            }
        }
        if problems.is_empty() { Ok(own) } else { Err(problems) }
    }

    /// The texts that set values of a component.
    pub fn of(&self, address: &str) -> impl Iterator<Item = String> {
        let own = self.all.iter().filter(move |own| own.component.as_deref() == Some(address));
        own.map(|own| format!("{} {}", own.kind.flag(), own.source.text()))
    }

    /// The values of a component with everything that is set for it; `None` when nothing is. What does
    /// not change keeps its place.
    pub fn apply(
        &self,
        address: &str,
        values: Option<&Arc<ConfigNode>>,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Arc<ConfigNode>> {
        let mut now: Option<Arc<ConfigNode>> = None;
        for own in self.all.iter().filter(|own| own.component.as_deref() == Some(address)) {
            let before = now.as_ref().or(values);
            let map = match before.map(|before| before.to_helm()) {
                Some(Frozen::Map(map)) => map,
                _ => Arc::new(FrozenMap::default()),
            };
            let map = Map::frozen(map);
            let mut read = |path: &str| self.files.get(path).cloned().ok_or_else(|| "it was not read".to_owned());
            if let Err(why) = own.set(&map, &mut read) {
                problems.push(own.invalid(why));
                continue;
            }
            let layer = Arc::new(Layer { name: Arc::from(own.kind.flag()), source: Arc::clone(&own.source) });
            let end = u32::try_from(own.source.text().len()).unwrap_or(u32::MAX);
            let place = ConfigNode::new(ConfigValue::Scalar(Frozen::Nil), &layer, 0..end);
            now = Some(merged(before, &Frozen::of(&Value::Map(map)), &place));
        }
        now
    }
}

impl Assignment {
    fn set(&self, values: &Map, read: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>) -> Result<(), String> {
        let words = self.words.as_str();
        match self.kind {
            // A whole object is what Helm 4 takes too.
            AssignmentKind::Json if words.trim_start().starts_with('{') => set::set_json(words, values, Compat::V4),
            AssignmentKind::Json => set::set_json(words, values, Compat::V3),
            AssignmentKind::Typed => set::set(words, values, Compat::V3),
            AssignmentKind::Text => set::set_string(words, values, Compat::V3),
            AssignmentKind::File => set::set_file(words, values, read, Compat::V3),
            AssignmentKind::Literal => set::set_literal(words, values, Compat::V3),
        }
    }

    fn invalid(&self, why: impl std::fmt::Display) -> Diagnostic {
        let message = format!("`{} {}`: {why}", self.kind.flag(), self.source.text().escape_debug());
        Diagnostic::error(INVALID, message).blame(Blame::Usage)
    }
}

/// The component and Helm's part: a colon before the first `=` stands between them.
fn split(text: &str) -> (Option<&str>, &str) {
    if text.trim_start().starts_with(['{', '[']) {
        return (None, text);
    }
    match text.find([':', '=']) {
        Some(at) if text[at..].starts_with(':') => (Some(&text[..at]), &text[at + 1..]),
        _ => (None, text),
    }
}

fn choices(components: &[(&str, bool)]) -> String {
    let names: Vec<&str> =
        components.iter().filter(|(_, reads)| *reads).map(|(address, _)| *address).take(MOST_NAMES).collect();
    match names.is_empty() {
        true => "no component reads values".to_owned(),
        false => format!("write it like `{}:key=value`; components with values: {}", names[0], names.join(", ")),
    }
}

/// New values over the old ones: what is equal stays as it is, the rest has its place on the command line.
fn merged(old: Option<&Arc<ConfigNode>>, new: &Frozen, place: &ConfigNode) -> Arc<ConfigNode> {
    let Some(old) = old else { return placed(new, place) };
    match (&old.value, new) {
        (ConfigValue::Map(before), Frozen::Map(map)) => {
            let kept = before.iter().filter_map(|(key, value)| {
                Some((key.clone(), merged(Some(value), map.get_bytes(key.as_bytes())?, place)))
            });
            let mut all: ConfigMap = kept.collect();
            for (key, value) in map.iter().filter(|(key, _)| !before.contains_key(*key)) {
                all.insert(key.clone(), placed(value, place));
            }
            Arc::new(old.with_value(ConfigValue::Map(all)))
        }
        (ConfigValue::List(before), Frozen::List(items)) => {
            let items = items.iter().enumerate().map(|(at, item)| merged(before.get(at), item, place));
            Arc::new(old.with_value(ConfigValue::List(items.collect())))
        }
        (ConfigValue::Scalar(_), _) if old.to_helm() == *new => Arc::clone(old),
        _ => placed(new, place),
    }
}
