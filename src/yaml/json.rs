//! JSON texts as spanned trees, so that both formats are read by the same code.

use std::sync::Arc;

use super::YamlError;
use super::compose::MAX_DEPTH;
use super::node::{Document, Node, NodeKind, Style};
use crate::span::Source;

/// Parses a JSON text. Strings are double-quoted scalars, everything else plain ones.
///
/// # Errors
/// Text that is not JSON, in the words of Go's encoding/json, such as
/// `invalid character '}' looking for beginning of value`.
pub fn parse_json_document(source: &Arc<Source>) -> Result<Document, YamlError> {
    let root = Reader { text: source.text(), pos: 0 }.document()?;
    Ok(Document { source: Arc::clone(source), root })
}

struct Reader<'s> {
    text: &'s str,
    pos: usize,
}

struct Open {
    start: usize,
    content: Content,
}

enum Content {
    Array(Vec<Node>),
    Object { entries: Vec<(Node, Node)>, key: Option<Node> },
}

impl Reader<'_> {
    fn document(mut self) -> Result<Node, YamlError> {
        let mut stack: Vec<Open> = Vec::new();
        let mut done = self.value(&mut stack)?;
        loop {
            let Some(open) = stack.last_mut() else {
                return match (done, self.peek()) {
                    (Some(root), None) => Ok(root),
                    (_, _) => Err(self.unexpected("after top-level value")),
                };
            };
            done = match (&mut open.content, done.take()) {
                (Content::Array(items), node) => {
                    let first = node.is_none();
                    items.extend(node);
                    match self.peek() {
                        Some(b']') => Some(self.close(&mut stack)),
                        _ if first => self.value(&mut stack)?,
                        Some(b',') => {
                            self.pos += 1;
                            self.value(&mut stack)?
                        }
                        _ => return Err(self.unexpected("after array element")),
                    }
                }
                (Content::Object { entries, key }, node) => {
                    let first = node.is_none();
                    if let (Some(key), Some(node)) = (key.take(), node) {
                        entries.push((key, node));
                    }
                    match self.peek() {
                        Some(b'}') => {
                            done = Some(self.close(&mut stack));
                            continue;
                        }
                        _ if first => {}
                        Some(b',') => self.pos += 1,
                        _ => return Err(self.unexpected("after object key:value pair")),
                    }
                    if self.peek() != Some(b'"') {
                        return Err(self.unexpected("looking for beginning of object key string"));
                    }
                    let name = self.string()?;
                    *key = Some(name);
                    if self.peek() != Some(b':') {
                        return Err(self.unexpected("after object key"));
                    }
                    self.pos += 1;
                    self.value(&mut stack)?
                }
            };
        }
    }

    /// Reads a scalar, or opens a collection, which gives nothing yet.
    fn value(&mut self, stack: &mut Vec<Open>) -> Result<Option<Node>, YamlError> {
        let content = match self.peek() {
            Some(b'[') => Content::Array(Vec::new()),
            Some(b'{') => Content::Object { entries: Vec::new(), key: None },
            Some(b'"') => return self.string().map(Some),
            Some(b'-' | b'0'..=b'9') => return self.number().map(Some),
            Some(b't') => return self.word("true").map(Some),
            Some(b'f') => return self.word("false").map(Some),
            Some(b'n') => return self.word("null").map(Some),
            _ => return Err(self.unexpected("looking for beginning of value")),
        };
        stack.push(Open { start: self.pos, content });
        if stack.len() > MAX_DEPTH {
            return Err(self.error("exceeded max depth"));
        }
        self.pos += 1;
        Ok(None)
    }

    /// Ends the innermost collection at its closing bracket.
    fn close(&mut self, stack: &mut Vec<Open>) -> Node {
        self.pos += 1;
        match stack.pop() {
            Some(Open { start, content: Content::Array(items) }) => {
                self.node(NodeKind::Seq { items: Arc::new(items), flow: true }, start)
            }
            Some(Open { start, content: Content::Object { entries, .. } }) => {
                self.node(NodeKind::Map { entries: Arc::new(entries), flow: true }, start)
            }
            None => self.plain(self.pos),
        }
    }

    fn node(&self, kind: NodeKind, start: usize) -> Node {
        Node { kind, properties: None, start: start as u32, end: self.pos as u32 }
    }

    fn plain(&self, start: usize) -> Node {
        self.node(NodeKind::Scalar { text: Arc::from(&self.text[start..self.pos]), style: Style::Plain }, start)
    }

    fn word(&mut self, word: &str) -> Result<Node, YamlError> {
        let start = self.pos;
        for expected in word.bytes() {
            if self.byte() != Some(expected) {
                let expected = char::from(expected);
                return Err(self.unexpected_here(&format!("in literal {word} (expecting '{expected}')")));
            }
            self.pos += 1;
        }
        Ok(self.plain(start))
    }

    fn number(&mut self) -> Result<Node, YamlError> {
        let start = self.pos;
        if self.byte() == Some(b'-') {
            self.pos += 1;
        }
        match self.byte() {
            Some(b'0') => self.pos += 1,
            _ => self.digits("in numeric literal")?,
        }
        if self.byte() == Some(b'.') {
            self.pos += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.pos += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.pos += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        Ok(self.plain(start))
    }

    fn digits(&mut self, context: &str) -> Result<(), YamlError> {
        if !self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected_here(context));
        }
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.pos += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Node, YamlError> {
        let start = self.pos;
        self.pos += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.pos..];
            let run = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
            text.push_str(&rest[..run]);
            self.pos += run;
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => self.escape(&mut text)?,
                _ => return Err(self.unexpected_here("in string literal")),
            }
        }
        self.pos += 1;
        let kind = NodeKind::Scalar { text: Arc::from(text), style: Style::DoubleQuoted };
        Ok(self.node(kind, start))
    }

    fn escape(&mut self, text: &mut String) -> Result<(), YamlError> {
        self.pos += 1;
        let letter = match self.byte() {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.pos += 1;
                text.push(self.unicode()?);
                return Ok(());
            }
            _ => return Err(self.unexpected_here("in string escape code")),
        };
        text.push(letter);
        self.pos += 1;
        Ok(())
    }

    /// The character of a `\u` escape; half a surrogate pair becomes U+FFFD.
    fn unicode(&mut self) -> Result<char, YamlError> {
        let first = self.hex()?;
        if (0xD800..0xDC00).contains(&first) && self.text[self.pos..].starts_with("\\u") {
            let before = self.pos;
            self.pos += 2;
            let second = self.hex()?;
            if (0xDC00..0xE000).contains(&second) {
                let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.pos = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, YamlError> {
        let mut value = 0;
        for _ in 0..4 {
            let Some(digit) = self.byte().and_then(|byte| char::from(byte).to_digit(16)) else {
                return Err(self.unexpected_here("in \\u hexadecimal character escape"));
            };
            value = value << 4 | digit;
            self.pos += 1;
        }
        Ok(value)
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.pos).copied()
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.pos += 1;
        }
        self.byte()
    }

    fn unexpected(&mut self, context: &str) -> YamlError {
        self.peek();
        self.unexpected_here(context)
    }

    fn unexpected_here(&self, context: &str) -> YamlError {
        // Go prints the byte, not the character.
        let shown = match self.byte() {
            None => return self.error("unexpected end of JSON input"),
            Some(b'\'') => r"'\''".to_owned(),
            Some(b'"') => "'\"'".to_owned(),
            Some(byte) => {
                let quoted = crate::golang::strconv::quote(char::from(byte).to_string().as_bytes());
                format!("'{}'", quoted.trim_matches('"'))
            }
        };
        self.error(&format!("invalid character {shown} {context}"))
    }

    fn error(&self, problem: &str) -> YamlError {
        YamlError::later(problem, Some(self.pos as u32))
    }
}
