//! Everyday YAML, read line by line straight into values.
//!
//! Nearly all values files and rendered manifests are block mappings and sequences of scalars on one
//! line, block scalars, and short flow collections. Such texts need no tokens, events and nodes. In: a
//! checked text; out: its value, exactly as the full reader gives it, or `None` for any text that is
//! not surely of this kind: anchors, tags, merge keys, several documents, scalars over several lines,
//! and everything that is wrong. Those are left to the full reader, so that no message is made here.

mod flow;
mod scalar;

use std::borrow::Cow;

use super::decode::Build;
use super::resolve::{Scalar, resolve};
use scalar::{Ended, Text};

/// How deep collections may nest here.
const MAX_DEPTH: usize = 64;
/// Longer keys meet a limit of the scanner.
const MAX_KEY: usize = 512;
/// The column behind the end of the text.
const END: i32 = -1;

/// Reads a whole text that holds one document.
pub(super) fn read<B: Build>(text: &str) -> Option<B::Value> {
    let mut reader = Reader::new(text)?;
    if reader.col == END {
        return None;
    }
    let value = reader.node::<B>(0)?;
    (reader.col == END).then_some(value)
}

/// Reads a whole text that holds one block mapping. `read` gets each key, and the reader and the column
/// with which it has to read the value.
pub(super) fn fields<'s>(
    text: &'s str,
    mut read: impl FnMut(Cow<'s, str>, &mut Reader<'s>, i32) -> Option<()>,
) -> Option<()> {
    let mut reader = Reader::new(text)?;
    let col = reader.col;
    while reader.col != END {
        if reader.col != col {
            return None;
        }
        let key = reader.key()?;
        read(key, &mut reader, col)?;
    }
    (col != END).then_some(())
}

/// Stands before a piece of the text. Between values this is the first character of a line that is
/// neither blank nor a comment, at column `col`.
pub(super) struct Reader<'s> {
    text: &'s str,
    bytes: &'s [u8],
    pos: usize,
    col: i32,
}

impl<'s> Reader<'s> {
    /// Goes to the first line of a document.
    fn new(text: &'s str) -> Option<Self> {
        let bytes = text.as_bytes();
        let odd = ["\u{85}", "\u{2028}", "\u{2029}", "\u{FEFF}"];
        if memchr::memchr(b'\r', bytes).is_some() || (!text.is_ascii() && odd.iter().any(|odd| text.contains(odd))) {
            return None;
        }
        let pos = if bytes.starts_with(b"---\n") { 4 } else { 0 };
        let mut reader = Self { text, bytes, pos, col: END };
        reader.advance()?;
        Some(reader)
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn is_blank_at(&self, at: usize) -> bool {
        matches!(self.bytes.get(at), None | Some(b' ' | b'\n'))
    }

    /// Goes over spaces and gives their number.
    fn spaces(&mut self) -> usize {
        let rest = &self.bytes[self.pos..];
        let count = rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len());
        self.pos += count;
        count
    }

    /// Goes to the start of the next line.
    fn next_line(&mut self) {
        self.pos = memchr::memchr(b'\n', &self.bytes[self.pos..]).map_or(self.bytes.len(), |at| self.pos + at + 1);
    }

    /// From the start of a line to the first one that is neither blank nor a comment.
    fn advance(&mut self) -> Option<()> {
        loop {
            let start = self.pos;
            self.spaces();
            match self.byte() {
                None => {
                    self.col = END;
                    return Some(());
                }
                Some(b'\n') => self.pos += 1,
                Some(b'#') => self.next_line(),
                Some(b'\t') => return None,
                Some(_) => {
                    let rest = &self.bytes[self.pos..];
                    let marker = self.pos == start && (rest.starts_with(b"---") || rest.starts_with(b"..."));
                    self.col = i32::try_from(self.pos - start).ok()?;
                    return (!marker).then_some(());
                }
            }
        }
    }

    /// From behind a value to the next line that counts.
    fn finish_line(&mut self) -> Option<()> {
        let spaces = self.spaces();
        match self.byte() {
            None | Some(b'\n') => {}
            Some(b'#') if spaces > 0 => {}
            Some(_) => return None,
        }
        self.next_line();
        self.advance()
    }

    fn is_at_dash(&self) -> bool {
        self.byte() == Some(b'-') && self.is_blank_at(self.pos + 1)
    }

    /// A block collection that begins at the current column.
    fn node<B: Build>(&mut self, depth: usize) -> Option<B::Value> {
        if self.is_at_dash() { self.sequence::<B>(self.col, depth) } else { self.mapping::<B>(self.col, depth) }
    }

