//! From a path to splices.

use super::fragment::{self, Manner};
use super::layout::Layout;
use super::splice::Splices;
use super::{EditError, Step, show_path};
use crate::value::Frozen;
use crate::yaml::fields::key_name;
use crate::yaml::{Dialect, Document, Node, NodeKind, Style, decode::is_merge};

/// Where a value stands.
#[derive(Clone, Copy)]
enum Holder<'n> {
    Root,
    Entry { map: &'n Node, entries: &'n [(Node, Node)], index: usize },
    Item { seq: &'n Node, items: &'n [Node], index: usize },
}

struct Found<'n> {
    holder: Holder<'n>,
    node: &'n Node,
    /// Steps that lead on to values that do not exist.
    missing: &'n [Step],
}

struct Edit<'d> {
    document: &'d Document,
    layout: Layout<'d>,
    manner: Manner,
    /// Whether new values are written in brackets and quotes, which may stand anywhere.
    on_one_line: bool,
    /// Whether comments below a part that is removed, and deeper than it, go with it.
    with_comments: bool,
}

pub(super) fn set(document: &Document, path: &[Step], value: &Frozen, on_one_line: bool) -> Result<Splices, EditError> {
    let edit = Edit { on_one_line, ..Edit::new(document) };
    let found = edit.find(path)?;
    match found.missing.split_first() {
        None => Ok(edit.replace(&found, value)),
        Some((step, rest)) => edit.create(&found, step, &nest(rest, value)?),
    }
}

pub(super) fn append(
    document: &Document,
    path: &[Step],
    value: &Frozen,
    on_one_line: bool,
) -> Result<Splices, EditError> {
    let edit = Edit { on_one_line, ..Edit::new(document) };
    let found = edit.find(path)?;
    let list = Frozen::list(vec![value.clone()]);
    if let Some((step, rest)) = found.missing.split_first() {
        return edit.create(&found, step, &nest(rest, &list)?);
    }
    match &found.node.kind {
        NodeKind::Seq { items, flow } => Ok(match (items.last(), flow) {
            (Some(last), true) => {
                let text = fragment::in_flow(fragment::tree(value, None, true));
                Splices::one(end_of(last), format!(", {text}"))
            }
            (Some(last), false) => {
                let column = edit.layout.column(found.node.start as usize);
                edit.insert_line(last, column, &edit.manner.item(fragment::tree(value, None, on_one_line), column))
            }
            (None, _) => {
                let text = fragment::in_flow(fragment::tree(value, None, true));
                Splices::one(range(found.node), format!("[{text}]"))
            }
        }),
        _ if found.node.is_null() => Ok(edit.replace(&found, &list)),
        NodeKind::Alias { name, .. } => Err(edit.through_alias(path, found.node, name)),
        _ => Err(EditError::new(format!("`{}` is not a list", show_path(path))).at(document, found.node)),
    }
}

pub(super) fn remove(document: &Document, path: &[Step], with_comments: bool) -> Result<Splices, EditError> {
    let edit = Edit { with_comments, ..Edit::new(document) };
    let found = edit.find(path)?;
    if !found.missing.is_empty() {
        return Err(EditError::new(format!("`{}` does not exist", show_path(path))).at(document, found.node));
    }
    let only = match found.holder {
        Holder::Root => false,
        Holder::Entry { entries, .. } => entries.len() == 1,
        Holder::Item { items, .. } => items.len() == 1,
    };
    if only && let Some((step, holder)) = path.split_last() {
        let empty = if matches!(step, Step::Key(_)) { Frozen::map(Vec::new()) } else { Frozen::list(Vec::new()) };
        return Ok(edit.replace(&edit.find(holder)?, &empty));
    }
    match found.holder {
        Holder::Root => Err(EditError::new("the whole document cannot be removed").at(document, found.node)),
        Holder::Entry { map, entries, index } => {
            let spans: Vec<_> = entries.iter().map(|(key, value)| (key.outer(), value.end.max(key.end))).collect();
            let before = index.checked_sub(1).map(|before| &entries[before].1);
            Ok(edit.remove_part(
                map,
                &spans,
                index,
                |index| edit.layout.entry_start(&entries[index].0),
                (before, &entries[index].1),
            ))
        }
        Holder::Item { seq, items, index } => {
            let spans: Vec<_> = items.iter().map(|item| (item.outer(), item.end)).collect();
            let dash = |index| edit.layout.dash(seq, items, index);
            let before = index.checked_sub(1).map(|before| &items[before]);
            Ok(edit.remove_part(seq, &spans, index, dash, (before, &items[index])))
        }
    }
}

