use std::sync::Arc;

use indexmap::IndexMap;
use json_patch::PatchOperation;
use serde_json::json;

use crate::config::read::CODES;
use crate::config::values::ValueReader;
use crate::config::{ConfigNode, Layer};
use crate::diag::{Code, Diagnostic, nearest};
use crate::span::Span;
use crate::stack::{FieldRules, ProjectDocument, Reading};
use crate::value::Str;
use crate::yaml::{Node, load_node_native};

pub(super) const INVALID: Code = Code("config.patch");
const NAMES: [&str; 6] = ["add", "remove", "replace", "move", "copy", "test"];
/// Entries nested deeper than this are refused.
const DEEPEST: usize = 100;

/// What a layer's patch file says about a component and everything below it.
#[derive(Clone, Debug, Default)]
pub struct Patches {
    /// For its own values.
    pub own: Option<Arc<Patch>>,
    /// For those of the components below, by entry name, with the place of the name.
    pub below: IndexMap<Str, (Span, Arc<Patches>)>,
}

/// What a patch file says.
pub(in crate::config) struct ReadPatches {
    pub patches: Arc<Patches>,
    /// Whether `${{ … }}` in its values is an expression.
    pub expressions: bool,
}

/// Operations on the values of one component.
#[derive(Clone, Debug)]
pub struct Patch {
    /// In the order in which they are applied.
    pub operations: Vec<Operation>,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What is done.
    pub operation: PatchOperation,
    /// The value of `add`, `replace` and `test`, with its place.
    pub value: Option<Arc<ConfigNode>>,
    /// Where it is written.
    pub place: Span,
}

/// Reads a patch file: a list of operations on the component's own values, or a map with `config` for
/// those and `subcomponents` for the components below, which has a place for `expressions`, too.
pub(in crate::config) fn read_patches(
    file: &ProjectDocument,
    layer: &Arc<str>,
    reading: Reading,
    problems: &mut Vec<Diagnostic>,
) -> Option<ReadPatches> {
    problems.extend(file.problems.iter().cloned());
    let rules = FieldRules::of(file, reading, CODES);
    if let Err(error) = load_node_native(&file.document.root) {
        problems.push(error.to_diagnostic(rules.source));
        return None;
    }
    let layer = Arc::new(Layer { name: Arc::clone(layer), source: Arc::clone(rules.source) });
    let expressions = file.document.root.as_map().is_some()
        && rules
            .map("a patch file", &file.document.root, &mut Vec::new())
            .is_some_and(|fields| fields.boolean("expressions", problems).is_some_and(|(value, _)| value));
    let mut reader = Reader { values: ValueReader::new(rules, &layer, None, problems) };
    let patches = Arc::new(reader.patches("a patch file", &file.document.root, 0));
    Some(ReadPatches { patches, expressions })
}

struct Reader<'d, 'p> {
    values: ValueReader<'d, 'p>,
}