    fn mapping<B: Build>(&mut self, col: i32, depth: usize) -> Option<B::Value> {
        let mut entries = Vec::new();
        loop {
            let key = B::key(&self.key()?);
            entries.push((key, self.value::<B>(col, depth + 1)?));
            if self.col != col {
                break;
            }
        }
        (self.col < col).then(|| B::map(entries))
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<Cow<'s, str>> {
        let start = self.pos;
        let key = match self.byte()? {
            b'"' | b'\'' => {
                let key = self.quoted(true)?;
                (self.byte() == Some(b':') && self.is_blank_at(self.pos + 1)).then_some(())?;
                key
            }
            _ => {
                let Text { text, ended: Ended::Colon } = self.plain()? else { return None };
                key_text(text)?
            }
        };
        self.pos += 1;
        (self.pos - start <= MAX_KEY).then_some(key)
    }

    /// The value behind the colon of a mapping at column `col`. `depth` counts the collections around it.
    pub(super) fn value<B: Build>(&mut self, col: i32, depth: usize) -> Option<B::Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let spaces = self.spaces();
        match self.byte() {
            None | Some(b'\n') => {}
            Some(b'#') if spaces > 0 => {}
            Some(_) => return self.scalar::<B>(col, depth),
        }
        self.next_line();
        self.advance()?;
        if self.col > col {
            self.node::<B>(depth)
        } else if self.col == col && self.is_at_dash() {
            self.sequence::<B>(col, depth)
        } else {
            Some(B::scalar("", Scalar::Null))
        }
    }

    /// The items at column `col`, which may be the column of the mapping around them.
    fn sequence<B: Build>(&mut self, col: i32, depth: usize) -> Option<B::Value> {
        let mut items = Vec::new();
        loop {
            self.pos += 1;
            items.push(self.item::<B>(col, depth + 1)?);
            if self.col != col || !self.is_at_dash() {
                break;
            }
        }
        (self.col <= col).then(|| B::list(items))
    }

    fn item<B: Build>(&mut self, col: i32, depth: usize) -> Option<B::Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let spaces = self.spaces();
        match self.byte() {
            None | Some(b'\n' | b'#') => {
                self.next_line();
                self.advance()?;
                return if self.col > col { self.node::<B>(depth) } else { Some(B::scalar("", Scalar::Null)) };
            }
            Some(_) => {}
        }
        let inner = col + 1 + i32::try_from(spaces).ok()?;
        if self.is_at_dash() {
            return self.sequence::<B>(inner, depth);
        }
        if self.is_at_key()? { self.mapping::<B>(inner, depth) } else { self.scalar::<B>(col, depth) }
    }

    /// Whether a key and a colon follow on this line.
    fn is_at_key(&mut self) -> Option<bool> {
        let start = self.pos;
        let found = match self.byte()? {
            b'"' | b'\'' => {
                self.quoted(false)?;
                self.byte() == Some(b':')
            }
            b'[' | b'{' | b'|' | b'>' => false,
            _ => self.plain()?.ended == Ended::Colon,
        };
        self.pos = start;
        Some(found)
    }

    /// A scalar or flow collection that begins on this line and belongs to a collection at column `col`.
    fn scalar<B: Build>(&mut self, col: i32, depth: usize) -> Option<B::Value> {
        let value = match self.byte()? {
            b'"' | b'\'' => B::scalar(&self.quoted(B::KEEPS)?, Scalar::Str),
            b'[' | b'{' => self.flow::<B>(depth)?,
            b'|' | b'>' => {
                let text = self.block_scalar(col, B::KEEPS)?;
                self.advance()?;
                return Some(B::scalar(&text, Scalar::Str));
            }
            _ => match self.plain()? {
                Text { ended: Ended::Colon, .. } => return None,
                Text { text, .. } => plain_value::<B>(text)?,
            },
        };
        self.finish_line()?;
        Some(value)
    }
}

/// The value of a plain scalar.
fn plain_value<B: Build>(text: &str) -> Option<B::Value> {
    // Only infinities matter where nothing is kept.
    let scalar = if B::KEEPS || text.starts_with(['.', '+', '-']) { resolve(text) } else { Scalar::Str };
    match scalar {
        Scalar::Float(value) if !value.is_finite() => None,
        scalar => Some(B::scalar(text, scalar)),
    }
}

/// The text of a plain key; keys that are null, floats or large are rare.
fn key_text(text: &str) -> Option<Cow<'_, str>> {
    match resolve(text) {
        _ if text == "<<" => None,
        Scalar::Str | Scalar::Timestamp => Some(Cow::Borrowed(text)),
        Scalar::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
        Scalar::Int(value) => Some(Cow::Owned(value.to_string())),
        Scalar::Null | Scalar::Uint(_) | Scalar::Float(_) => None,
    }
}

#[cfg(test)]
mod tests;
