//! Events to nodes. Aliases are linked to their nodes here; nothing is resolved or expanded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::YamlError;
use super::node::{Node, NodeKind, NodeProperties};
use super::parse::{EventKind, Parser, Written};

/// How deep values may nest, aliases followed. go-yaml allows 10,000.
pub(super) const MAX_DEPTH: usize = 1_000;

/// How many nodes a document may have; each takes some 100 bytes until the document is read.
const MAX_NODES: usize = 2_000_000;

/// A node with the number of levels below it.
type Tall<T> = (Node<T>, usize);

/// An anchor: `None` while its node is still being read.
type Anchors<'s, T> = HashMap<&'s str, Option<Tall<T>>>;

/// Reads documents one by one.
pub(super) struct Composer<'s> {
    parser: Parser<'s>,
    skipped: u32,
}

/// A collection that is being read.
struct Open<'s, T> {
    content: Content<T>,
    flow: bool,
    properties: Written<'s>,
    start: u32,
    end: u32,
    height: usize,
}

enum Content<T> {
    Seq(Vec<Node<T>>),
    Map { entries: Vec<(Node<T>, Node<T>)>, key: Option<Node<T>> },
}

impl<'s> Composer<'s> {
    /// Reads `text`; `skipped` bytes of the original text stand before it.
    pub(super) fn new(text: &'s str, skipped: u32) -> Self {
        Self { parser: Parser::new(text), skipped }
    }

    /// How far the text was looked at, in bytes.
    pub(super) fn reach(&self) -> usize {
        self.parser.reach()
    }

    /// The next document, `None` at the end of the stream.
    pub(super) fn document<T: From<Cow<'s, str>> + Clone>(&mut self) -> Result<Option<Node<T>>, YamlError> {
        self.compose_document().map_err(|mut error| {
            error.offset = error.offset.map(|at| at + self.skipped);
            error
        })
    }

    fn compose_document<T: From<Cow<'s, str>> + Clone>(&mut self) -> Result<Option<Node<T>>, YamlError> {
        if matches!(self.parser.next()?.kind, EventKind::StreamEnd) {
            return Ok(None);
        }
        let mut anchors: Anchors<'s, T> = HashMap::new();
        let mut stack: Vec<Open<'s, T>> = Vec::new();
        let mut nodes = 0;
        loop {
            let event = self.parser.next()?;
            nodes += 1;
            if nodes > MAX_NODES {
                return Err(YamlError::plain(format!("exceeded the limit of {MAX_NODES} nodes"), Some(event.start)));
            }
            let (start, end) = (event.start + self.skipped, event.end + self.skipped);
            let open = |content, flow, properties| Open { content, flow, properties, start, end, height: 0 };
            let (node, height) = match event.kind {
                EventKind::SequenceStart { flow, properties } => {
                    self.push(&mut stack, &mut anchors, open(Content::Seq(Vec::new()), flow, properties), event.start)?;
                    continue;
                }
                EventKind::MappingStart { flow, properties } => {
                    let content = Content::Map { entries: Vec::new(), key: None };
                    self.push(&mut stack, &mut anchors, open(content, flow, properties), event.start)?;
                    continue;
                }
                EventKind::SequenceEnd | EventKind::MappingEnd => match stack.pop() {
                    Some(open) => self.close(open, end, &mut anchors),
                    None => continue,
                },
                EventKind::Alias(name) => Self::alias(name, start, end, event.start, &anchors)?,
                EventKind::Scalar { text, style, properties } => {
                    let kind = NodeKind::Scalar { text: T::from(text), style };
                    self.finish(kind, properties, start, end, 0, &mut anchors)
                }
                EventKind::DocumentStart | EventKind::DocumentEnd | EventKind::StreamEnd => continue,
            };
            match stack.last_mut() {
                Some(open) => {
                    open.height = open.height.max(height + 1);
                    if open.height + stack.len() > MAX_DEPTH {
                        return Err(too_deep(event.start));
                    }
                    if let Some(open) = stack.last_mut() {
                        open.add(node);
                    }
                }
                None => {
                    self.parser.next()?;
                    return Ok(Some(node));
                }
            }
        }
    }

    fn push<T>(
        &self,
        stack: &mut Vec<Open<'s, T>>,
        anchors: &mut Anchors<'s, T>,
        open: Open<'s, T>,
        at: u32,
    ) -> Result<(), YamlError> {
        if let Some(name) = open.properties.as_ref().and_then(|properties| properties.anchor) {
            anchors.insert(name, None);
        }
        stack.push(open);
        if stack.len() > MAX_DEPTH { Err(too_deep(at)) } else { Ok(()) }
    }

    fn close<T: Clone>(&self, open: Open<'s, T>, end: u32, anchors: &mut Anchors<'s, T>) -> Tall<T> {
        let flow = open.flow;
        let end = if flow { end.max(open.end) } else { open.end };
        let kind = match open.content {
            Content::Seq(items) => NodeKind::Seq { items: Arc::new(items), flow },
            Content::Map { entries, .. } => NodeKind::Map { entries: Arc::new(entries), flow },
        };
        self.finish(kind, open.properties, open.start, end, open.height, anchors)
    }

    fn finish<T: Clone>(
        &self,
        kind: NodeKind<T>,
        properties: Written<'s>,
        start: u32,
        end: u32,
        height: usize,
        anchors: &mut Anchors<'s, T>,
    ) -> Tall<T> {
        let Some(written) = properties else {
            return (Node { kind, properties: None, start, end }, height);
        };
        let properties = NodeProperties {
            tag: written.tag.map(|tag| tag.into_owned().into_boxed_str()),
            anchor: written.anchor.map(Box::from),
            start: written.start + self.skipped,
        };
        let node = Node { kind, properties: Some(Box::new(properties)), start, end };
        if let Some(name) = written.anchor {
            anchors.insert(name, Some((node.clone(), height)));
        }
        (node, height)
    }

    fn alias<T: Clone>(
        name: &'s str,
        start: u32,
        end: u32,
        at: u32,
        anchors: &Anchors<'s, T>,
    ) -> Result<Tall<T>, YamlError> {
        let Some(anchored) = anchors.get(name) else {
            return Err(YamlError::plain(format!("unknown anchor '{name}' referenced"), Some(at)));
        };
        let (target, height) = match anchored {
            Some((node, height)) => (Some(Box::new(node.clone())), height + 1),
            None => (None, 0),
        };
        let kind = NodeKind::Alias { name: Box::from(name), target };
        Ok((Node { kind, properties: None, start, end }, height))
    }
}

impl<T> Open<'_, T> {
    fn add(&mut self, node: Node<T>) {
        self.end = self.end.max(node.end);
        match &mut self.content {
            Content::Seq(items) => items.push(node),
            Content::Map { entries, key } => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push((key, node)),
            },
        }
    }
}

fn too_deep(at: u32) -> YamlError {
    YamlError::plain(format!("exceeded max depth of {MAX_DEPTH}"), Some(at))
}
