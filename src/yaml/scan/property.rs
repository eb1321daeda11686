//! Directives, anchors, aliases and tags.

use std::borrow::Cow;

use super::super::YamlError;
use super::super::chars::{byte, is_alpha, is_blank, is_blank_or_end, is_break_or_end, width};
use super::{Scanner, TagParts, TokenKind};

impl<'s> Scanner<'s> {
    /// Reads a `%YAML` or `%TAG` line.
    pub(super) fn scan_directive(&mut self) -> Result<(), YamlError> {
        let start = self.mark();
        self.skip_ascii(1);
        let name = self.take_alpha();
        if name.is_empty() {
            return Err(self.error("could not find expected directive name"));
        }
        if !is_blank_or_end(self.bytes, self.pos) {
            return Err(self.error("found unexpected non-alphabetical character"));
        }
        let kind = match name {
            "YAML" => {
                self.skip_blanks();
                let major = self.scan_version_number()?;
                if byte(self.bytes, self.pos) != b'.' {
                    return Err(self.error("did not find expected digit or '.' character"));
                }
                self.skip_ascii(1);
                TokenKind::VersionDirective { major, minor: self.scan_version_number()? }
            }
            "TAG" => self.scan_tag_directive()?,
            _ => return Err(self.error("found unknown directive name")),
        };
        self.push(kind, start);
        self.skip_blanks();
        self.skip_comment();
        if !is_break_or_end(self.bytes, self.pos) {
            return Err(self.error("did not find expected comment or line break"));
        }
        self.skip_line();
        Ok(())
    }

    fn scan_version_number(&mut self) -> Result<u8, YamlError> {
        let start = self.pos;
        let mut value = 0;
        while byte(self.bytes, self.pos).is_ascii_digit() {
            if self.pos - start == 2 {
                return Err(self.error("found extremely long version number"));
            }
            value = value * 10 + (self.bytes[self.pos] - b'0');
            self.skip_ascii(1);
        }
        if self.pos == start {
            return Err(self.error("did not find expected version number"));
        }
        Ok(value)
    }

    fn scan_tag_directive(&mut self) -> Result<TokenKind<'s>, YamlError> {
        self.skip_blanks();
        let handle = self.scan_tag_handle(true)?;
        if !is_blank(self.bytes, self.pos) {
            return Err(self.error("did not find expected whitespace"));
        }
        self.skip_blanks();
        let rest = self.scan_tag_uri("")?;
        if !is_blank_or_end(self.bytes, self.pos) {
            return Err(self.error("did not find expected whitespace or line break"));
        }
        Ok(TokenKind::TagDirective(Box::new(TagParts { handle, rest })))
    }

    /// Reads an anchor or an alias.
    pub(super) fn scan_anchor(&mut self) -> Result<(), YamlError> {
        let start = self.mark();
        let alias = self.bytes[self.pos] == b'*';
        self.skip_ascii(1);
        let name = self.take_alpha();
        let ends = is_blank_or_end(self.bytes, self.pos)
            || matches!(byte(self.bytes, self.pos), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            return Err(self.error("did not find expected alphabetic or numeric character"));
        }
        self.push(if alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) }, start);
        Ok(())
    }

    /// Reads a tag: `!<uri>`, `!`, `!suffix`, `!handle!suffix`.
    pub(super) fn scan_tag(&mut self) -> Result<(), YamlError> {
        let start = self.mark();
        let (handle, rest) = if byte(self.bytes, self.pos + 1) == b'<' {
            self.skip_ascii(2);
            let suffix = self.scan_tag_uri("")?;
            if byte(self.bytes, self.pos) != b'>' {
                return Err(self.error("did not find the expected '>'"));
            }
            self.skip_ascii(1);
            ("", suffix)
        } else {
            let handle = self.scan_tag_handle(false)?;
            if handle.len() > 1 && handle.ends_with('!') {
                (handle, self.scan_tag_uri("")?)
            } else {
                match self.scan_tag_uri(handle)? {
                    suffix if suffix.is_empty() => ("", Cow::Borrowed("!")),
                    suffix => ("!", suffix),
                }
            }
        };
        if !is_blank_or_end(self.bytes, self.pos) {
            return Err(self.error("did not find expected whitespace or line break"));
        }
        self.push(TokenKind::Tag(Box::new(TagParts { handle, rest })), start);
        Ok(())
    }

    fn scan_tag_handle(&mut self, directive: bool) -> Result<&'s str, YamlError> {
        let start = self.pos;
        if byte(self.bytes, self.pos) != b'!' {
            return Err(self.error("did not find expected '!'"));
        }
        self.skip_ascii(1);
        self.take_alpha();
        if byte(self.bytes, self.pos) == b'!' {
            self.skip_ascii(1);
        } else if directive && self.pos - start > 1 {
            return Err(self.error("did not find expected '!'"));
        }
        Ok(&self.text[start..self.pos])
    }

    /// Reads the URI characters of a tag; `head` is a handle that turned out to belong to them.
    fn scan_tag_uri(&mut self, head: &str) -> Result<Cow<'s, str>, YamlError> {
        let mut uri = head.get(1..).unwrap_or_default().as_bytes().to_vec();
        let mut found = !head.is_empty();
        loop {
            match byte(self.bytes, self.pos) {
                b'%' => self.scan_uri_escapes(&mut uri)?,
                b';' | b'/' | b'?' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b',' | b'.' | b'!' | b'~' | b'*'
                | b'\'' | b'(' | b')' | b'[' | b']' => {
                    uri.push(self.bytes[self.pos]);
                    self.skip_ascii(1);
                }
                letter if is_alpha(self.bytes, self.pos) => {
                    uri.push(letter);
                    self.skip_ascii(1);
                }
                _ => break,
            }
            found = true;
        }
        if !found {
            return Err(self.error("did not find expected tag URI"));
        }
        Ok(Cow::Owned(String::from_utf8_lossy(&uri).into_owned()))
    }

    /// Reads the `%xx` octets of one character.
    fn scan_uri_escapes(&mut self, uri: &mut Vec<u8>) -> Result<(), YamlError> {
        let mut left = 1;
        let mut first = true;
        while left > 0 {
            let digits = self.bytes.get(self.pos + 1..self.pos + 3).and_then(|digits| std::str::from_utf8(digits).ok());
            let octet = match digits {
                Some(digits) if byte(self.bytes, self.pos) == b'%' && !digits.starts_with('+') => {
                    u8::from_str_radix(digits, 16).ok()
                }
                _ => None,
            };
            let Some(octet) = octet else { return Err(self.error("did not find URI escaped octet")) };
            if first {
                if matches!(octet, 0x80..0xC0 | 0xF8..) {
                    return Err(self.error("found an incorrect leading UTF-8 octet"));
                }
                left = width(octet);
                first = false;
            } else if octet & 0xC0 != 0x80 {
                return Err(self.error("found an incorrect trailing UTF-8 octet"));
            }
            uri.push(octet);
            self.skip_ascii(3);
            left -= 1;
        }
        Ok(())
    }

    fn take_alpha(&mut self) -> &'s str {
        let start = self.pos;
        while is_alpha(self.bytes, self.pos) {
            self.skip_ascii(1);
        }
        &self.text[start..self.pos]
    }
}
