use crate::value::{List, Map, Object, Str, Value};

use super::super::float;
use super::super::json::{MAX_BYTES, TOO_LARGE};
use super::super::time::{Duration, Time, integer_of};
use super::{LOCAL_DATE, LOCAL_DATETIME, LOCAL_TIME};

/// Deeper nesting is refused; a map that contains itself would not end.
const MAX_DEPTH: usize = 1000;

/// BurntSushi's encoder with its default indentation: keys sorted, plain values before tables, nil
/// dropped. The error is the library's text.
pub fn marshal(value: &Value) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    marshal_to(&mut out, value).map(|()| out)
}

/// [`marshal`], into an empty text, which tells after an error how far the encoder got.
pub fn marshal_to(out: &mut Vec<u8>, value: &Value) -> Result<(), String> {
    Encoder { out, path: Vec::new(), depth: 0, looked: 0 }.item(&data_of(value))
}

struct Encoder<'o> {
    out: &'o mut Vec<u8>,
    /// Keys down to the value being written.
    path: Vec<Str>,
    depth: usize,
    /// How many values were looked at to decide where they are written.
    looked: usize,
}

/// What decides where a value is written.
#[derive(PartialEq)]
enum Shape {
    Nil,
    Plain,
    Table,
    Tables,
}

/// Objects that are no TOML values of their own stand for the data that they marshal to.
fn data_of(value: &Value) -> Value {
    match value {
        Value::Object(object) if !is_scalar(value) => object.container().unwrap_or_else(|| object.to_data()),
        _ => value.clone(),
    }
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Object(object) if object.downcast::<Time>().is_some() || integer_of(object).is_some())
}

/// Looks through lists on the way, because a nil in any of them is an error wherever it stands. A
/// value that holds one list many times is looked at as often.
fn shape(value: &Value, depth: usize, looked: &mut usize) -> Result<Shape, String> {
    *looked += 1;
    if *looked > MAX_BYTES {
        return Err(TOO_LARGE.to_owned());
    }
    Ok(match value {
        Value::Nil => Shape::Nil,
        _ if value.is_nil() => Shape::Nil,
        Value::Map(_) => Shape::Table,
        Value::List(list) => {
            if depth > MAX_DEPTH {
                return Err(too_deep());
            }
            let mut tables = !list.is_empty();
            for item in list.items() {
                match shape(&data_of(item), depth + 1, looked)? {
                    Shape::Nil => return Err("toml: cannot encode array with nil element".to_owned()),
                    Shape::Table => {}
                    _ => tables = false,
                }
            }
            if tables { Shape::Tables } else { Shape::Plain }
        }
        _ => Shape::Plain,
    })
}

fn too_deep() -> String {
    format!("toml: values nest deeper than {MAX_DEPTH}")
}

