//! Tokens to events: libyaml's grammar as a state machine, so that depth costs no stack.

use std::borrow::Cow;

use super::YamlError;
use super::node::Style;
use super::scan::{Mark, Scanner, TagParts, Token, TokenKind};

/// What happens next in a stream.
#[derive(Debug)]
pub(super) enum EventKind<'s> {
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    Alias(&'s str),
    Scalar { text: Cow<'s, str>, style: Style, properties: Written<'s> },
    SequenceStart { flow: bool, properties: Written<'s> },
    SequenceEnd,
    MappingStart { flow: bool, properties: Written<'s> },
    MappingEnd,
}

/// Most nodes have neither anchor nor tag.
pub(super) type Written<'s> = Option<Box<Properties<'s>>>;

/// Anchor and tag of a node.
#[derive(Debug, Default)]
pub(super) struct Properties<'s> {
    pub anchor: Option<&'s str>,
    /// Never empty.
    pub tag: Option<Cow<'s, str>>,
    /// Where anchor or tag begin.
    pub start: u32,
}

/// An event and the extent of its token.
#[derive(Debug)]
pub(super) struct Event<'s> {
    pub kind: EventKind<'s>,
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceEntry { first: bool },
    IndentlessSequenceEntry,
    BlockMappingKey { first: bool },
    BlockMappingValue,
    FlowSequenceEntry { first: bool },
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingKey { first: bool },
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

type Step<'s> = Result<Event<'s>, YamlError>;

pub(super) struct Parser<'s> {
    scanner: Scanner<'s>,
    state: State,
    states: Vec<State>,
    /// Start lines of the open collections, for messages.
    lines: Vec<u32>,
    tag_directives: Vec<TagParts<'s>>,
}

