//! New text: a value as it is written in the place where it will stand.

use std::sync::Arc;

use crate::golang::float;
use crate::value::{Frozen, Str};
use crate::yaml::emit::natural_style;
use crate::yaml::{Dialect, Node, NodeKind, Style, emit_node};

/// How new text is written.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    pub dialect: Dialect,
    pub line_break: &'static str,
}

impl Manner {
    /// What stands behind a block mapping's `key:`, whose key stands at `column`.
    pub(super) fn behind_colon(self, value: Node, column: usize) -> String {
        let text = self.emit(map(scalar("k", Style::Plain), value));
        self.indent(text.strip_prefix("k:").unwrap_or(&text), column)
    }

    /// What stands behind a block sequence's `-` at `column`.
    pub(super) fn behind_dash(self, value: Node, column: usize) -> String {
        let text = self.emit(seq(vec![value], false));
        self.indent(text.strip_prefix('-').unwrap_or(&text), column)
    }

    /// A whole entry of a block mapping.
    pub(super) fn entry(self, key: &str, value: Node, column: usize) -> String {
        self.indent(&self.emit(map(text_node(key, None, false), value)), column)
    }

    /// A whole item of a block sequence.
    pub(super) fn item(self, value: Node, column: usize) -> String {
        self.indent(&self.emit(seq(vec![value], false)), column)
    }

    /// A whole value at the top of a document.
    pub(super) fn root(self, value: Node) -> String {
        self.indent(&self.emit(value), 0)
    }

    fn emit(self, node: Node) -> String {
        let mut text = emit_node(&node, self.dialect);
        if text.last() == Some(&b'\n') {
            text.pop();
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    fn indent(self, text: &str, column: usize) -> String {
        let indent = " ".repeat(column);
        let mut out = String::with_capacity(text.len());
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                out.push_str(self.line_break);
                if !line.is_empty() {
                    out.push_str(&indent);
                }
            }
            out.push_str(line);
        }
        out
    }
}

/// A value within brackets.
pub(super) fn in_flow(value: Node) -> String {
    let text = emit_node(&seq(vec![value], true), Dialect::GoV3);
    let text = String::from_utf8_lossy(&text).into_owned();
    text.trim_end_matches('\n').strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(&text).to_owned()
}

/// An entry within braces.
pub(super) fn flow_entry(key: &str, value: Node) -> String {
    let entries = Arc::new(vec![(text_node(key, None, true), value)]);
    let text = emit_node(&node(NodeKind::Map { entries, flow: true }), Dialect::GoV3);
    let text = String::from_utf8_lossy(&text).into_owned();
    text.trim_end_matches('\n').strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(&text).to_owned()
}

/// A value as a tree; a string takes the wanted style where it can.
pub(super) fn tree(value: &Frozen, wanted: Option<Style>, flow: bool) -> Node {
    match value {
        Frozen::Nil => scalar("null", Style::Plain),
        Frozen::Bool(value) => scalar(if *value { "true" } else { "false" }, Style::Plain),
        Frozen::Int(kind, value) if kind.is_signed() => scalar(&value.to_string(), Style::Plain),
        Frozen::Int(_, value) => scalar(&value.cast_unsigned().to_string(), Style::Plain),
        Frozen::Float(value) => scalar(&shown_float(*value), Style::Plain),
        Frozen::Str(text) => text_node(&text.to_str_lossy(), wanted, flow),
        Frozen::List(items) => seq(items.iter().map(|item| tree(item, None, flow)).collect(), flow),
        Frozen::Map(entries) => {
            let entry =
                |(key, value): (&Str, &Frozen)| (text_node(&key.to_str_lossy(), None, flow), tree(value, None, flow));
            node(NodeKind::Map { entries: Arc::new(entries.iter().map(entry).collect()), flow })
        }
    }
}

/// A float that reads back as one: `1.0` keeps its point.
fn shown_float(value: f64) -> String {
    let text = float::format(value, b'g', -1);
    match text.as_str() {
        "+Inf" => ".inf".to_owned(),
        "-Inf" => "-.inf".to_owned(),
        "NaN" => ".nan".to_owned(),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => format!("{digits}.0"),
        _ => text,
    }
}

fn text_node(text: &str, wanted: Option<Style>, flow: bool) -> Node {
    let natural = natural_style(text, Dialect::GoV3);
    let style = match wanted {
        Some(Style::DoubleQuoted) => Style::DoubleQuoted,
        // Not a merge key, and no line breaks of other kinds.
        _ if text == "<<" || text.contains(['\u{85}', '\u{2028}', '\u{2029}']) => Style::DoubleQuoted,
        Some(Style::SingleQuoted) if natural != Style::Literal => Style::SingleQuoted,
        // A tab cannot follow the indentation of the first line.
        _ if natural == Style::Literal && (flow || text.trim_start_matches('\n').starts_with('\t')) => {
            Style::DoubleQuoted
        }
        _ => natural,
    };
    scalar(text, style)
}

fn scalar(text: &str, style: Style) -> Node {
    node(NodeKind::Scalar { text: Arc::from(text), style })
}

fn seq(items: Vec<Node>, flow: bool) -> Node {
    node(NodeKind::Seq { items: Arc::new(items), flow })
}

fn map(key: Node, value: Node) -> Node {
    node(NodeKind::Map { entries: Arc::new(vec![(key, value)]), flow: false })
}

fn node(kind: NodeKind) -> Node {
    Node { kind, properties: None, start: 0, end: 0 }
}
