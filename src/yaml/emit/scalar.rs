//! Writing scalars in their five styles.

use super::analysis::{Analysis, emitted_break_len, is_printable};
use super::emitter::Emitter;
use crate::yaml::chars::{byte, is_blank, is_blank_or_end, is_break, width};

impl Emitter {
    /// Writes a line break of the text as it is and gives its length.
    fn write_break(&mut self, text: &[u8], at: usize) -> usize {
        if text[at] == b'\n' {
            self.put_break();
            return 1;
        }
        let len = emitted_break_len(text, at).max(1);
        self.out.extend_from_slice(&text[at..at + len]);
        self.column = 0;
        if !self.dialect.is_v2() {
            self.indention = true;
        }
        len
    }

    fn write_char(&mut self, text: &[u8], at: usize) -> usize {
        let len = width(text[at]).min(text.len() - at);
        self.out.extend_from_slice(&text[at..at + len]);
        self.column += 1;
        len
    }

    /// Whether a text surely stays on the line.
    fn fits(&self, text: &[u8], allow_breaks: bool) -> bool {
        !allow_breaks || self.width() == usize::MAX || self.column + text.len() <= self.width()
    }

    pub(super) fn write_plain(&mut self, text: &[u8], analysis: &Analysis, allow_breaks: bool) {
        if !self.whitespace && (!text.is_empty() || self.dialect.is_v2()) {
            self.put(b' ');
        }
        if !analysis.multiline && self.fits(text, allow_breaks) {
            self.write_all(text);
        } else {
            self.write_words(text, allow_breaks, |_, _| true, |_| {});
        }
        if !text.is_empty() || self.dialect.is_v2() {
            self.whitespace = false;
        }
        self.indention = false;
    }

