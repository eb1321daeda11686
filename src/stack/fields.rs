use std::collections::HashSet;
use std::sync::Arc;

use super::Reading;
use super::document::ProjectDocument;
use super::spec::Text;
use crate::diag::{Code, Diagnostic, nearest};
use crate::span::{Source, Span};
use crate::value::Frozen;
use crate::yaml::{Node, NodeKind, Style, load_node_native};

/// The codes of a kind of file.
#[derive(Clone, Copy, Debug)]
pub struct FieldCodes {
    /// A key that means nothing.
    pub unknown_key: Code,
    /// A key that is there twice.
    pub duplicate_key: Code,
    /// A value of the wrong type.
    pub wrong_type: Code,
}

/// How the fields of a file are read.
#[derive(Clone, Copy)]
pub struct FieldRules<'d> {
    /// The file's text.
    pub source: &'d Arc<Source>,
    /// Whether it is JSON, whose keys Fabrikate matches in any case.
    pub json: bool,
    /// How strictly.
    pub reading: Reading,
    /// How problems are named.
    pub codes: FieldCodes,
}

impl<'d> FieldRules<'d> {
    /// The rules of a file.
    pub fn of(file: &'d ProjectDocument, reading: Reading, codes: FieldCodes) -> Self {
        Self { source: &file.document.source, json: file.json, reading, codes }
    }

    /// The place of a node.
    pub fn span(&self, node: &Node) -> Span {
        node.span(self.source)
    }

    /// The complaint about a value of another type than wanted (`a string`, `a list`).
    pub fn wrong_type(&self, key: &str, node: &Node, wanted: &str) -> Diagnostic {
        let message = format!("`{key}` must be {wanted}, not {}", kind_of(node));
        Diagnostic::error(self.codes.wrong_type, message).at(self.span(node), "")
    }

    /// The fields of a map; `null` has none.
    pub fn map(&self, key: &str, node: &'d Node, problems: &mut Vec<Diagnostic>) -> Option<Fields<'d>> {
        if node.is_null() {
            return Some(Fields { rules: *self, node, entries: Vec::new() });
        }
        if node.as_map().is_none() {
            problems.push(self.wrong_type(key, node, "a map"));
            return None;
        }
        let mut entries = Vec::new();
        flatten(node, &mut entries, 0);
        Some(Fields { rules: *self, node, entries })
    }
}

/// The fields of one map of a file.
pub struct Fields<'d> {
    rules: FieldRules<'d>,
    node: &'d Node,
    entries: Vec<(&'d Node, &'d Node)>,
}

impl<'d> Fields<'d> {
    /// The place of the map.
    pub fn span(&self) -> Span {
        self.rules.span(self.node)
    }

    /// All keys and values, in text order with merge keys applied; of equal keys the last counts.
    pub fn entries(&self) -> &[(&'d Node, &'d Node)] {
        &self.entries
    }

    /// Complains about keys that are not among `known`, and about keys that are there twice.
    pub fn check(&self, known: &[&str], what: &str, problems: &mut Vec<Diagnostic>) {
        let FieldRules { reading, codes, .. } = self.rules;
        for (key, _) in &self.entries {
            let text = key.as_str().unwrap_or_default();
            if !known.iter().any(|name| self.means(text, name)) {
                let message = format!("unknown key `{}` in {what}", text.escape_debug());
                let problem = reading.questionable(codes.unknown_key, message).at(self.rules.span(key), "");
                problems.push(match nearest(text, known.iter().copied()) {
                    Some(name) => problem.help(format!("did you mean `{name}`?")),
                    None => problem.help(format!("known keys: {}", known.join(", "))),
                });
            }
        }
        self.check_duplicates(problems);
    }

    /// Checks `apiVersion` and `kind`, which every file of ours may carry.
    pub fn header(&self, kind: &str, problems: &mut Vec<Diagnostic>) {
        for (key, wanted) in [("apiVersion", "kiln/v1alpha1"), ("kind", kind)] {
            if let Some(text) = self.text(key, problems).filter(|text| text.value != wanted) {
                let message = format!("`{key}` must be `{wanted}` here, not `{}`", text.value.escape_debug());
                let problem = self.rules.reading.questionable(self.rules.codes.wrong_type, message);
                problems.push(problem.at(text.place, ""));
            }
        }
    }

    /// Complains about keys that are there twice; Fabrikate lets the last one win. A key may be there
    /// again in a map that a merge key brings.
    pub fn check_duplicates(&self, problems: &mut Vec<Diagnostic>) {
        let mut seen: HashSet<&str> = HashSet::new();
        for (key, _) in self.node.as_map().unwrap_or_default() {
            if !seen.insert(key.as_str().unwrap_or_default()) {
                problems.extend(duplicate_key(&self.rules, key));
            }
        }
    }

