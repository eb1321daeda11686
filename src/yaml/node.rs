use std::fmt;
use std::sync::Arc;

use crate::span::{Source, Span};

/// How a scalar is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    #[default]
    Plain,
    /// `'…'`.
    SingleQuoted,
    /// `"…"`.
    DoubleQuoted,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

/// What a [`Node`] is. Children are shared, so that cloning a node is cheap.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind<T = Arc<str>> {
    /// A scalar.
    Scalar {
        /// The text, unquoted and unfolded.
        text: T,
        /// How it is written.
        style: Style,
    },
    /// A sequence.
    Seq {
        /// The items.
        items: Arc<Vec<Node<T>>>,
        /// Whether it is written in `[…]`.
        flow: bool,
    },
    /// A mapping, in text order, duplicates included.
    Map {
        /// Keys and values.
        entries: Arc<Vec<(Node<T>, Node<T>)>>,
        /// Whether it is written in `{…}`.
        flow: bool,
    },
    /// A reference to an anchored node.
    Alias {
        /// The anchor's name.
        name: Box<str>,
        /// The anchored node; `None` when the alias stands inside of it.
        target: Option<Box<Node<T>>>,
    },
}

/// One value of a document and where it stands. Offsets are bytes of the text that was parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<T = Arc<str>> {
    /// What it is.
    pub kind: NodeKind<T>,
    /// Anchor and tag, which most nodes do not have.
    pub properties: Option<Box<NodeProperties>>,
    /// First byte of the value itself, quotes and brackets included.
    pub start: u32,
    /// One past the last byte. A block collection ends with its last child, a block scalar before
    /// the line break of its last line that is not blank.
    pub end: u32,
}

/// What is written before a value.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeProperties {
    /// The resolved tag in its long form (`tag:yaml.org,2002:str`), if one is written.
    pub tag: Option<Box<str>>,
    /// The anchor's name, if it has one.
    pub anchor: Option<Box<str>>,
    /// First byte of the two.
    pub start: u32,
}

impl<T: AsRef<str>> Node<T> {
    /// The scalar's text, with aliases followed.
    pub fn as_str(&self) -> Option<&str> {
        match &self.resolved().kind {
            NodeKind::Scalar { text, .. } => Some(text.as_ref()),
            _ => None,
        }
    }

    /// The sequence's items, with aliases followed.
    pub fn as_seq(&self) -> Option<&[Node<T>]> {
        match &self.resolved().kind {
            NodeKind::Seq { items, .. } => Some(items),
            _ => None,
        }
    }

    /// The mapping's entries in text order, with aliases followed; merge keys are not applied.
    pub fn as_map(&self) -> Option<&[(Node<T>, Node<T>)]> {
        match &self.resolved().kind {
            NodeKind::Map { entries, .. } => Some(entries),
            _ => None,
        }
    }

    /// The value below a key, the last one if there are several; merge keys are not applied.
    pub fn get(&self, key: &str) -> Option<&Node<T>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Key and value of an entry, the last one if there are several; merge keys are not applied.
    pub fn entry(&self, key: &str) -> Option<&(Node<T>, Node<T>)> {
        self.as_map()?.iter().rev().find(|(own, _)| own.as_str() == Some(key))
    }

    /// The node itself, or the one that the alias refers to (an alias inside of its own anchor stays).
    pub fn resolved(&self) -> &Node<T> {
        let mut node = self;
        while let NodeKind::Alias { target: Some(target), .. } = &node.kind {
            node = target;
        }
        node
    }

    /// Whether the node reads as null: nothing, `~` or `null` without quotes, or the tag says so.
    pub fn is_null(&self) -> bool {
        let node = self.resolved();
        match (&node.kind, node.tag()) {
            (NodeKind::Scalar { text, style: Style::Plain }, None) => {
                matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL")
            }
            (_, tag) => tag == Some(super::resolve::NULL_TAG),
        }
    }
}

impl<T> Node<T> {
    /// The resolved tag in its long form (`tag:yaml.org,2002:str`), if one is written.
    pub fn tag(&self) -> Option<&str> {
        self.properties.as_ref()?.tag.as_deref()
    }

    /// The anchor's name, if it has one.
    pub fn anchor(&self) -> Option<&str> {
        self.properties.as_ref()?.anchor.as_deref()
    }

    /// First byte with anchor and tag.
    pub fn outer(&self) -> u32 {
        self.properties.as_ref().map_or(self.start, |properties| properties.start)
    }

    /// The place of the value.
    pub fn span(&self, source: &Arc<Source>) -> Span {
        Span::new(source, self.start as usize..self.end as usize)
    }
}

/// One document of a stream with its text.
#[derive(Clone)]
pub struct Document {
    /// The text.
    pub source: Arc<Source>,
    /// The value.
    pub root: Node,
}

impl Document {
    /// The place of a node of this document.
    pub fn span(&self, node: &Node) -> Span {
        node.span(&self.source)
    }
}

/// Prints the name of the source and the tree.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("source", &self.source).field("root", &self.root).finish()
    }
}