/// Wraps a value in the maps that missing steps ask for.
fn nest(steps: &[Step], value: &Frozen) -> Result<Frozen, EditError> {
    let mut value = value.clone();
    for step in steps.iter().rev() {
        match step {
            Step::Key(key) => value = Frozen::map(vec![(key.as_str().into(), value)]),
            Step::Index(_) => return Err(EditError::new("an item of a list that does not exist cannot be set")),
        }
    }
    Ok(value)
}

fn range(node: &Node) -> std::ops::Range<usize> {
    node.start as usize..node.end as usize
}

fn end_of(node: &Node) -> std::ops::Range<usize> {
    node.end as usize..node.end as usize
}

fn is_block_collection(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Seq { flow: false, .. } | NodeKind::Map { flow: false, .. })
}

impl<'d> Edit<'d> {
    fn new(document: &'d Document) -> Self {
        let layout = Layout(document.source.text());
        let indented = layout.indents_sequences(&document.root);
        let dialect = if indented { Dialect::GoV3 } else { Dialect::GoV3Compact };
        Self {
            document,
            layout,
            manner: Manner { dialect, line_break: layout.line_break() },
            on_one_line: false,
            with_comments: false,
        }
    }

    fn through_alias(&self, path: &[Step], node: &Node, name: &str) -> EditError {
        EditError::new(format!("`{}` is an alias of the anchor `{name}`", show_path(path)))
            .at(self.document, node)
            .help("edit the anchored value, or replace the alias first")
    }

