use std::collections::BTreeMap;

use crate::yaml::{self, Document, Node, NodeKind, Scalar, Style};

/// Scalars of a document that get another text. Everything else of it stays, also what aliases of such
/// scalars read as.
#[derive(Default)]
pub(super) struct Splices<'a> {
    by_start: BTreeMap<u32, (&'a Node, String)>,
}

impl<'a> Splices<'a> {
    /// Gives a scalar another text.
    pub fn set(&mut self, node: &'a Node, text: String) {
        self.by_start.insert(node.start, (node, text));
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.by_start.is_empty()
    }

    /// The document's text with them.
    pub fn applied(self, document: &Document) -> String {
        let mut edits: BTreeMap<u32, (u32, String)> = BTreeMap::new();
        for (start, (node, text)) in &self.by_start {
            edits.insert(*start, (node.end, written(text, style(node))));
        }
        let anchored = |node: &Node| node.anchor().is_some();
        if self.by_start.values().any(|(node, _)| anchored(node)) {
            self.keep_aliases(&document.root, &mut edits);
        }
        let mut text = document.source.text().to_owned();
        for (start, (end, new)) in edits.into_iter().rev() {
            text.replace_range(start as usize..end as usize, &new);
        }
        text
    }

    /// Writes out aliases of scalars that change, where they are not among what changes.
    fn keep_aliases(&self, node: &Node, edits: &mut BTreeMap<u32, (u32, String)>) {
        match &node.kind {
            NodeKind::Scalar { .. } | NodeKind::Alias { target: None, .. } => {}
            NodeKind::Seq { items, .. } => items.iter().for_each(|item| self.keep_aliases(item, edits)),
            NodeKind::Map { entries, .. } => entries.iter().for_each(|(key, value)| {
                self.keep_aliases(key, edits);
                self.keep_aliases(value, edits);
            }),
            NodeKind::Alias { target: Some(target), .. } => {
                if let NodeKind::Scalar { text, style } = &target.kind
                    && self.by_start.contains_key(&target.start)
                    && !self.by_start.contains_key(&node.start)
                {
                    edits.insert(node.start, (node.end, written(text, *style)));
                }
            }
        }
    }
}

fn style(node: &Node) -> Style {
    match &node.resolved().kind {
        NodeKind::Scalar { style, .. } => *style,
        _ => Style::Plain,
    }
}

/// A text as a scalar, in the style that is asked for as far as that can be.
fn written(text: &str, style: Style) -> String {
    let is_plain = matches!(yaml::resolve(text), Scalar::Str)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/'))
        && !text.starts_with(['-', '.']);
    match style {
        Style::Plain if is_plain => text.to_owned(),
        Style::SingleQuoted if !text.contains(['\'', '\n']) => format!("'{text}'"),
        _ => serde_json::Value::from(text).to_string(),
    }
}
