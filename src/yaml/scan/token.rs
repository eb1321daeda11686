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
    TagDirective(Box<TagParts<'s>>),
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
    Tag(Box<TagParts<'s>>),
    Scalar { text: Cow<'s, str>, style: Style },
}

/// The handle of a tag with its suffix, or with the prefix that it stands for.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct TagParts<'s> {
    pub handle: &'s str,
    pub rest: Cow<'s, str>,
}

/// A token and its extent.
#[derive(Clone, Debug)]
pub(in super::super) struct Token<'s> {
    pub kind: TokenKind<'s>,
    pub start: Mark,
    pub end: Mark,
}