    /// Follows a path as far as it exists.
    fn find<'n>(&self, path: &'n [Step]) -> Result<Found<'n>, EditError>
    where
        'd: 'n,
    {
        let mut found = Found { holder: Holder::Root, node: &self.document.root, missing: path };
        while let Some((step, rest)) = found.missing.split_first() {
            let walked = &path[..path.len() - found.missing.len()];
            let node = found.node;
            let refuse = |what: &str| {
                let message = match walked {
                    [] => format!("the document is not {what}"),
                    walked => format!("`{}` is not {what}", show_path(walked)),
                };
                Err(EditError::new(message).at(self.document, node))
            };
            let (holder, node) = match (&node.kind, step) {
                (NodeKind::Alias { name, .. }, _) => return Err(self.through_alias(walked, node, name)),
                (NodeKind::Map { entries, .. }, Step::Key(key)) => {
                    let position = entries.iter().rposition(|(own, _)| !is_merge(own) && key_name(own) == key.as_str());
                    match position {
                        Some(index) => (Holder::Entry { map: node, entries, index }, &entries[index].1),
                        None => break,
                    }
                }
                (NodeKind::Seq { items, .. }, Step::Index(index)) => match items.get(*index) {
                    Some(item) => (Holder::Item { seq: node, items, index: *index }, item),
                    None => return refuse(&format!("a list with an item {index}")),
                },
                (_, Step::Key(_)) if node.is_null() => break,
                (_, Step::Key(_)) => return refuse("a map"),
                (_, Step::Index(_)) => return refuse("a list"),
            };
            found = Found { holder, node, missing: rest };
        }
        Ok(found)
    }

    /// Puts another value in the place of an existing one.
    fn replace(&self, found: &Found<'_>, value: &Frozen) -> Splices {
        let node = found.node;
        let wanted = match &node.kind {
            NodeKind::Scalar { style, .. } => Some(*style),
            _ => None,
        };
        let in_flow = match found.holder {
            Holder::Root => false,
            Holder::Entry { map, .. } => matches!(map.kind, NodeKind::Map { flow: true, .. }),
            Holder::Item { seq, .. } => matches!(seq.kind, NodeKind::Seq { flow: true, .. }),
        };
        let on_one_line = in_flow || self.on_one_line;
        let anchor = node.anchor().map(|name| format!(" &{name}")).unwrap_or_default();
        let tree = fragment::tree(value, wanted.filter(|style| *style != Style::Plain), on_one_line);
        let behind = match found.holder {
            _ if on_one_line => format!(" {}", fragment::in_flow(tree)),
            Holder::Root => format!(" {}", self.manner.root(tree)),
            Holder::Entry { entries, index, .. } => {
                self.manner.behind_colon(tree, self.layout.column(self.layout.entry_start(&entries[index].0)))
            }
            Holder::Item { seq, .. } => self.manner.behind_dash(tree, self.layout.column(seq.start as usize)),
        };
        let (start, end) = (node.outer() as usize, node.end as usize);
        let indicator_end = match found.holder {
            Holder::Root => start,
            Holder::Entry { entries, index, .. } => self.layout.after_colon(&entries[index].0, node),
            Holder::Item { .. } if in_flow => start,
            Holder::Item { seq, items, index } => self.layout.dash(seq, items, index) + 1,
        };
        let gap = self.layout.0.get(indicator_end..start).unwrap_or_default();
        let multiline = behind.starts_with(['\n', '\r']) || behind.trim_start().starts_with(['|', '>']);
        if gap.contains('\n') || (multiline && !gap.trim().is_empty()) {
            // The value starts on a later line. What stands between, comments mostly, stays.
            let line = self.layout.line_start(start);
            let removed =
                if self.layout.leads_line(start) { line.saturating_sub(self.manner.line_break.len()) } else { start };
            let keeps_lines = behind.starts_with(['\n', '\r']) && is_block_collection(node);
            if keeps_lines {
                return Splices::one(removed..end, format!("{anchor}{behind}"));
            }
            return Splices::one(indicator_end..indicator_end, format!("{anchor}{behind}")).and(removed..end, "");
        }
        // On the indicator's line: keep the author's spacing.
        let spacing = if gap.is_empty() { " " } else { gap };
        match (&found.holder, behind.strip_prefix(' ')) {
            (Holder::Root, Some(text)) => self.put(start..end, &format!("{}{text}", anchor.trim_start())),
            (Holder::Item { .. }, Some(text)) if in_flow => {
                let anchor = if anchor.is_empty() { String::new() } else { format!("{} ", anchor.trim_start()) };
                self.put(start..end, &format!("{anchor}{text}"))
            }
            (_, Some(text)) if anchor.is_empty() => self.put(indicator_end..end, &format!("{spacing}{text}")),
            (_, Some(text)) => self.put(indicator_end..end, &format!("{spacing}{} {text}", anchor.trim_start())),
            (_, None) => self.put(indicator_end..end, &format!("{anchor}{behind}")),
        }
    }

    /// Puts text in the place of a value. What follows the value on its line, a comment, stays on the first
    /// line of the text: further down it might be taken for a part of it.
    fn put(&self, place: std::ops::Range<usize>, text: &str) -> Splices {
        let line_end = self.layout.line_end(place.end);
        let has_rest = !self.layout.0[place.end..line_end].trim().is_empty();
        match text.find(self.manner.line_break).filter(|_| has_rest) {
            Some(at) => Splices::one(place, &text[..at]).and(line_end..line_end, &text[at..]),
            None => Splices::one(place, text),
        }
    }

    /// Adds an entry to the mapping that was found, or makes a mapping of a null.
    fn create(&self, found: &Found<'_>, step: &Step, value: &Frozen) -> Result<Splices, EditError> {
        let Step::Key(key) = step else {
            return Err(EditError::new("an item of a list that does not exist cannot be set"));
        };
        let node = found.node;
        match &node.kind {
            NodeKind::Map { entries, flow } => Ok(match (entries.last(), flow) {
                (Some((last_key, last)), true) => {
                    let at = last.end.max(last_key.end) as usize;
                    let text = fragment::flow_entry(key, fragment::tree(value, None, true));
                    Splices::one(at..at, format!(", {text}"))
                }
                (Some((last_key, last)), false) => {
                    let column = self.layout.column(self.layout.entry_start(&entries[0].0));
                    let entry = self.manner.entry(key, fragment::tree(value, None, self.on_one_line), column);
                    self.insert_line(if last.end < last_key.end { last_key } else { last }, column, &entry)
                }
                (None, _) => {
                    let text = fragment::flow_entry(key, fragment::tree(value, None, true));
                    Splices::one(range(node), format!("{{{text}}}"))
                }
            }),
            _ if matches!(found.holder, Holder::Root) && node.start == node.end => {
                let text = self.layout.0;
                let entry = self.manner.entry(key, fragment::tree(value, None, self.on_one_line), 0);
                let at = self.root_place(node);
                let newline = self.manner.line_break;
                let before = if at == 0 || text[..at].ends_with('\n') { "" } else { newline };
                Ok(Splices::one(at..at, format!("{before}{entry}{newline}")))
            }
            _ => Ok(self.replace(found, &Frozen::map(vec![(key.as_str().into(), value.clone())]))),
        }
    }

    /// Where the content of an empty document goes: behind its comments.
    fn root_place(&self, node: &Node) -> usize {
        let text = self.layout.0;
        let mut at = self.layout.line_start((node.start as usize).min(text.len()));
        while at < text.len() {
            let line = &text[at..self.layout.line_end(at)];
            if !(line.trim().is_empty() || line.trim_start().starts_with('#')) {
                break;
            }
            at = self.layout.next_line(at);
        }
        at
    }

    /// Adds lines behind the line on which a value ends.
    fn insert_line(&self, last: &Node, column: usize, text: &str) -> Splices {
        let at = self.layout.after(last);
        let newline = self.manner.line_break;
        let indent = " ".repeat(column);
        if at > 0 && !self.layout.0[..at].ends_with('\n') {
            // Without a line break behind it a block scalar ends without one; now there is one.
            let added = Splices::one(at..at, format!("{newline}{indent}{text}"));
            return match self.layout.chomping(last) {
                Some((place, stripped)) => added.and(place, stripped),
                None => added,
            };
        }
        Splices::one(at..at, format!("{indent}{text}{newline}"))
    }

    /// Removes one of several parts of a collection. `start_of` gives the place where a part of a block begins;
    /// `last` is the value of the part, `before` that of the part before it.
    fn remove_part(
        &self,
        collection: &Node,
        spans: &[(u32, u32)],
        index: usize,
        start_of: impl Fn(usize) -> usize,
        (before, last): (Option<&Node>, &Node),
    ) -> Splices {
        let (start, end) = (spans[index].0 as usize, spans[index].1 as usize);
        if !is_block_collection(collection) {
            return match (spans.get(index + 1), index.checked_sub(1)) {
                (Some(next), _) => Splices::one(start..next.0 as usize, ""),
                (None, Some(before)) => Splices::one(spans[before].1 as usize..end, ""),
                (None, None) => Splices::one(start..end, ""),
            };
        }
        let start = start_of(index);
        if !self.layout.leads_line(start) && index + 1 < spans.len() {
            return Splices::one(start..start_of(index + 1), "");
        }
        let first = self.layout.line_start(start);
        let behind = if last.end as usize >= end { self.layout.after(last) } else { self.layout.next_line(end) };
        let behind = match self.with_comments {
            true => self.layout.after_comments(behind, self.layout.column(start)),
            false => behind,
        };
        let is_last = behind == self.layout.0.len() && !self.layout.0.ends_with('\n') && first > 0;
        if is_last && before.is_none_or(|before| self.layout.chomping(before).is_none()) {
            // The last line of a text without a final line break: its predecessor takes its place.
            return Splices::one(first - self.manner.line_break.len()..behind, "");
        }
        Splices::one(first..behind, "")
    }
}