    /// The value of a field, unless it is null.
    pub fn get(&self, name: &str) -> Option<&'d Node> {
        let found = self.entries.iter().rev().find(|(key, _)| self.means(key.as_str().unwrap_or_default(), name));
        found.map(|(_, value)| *value).filter(|value| !value.is_null())
    }

    /// A string; empty counts as absent.
    pub fn text(&self, name: &str, problems: &mut Vec<Diagnostic>) -> Option<Text> {
        let node = self.get(name)?;
        let text = self.text_of(name, node, problems)?;
        (!text.value.is_empty()).then_some(text)
    }

    /// A string that may be empty. YAML readers make strings of numbers and booleans where one is
    /// wanted; the strict reading wants quotes.
    pub fn text_of(&self, name: &str, node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Text> {
        let rules = &self.rules;
        let Some(text) = node.as_str() else {
            problems.push(rules.wrong_type(name, node, "a string"));
            return None;
        };
        match load_node_native(node) {
            Ok(Frozen::Str(text)) => Some(Text { value: text.to_str_lossy().into_owned(), place: rules.span(node) }),
            Ok(_) if !rules.reading.is_strict() && !rules.json => {
                Some(Text { value: text.to_owned(), place: rules.span(node) })
            }
            Ok(_) => {
                problems.push(rules.wrong_type(name, node, "a string").help("write it in quotes"));
                None
            }
            Err(error) => {
                problems.push(Diagnostic::error(rules.codes.wrong_type, error.problem).at(rules.span(node), ""));
                None
            }
        }
    }

    /// A boolean.
    pub fn boolean(&self, name: &str, problems: &mut Vec<Diagnostic>) -> Option<(bool, Span)> {
        let node = self.get(name)?;
        match load_node_native(node) {
            Ok(Frozen::Bool(value)) => Some((value, self.rules.span(node))),
            _ => {
                problems.push(self.rules.wrong_type(name, node, "a boolean").help("write `true` or `false`"));
                None
            }
        }
    }

    /// The items of a list.
    pub fn list(&self, name: &str, problems: &mut Vec<Diagnostic>) -> &'d [Node] {
        let Some(node) = self.get(name) else { return &[] };
        match node.as_seq() {
            Some(items) => items,
            None => {
                problems.push(self.rules.wrong_type(name, node, "a list"));
                &[]
            }
        }
    }

    fn means(&self, written: &str, name: &str) -> bool {
        written == name || (self.rules.json && !self.rules.reading.is_strict() && written.eq_ignore_ascii_case(name))
    }
}

/// The complaint about a second key of one name, in the strict reading.
pub fn duplicate_key(rules: &FieldRules<'_>, key: &Node) -> Option<Diagnostic> {
    rules.reading.is_strict().then(|| {
        let message = format!("duplicate key `{}`", key.as_str().unwrap_or_default().escape_debug());
        let problem = Diagnostic::error(rules.codes.duplicate_key, message).at(rules.span(key), "again here");
        problem.help("remove one of them: only the last would count")
    })
}

/// Whether a key is the merge key `<<`.
pub fn is_merge_key(key: &Node) -> bool {
    matches!(&key.kind, NodeKind::Scalar { text, style: Style::Plain } if &**text == "<<" && key.tag().is_none())
}

/// The maps that a merge key brings, lowest precedence first.
pub fn merged_maps(value: &Node) -> Vec<&Node> {
    let value = value.resolved();
    match value.as_seq() {
        Some(items) => items.iter().rev().map(Node::resolved).collect(),
        None => vec![value],
    }
}

/// Deeper chains of merge keys than this are cut; the reader refuses self-reference before.
const DEEPEST_MERGE: usize = 100;

fn flatten<'d>(node: &'d Node, entries: &mut Vec<(&'d Node, &'d Node)>, depth: usize) {
    for (key, value) in node.as_map().unwrap_or_default() {
        if is_merge_key(key) && depth < DEEPEST_MERGE {
            for map in merged_maps(value) {
                flatten(map, entries, depth + 1);
            }
        } else {
            entries.push((key, value));
        }
    }
}

/// What a node is, in the words of messages.
pub fn kind_of(node: &Node) -> &'static str {
    if node.as_map().is_some() {
        return "a map";
    }
    if node.as_seq().is_some() {
        return "a list";
    }
    match load_node_native(node) {
        Ok(Frozen::Nil) => "null",
        Ok(Frozen::Bool(_)) => "a boolean",
        Ok(Frozen::Int(..) | Frozen::Float(_)) => "a number",
        _ => "a string",
    }
}
