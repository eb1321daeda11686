//! Lines and columns around nodes.

use crate::yaml::{Node, NodeKind, Style};

/// The text that is edited.
#[derive(Clone, Copy)]
pub(super) struct Layout<'s>(pub &'s str);

impl Layout<'_> {
    /// The start of a line, behind the byte order mark of the first.
    pub(super) fn line_start(self, at: usize) -> usize {
        match self.0[..at].rfind('\n') {
            Some(at) => at + 1,
            None => {
                if self.0[..at].starts_with('\u{FEFF}') {
                    '\u{FEFF}'.len_utf8()
                } else {
                    0
                }
            }
        }
    }

    /// The end of the line, before its break.
    pub(super) fn line_end(self, at: usize) -> usize {
        let end = self.0[at..].find('\n').map_or(self.0.len(), |len| at + len);
        if self.0[at..end].ends_with('\r') { end - 1 } else { end }
    }

    /// The start of the next line, or the end of the text.
    pub(super) fn next_line(self, at: usize) -> usize {
        self.0[at..].find('\n').map_or(self.0.len(), |len| at + len + 1)
    }

    /// The column in characters.
    pub(super) fn column(self, at: usize) -> usize {
        self.0[self.line_start(at)..at].chars().count()
    }

    /// Whether only spaces stand before a place on its line.
    pub(super) fn leads_line(self, at: usize) -> bool {
        self.0[self.line_start(at)..at].bytes().all(|byte| byte == b' ')
    }

    /// The line break in use.
    pub(super) fn line_break(self) -> &'static str {
        match self.0.find('\n') {
            Some(at) if self.0[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    /// Behind the line on which a value ends, with blank lines that belong to it.
    pub(super) fn after(self, node: &Node) -> usize {
        let mut at = self.next_line(node.end as usize);
        let last = last_scalar(node);
        let kept = self.0[last.start as usize..].lines().next().is_some_and(|header| {
            header.starts_with(['|', '>']) && header.split(' ').next().is_some_and(|header| header.contains('+'))
        });
        while kept && at < self.0.len() && self.0[at..self.line_end(at)].trim_matches(' ').is_empty() {
            at = self.next_line(at);
        }
        at
    }

    /// The place of a header's chomping indicator, and what it is for a text without final line breaks; `None`
    /// when a value does not end with a block scalar, or that is what it says already.
    pub(super) fn chomping(self, node: &Node) -> Option<(std::ops::Range<usize>, String)> {
        let last = last_scalar(node);
        if !matches!(&last.kind, NodeKind::Scalar { style: Style::Literal | Style::Folded, .. }) {
            return None;
        }
        let at = last.start as usize + 1;
        let header = &self.0[at..];
        let header = &header[..header.find(|char: char| !matches!(char, '+' | '-' | '1'..='9')).unwrap_or(0)];
        let digits: String = header.chars().filter(char::is_ascii_digit).collect();
        (!header.contains('-')).then(|| (at..at + header.len(), format!("{digits}-")))
    }

    /// Where an entry of a mapping begins: at its key, or at the `?` before it.
    pub(super) fn entry_start(self, key: &Node) -> usize {
        let at = key.outer() as usize;
        let before = self.0[self.line_start(at)..at].trim_end_matches(' ');
        match before.strip_suffix('?') {
            Some(rest) if rest.bytes().all(|byte| matches!(byte, b' ' | b'-' | b':' | b'?')) => {
                self.line_start(at) + rest.len()
            }
            _ => at,
        }
    }

    /// Behind the comments that follow a line and are deeper than a column.
    pub(super) fn after_comments(self, mut at: usize, column: usize) -> usize {
        let mut end = at;
        while at < self.0.len() {
            let line = &self.0[at..self.line_end(at)];
            let text = line.trim_start_matches(' ');
            let is_comment = text.starts_with('#') && line.len() - text.len() > column;
            if !is_comment && !text.trim().is_empty() {
                break;
            }
            at = self.next_line(at);
            if is_comment {
                end = at;
            }
        }
        end
    }

    /// The place of an item's `-`.
    pub(super) fn dash(self, seq: &Node, items: &[Node], index: usize) -> usize {
        let first = seq.start as usize;
        let column = self.column(first);
        let Some(before) = index.checked_sub(1).and_then(|before| items.get(before)) else { return first };
        let mut at = self.next_line(before.end as usize);
        while at < self.0.len() {
            let dash = at + column;
            if self.0.as_bytes().get(dash) == Some(&b'-') && self.leads_line(dash) {
                return dash;
            }
            at = self.next_line(at);
        }
        first
    }

    /// Behind the `:` of an entry.
    pub(super) fn after_colon(self, key: &Node, value: &Node) -> usize {
        let (from, to) = (key.end as usize, (value.outer() as usize).max(key.end as usize));
        match self.0[from..to].find(':') {
            Some(len) => from + len + 1,
            None => to,
        }
    }

    /// Whether sequences in mappings are indented deeper than their keys, by the first one found.
    pub(super) fn indents_sequences(self, root: &Node) -> bool {
        self.sequence_indent(root).unwrap_or(false)
    }

    fn sequence_indent(self, node: &Node) -> Option<bool> {
        match &node.kind {
            NodeKind::Map { entries, flow: false } => entries.iter().find_map(|(key, value)| match &value.kind {
                NodeKind::Seq { flow: false, .. } => {
                    Some(self.column(value.start as usize) > self.column(self.entry_start(key)))
                }
                _ => self.sequence_indent(value),
            }),
            NodeKind::Seq { items, flow: false } => items.iter().find_map(|item| self.sequence_indent(item)),
            _ => None,
        }
    }
}

/// The node at the end of a value.
fn last_scalar(node: &Node) -> &Node {
    let mut node = node;
    loop {
        let last = match &node.kind {
            NodeKind::Map { entries, flow: false } => entries.last().map(|(_, value)| value),
            NodeKind::Seq { items, flow: false } => items.last(),
            _ => None,
        };
        match last {
            Some(last) => node = last,
            None => return node,
        }
    }
}
