use std::sync::OnceLock;

use regex::Regex;

use crate::golang::strconv::{self, is_print};
use crate::golang::utf8;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Error,
    Bool,
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    // Keywords.
    Block,
    Break,
    Continue,
    Define,
    Dot,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Token {
    /// Whether messages show the token as `<word>`.
    pub(super) fn is_keyword(self) -> bool {
        self as u8 >= Token::Block as u8
    }

    fn keyword(word: &[u8]) -> Option<Token> {
        Some(match word {
            b"block" => Token::Block,
            b"break" => Token::Break,
            b"continue" => Token::Continue,
            b"define" => Token::Define,
            b"else" => Token::Else,
            b"end" => Token::End,
            b"if" => Token::If,
            b"nil" => Token::Nil,
            b"range" => Token::Range,
            b"template" => Token::Template,
            b"with" => Token::With,
            _ => return None,
        })
    }
}

/// A token with its bytes in the text and the line on which it starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) token: Token,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) line: u32,
}

/// Cuts template text into tokens; trimming around delimiters and comments end here.
pub(super) struct Lexer<'t> {
    /// Empty after an error, so that nothing but the end follows it.
    text: &'t [u8],
    pos: usize,
    start: usize,
    line: u32,
    start_line: u32,
    paren_depth: i32,
    inside_action: bool,
    break_ok: bool,
    continue_ok: bool,
    /// The text of the last [`Token::Error`].
    pub(super) error: String,
}

impl<'t> Lexer<'t> {
    /// `break` and `continue` are keywords unless functions have these names. Texts of 4 GiB and
    /// more must be refused before.
    pub(super) fn new(text: &'t [u8], break_ok: bool, continue_ok: bool) -> Self {
        Self {
            text,
            pos: 0,
            start: 0,
            line: 1,
            start_line: 1,
            paren_depth: 0,
            inside_action: false,
            break_ok,
            continue_ok,
            error: String::new(),
        }
    }

    /// The next token.
    pub(super) fn next_item(&mut self) -> Item {
        if self.inside_action { self.inside_action() } else { self.text() }
    }

