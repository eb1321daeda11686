//! What a pattern is made of, as a tree, and what can be told from its shape.

/// An expression, with what bounds need to know of it.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub height: u32,
    /// Instructions, by Go's reckoning.
    pub size: u64,
    /// Largest product of nested repetition counts.
    pub repeats: u64,
}

#[derive(Debug)]
pub(super) enum Kind {
    Literal {
        char: Option<char>,
        fold: bool,
    },
    Class {
        items: Vec<ClassItem>,
        negated: bool,
        fold: bool,
    },
    /// `.`.
    AnyChar {
        newline: bool,
    },
    BeginText,
    EndText,
    BeginLine,
    EndLine,
    WordBoundary,
    NoWordBoundary,
    Capture(Box<Node>),
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
    Repeat {
        node: Box<Node>,
        min: u32,
        max: Option<u32>,
        greedy: bool,
    },
}

/// A part of a character class.
#[derive(Debug)]
pub(super) enum ClassItem {
    /// Code points, surrogates included.
    Range(u32, u32),
    /// ASCII ranges of `\d`, `[:alpha:]`, … and whether all but them are meant.
    Ascii(&'static [(u8, u8)], bool),
    /// The engine's own name of a Unicode class, and whether all but it is meant.
    Unicode(String, bool),
}

impl Node {
    /// Whether something is repeated without bound before something that must follow: such a search may
    /// run to the end of the text and then settle for a match far before it.
    pub(super) fn looks_ahead(&self) -> bool {
        match &self.kind {
            Kind::Concat(nodes) => {
                let unbounded = nodes.iter().position(Node::is_unbounded);
                let needed = nodes.iter().rposition(|node| !node.can_be_empty());
                matches!((unbounded, needed), (Some(first), Some(last)) if first < last)
                    || nodes.iter().any(Node::looks_ahead)
            }
            Kind::Alternate(nodes) => nodes.iter().any(Node::looks_ahead),
            Kind::Capture(node) | Kind::Repeat { node, .. } => node.looks_ahead(),
            _ => false,
        }
    }

    fn is_unbounded(&self) -> bool {
        match &self.kind {
            Kind::Concat(nodes) | Kind::Alternate(nodes) => nodes.iter().any(Node::is_unbounded),
            Kind::Capture(node) => node.is_unbounded(),
            Kind::Repeat { node, max, .. } => max.is_none() || node.is_unbounded(),
            _ => false,
        }
    }

    fn can_be_empty(&self) -> bool {
        match &self.kind {
            Kind::Literal { .. } | Kind::Class { .. } | Kind::AnyChar { .. } => false,
            Kind::Concat(nodes) => nodes.iter().all(Node::can_be_empty),
            Kind::Alternate(nodes) => nodes.iter().any(Node::can_be_empty),
            Kind::Capture(node) => node.can_be_empty(),
            Kind::Repeat { node, min, .. } => *min == 0 || node.can_be_empty(),
            _ => true,
        }
    }
}
