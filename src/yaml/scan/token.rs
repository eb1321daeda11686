use std::borrow::Cow;

use super::super::node::Style;

/// A place in the text: byte offset, 0-based line, 0-based column in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Mark {
    pub offset: u32,
    pub line: u32,
    pub col: u32,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum TokenKind<'s> {
    StreamEnd,
    VersionDirective { major: u8, minor: u8 },
    TagDirective { handle: Cow<'s, str>, prefix: Cow<'s, str> },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'s str),
    Anchor(&'s str),
    Tag { handle: Cow<'s, str>, suffix: Cow<'s, str> },
    Scalar { text: Cow<'s, str>, style: Style },
}

/// A token and its extent.
#[derive(Clone, Debug)]
pub(in super::super) struct Token<'s> {
    pub kind: TokenKind<'s>,
    pub start: Mark,
    pub end: Mark,
}