    pub(super) fn write_single_quoted(&mut self, text: &[u8], allow_breaks: bool) {
        self.write_indicator(b"'", true, false, false);
        let inner = |at: usize, len: usize| at > 0 && at < len - 1;
        self.write_words(text, allow_breaks, inner, |emitter| emitter.put(b'\''));
        self.write_indicator(b"'", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes plain or single-quoted text, broken at single spaces behind the last column.
    /// `breakable` sees the place of a space; `at_quote` runs before each single quote.
    fn write_words(
        &mut self,
        text: &[u8],
        allow_breaks: bool,
        breakable: impl Fn(usize, usize) -> bool,
        at_quote: impl Fn(&mut Self),
    ) {
        let (mut spaces, mut breaks) = (false, false);
        let mut at = 0;
        while at < text.len() {
            if text[at] == b' ' {
                let breaks_here = allow_breaks
                    && !spaces
                    && self.column > self.width()
                    && breakable(at, text.len())
                    && byte(text, at + 1) != b' ';
                if breaks_here {
                    self.write_indent();
                    at += 1;
                } else {
                    at += self.write_char(text, at);
                }
                spaces = true;
            } else if is_break(text, at) {
                if !breaks && text[at] == b'\n' {
                    self.put_break();
                }
                at += self.write_break(text, at);
                if self.dialect.is_v2() {
                    self.indention = true;
                }
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if text[at] == b'\'' {
                    at_quote(self);
                }
                at += self.write_char(text, at);
                self.indention = false;
                spaces = false;
                breaks = false;
            }
        }
    }

    pub(super) fn write_double_quoted(&mut self, text: &[u8], allow_breaks: bool) {
        self.write_indicator(b"\"", true, false, false);
        let mut spaces = false;
        // libyaml looks for a byte order mark at the start of the text, not at the place.
        let bom = text.starts_with(b"\xEF\xBB\xBF");
        let mut at = 0;
        while at < text.len() {
            let escaped = !is_printable(text, at) || bom || is_break(text, at) || matches!(text[at], b'"' | b'\\');
            if escaped {
                at += self.write_escape(text, at);
                spaces = false;
            } else if text[at] == b' ' {
                let breaks_here =
                    allow_breaks && !spaces && self.column > self.width() && at > 0 && at < text.len() - 1;
                if breaks_here {
                    self.write_indent();
                    if byte(text, at + 1) == b' ' {
                        self.put(b'\\');
                    }
                    at += 1;
                } else {
                    at += self.write_char(text, at);
                }
                spaces = true;
            } else {
                at += self.write_char(text, at);
                spaces = false;
            }
        }
        self.write_indicator(b"\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn write_escape(&mut self, text: &[u8], at: usize) -> usize {
        let len = width(text[at]).min(text.len() - at);
        let letter = std::str::from_utf8(&text[at..at + len]).ok().and_then(|text| text.chars().next());
        let code = letter.map_or(0xFFFD, u32::from);
        let name = match code {
            0x00 => b'0',
            0x07 => b'a',
            0x08 => b'b',
            0x09 => b't',
            0x0A => b'n',
            0x0B => b'v',
            0x0C => b'f',
            0x0D => b'r',
            0x1B => b'e',
            0x22 => b'"',
            0x5C => b'\\',
            0x85 => b'N',
            0xA0 => b'_',
            0x2028 => b'L',
            0x2029 => b'P',
            _ => {
                let escape = match code {
                    0..=0xFF => format!("\\x{code:02X}"),
                    0x100..=0xFFFF => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                };
                self.write_all(escape.as_bytes());
                return len;
            }
        };
        self.put(b'\\');
        self.put(name);
        len
    }

    fn write_block_hints(&mut self, text: &[u8]) {
        if byte(text, 0) == b' ' || is_break(text, 0) {
            self.write_indicator(b"2", false, false, false);
        }
        let start_of_last = |end: usize| (0..end).rev().find(|at| text[*at] & 0xC0 != 0x80);
        let hint = match start_of_last(text.len()) {
            Some(last) if is_break(text, last) => match start_of_last(last) {
                Some(before) if !is_break(text, before) => None,
                _ => Some(b"+"),
            },
            _ => Some(b"-"),
        };
        if let Some(hint) = hint {
            self.write_indicator(hint, false, false, false);
        }
    }

    pub(super) fn write_literal(&mut self, text: &[u8]) {
        self.write_indicator(b"|", true, false, false);
        self.write_block_hints(text);
        self.put_break();
        self.indention = true;
        self.whitespace = true;
        let mut breaks = true;
        let mut at = 0;
        while at < text.len() {
            if is_break(text, at) {
                at += self.write_break(text, at);
                self.indention = true;
                breaks = true;
                continue;
            }
            if breaks {
                self.write_indent();
            }
            let rest = &text[at..];
            let run = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0xC2 | 0xE2)).unwrap_or(rest.len());
            if run > 0 {
                self.write_all(&rest[..run]);
                at += run;
            } else {
                at += self.write_char(text, at);
            }
            self.indention = false;
            breaks = false;
        }
    }

    pub(super) fn write_folded(&mut self, text: &[u8]) {
        self.write_indicator(b">", true, false, false);
        self.write_block_hints(text);
        self.put_break();
        self.indention = true;
        self.whitespace = true;
        let (mut breaks, mut leading_spaces) = (true, true);
        let mut at = 0;
        while at < text.len() {
            if is_break(text, at) {
                if !breaks && !leading_spaces && text[at] == b'\n' {
                    let mut next = 0;
                    while is_break(text, next) {
                        next += emitted_break_len(text, next);
                    }
                    if !is_blank_or_end(text, next) {
                        self.put_break();
                    }
                }
                at += self.write_break(text, at);
                self.indention = true;
                breaks = true;
                continue;
            }
            if breaks {
                self.write_indent();
                leading_spaces = is_blank(text, at);
            }
            if !breaks && text[at] == b' ' && byte(text, at + 1) != b' ' && self.column > self.width() {
                self.write_indent();
                at += 1;
            } else {
                at += self.write_char(text, at);
            }
            self.indention = false;
            breaks = false;
        }
    }
}
