//! Scalars in single or double quotes.

use std::borrow::Cow;

use super::super::YamlError;
use super::super::chars::{break_len, byte, is_blank, is_blank_or_end, is_break, is_end, width};
use super::super::node::Style;
use super::{Scanner, TokenKind};

impl<'s> Scanner<'s> {
    pub(super) fn scan_quoted(&mut self, single: bool) -> Result<(), YamlError> {
        let start = self.mark();
        let quote = if single { b'\'' } else { b'"' };
        let style = if single { Style::SingleQuoted } else { Style::DoubleQuoted };
        self.skip_ascii(1);
        if let Some(text) = self.take_simple_quoted(quote) {
            self.push(TokenKind::Scalar { text: Cow::Borrowed(text), style }, start);
            return Ok(());
        }
        let mut text = String::new();
        loop {
            if self.col == 0 && self.at_document_indicator() {
                return Err(self.error("found unexpected document indicator"));
            }
            if is_end(self.bytes, self.pos) {
                return Err(self.error("found unexpected end of stream"));
            }
            let escaped_break = self.scan_quoted_word(single, &mut text)?;
            if byte(self.bytes, self.pos) == quote {
                break;
            }
            self.scan_quoted_space(escaped_break, &mut text);
        }
        self.skip_ascii(1);
        self.push(TokenKind::Scalar { text: Cow::Owned(text), style }, start);
        Ok(())
    }

    /// Takes a quoted scalar on one line that needs no unescaping, with its closing quote.
    fn take_simple_quoted(&mut self, quote: u8) -> Option<&'s str> {
        let rest = &self.bytes[self.pos..];
        let len = rest.iter().position(|byte| {
            *byte == quote || matches!(byte, b'\n' | b'\r' | 0xC2 | 0xE2) || (*byte == b'\\' && quote == b'"')
        })?;
        if rest[len] != quote || (quote == b'\'' && rest.get(len + 1) == Some(&quote)) {
            return None;
        }
        let text = &self.text[self.pos..self.pos + len];
        self.pos += len + 1;
        self.col += text.chars().count() as u32 + 1;
        Some(text)
    }

    /// Reads up to the closing quote or the next space. True when it ended with an escaped line break.
    fn scan_quoted_word(&mut self, single: bool, text: &mut String) -> Result<bool, YamlError> {
        while !is_blank_or_end(self.bytes, self.pos) {
            match self.bytes[self.pos] {
                b'\'' if single => {
                    if byte(self.bytes, self.pos + 1) != b'\'' {
                        return Ok(false);
                    }
                    text.push('\'');
                    self.skip_ascii(2);
                }
                b'"' if !single => return Ok(false),
                b'\\' if !single && is_break(self.bytes, self.pos + 1) => {
                    self.skip_ascii(1);
                    self.skip_line();
                    return Ok(true);
                }
                b'\\' if !single => self.scan_escape(text)?,
                first => {
                    let len = width(first);
                    text.push_str(&self.text[self.pos..self.pos + len]);
                    self.skip();
                }
            }
        }
        Ok(false)
    }

    fn scan_escape(&mut self, text: &mut String) -> Result<(), YamlError> {
        let digits = match byte(self.bytes, self.pos + 1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            other => {
                let letter = match other {
                    b'0' => '\0',
                    b'a' => '\x07',
                    b'b' => '\x08',
                    b't' | b'\t' => '\t',
                    b'n' => '\n',
                    b'v' => '\x0B',
                    b'f' => '\x0C',
                    b'r' => '\r',
                    b'e' => '\x1B',
                    b' ' | b'"' | b'\'' | b'\\' => char::from(other),
                    b'N' => '\u{85}',
                    b'_' => '\u{A0}',
                    b'L' => '\u{2028}',
                    b'P' => '\u{2029}',
                    _ => return Err(self.error("found unknown escape character")),
                };
                text.push(letter);
                self.skip_ascii(2);
                return Ok(());
            }
        };
        self.skip_ascii(2);
        let mut value: u32 = 0;
        for at in 0..digits {
            let Some(digit) = char::from(byte(self.bytes, self.pos + at)).to_digit(16) else {
                return Err(self.error("did not find expected hexdecimal number"));
            };
            value = value << 4 | digit;
        }
        match char::from_u32(value) {
            Some(letter) => text.push(letter),
            None => return Err(self.error("found invalid Unicode character escape code")),
        }
        self.skip_ascii(digits);
        Ok(())
    }

    /// Reads spaces and line breaks within quotes and folds them.
    fn scan_quoted_space(&mut self, escaped_break: bool, text: &mut String) {
        let start = self.pos;
        let mut broken = escaped_break;
        let mut first_break = None;
        let blanks_from = text.len();
        let mut later_breaks = false;
        loop {
            if is_blank(self.bytes, self.pos) {
                self.skip_ascii(1);
                continue;
            }
            let len = break_len(self.bytes, self.pos);
            if len == 0 {
                break;
            }
            let line_break = self.take_break(len);
            if broken {
                text.push_str(line_break);
                later_breaks = true;
            } else {
                first_break = Some(line_break);
                broken = true;
            }
        }
        match (broken, first_break) {
            (false, _) => text.push_str(&self.text[start..self.pos]),
            (true, Some("\n")) if later_breaks => {}
            (true, Some("\n")) => text.push(' '),
            (true, Some(line_break)) => text.insert_str(blanks_from, line_break),
            (true, None) => {}
        }
    }

    /// Goes over a line break of `len` bytes and gives its meaning: a line feed, or a Unicode separator as it is.
    pub(super) fn take_break(&mut self, len: usize) -> &'s str {
        let line_break = if len == 3 { &self.text[self.pos..self.pos + 3] } else { "\n" };
        self.skip_line();
        line_break
    }
}