impl<'d> Reader<'d, '_> {
    fn patches(&mut self, what: &str, node: &'d Node, depth: usize) -> Patches {
        let rules = self.values.rules;
        if depth > DEEPEST {
            self.values.too_deep(node);
            return Patches::default();
        }
        if let Some(items) = node.as_seq() {
            return Patches { own: Some(self.operations(items)), below: IndexMap::new() };
        }
        if node.is_null() {
            return Patches::default();
        }
        if node.as_map().is_none() {
            self.values.problems.push(rules.wrong_type(what, node, "a list of operations, or a map"));
            return Patches::default();
        }
        let Some(fields) = rules.map(what, node, self.values.problems) else { return Patches::default() };
        let known: &[&str] = match depth {
            0 => &["config", "subcomponents", "expressions"],
            _ => &["config", "subcomponents"],
        };
        // A slip here would leave operations out, whoever reads the project.
        for (key, _) in fields.entries() {
            let text = key.as_str().unwrap_or_default();
            if !known.contains(&text) {
                let message = format!("unknown key `{}` in a patch file", text.escape_debug());
                let problem = Diagnostic::error(INVALID, message).at(rules.span(key), "");
                self.values.problems.push(match nearest(text, known.iter().copied()) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem.help("known keys: config, subcomponents; or write a list of operations"),
                });
            }
        }
        fields.check_duplicates(self.values.problems);
        let own = fields.get("config").map(|_| {
            let items = fields.list("config", self.values.problems);
            self.operations(items)
        });
        let mut below = IndexMap::new();
        if let Some(entries) =
            fields.get("subcomponents").and_then(|node| rules.map("subcomponents", node, self.values.problems))
        {
            entries.check_duplicates(self.values.problems);
            for (key, value) in entries.entries() {
                let name = key.as_str().unwrap_or_default();
                let patches = self.patches(&format!("subcomponents.{name}"), value, depth + 1);
                below.insert(Str::from(name), (rules.span(key), Arc::new(patches)));
            }
        }
        Patches { own, below }
    }

    fn operations(&mut self, items: &'d [Node]) -> Arc<Patch> {
        Arc::new(Patch { operations: items.iter().filter_map(|item| self.operation(item)).collect() })
    }

    fn operation(&mut self, item: &'d Node) -> Option<Operation> {
        let rules = self.values.rules;
        let place = rules.span(item);
        let fields = rules.map("an operation", item, self.values.problems)?;
        let name = fields.text("op", self.values.problems);
        let Some(name) = name else {
            let problem = Diagnostic::error(INVALID, "an operation needs `op`").at(place, "");
            self.values.problems.push(problem.help(format!("one of: {}", NAMES.join(", "))));
            return None;
        };
        if !NAMES.contains(&name.value.as_str()) {
            let message = format!("unknown operation `{}`", name.value.escape_debug());
            let problem = Diagnostic::error(INVALID, message).at(name.place, "");
            self.values.problems.push(match nearest(&name.value, NAMES) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("there are: {}", NAMES.join(", "))),
            });
            return None;
        }
        let needs_value = matches!(name.value.as_str(), "add" | "replace" | "test");
        let needs_from = matches!(name.value.as_str(), "move" | "copy");
        let known: Vec<&str> = [Some("op"), Some("path"), needs_value.then_some("value"), needs_from.then_some("from")]
            .into_iter()
            .flatten()
            .collect();
        fields.check(&known, &format!("a `{}` operation", name.value), self.values.problems);
        // The empty pointer is the whole, so that an empty string is not absent.
        let mut pointer = |key: &str| {
            let node = fields.entries().iter().rev().find(|(own, _)| own.as_str() == Some(key)).map(|(_, node)| *node);
            let Some(node) = node.filter(|node| !node.is_null()) else {
                let message = format!("a `{}` operation needs `{key}`", name.value);
                self.values.problems.push(Diagnostic::error(INVALID, message).at(place.clone(), ""));
                return None;
            };
            fields.text_of(key, node, self.values.problems)
        };
        let path = pointer("path")?;
        let from = if needs_from { Some(pointer("from")?) } else { None };
        for text in [Some(&path), from.as_ref()].into_iter().flatten() {
            if let Err(error) = json_patch::jsonptr::Pointer::parse(&text.value) {
                let message = format!("`{}` is no JSON pointer: {error}", text.value.escape_debug());
                let problem = Diagnostic::error(INVALID, message).at(text.place.clone(), "");
                self.values.problems.push(problem.help("write `/key/key`; in a key `~1` stands for `/`, `~0` for `~`"));
                return None;
            }
        }
        let value = match needs_value {
            false => None,
            true => {
                let entry = fields.entries().iter().rev().find(|(own, _)| own.as_str() == Some("value"));
                let Some((_, node)) = entry else {
                    let message = format!("a `{}` operation needs `value`", name.value);
                    self.values.problems.push(Diagnostic::error(INVALID, message).at(place, ""));
                    return None;
                };
                Some(self.values.value(node, 0)?)
            }
        };
        let mut words = json!({"op": name.value, "path": path.value});
        if let Some(from) = &from {
            words["from"] = json!(from.value);
        }
        // The value itself is kept with its place; the operation only needs to have one.
        if value.is_some() {
            words["value"] = serde_json::Value::Null;
        }
        match serde_json::from_value(words) {
            Ok(operation) => Some(Operation { operation, value, place }),
            Err(error) => {
                let message = format!("the operation cannot be read: {error}");
                self.values.problems.push(Diagnostic::error(INVALID, message).at(place, ""));
                None
            }
        }
    }
}
