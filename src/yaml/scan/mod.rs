//! Characters to tokens, after libyaml's scanner as go-yaml v2 has it.
//!
//! The scanner keeps the indentation levels of block collections and finds out, on reaching a `:`,
//! that an earlier token was a mapping key; it then inserts tokens before those still queued.

mod property;
mod quoted;
mod scalar;
mod token;

use std::collections::VecDeque;

pub(super) use token::{Mark, TagParts, Token, TokenKind};

use super::YamlError;
use super::chars::{break_len, byte, is_blank, is_blank_or_end, is_break_or_end, is_end, width};

/// How far a key that is not marked by `?` may be from its `:`, in characters.
const MAX_SIMPLE_KEY: u32 = 1024;

/// A place where a simple key may have started.
#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    /// Whether the queue waits for its `:`.
    awaited: bool,
    token_number: usize,
    mark: Mark,
}

pub(super) struct Scanner<'s> {
    text: &'s str,
    bytes: &'s [u8],
    pos: usize,
    /// Where the newest token starts.
    token_start: usize,
    line: u32,
    col: u32,
    tokens: VecDeque<Token<'s>>,
    /// Whether the first token is there and its kind is settled.
    ready: bool,
    /// Tokens handed out so far.
    parsed: usize,
    ended: bool,
    /// Column of the innermost block collection, -1 outside of all.
    indent: i32,
    indents: Vec<i32>,
    simple_key_allowed: bool,
    /// One per flow level, and one for the block level.
    simple_keys: Vec<SimpleKey>,
    /// All entries of `simple_keys` before this one are impossible.
    lowest_possible: usize,
}

