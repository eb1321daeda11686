use std::ops::Range;
use std::sync::Arc;

use crate::diag::{Blame, Diagnostic};
use crate::source::error::LOCK;
use crate::span::{Source, Span};
use crate::yaml::{Document, Node, NodeKind, parse_stream};

/// The way out of damage.
pub(super) const RESTORE: &str = "restore it from version control, or remove it and run `kiln install`";

/// The marks that version control leaves where two sides meet.
const CONFLICT_MARKS: [&str; 3] = ["<<<<<<<", "|||||||", ">>>>>>>"];
/// The deepest nesting that a lock has, with some to spare.
const MAX_DEPTH: usize = 8;

/// Makes the refusals of one lock.
#[derive(Clone, Copy)]
pub(super) struct Refusal<'a> {
    source: &'a Arc<Source>,
}

impl<'a> Refusal<'a> {
    pub(super) fn of(source: &'a Arc<Source>) -> Self {
        Self { source }
    }

    /// ``the lock `kiln.lock` WHAT``, at a place.
    pub(super) fn say(self, at: Range<usize>, what: &str) -> Diagnostic {
        Diagnostic::error(LOCK, format!("the lock `{}` {what}", self.source.name()))
            .blame(Blame::Policy)
            .at(Span::new(self.source, at), "")
    }

    /// The same for damage, at a node.
    pub(super) fn damaged(self, node: &Node, what: &str) -> Diagnostic {
        self.say(node.start as usize..node.end as usize, &format!("is corrupt: {what}")).help(RESTORE)
    }
}

/// The one document of a lock. What kiln never writes and what could make a reader see something else
/// than what stands there is refused: a second document, anchors, aliases, tags.
pub(super) fn document(source: &Arc<Source>) -> Result<Document, Diagnostic> {
    let refusal = Refusal::of(source);
    if let Some(mark) = conflict(source.text()) {
        return Err(refusal
            .say(mark, "holds a merge conflict")
            .help("take either side whole (`git checkout --ours kiln.lock`), then run `kiln install`"));
    }
    let documents = parse_stream(source).map_err(|error| {
        let at = error.offset.map_or(0, |at| at as usize).min(source.text().len());
        refusal.say(at..at, &format!("is corrupt: cannot parse it: {}", error.problem)).help(RESTORE)
    })?;
    let mut documents = documents.into_iter();
    let first = documents.next().filter(|document| !document.root.is_null());
    if let Some(second) = documents.next() {
        let text = &source.text()[..second.root.outer() as usize];
        let at = text.rfind("\n---").map_or(0, |at| at + 1);
        return Err(refusal.say(at..at + 3, "is corrupt: it has a second document, a duplicate").help(RESTORE));
    }
    let Some(document) = first else {
        return Err(refusal.say(0..0, "is empty").help(RESTORE));
    };
    plain(&document.root, refusal, 0)?;
    Ok(document)
}

/// The place of the first mark of a conflict.
fn conflict(text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if CONFLICT_MARKS.iter().any(|mark| line.starts_with(mark)) {
            return Some(at..at + line.trim_end().len());
        }
        at += line.len();
    }
    None
}

fn plain(node: &Node, refusal: Refusal<'_>, depth: usize) -> Result<(), Diagnostic> {
    let refuse = |what: &str| Err(refusal.damaged(node, what));
    if node.properties.is_some() {
        return refuse("it holds an anchor or a tag, which kiln never writes");
    }
    if depth > MAX_DEPTH {
        return refuse("it is nested too deeply");
    }
    match &node.kind {
        NodeKind::Alias { .. } => refuse("it holds an alias, which kiln never writes"),
        NodeKind::Scalar { .. } => Ok(()),
        NodeKind::Seq { items, .. } => items.iter().try_for_each(|item| plain(item, refusal, depth + 1)),
        NodeKind::Map { entries, .. } => entries.iter().try_for_each(|(key, value)| {
            plain(key, refusal, depth + 1)?;
            plain(value, refusal, depth + 1)
        }),
    }
}
