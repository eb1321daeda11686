//! Flow collections on one line.

use std::borrow::Cow;

use super::super::decode::Build;
use super::super::resolve::Scalar;
use super::{MAX_DEPTH, Reader, key_text, plain_value};

impl<'s> Reader<'s> {
    /// A flow collection, with its brackets.
    pub(super) fn flow<B: Build>(&mut self, depth: usize) -> Option<B::Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let is_list = self.byte()? == b'[';
        let close = if is_list { b']' } else { b'}' };
        self.pos += 1;
        self.spaces();
        let (mut items, mut entries) = (Vec::new(), Vec::new());
        while self.byte()? != close {
            if is_list {
                items.push(self.flow_value::<B>(depth)?);
            } else {
                let key = B::key(&self.flow_key()?);
                entries.push((key, self.flow_value::<B>(depth)?));
            }
            self.spaces();
            match self.byte()? {
                b',' => self.pos += 1,
                byte if byte == close => break,
                _ => return None,
            }
            self.spaces();
            // A comma before the end is allowed, but rare.
            if self.byte()? == close {
                return None;
            }
        }
        self.pos += 1;
        Some(if is_list { B::list(items) } else { B::map(entries) })
    }

    fn flow_key(&mut self) -> Option<Cow<'s, str>> {
        let start = self.pos;
        let key = match self.byte()? {
            b'"' | b'\'' => self.quoted(true)?,
            _ => key_text(self.flow_word()?)?,
        };
        (self.byte()? == b':' && self.bytes.get(self.pos + 1) == Some(&b' ')).then_some(())?;
        self.pos += 1;
        self.spaces();
        (self.pos - start <= super::MAX_KEY).then_some(key)
    }

    fn flow_value<B: Build>(&mut self, depth: usize) -> Option<B::Value> {
        match self.byte()? {
            b'[' | b'{' => self.flow::<B>(depth + 1),
            b'"' | b'\'' => {
                let text = self.quoted(B::KEEPS)?;
                Some(B::scalar(&text, Scalar::Str))
            }
            _ => plain_value::<B>(self.flow_word()?),
        }
    }

    /// A plain scalar of letters, digits and the signs of numbers, paths and versions.
    fn flow_word(&mut self) -> Option<&'s str> {
        let start = self.pos;
        let first = self.byte()?;
        let second = self.bytes.get(start + 1).copied().unwrap_or_default();
        let begins = first.is_ascii_alphanumeric()
            || matches!(first, b'/' | b'.' | b'_' | b'$' | b'~')
            || (first == b'-' && (second == b'-' || second.is_ascii_alphanumeric()));
        if !begins {
            return None;
        }
        let goes_on = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'+' | b'=' | b'$' | b'~' | b'@')
        };
        let rest = &self.bytes[start..];
        self.pos += rest.iter().position(|byte| !goes_on(byte)).unwrap_or(rest.len());
        matches!(self.byte()?, b',' | b' ' | b':' | b']' | b'}').then(|| &self.text[start..self.pos])
    }
}