impl<'s> Parser<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self {
            scanner: Scanner::new(text),
            state: State::ImplicitDocumentStart,
            states: Vec::new(),
            lines: Vec::new(),
            tag_directives: Vec::new(),
        }
    }

    /// How far the text was looked at, in bytes.
    pub(super) fn reach(&self) -> usize {
        self.scanner.reach()
    }

    /// The next event; after the end of the stream this one again.
    pub(super) fn next(&mut self) -> Step<'s> {
        match self.state {
            State::ImplicitDocumentStart => self.document_start(true),
            State::DocumentStart => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(true, false),
            State::BlockSequenceEntry { first } => self.block_sequence_entry(first),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingKey { first } => self.block_mapping_key(first),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceEntry { first } => self.flow_sequence_entry(first),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowPairEnd => {
                self.state = State::FlowSequenceEntry { first: false };
                let at = self.peek()?.start;
                Ok(point(EventKind::MappingEnd, at))
            }
            State::FlowMappingKey { first } => self.flow_mapping_key(first),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingEmptyValue => {
                self.state = State::FlowMappingKey { first: false };
                let at = self.peek()?.start;
                Ok(empty(at))
            }
            State::End => Ok(Event {
                kind: EventKind::StreamEnd,
                start: self.scanner.offset() as u32,
                end: self.scanner.offset() as u32,
            }),
        }
    }

    fn peek(&mut self) -> Result<&Token<'s>, YamlError> {
        self.scanner.peek()
    }

    fn take(&mut self) -> Result<Token<'s>, YamlError> {
        self.scanner.take()
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    /// An event made of the token at hand, which is consumed.
    fn consume(&mut self, kind: EventKind<'s>) -> Step<'s> {
        let token = self.take()?;
        Ok(Event { kind, start: token.start.offset, end: token.end.offset })
    }

    /// A parser error at the token at hand; go-yaml prints the line before it, and the line before
    /// the collection's start instead when the token is on the first line.
    fn unexpected(&mut self, problem: &str, context_line: u32) -> YamlError {
        match self.peek() {
            Ok(token) => grammar_error(problem, token.start, context_line),
            Err(error) => error,
        }
    }

    // ---- documents ----

    fn document_start(&mut self, implicit: bool) -> Step<'s> {
        if !implicit {
            while matches!(self.peek()?.kind, TokenKind::DocumentEnd) {
                self.take()?;
            }
        }
        let token = self.peek()?;
        let at = token.start;
        match token.kind {
            TokenKind::StreamEnd => {
                self.state = State::End;
                return self.consume(EventKind::StreamEnd);
            }
            TokenKind::VersionDirective { .. } | TokenKind::TagDirective(_) | TokenKind::DocumentStart => {}
            _ if implicit => {
                self.states.push(State::DocumentEnd);
                self.state = State::BlockNode;
                return Ok(point(EventKind::DocumentStart, at));
            }
            _ => {}
        }
        self.directives()?;
        if !matches!(self.peek()?.kind, TokenKind::DocumentStart) {
            return Err(self.unexpected("did not find expected <document start>", 0));
        }
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        self.consume(EventKind::DocumentStart)
    }

    fn directives(&mut self) -> Result<(), YamlError> {
        let mut versioned = false;
        loop {
            match &self.peek()?.kind {
                TokenKind::VersionDirective { .. } if versioned => {
                    return Err(self.unexpected("found duplicate %YAML directive", 0));
                }
                TokenKind::VersionDirective { major: 1, minor: 1 } => versioned = true,
                TokenKind::VersionDirective { .. } => {
                    return Err(self.unexpected("found incompatible YAML document", 0));
                }
                TokenKind::TagDirective(directive) => {
                    let directive = TagParts::clone(directive);
                    if self.tag_directives.iter().any(|known| known.handle == directive.handle) {
                        return Err(self.unexpected("found duplicate %TAG directive", 0));
                    }
                    self.tag_directives.push(directive);
                }
                _ => return Ok(()),
            }
            self.take()?;
        }
    }

    fn document_content(&mut self) -> Step<'s> {
        let token = self.peek()?;
        match token.kind {
            TokenKind::VersionDirective { .. }
            | TokenKind::TagDirective(_)
            | TokenKind::DocumentStart
            | TokenKind::DocumentEnd
            | TokenKind::StreamEnd => {
                let at = token.start;
                self.pop_state();
                Ok(empty(at))
            }
            _ => self.node(true, false),
        }
    }

    fn document_end(&mut self) -> Step<'s> {
        let token = self.peek()?;
        let at = token.start;
        if matches!(token.kind, TokenKind::DocumentEnd) {
            self.take()?;
        }
        self.tag_directives.clear();
        self.state = State::DocumentStart;
        Ok(point(EventKind::DocumentEnd, at))
    }

    // ---- nodes ----

    fn node(&mut self, block: bool, indentless: bool) -> Step<'s> {
        if let TokenKind::Alias(name) = self.peek()?.kind {
            self.pop_state();
            return self.consume(EventKind::Alias(name));
        }
        let start = self.peek()?.start;
        let (properties, properties_end) = self.properties()?;
        let token = self.peek()?;
        let (at, end) = (token.start, token.end);
        let kind = match &token.kind {
            TokenKind::BlockEntry if indentless => {
                self.state = State::IndentlessSequenceEntry;
                EventKind::SequenceStart { flow: false, properties }
            }
            TokenKind::Scalar { .. } => {
                self.pop_state();
                let token = self.take()?;
                let TokenKind::Scalar { text, style } = token.kind else {
                    return Err(YamlError::plain("unknown problem parsing YAML content", Some(at.offset)));
                };
                EventKind::Scalar { text, style, properties }
            }
            TokenKind::FlowSequenceStart => {
                self.state = State::FlowSequenceEntry { first: true };
                EventKind::SequenceStart { flow: true, properties }
            }
            TokenKind::FlowMappingStart => {
                self.state = State::FlowMappingKey { first: true };
                EventKind::MappingStart { flow: true, properties }
            }
            TokenKind::BlockSequenceStart if block => {
                self.state = State::BlockSequenceEntry { first: true };
                EventKind::SequenceStart { flow: false, properties }
            }
            TokenKind::BlockMappingStart if block => {
                self.state = State::BlockMappingKey { first: true };
                EventKind::MappingStart { flow: false, properties }
            }
            _ if properties.is_some() => {
                self.pop_state();
                let kind = EventKind::Scalar { text: Cow::Borrowed(""), style: Style::Plain, properties };
                return Ok(Event { kind, start: properties_end, end: properties_end });
            }
            _ => return Err(grammar_error("did not find expected node content", at, start.line)),
        };
        Ok(Event { kind, start: at.offset, end: end.offset })
    }

    /// Reads anchor and tag in either order, and where they end.
    fn properties(&mut self) -> Result<(Written<'s>, u32), YamlError> {
        let token = self.peek()?;
        if !matches!(token.kind, TokenKind::Anchor(_) | TokenKind::Tag(_)) {
            return Ok((None, 0));
        }
        let start = token.start;
        let mut properties = Box::new(Properties { start: start.offset, ..Properties::default() });
        let mut tagged = None;
        let mut end = start.offset;
        loop {
            let token = self.peek()?;
            match &token.kind {
                TokenKind::Anchor(name) if properties.anchor.is_none() => properties.anchor = Some(name),
                TokenKind::Tag(parts) if tagged.is_none() => tagged = Some((TagParts::clone(parts), token.start)),
                _ => break,
            }
            end = self.take()?.end.offset;
        }
        if let Some((TagParts { handle, rest }, at)) = tagged {
            properties.tag = self.resolve_tag(handle, rest);
            if properties.tag.is_none() && !handle.is_empty() {
                return Err(grammar_error("found undefined tag handle", at, start.line));
            }
        }
        Ok((Some(properties), end))
    }

    fn resolve_tag(&self, handle: &str, suffix: Cow<'s, str>) -> Option<Cow<'s, str>> {
        let prefix = match self.tag_directives.iter().find(|known| known.handle == handle) {
            _ if handle.is_empty() => "",
            Some(directive) => &directive.rest,
            None if handle == "!" => "!",
            None if handle == "!!" => "tag:yaml.org,2002:",
            None => return None,
        };
        let tag = if prefix.is_empty() { suffix } else { Cow::Owned(format!("{prefix}{suffix}")) };
        Some(tag).filter(|tag| !tag.is_empty())
    }

    // ---- block collections ----

    /// Consumes the token that opened a collection.
    fn enter(&mut self, first: bool) -> Result<(), YamlError> {
        if first {
            let line = self.take()?.start.line;
            self.lines.push(line);
        }
        Ok(())
    }

    fn leave(&mut self, kind: EventKind<'s>) -> Step<'s> {
        self.pop_state();
        self.lines.pop();
        self.consume(kind)
    }

    fn context_line(&self) -> u32 {
        self.lines.last().copied().unwrap_or(0)
    }

    /// The node behind an indicator at hand, or the empty scalar when one of `absent` follows.
    fn value_behind(&mut self, next: State, indentless: bool, absent: fn(&TokenKind<'_>) -> bool) -> Step<'s> {
        let mark = self.take()?.end;
        if absent(&self.peek()?.kind) {
            self.state = next;
            return Ok(empty(mark));
        }
        self.states.push(next);
        self.node(true, indentless)
    }

    fn block_sequence_entry(&mut self, first: bool) -> Step<'s> {
        self.enter(first)?;
        match self.peek()?.kind {
            TokenKind::BlockEntry => self.value_behind(State::BlockSequenceEntry { first: false }, false, |kind| {
                matches!(kind, TokenKind::BlockEntry | TokenKind::BlockEnd)
            }),
            TokenKind::BlockEnd => self.leave(EventKind::SequenceEnd),
            _ => Err(self.unexpected("did not find expected '-' indicator", self.context_line())),
        }
    }

    fn indentless_sequence_entry(&mut self) -> Step<'s> {
        let token = self.peek()?;
        if matches!(token.kind, TokenKind::BlockEntry) {
            return self.value_behind(State::IndentlessSequenceEntry, false, |kind| {
                matches!(kind, TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd)
            });
        }
        let at = token.start;
        self.pop_state();
        Ok(point(EventKind::SequenceEnd, at))
    }

    fn block_mapping_key(&mut self, first: bool) -> Step<'s> {
        self.enter(first)?;
        match self.peek()?.kind {
            TokenKind::Key => self.value_behind(State::BlockMappingValue, true, ends_block_pair),
            TokenKind::BlockEnd => self.leave(EventKind::MappingEnd),
            _ => Err(self.unexpected("did not find expected key", self.context_line())),
        }
    }

    fn block_mapping_value(&mut self) -> Step<'s> {
        let token = self.peek()?;
        if matches!(token.kind, TokenKind::Value) {
            return self.value_behind(State::BlockMappingKey { first: false }, true, ends_block_pair);
        }
        let at = token.start;
        self.state = State::BlockMappingKey { first: false };
        Ok(empty(at))
    }

    // ---- flow collections ----

    /// Consumes the comma before an entry that is not the first.
    fn flow_separator(&mut self, first: bool, problem: &str) -> Result<(), YamlError> {
        if !first {
            if !matches!(self.peek()?.kind, TokenKind::FlowEntry) {
                return Err(self.unexpected(problem, self.context_line()));
            }
            self.take()?;
        }
        Ok(())
    }

    fn flow_node(&mut self, next: State) -> Step<'s> {
        self.states.push(next);
        self.node(false, false)
    }

    fn flow_sequence_entry(&mut self, first: bool) -> Step<'s> {
        self.enter(first)?;
        if !matches!(self.peek()?.kind, TokenKind::FlowSequenceEnd) {
            self.flow_separator(first, "did not find expected ',' or ']'")?;
            match self.peek()?.kind {
                TokenKind::Key => {
                    self.state = State::FlowPairKey;
                    let properties = None;
                    return self.consume(EventKind::MappingStart { flow: true, properties });
                }
                TokenKind::FlowSequenceEnd => {}
                _ => return self.flow_node(State::FlowSequenceEntry { first: false }),
            }
        }
        self.leave(EventKind::SequenceEnd)
    }

    fn flow_pair_key(&mut self) -> Step<'s> {
        match self.peek()?.kind {
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                self.state = State::FlowPairValue;
                let mark = self.take()?.end;
                Ok(empty(mark))
            }
            _ => self.flow_node(State::FlowPairValue),
        }
    }

    fn flow_pair_value(&mut self) -> Step<'s> {
        if matches!(self.peek()?.kind, TokenKind::Value) {
            self.take()?;
            if !matches!(self.peek()?.kind, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
                return self.flow_node(State::FlowPairEnd);
            }
        }
        self.state = State::FlowPairEnd;
        let at = self.peek()?.start;
        Ok(empty(at))
    }

    fn flow_mapping_key(&mut self, first: bool) -> Step<'s> {
        self.enter(first)?;
        if !matches!(self.peek()?.kind, TokenKind::FlowMappingEnd) {
            self.flow_separator(first, "did not find expected ',' or '}'")?;
            match self.peek()?.kind {
                TokenKind::Key => {
                    self.take()?;
                    let token = self.peek()?;
                    let at = token.start;
                    if matches!(token.kind, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                        self.state = State::FlowMappingValue;
                        return Ok(empty(at));
                    }
                    return self.flow_node(State::FlowMappingValue);
                }
                TokenKind::FlowMappingEnd => {}
                _ => return self.flow_node(State::FlowMappingEmptyValue),
            }
        }
        self.leave(EventKind::MappingEnd)
    }

    fn flow_mapping_value(&mut self) -> Step<'s> {
        if matches!(self.peek()?.kind, TokenKind::Value) {
            self.take()?;
            if !matches!(self.peek()?.kind, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                return self.flow_node(State::FlowMappingKey { first: false });
            }
        }
        self.state = State::FlowMappingKey { first: false };
        let at = self.peek()?.start;
        Ok(empty(at))
    }
}

fn ends_block_pair(kind: &TokenKind<'_>) -> bool {
    matches!(kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd)
}

fn grammar_error(problem: &str, at: Mark, context_line: u32) -> YamlError {
    YamlError::at_line(problem, if at.line == 0 { context_line } else { at.line }, at.offset)
}

fn point(kind: EventKind<'_>, at: Mark) -> Event<'_> {
    Event { kind, start: at.offset, end: at.offset }
}

fn empty<'s>(at: Mark) -> Event<'s> {
    let kind = EventKind::Scalar { text: Cow::Borrowed(""), style: Style::Plain, properties: None };
    point(kind, at)
}