    fn rest(&self) -> &'t [u8] {
        &self.text[self.pos..]
    }

    fn next(&mut self) -> Option<char> {
        if let Some(byte) = self.text.get(self.pos).filter(|byte| byte.is_ascii()) {
            self.pos += 1;
            self.line += u32::from(*byte == b'\n');
            return Some(char::from(*byte));
        }
        let (rune, width) = decode_rune(self.rest())?;
        self.pos += width;
        if rune == '\n' {
            self.line += 1;
        }
        Some(rune)
    }

    fn peek(&self) -> Option<char> {
        decode_rune(self.rest()).map(|(rune, _)| rune)
    }

    /// Steps back over one ASCII character.
    fn back_one(&mut self) {
        self.pos -= 1;
        if self.text[self.pos] == b'\n' {
            self.line -= 1;
        }
    }

    fn emit(&mut self, token: Token) -> Item {
        let item = Item { token, start: self.start as u32, end: self.pos as u32, line: self.start_line };
        self.start = self.pos;
        self.start_line = self.line;
        item
    }

    /// Drops what was passed over without [`Self::next`].
    fn ignore(&mut self) {
        self.count_lines();
        self.start = self.pos;
        self.start_line = self.line;
    }

    fn count_lines(&mut self) {
        self.line += newlines(&self.text[self.start..self.pos]);
    }

    fn fail(&mut self, message: impl Into<String>) -> Item {
        let item = Item { token: Token::Error, start: self.start as u32, end: self.pos as u32, line: self.start_line };
        self.error = message.into();
        self.text = &[];
        self.start = 0;
        self.pos = 0;
        item
    }

    fn text(&mut self) -> Item {
        loop {
            let Some(at) = find(self.rest(), b"{{") else {
                self.pos = self.text.len();
                if self.pos > self.start {
                    self.count_lines();
                    return self.emit(Token::Text);
                }
                return self.emit(Token::Eof);
            };
            if at > 0 {
                self.pos += at;
                let trim = if has_left_trim_marker(&self.text[self.pos + 2..]) {
                    trailing_spaces(&self.text[self.start..self.pos])
                } else {
                    0
                };
                self.pos -= trim;
                self.count_lines();
                let item = self.emit(Token::Text);
                self.pos += trim;
                self.ignore();
                if item.end > item.start {
                    return item;
                }
            }
            if let Some(item) = self.left_delim() {
                return item;
            }
        }
    }

    /// At `{{`: the delimiter, or nothing when it began a comment.
    fn left_delim(&mut self) -> Option<Item> {
        self.pos += 2;
        let marker = if has_left_trim_marker(self.rest()) { 2 } else { 0 };
        if self.rest()[marker..].starts_with(b"/*") {
            self.pos += marker;
            self.ignore();
            return self.comment();
        }
        let item = self.emit(Token::LeftDelim);
        self.inside_action = true;
        self.pos += marker;
        self.ignore();
        self.paren_depth = 0;
        Some(item)
    }

    fn comment(&mut self) -> Option<Item> {
        self.pos += 2;
        let Some(end) = find(self.rest(), b"*/") else {
            return Some(self.fail("unclosed comment"));
        };
        self.pos += end + 2;
        let Some(trim) = self.at_right_delim() else {
            return Some(self.fail("comment ends before closing delimiter"));
        };
        self.pos += if trim { 4 } else { 2 };
        if trim {
            self.pos += leading_spaces(self.rest());
        }
        self.ignore();
        None
    }

    /// Whether a right delimiter follows, and if so, whether it has a trim marker.
    fn at_right_delim(&self) -> Option<bool> {
        let rest = self.rest();
        if has_right_trim_marker(rest) && rest[2..].starts_with(b"}}") {
            Some(true)
        } else if rest.starts_with(b"}}") {
            Some(false)
        } else {
            None
        }
    }

    fn right_delim(&mut self, trim: bool) -> Item {
        if trim {
            self.pos += 2;
            self.ignore();
        }
        self.pos += 2;
        let item = self.emit(Token::RightDelim);
        if trim {
            self.pos += leading_spaces(self.rest());
            self.ignore();
        }
        self.inside_action = false;
        item
    }

    fn inside_action(&mut self) -> Item {
        if let Some(trim) = self.at_right_delim() {
            if self.paren_depth == 0 {
                return self.right_delim(trim);
            }
            return self.fail("unclosed left paren");
        }
        let Some(rune) = self.next() else {
            return self.fail("unclosed action");
        };
        match rune {
            ' ' | '\t' | '\r' | '\n' => {
                self.back_one();
                self.space()
            }
            '=' => self.emit(Token::Assign),
            ':' => {
                if self.next() != Some('=') {
                    return self.fail("expected :=");
                }
                self.emit(Token::Declare)
            }
            '|' => self.emit(Token::Pipe),
            '"' => self.quoted(b'"', Token::String, "unterminated quoted string"),
            '\'' => self.quoted(b'\'', Token::CharConstant, "unterminated character constant"),
            '`' => self.raw_quoted(),
            '$' => self.field_or_variable(Token::Variable, Token::Variable),
            '.' if self.rest().first().is_some_and(|byte| !byte.is_ascii_digit()) => {
                self.field_or_variable(Token::Field, Token::Dot)
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.back_one();
                self.number()
            }
            _ if is_alphanumeric(rune) => self.identifier(),
            '(' => {
                self.paren_depth += 1;
                self.emit(Token::LeftParen)
            }
            ')' => {
                self.paren_depth -= 1;
                if self.paren_depth < 0 {
                    return self.fail("unexpected right paren");
                }
                self.emit(Token::RightParen)
            }
            '!'..='~' => self.emit(Token::Char),
            _ => self.fail(format!("unrecognized character in action: {}", describe(rune))),
        }
    }

    fn space(&mut self) -> Item {
        let mut count = 0;
        while let Some(byte) = self.text.get(self.pos).filter(|byte| is_space(**byte)) {
            self.line += u32::from(*byte == b'\n');
            self.pos += 1;
            count += 1;
        }
        // The last space may belong to a trimming right delimiter.
        let last = &self.text[self.pos - 1..];
        if has_right_trim_marker(last) && last[2..].starts_with(b"}}") {
            self.back_one();
            if count == 1 {
                return self.right_delim(true);
            }
        }
        self.emit(Token::Space)
    }

    /// Goes over letters and digits.
    fn skip_word(&mut self) {
        loop {
            let rest = self.rest();
            self.pos += rest.iter().position(|byte| !WORD[*byte as usize]).unwrap_or(rest.len());
            match self.peek() {
                Some(rune) if !rune.is_ascii() && is_alphanumeric(rune) => self.next(),
                _ => return,
            };
        }
    }

    fn identifier(&mut self) -> Item {
        self.skip_word();
        if let Some(bad) = self.missing_terminator() {
            return self.fail(bad);
        }
        let word = &self.text[self.start..self.pos];
        let token = match Token::keyword(word) {
            Some(Token::Break) if !self.break_ok => Token::Identifier,
            Some(Token::Continue) if !self.continue_ok => Token::Identifier,
            Some(keyword) => keyword,
            None if word == b"true" || word == b"false" => Token::Bool,
            None => Token::Identifier,
        };
        self.emit(token)
    }

    /// After `.` or `$`; `alone` is the token when no name follows.
    fn field_or_variable(&mut self, named: Token, alone: Token) -> Item {
        if self.at_terminator() {
            return self.emit(alone);
        }
        self.skip_word();
        match self.missing_terminator() {
            Some(bad) => self.fail(bad),
            None => self.emit(named),
        }
    }

    fn at_terminator(&self) -> bool {
        match self.rest() {
            [] | [b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(', ..] => true,
            rest => rest.starts_with(b"}}"),
        }
    }

    fn missing_terminator(&self) -> Option<String> {
        if self.at_terminator() { None } else { self.peek().map(|rune| format!("bad character {}", describe(rune))) }
    }

    fn quoted(&mut self, quote: u8, token: Token, unterminated: &str) -> Item {
        loop {
            match self.next() {
                Some('\\') if !matches!(self.next(), None | Some('\n')) => {}
                None | Some('\n' | '\\') => return self.fail(unterminated),
                Some(rune) if rune == char::from(quote) => return self.emit(token),
                Some(_) => {}
            }
        }
    }

    fn raw_quoted(&mut self) -> Item {
        let rest = self.rest();
        let Some(length) = memchr::memchr(b'`', rest) else {
            return self.fail("unterminated raw quoted string");
        };
        self.line += newlines(&rest[..length]);
        self.pos += length + 1;
        self.emit(Token::RawString)
    }

    fn number(&mut self) -> Item {
        if !self.scan_number() {
            return self.bad_number();
        }
        if matches!(self.peek(), Some('+' | '-')) {
            if !self.scan_number() || self.text[self.pos - 1] != b'i' {
                return self.bad_number();
            }
            return self.emit(Token::Complex);
        }
        self.emit(Token::Number)
    }

    fn bad_number(&mut self) -> Item {
        let text = strconv::quote(&self.text[self.start..self.pos]);
        self.fail(format!("bad number syntax: {text}"))
    }

    /// Accepts everything that looks like a number; constants are checked where they are read.
    fn scan_number(&mut self) -> bool {
        self.accept(b"+-");
        let mut digits: &[u8] = b"0123456789_";
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = b"0123456789abcdefABCDEF_";
            } else if self.accept(b"oO") {
                digits = b"01234567_";
            } else if self.accept(b"bB") {
                digits = b"01_";
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        let exponent: Option<&[u8]> = match digits.len() {
            11 => Some(b"eE"),
            23 => Some(b"pP"),
            _ => None,
        };
        if exponent.is_some_and(|letters| self.accept(letters)) {
            self.accept(b"+-");
            self.accept_run(b"0123456789_");
        }
        self.accept(b"i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }

    fn accept(&mut self, valid: &[u8]) -> bool {
        let fits = self.rest().first().is_some_and(|byte| valid.contains(byte));
        if fits {
            self.pos += 1;
        }
        fits
    }

    fn accept_run(&mut self, valid: &[u8]) {
        while self.accept(valid) {}
    }
}

fn trailing_spaces(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| is_space(**byte)).count()
}

fn leading_spaces(text: &[u8]) -> usize {
    text.iter().position(|byte| !is_space(*byte)).unwrap_or(text.len())
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn has_left_trim_marker(text: &[u8]) -> bool {
    text.len() >= 2 && text[0] == b'-' && is_space(text[1])
}

fn has_right_trim_marker(text: &[u8]) -> bool {
    text.len() >= 2 && is_space(text[0]) && text[1] == b'-'
}

fn find(text: &[u8], pair: &[u8; 2]) -> Option<usize> {
    memchr::memchr_iter(pair[0], text).find(|at| text.get(at + 1) == Some(&pair[1]))
}

pub(super) fn newlines(text: &[u8]) -> u32 {
    memchr::memchr_iter(b'\n', text).count() as u32
}

/// The first rune and its width; an invalid byte is U+FFFD, as in Go.
pub(super) fn decode_rune(text: &[u8]) -> Option<(char, usize)> {
    if text.is_empty() {
        return None;
    }
    let (rune, width) = utf8::decode(text);
    Some((rune.unwrap_or(char::REPLACEMENT_CHARACTER), width))
}

/// The ASCII characters of [`is_alphanumeric`].
static WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};

fn is_alphanumeric(rune: char) -> bool {
    if rune.is_ascii() {
        return rune.is_ascii_alphanumeric() || rune == '_';
    }
    // Go counts the categories L and Nd; Rust's own predicates are wider.
    static OTHERS: OnceLock<Regex> = OnceLock::new();
    rune.is_alphanumeric()
        && OTHERS
            .get_or_init(|| Regex::new(r"\A[\p{L}\p{Nd}]\z").expect("a constant pattern"))
            .is_match(rune.encode_utf8(&mut [0; 4]))
}

/// `%#U` of Go's fmt.
fn describe(rune: char) -> String {
    if is_print(rune) { format!("U+{:04X} '{rune}'", rune as u32) } else { format!("U+{:04X}", rune as u32) }
}