impl Encoder<'_> {
    /// Writes a value below the current path.
    fn item(&mut self, value: &Value) -> Result<(), String> {
        match (value, shape(value, 0, &mut self.looked)?) {
            // Only the whole value can be a nil list here: entries that are nil are left out before.
            (Value::List(list), Shape::Nil) => self.inline_list(list),
            (_, Shape::Nil) => Ok(()),
            (Value::Map(map), _) => self.table(map),
            (Value::List(list), Shape::Tables) => self.tables(list),
            _ => self.key_value(value),
        }
    }

    fn nested(&mut self, inner: impl FnOnce(&mut Self) -> Result<(), String>) -> Result<(), String> {
        if self.depth == MAX_DEPTH {
            return Err(too_deep());
        }
        self.depth += 1;
        inner(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn key_value(&mut self, value: &Value) -> Result<(), String> {
        let Some(key) = self.path.last().cloned() else { return self.element(value) };
        self.indent();
        push_key(self.out, &key);
        self.out.extend_from_slice(b" = ");
        self.element(value)?;
        self.new_line();
        Ok(())
    }

    fn table(&mut self, map: &Map) -> Result<(), String> {
        if self.path.len() == 1 {
            self.new_line();
        }
        if !self.path.is_empty() {
            self.header(b"[", b"]");
        }
        self.entries(map)
    }

    fn tables(&mut self, list: &List) -> Result<(), String> {
        if self.path.is_empty() {
            return Err("toml: top-level values must be Go maps or structs".to_owned());
        }
        for item in list.items() {
            if let Value::Map(map) = data_of(item) {
                self.new_line();
                self.header(b"[[", b"]]");
                self.entries(&map)?;
            }
        }
        Ok(())
    }

    fn header(&mut self, open: &[u8], close: &[u8]) {
        self.indent();
        self.out.extend_from_slice(open);
        for (at, key) in self.path.iter().enumerate() {
            if at > 0 {
                self.out.push(b'.');
            }
            push_key(self.out, key);
        }
        self.out.extend_from_slice(close);
        self.new_line();
    }

    fn entries(&mut self, map: &Map) -> Result<(), String> {
        let (direct, tables) = split(map, &mut self.looked)?;
        self.nested(|encoder| {
            for (key, value) in direct.into_iter().chain(tables).filter(|(_, value)| !value.is_nil()) {
                encoder.path.push(key);
                encoder.item(&value)?;
                encoder.path.pop();
            }
            Ok(())
        })
    }

    /// Writes a value on the right of an equals sign or within a list.
    fn element(&mut self, value: &Value) -> Result<(), String> {
        if self.out.len() > MAX_BYTES {
            return Err(TOO_LARGE.to_owned());
        }
        match value {
            Value::Nil => return Err("toml: cannot encode array with nil element".to_owned()),
            Value::Bool(value) => self.out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Value::Int(kind, bits) => {
                let text = if kind.is_signed() { bits.to_string() } else { (*bits as u64).to_string() };
                self.out.extend_from_slice(text.as_bytes());
            }
            Value::Float(value) => self.float(*value),
            Value::Str(text) => push_quoted(self.out, text.as_bytes()),
            Value::List(list) => return self.nested(|encoder| encoder.inline_list(list)),
            Value::Map(map) => return self.nested(|encoder| encoder.inline_table(map)),
            Value::Object(object) => {
                if let Some(time) = object.downcast::<Time>() {
                    let text = time.format(match time.zone().name() {
                        LOCAL_DATETIME => "2006-01-02T15:04:05.999999999",
                        LOCAL_DATE => "2006-01-02",
                        LOCAL_TIME => "15:04:05.999999999",
                        _ => "2006-01-02T15:04:05.999999999Z07:00",
                    });
                    self.out.extend_from_slice(text.as_bytes());
                } else if let Some(duration) = object.downcast::<Duration>() {
                    push_quoted(self.out, &duration.print());
                } else if let Some(value) = integer_of(object) {
                    self.out.extend_from_slice(value.to_string().as_bytes());
                } else {
                    let data = data_of(value);
                    return self.nested(|encoder| encoder.element(&data));
                }
            }
        }
        Ok(())
    }

    fn float(&mut self, value: f64) {
        if value.is_finite() {
            let start = self.out.len();
            float::append_v(self.out, value);
            if !self.out[start..].iter().any(|byte| matches!(byte, b'e' | b'.')) {
                self.out.extend_from_slice(b".0");
            }
            return;
        }
        if value.is_sign_negative() {
            self.out.push(b'-');
        }
        self.out.extend_from_slice(if value.is_nan() { b"nan" } else { b"inf" });
    }

    fn inline_list(&mut self, list: &List) -> Result<(), String> {
        self.out.push(b'[');
        for (at, item) in list.items().iter().enumerate() {
            if at > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.element(item)?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// A comma follows each entry that is not the last key, even where the last one is nil.
    fn inline_table(&mut self, map: &Map) -> Result<(), String> {
        let (direct, tables) = split(map, &mut self.looked)?;
        self.out.push(b'{');
        for (keys, followed) in [(&direct, !tables.is_empty()), (&tables, false)] {
            for (at, (key, value)) in keys.iter().enumerate().filter(|(_, (_, value))| !value.is_nil()) {
                push_key(self.out, key);
                self.out.extend_from_slice(b" = ");
                self.element(value)?;
                if followed || at + 1 < keys.len() {
                    self.out.extend_from_slice(b", ");
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn indent(&mut self) {
        let levels = self.path.len().saturating_sub(1);
        self.out.resize(self.out.len() + 2 * levels, b' ');
    }

    /// Nothing is written before the first text.
    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }
}

type Entries = Vec<(Str, Value)>;

/// The entries that are written in place, and those that are tables.
fn split(map: &Map, looked: &mut usize) -> Result<(Entries, Entries), String> {
    let (mut direct, mut tables) = (Vec::new(), Vec::new());
    for (key, value) in map.snapshot() {
        let value = data_of(&value);
        match shape(&value, 0, looked)? {
            Shape::Table | Shape::Tables => tables.push((key, value)),
            Shape::Nil | Shape::Plain => direct.push((key, value)),
        }
    }
    Ok((direct, tables))
}

fn push_key(out: &mut Vec<u8>, key: &Str) {
    let bare = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !key.is_empty() && key.as_bytes().iter().all(bare) {
        out.extend_from_slice(key.as_bytes());
    } else {
        push_quoted(out, key.as_bytes());
    }
}

/// A part of a key as it is written.
pub(super) fn key_text(key: &str) -> String {
    let mut out = Vec::new();
    push_key(&mut out, &Str::from(key));
    String::from_utf8(out).unwrap_or_default()
}

fn push_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            8 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            12 => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0..=0x1F | 0x7F => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}