impl<'s> Scanner<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            pos: 0,
            token_start: 0,
            line: 0,
            col: 0,
            tokens: VecDeque::new(),
            ready: false,
            parsed: 0,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            lowest_possible: 0,
        }
    }

    /// How far the text was gone through, in bytes.
    pub(super) fn offset(&self) -> usize {
        self.pos
    }

    /// How far the text was looked at, in bytes: libyaml asks for four characters before each token.
    pub(super) fn reach(&self) -> usize {
        (self.token_start + 4).max(self.pos + 1)
    }

    /// The next token; after the end of the stream this one again.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<&Token<'s>, YamlError> {
        if !self.ready {
            self.make_ready()?;
        }
        self.tokens.front().ok_or_else(|| YamlError::plain("unknown problem parsing YAML content", None))
    }

    /// Takes the token that [`Scanner::peek`] showed.
    #[inline]
    pub(super) fn take(&mut self) -> Result<Token<'s>, YamlError> {
        let token = self.peek()?;
        if matches!(token.kind, TokenKind::StreamEnd) {
            return Ok(token.clone());
        }
        self.ready = false;
        self.parsed += 1;
        self.tokens.pop_front().ok_or_else(|| YamlError::plain("unknown problem parsing YAML content", None))
    }

    #[inline(never)]
    fn make_ready(&mut self) -> Result<(), YamlError> {
        while self.needs_more()? {
            self.fetch()?;
        }
        self.ready = true;
        Ok(())
    }

    /// Whether the first token is missing or may turn out to be a key.
    fn needs_more(&mut self) -> Result<bool, YamlError> {
        if self.tokens.is_empty() {
            return Ok(!self.ended);
        }
        while self.simple_keys.get(self.lowest_possible).is_some_and(|key| !key.possible || !key.awaited) {
            self.lowest_possible += 1;
        }
        match self.simple_keys.get(self.lowest_possible) {
            Some(key) if key.token_number == self.parsed => self.simple_key_is_valid(self.lowest_possible),
            _ => Ok(false),
        }
    }

    fn fetch(&mut self) -> Result<(), YamlError> {
        self.skip_to_next_token();
        self.token_start = self.pos;
        self.unroll_indent(self.col as i32);
        if is_end(self.bytes, self.pos) {
            return self.fetch_stream_end();
        }
        let first = self.bytes[self.pos];
        let followed = is_blank_or_end(self.bytes, self.pos + 1);
        let flow = self.in_flow();
        if self.col == 0 {
            if first == b'%' {
                return self.fetch_directive();
            }
            if self.at_document_indicator() {
                let kind = if first == b'-' { TokenKind::DocumentStart } else { TokenKind::DocumentEnd };
                return self.fetch_document_indicator(kind);
            }
        }
        match first {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if followed => self.fetch_block_entry(),
            b'?' if flow || followed => self.fetch_key(),
            b':' if flow || followed => self.fetch_value(),
            b'*' | b'&' => self.fetch_anchor(),
            b'!' => self.fetch_tag(),
            b'|' | b'>' if !flow => self.fetch_block_scalar(first == b'|'),
            b'\'' | b'"' => self.fetch_quoted(first),
            b'-' | b'?' | b':' => self.fetch_plain(),
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b'\t' => {
                Err(self.error("found character that cannot start any token"))
            }
            _ => self.fetch_plain(),
        }
    }

    // ---- places ----

    fn mark(&self) -> Mark {
        Mark { offset: self.pos as u32, line: self.line, col: self.col }
    }

    fn in_flow(&self) -> bool {
        self.simple_keys.len() > 1
    }

    /// A scanner error at the current place. go-yaml prints the true line here, except on the first line.
    fn error(&self, problem: &str) -> YamlError {
        let shown = if self.line == 0 { 0 } else { self.line + 1 };
        YamlError::at_line(problem, shown, self.pos as u32)
    }

    /// Goes over one character that is no line break.
    fn skip(&mut self) {
        self.pos += width(byte(self.bytes, self.pos));
        self.col += 1;
    }

    /// Goes over `count` ASCII characters that are no line breaks.
    fn skip_ascii(&mut self, count: usize) {
        self.pos += count;
        self.col += count as u32;
    }

    /// Goes over a line break, if there is one.
    fn skip_line(&mut self) {
        let len = break_len(self.bytes, self.pos);
        if len > 0 {
            self.pos += len;
            self.col = 0;
            self.line += 1;
        }
    }

    fn skip_comment(&mut self) {
        if byte(self.bytes, self.pos) == b'#' {
            while !is_break_or_end(self.bytes, self.pos) {
                self.skip();
            }
        }
    }

    fn skip_blanks(&mut self) {
        while is_blank(self.bytes, self.pos) {
            self.skip_ascii(1);
        }
    }

    /// Whether `---` or `...` stands here, followed by space or the end. The column is 0.
    fn at_document_indicator(&self) -> bool {
        let rest = &self.bytes[self.pos..];
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && is_blank_or_end(self.bytes, self.pos + 3)
    }

    fn skip_to_next_token(&mut self) {
        loop {
            if self.pos == 0 && self.text.starts_with('\u{FEFF}') {
                self.skip();
            }
            let tabs = self.in_flow() || !self.simple_key_allowed;
            while byte(self.bytes, self.pos) == b' ' || (tabs && byte(self.bytes, self.pos) == b'\t') {
                self.skip_ascii(1);
            }
            self.skip_comment();
            if break_len(self.bytes, self.pos) == 0 {
                return;
            }
            self.skip_line();
            if !self.in_flow() {
                self.simple_key_allowed = true;
            }
        }
    }

    // ---- simple keys and indentation ----

    fn push(&mut self, kind: TokenKind<'s>, start: Mark) {
        let end = self.mark();
        self.tokens.push_back(Token { kind, start, end });
    }

    /// Goes over an indicator of `len` ASCII characters and queues its token.
    fn push_indicator(&mut self, kind: TokenKind<'s>, len: usize) {
        let start = self.mark();
        self.skip_ascii(len);
        self.push(kind, start);
    }

    fn simple_key_is_valid(&mut self, at: usize) -> Result<bool, YamlError> {
        let key = self.simple_keys[at];
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line < self.line || key.mark.col + MAX_SIMPLE_KEY < self.col {
            if key.required {
                return Err(self.error("could not find expected ':'"));
            }
            self.simple_keys[at].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    /// Notes that a key may start here.
    fn save_simple_key(&mut self) -> Result<(), YamlError> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        self.remove_simple_key()?;
        let key = SimpleKey {
            possible: true,
            required: !self.in_flow() && self.indent == self.col as i32,
            awaited: true,
            token_number: self.parsed + self.tokens.len(),
            mark: self.mark(),
        };
        let last = self.simple_keys.len() - 1;
        self.simple_keys[last] = key;
        self.lowest_possible = self.lowest_possible.min(last);
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Result<(), YamlError> {
        let last = self.simple_keys.len() - 1;
        let key = self.simple_keys[last];
        if key.possible && key.required {
            return Err(self.error("could not find expected ':'"));
        }
        self.simple_keys[last].possible = false;
        Ok(())
    }

    /// Opens a block collection when the column lies deeper than the current one.
    fn roll_indent(&mut self, mark: Mark, number: Option<usize>, kind: TokenKind<'s>) {
        let col = mark.col as i32;
        if self.in_flow() || self.indent >= col {
            return;
        }
        self.indents.push(self.indent);
        self.indent = col;
        self.insert(kind, mark, number);
    }

    /// Queues a token without extent before the token of that number, or at the end when there is none.
    fn insert(&mut self, kind: TokenKind<'s>, mark: Mark, number: Option<usize>) {
        let at = number.and_then(|number| number.checked_sub(self.parsed)).unwrap_or(self.tokens.len());
        self.tokens.insert(at.min(self.tokens.len()), Token { kind, start: mark, end: mark });
    }

    /// Closes the block collections that lie deeper than a column.
    fn unroll_indent(&mut self, col: i32) {
        if self.in_flow() {
            return;
        }
        while self.indent > col {
            self.push(TokenKind::BlockEnd, self.mark());
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    // ---- tokens ----

    fn fetch_stream_end(&mut self) -> Result<(), YamlError> {
        if self.col != 0 {
            self.col = 0;
            self.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.ended = true;
        self.push(TokenKind::StreamEnd, self.mark());
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), YamlError> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_directive()
    }

    fn fetch_document_indicator(&mut self, kind: TokenKind<'s>) -> Result<(), YamlError> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'s>) -> Result<(), YamlError> {
        self.save_simple_key()?;
        let token_number = self.parsed + self.tokens.len();
        self.simple_keys.push(SimpleKey { token_number, ..SimpleKey::default() });
        self.simple_key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'s>) -> Result<(), YamlError> {
        self.remove_simple_key()?;
        if self.in_flow()
            && let Some(inner) = self.simple_keys.pop()
        {
            self.lowest_possible = self.lowest_possible.min(self.simple_keys.len());
            // go-yaml forgets that a collection may be a key when nothing in it may be one, as in `[]: x`.
            if let Some(outer) = self.simple_keys.last_mut()
                && outer.token_number == inner.token_number
            {
                outer.awaited = false;
            }
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), YamlError> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), YamlError> {
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return Err(self.error("block sequence entries are not allowed in this context"));
            }
            self.roll_indent(self.mark(), None, TokenKind::BlockSequenceStart);
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), YamlError> {
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return Err(self.error("mapping keys are not allowed in this context"));
            }
            self.roll_indent(self.mark(), None, TokenKind::BlockMappingStart);
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = !self.in_flow();
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), YamlError> {
        let last = self.simple_keys.len() - 1;
        if self.simple_key_is_valid(last)? {
            let key = self.simple_keys[last];
            self.insert(TokenKind::Key, key.mark, Some(key.token_number));
            self.roll_indent(key.mark, Some(key.token_number), TokenKind::BlockMappingStart);
            self.simple_keys[last].possible = false;
            self.simple_key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.simple_key_allowed {
                    return Err(self.error("mapping values are not allowed in this context"));
                }
                self.roll_indent(self.mark(), None, TokenKind::BlockMappingStart);
            }
            self.simple_key_allowed = !self.in_flow();
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    fn fetch_anchor(&mut self) -> Result<(), YamlError> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_anchor()
    }

    fn fetch_tag(&mut self) -> Result<(), YamlError> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_tag()
    }

    fn fetch_block_scalar(&mut self, literal: bool) -> Result<(), YamlError> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.scan_block_scalar(literal)
    }

    fn fetch_quoted(&mut self, quote: u8) -> Result<(), YamlError> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_quoted(quote == b'\'')
    }

    fn fetch_plain(&mut self) -> Result<(), YamlError> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_plain()
    }
}
