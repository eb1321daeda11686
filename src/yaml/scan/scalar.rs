//! Plain scalars and block scalars.

use std::borrow::Cow;

use super::super::YamlError;
use super::super::chars::{
    break_len, byte, goes_on_plain, is_blank, is_blank_or_end, is_break_or_end, is_end, is_flow_indicator,
};
use super::super::node::Style;
use super::{Scanner, Token, TokenKind};

/// What a block scalar does with its last line breaks.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Clip,
    Strip,
    Keep,
}

impl<'s> Scanner<'s> {
    pub(super) fn scan_plain(&mut self) -> Result<(), YamlError> {
        let start = self.mark();
        let mut end = start;
        let indent = self.indent + 1;
        let mut text = Cow::Borrowed("");
        // Spaces and line breaks since the last word, as they will appear when another word follows.
        let mut gap = String::new();
        let mut gap_start = self.pos;
        let mut broken = false;
        loop {
            if (self.col == 0 && self.at_document_indicator()) || byte(self.bytes, self.pos) == b'#' {
                break;
            }
            let word_start = self.pos;
            self.skip_plain_word();
            if self.pos > word_start {
                let word = &self.text[word_start..self.pos];
                match &mut text {
                    Cow::Borrowed(before) if !broken => *before = &self.text[start.offset as usize..self.pos],
                    text => {
                        let text = text.to_mut();
                        if broken {
                            text.push_str(&gap);
                        } else {
                            text.push_str(&self.text[gap_start..word_start]);
                        }
                        text.push_str(word);
                    }
                }
                end = self.mark();
                broken = false;
            }
            if is_end(self.bytes, self.pos) || !is_blank_or_end(self.bytes, self.pos) {
                break;
            }
            gap.clear();
            gap_start = self.pos;
            let mut first_break = None;
            let mut later_breaks = false;
            while !is_end(self.bytes, self.pos) {
                if is_blank(self.bytes, self.pos) {
                    if broken && (self.col as i32) < indent && self.bytes[self.pos] == b'\t' {
                        return Err(self.error("found a tab character that violates indentation"));
                    }
                    self.skip_ascii(1);
                    continue;
                }
                let len = break_len(self.bytes, self.pos);
                if len == 0 {
                    break;
                }
                let line_break = self.take_break(len);
                if broken {
                    gap.push_str(line_break);
                    later_breaks = true;
                } else {
                    first_break = Some(line_break);
                    broken = true;
                }
            }
            match first_break {
                Some("\n") if later_breaks => {}
                Some("\n") => gap.push(' '),
                Some(line_break) => gap.insert_str(0, line_break),
                None => {}
            }
            if !self.in_flow() && (self.col as i32) < indent {
                break;
            }
        }
        self.tokens.push_back(Token { kind: TokenKind::Scalar { text, style: Style::Plain }, start, end });
        if broken {
            self.simple_key_allowed = true;
        }
        Ok(())
    }

    /// Goes to the end of a word of a plain scalar.
    fn skip_plain_word(&mut self) {
        loop {
            let rest = &self.bytes[self.pos..];
            let run = rest.iter().position(|byte| !goes_on_plain(*byte)).unwrap_or(rest.len());
            if rest[..run].is_ascii() {
                self.skip_ascii(run);
            } else {
                self.col += self.text[self.pos..self.pos + run].chars().count() as u32;
                self.pos += run;
            }
            if is_blank_or_end(self.bytes, self.pos) {
                return;
            }
            let next = self.bytes[self.pos];
            if (next == b':' && is_blank_or_end(self.bytes, self.pos + 1))
                || (self.in_flow() && is_flow_indicator(next))
            {
                return;
            }
            self.skip();
        }
    }

    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Result<(), YamlError> {
        let start = self.mark();
        self.skip_ascii(1);
        let (chomping, increment) = self.scan_block_header()?;
        let mut end = self.mark();
        self.skip_line();
        let mut indent = match increment {
            0 => 0,
            increment => self.indent.max(0) + increment,
        };
        let mut text = String::new();
        let mut last_break = "";
        let mut blank_lines = String::new();
        let mut after_blank = false;
        self.scan_block_breaks(&mut indent, &mut blank_lines)?;
        while self.col as i32 == indent && !is_end(self.bytes, self.pos) {
            let blank = is_blank(self.bytes, self.pos);
            if literal || after_blank || blank || last_break != "\n" {
                text.push_str(last_break);
            } else if blank_lines.is_empty() {
                text.push(' ');
            }
            text.push_str(&blank_lines);
            blank_lines.clear();
            after_blank = blank;
            let line_start = self.pos;
            self.skip_to_line_end();
            text.push_str(&self.text[line_start..self.pos]);
            end = self.mark();
            let len = break_len(self.bytes, self.pos);
            last_break = if len > 0 { self.take_break(len) } else { "" };
            self.scan_block_breaks(&mut indent, &mut blank_lines)?;
        }
        if chomping != Chomping::Strip {
            text.push_str(last_break);
        }
        if chomping == Chomping::Keep {
            text.push_str(&blank_lines);
        }
        let style = if literal { Style::Literal } else { Style::Folded };
        self.tokens.push_back(Token { kind: TokenKind::Scalar { text: Cow::Owned(text), style }, start, end });
        Ok(())
    }

    /// Reads chomping and indentation indicators and the rest of the line, without its break.
    fn scan_block_header(&mut self) -> Result<(Chomping, i32), YamlError> {
        let mut chomping = Chomping::Clip;
        let mut increment = 0;
        let mut seen_chomping = false;
        loop {
            match byte(self.bytes, self.pos) {
                sign @ (b'+' | b'-') if !seen_chomping => {
                    chomping = if sign == b'+' { Chomping::Keep } else { Chomping::Strip };
                    seen_chomping = true;
                }
                b'0' if increment == 0 => {
                    return Err(self.error("found an indentation indicator equal to 0"));
                }
                digit @ b'1'..=b'9' if increment == 0 => increment = i32::from(digit - b'0'),
                _ => break,
            }
            self.skip_ascii(1);
        }
        self.skip_blanks();
        self.skip_comment();
        if !is_break_or_end(self.bytes, self.pos) {
            return Err(self.error("did not find expected comment or line break"));
        }
        Ok((chomping, increment))
    }

    /// Reads blank lines and the indentation of the next line; finds out the indentation when it is 0.
    fn scan_block_breaks(&mut self, indent: &mut i32, breaks: &mut String) -> Result<(), YamlError> {
        let mut deepest = 0;
        loop {
            let indenting = |col: u32| *indent == 0 || (col as i32) < *indent;
            while indenting(self.col) && byte(self.bytes, self.pos) == b' ' {
                self.skip_ascii(1);
            }
            deepest = deepest.max(self.col as i32);
            if indenting(self.col) && byte(self.bytes, self.pos) == b'\t' {
                return Err(self.error("found a tab character where an indentation space is expected"));
            }
            let len = break_len(self.bytes, self.pos);
            if len == 0 {
                break;
            }
            breaks.push_str(self.take_break(len));
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(())
    }

    fn skip_to_line_end(&mut self) {
        let start = self.pos;
        loop {
            let rest = &self.bytes[self.pos..];
            let run = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0xC2 | 0xE2)).unwrap_or(rest.len());
            self.pos += run;
            if is_break_or_end(self.bytes, self.pos) {
                break;
            }
            self.pos += if self.bytes[self.pos] == 0xC2 { 2 } else { 3 };
        }
        self.col += self.text[start..self.pos].chars().count() as u32;
    }
}
