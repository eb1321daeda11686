use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::value::{List, ListType, Map, Value};

use super::super::{float, utf8};

/// From this depth on Go looks for containers inside themselves.
const CYCLES_FROM: usize = 1000;
/// Deeper nesting is refused.
const MAX_DEPTH: usize = 1200;
/// A value that is small in memory may be written without end, because it holds one map many times.
pub const MAX_BYTES: usize = 64 << 20;
/// The error for a longer text.
pub const TOO_LARGE: &str = "result is too large: more than 67108864 bytes";

/// Go's `json.Marshal`; `escape_html` false is an encoder with `SetEscapeHTML(false)`, without its
/// final newline. The error is Go's text.
pub fn marshal(value: &Value, escape_html: bool) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    marshal_to(&mut out, value, escape_html).map(|()| out)
}

/// Like [`marshal`], appending to a text, which tells after an error how far the encoder got.
pub fn marshal_to(out: &mut Vec<u8>, value: &Value, escape_html: bool) -> Result<(), String> {
    Encoder { out, escape_html, indent: false, depth: 0, deep: Vec::new() }.value(value)
}

/// Go's `json.MarshalIndent(value, "", "  ")`.
pub fn marshal_indent(value: &Value) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    marshal_indent_to(&mut out, value).map(|()| out)
}

/// [`marshal_indent`], appended to a text as by [`marshal_to`].
pub fn marshal_indent_to(out: &mut Vec<u8>, value: &Value) -> Result<(), String> {
    Encoder { out, escape_html: true, indent: true, depth: 0, deep: Vec::new() }.value(value)
}

struct Encoder<'o> {
    out: &'o mut Vec<u8>,
    escape_html: bool,
    indent: bool,
    depth: usize,
    /// The open containers below the depth where cycles are looked for.
    deep: Vec<Value>,
}

impl Encoder<'_> {
    fn value(&mut self, value: &Value) -> Result<(), String> {
        if self.out.len() > MAX_BYTES {
            return Err(TOO_LARGE.to_owned());
        }
        match value {
            Value::Nil => self.out.extend_from_slice(b"null"),
            Value::Bool(true) => self.out.extend_from_slice(b"true"),
            Value::Bool(false) => self.out.extend_from_slice(b"false"),
            Value::Int(kind, bits) => {
                let text = if kind.is_signed() { bits.to_string() } else { (*bits as u64).to_string() };
                self.out.extend_from_slice(text.as_bytes());
            }
            Value::Float(value) if value.is_finite() => float::append_json(self.out, *value),
            Value::Float(value) => return Err(format!("json: unsupported value: {}", float::format_v(*value))),
            Value::Str(text) => append_string(self.out, text.as_bytes(), self.escape_html),
            Value::List(list) if list.is_nil() => self.out.extend_from_slice(b"null"),
            Value::List(list) if list.ty() == ListType::Bytes => self.bytes(list),
            Value::List(list) => return self.nested(value, |encoder| encoder.list(list)),
            Value::Map(map) if map.is_nil() => self.out.extend_from_slice(b"null"),
            Value::Map(map) => return self.nested(value, |encoder| encoder.map(map)),
            Value::Object(object) => {
                if let Some(fields) = object.json_fields() {
                    let fields = fields.iter().map(|(name, value)| (name.as_bytes(), value));
                    return self.nested(value, |encoder| encoder.entries(fields));
                }
                let data = object.to_data();
                return self.nested(value, |encoder| encoder.value(&data));
            }
        }
        Ok(())
    }

    /// Runs with one level more, unless that is too deep.
    fn nested(&mut self, value: &Value, inner: impl FnOnce(&mut Self) -> Result<(), String>) -> Result<(), String> {
        self.depth += 1;
        let deep = self.depth > CYCLES_FROM;
        if deep {
            if self.deep.iter().any(|open| same(open, value)) {
                return Err(format!("json: unsupported value: encountered a cycle via {}", value.type_name()));
            }
            if self.depth > MAX_DEPTH {
                return Err("json: unsupported value: exceeded max depth".to_owned());
            }
            self.deep.push(value.clone());
        }
        inner(self)?;
        if deep {
            self.deep.pop();
        }
        self.depth -= 1;
        Ok(())
    }

    fn list(&mut self, list: &List) -> Result<(), String> {
        self.out.push(b'[');
        for (at, item) in list.items().iter().enumerate() {
            self.before_element(at);
            self.value(item)?;
        }
        self.close(b']', list.is_empty());
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<(), String> {
        let entries = map.snapshot();
        self.entries(entries.iter().map(|(key, value)| (key.as_bytes(), value)))
    }

    fn entries<'e>(&mut self, entries: impl ExactSizeIterator<Item = (&'e [u8], &'e Value)>) -> Result<(), String> {
        let empty = entries.len() == 0;
        self.out.push(b'{');
        for (at, (key, item)) in entries.enumerate() {
            self.before_element(at);
            append_string(self.out, key, self.escape_html);
            self.out.extend_from_slice(if self.indent { b": " } else { b":" });
            self.value(item)?;
        }
        self.close(b'}', empty);
        Ok(())
    }

    fn before_element(&mut self, at: usize) {
        if at > 0 {
            self.out.push(b',');
        }
        if self.indent {
            self.new_line(self.depth);
        }
    }

    fn close(&mut self, bracket: u8, empty: bool) {
        if self.indent && !empty {
            self.new_line(self.depth - 1);
        }
        self.out.push(bracket);
    }

    fn new_line(&mut self, level: usize) {
        self.out.push(b'\n');
        self.out.resize(self.out.len() + 2 * level, b' ');
    }

    fn bytes(&mut self, list: &List) {
        let byte = |item: &Value| match item {
            Value::Int(_, bits) => *bits as u8,
            _ => 0,
        };
        let bytes: Vec<u8> = list.items().iter().map(byte).collect();
        self.out.push(b'"');
        self.out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
        self.out.push(b'"');
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Map(a), Value::Map(b)) => a.same(b),
        (Value::List(a), Value::List(b)) => a.same(b),
        (Value::Object(a), Value::Object(b)) => a.same(b),
        _ => false,
    }
}

/// Appends a string literal; invalid UTF-8 becomes `\ufffd`, U+2028 and U+2029 are always escaped,
/// `<`, `>` and `&` with `escape_html`.
pub fn append_string(out: &mut Vec<u8>, text: &[u8], escape_html: bool) {
    out.push(b'"');
    let mut at = 0;
    while at < text.len() {
        let plain = text[at..].iter().take_while(|byte| is_plain(**byte, escape_html)).count();
        out.extend_from_slice(&text[at..at + plain]);
        at += plain;
        let Some(byte) = text.get(at) else { break };
        if byte.is_ascii() {
            at += 1;
            escape(out, *byte);
            continue;
        }
        let (decoded, width) = utf8::decode(&text[at..]);
        match decoded {
            None => out.extend_from_slice(b"\\ufffd"),
            Some('\u{2028}') => out.extend_from_slice(b"\\u2028"),
            Some('\u{2029}') => out.extend_from_slice(b"\\u2029"),
            Some(_) => out.extend_from_slice(&text[at..at + width]),
        }
        at += width;
    }
    out.push(b'"');
}

fn is_plain(byte: u8, escape_html: bool) -> bool {
    match byte {
        b'"' | b'\\' => false,
        b'<' | b'>' | b'&' => !escape_html,
        b' '..=0x7F => true,
        _ => false,
    }
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        8 => b'b',
        12 => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let hex = b"0123456789abcdef";
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[hex[usize::from(byte >> 4)], hex[usize::from(byte & 0xF)]]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
