use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::analysis::analyze;
use super::emitter::Emitter;
use super::{Dialect, detour, number, order};
use crate::golang::json;
use crate::golang::time::Time;
use crate::value::{Frozen, FrozenMap, ListType, Str, Value};
use crate::yaml::compose::MAX_DEPTH;
use crate::yaml::{Node, NodeKind, Style};

/// Values that share parts can be small in memory and endless as text.
const MAX_TEXT: usize = 1 << 29;

/// Writes a value as `sigs.k8s.io/yaml.Marshal` does: through JSON, then go-yaml v2. The text ends
/// with a line feed.
///
/// # Errors
/// Go's text: infinities, values that contain themselves, characters that YAML forbids.
pub fn to_yaml(value: &Value) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    to_yaml_in(&mut out, value).map(|()| out)
}

/// Like [`to_yaml`], into an empty text, which tells after an error how far the emitter got.
///
/// # Errors
/// Those of [`to_yaml`].
pub fn to_yaml_in(out: &mut Vec<u8>, value: &Value) -> Result<(), String> {
    write_in(out, Walk { emitter: Emitter::new(Dialect::GoV2), json: true }, value)
}

fn write_in(out: &mut Vec<u8>, mut walk: Walk, value: &Value) -> Result<(), String> {
    let result = walk.value(value, 0);
    *out = if result.is_ok() { walk.emitter.finish() } else { walk.emitter.out };
    result
}

/// Like [`to_yaml`] for a frozen value.
///
/// # Errors
/// Those of [`to_yaml`].
pub fn to_yaml_frozen(value: &Frozen) -> Result<Vec<u8>, String> {
    let mut walk = Walk { emitter: Emitter::new(Dialect::GoV2), json: true };
    walk.frozen(value, 0)?;
    Ok(walk.emitter.finish())
}

/// Writes a value as Helm's `toYamlPretty` does: go-yaml v3 with an indentation of 2, not through
/// JSON. The text ends with a line feed.
///
/// # Errors
/// Values that contain themselves or nest too deep.
pub fn to_yaml_pretty(value: &Value) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    to_yaml_pretty_in(&mut out, value).map(|()| out)
}

/// [`to_yaml_pretty`], into an empty text as for [`to_yaml_in`].
///
/// # Errors
/// Those of [`to_yaml_pretty`].
pub fn to_yaml_pretty_in(out: &mut Vec<u8>, value: &Value) -> Result<(), String> {
    write_in(out, Walk { emitter: Emitter::new(Dialect::GoV3), json: false }, value)
}

/// Writes a frozen value as go-yaml itself does, without the way through JSON: floats are not
/// turned into integers.
///
/// # Errors
/// Values that nest too deep.
pub fn emit_frozen(value: &Frozen, dialect: Dialect) -> Result<Vec<u8>, String> {
    let mut walk = Walk { emitter: Emitter::new(dialect), json: false };
    walk.frozen(value, 0)?;
    Ok(walk.emitter.finish())
}

/// Writes a tree with its order, styles, anchors and tags. Comments are not part of a tree.
pub fn emit_node<T: AsRef<str>>(node: &Node<T>, dialect: Dialect) -> Vec<u8> {
    let mut emitter = Emitter::new(dialect);
    emit(&mut emitter, node);
    emitter.finish()
}

struct Walk {
    emitter: Emitter,
    /// Whether the value goes through JSON first.
    json: bool,
}

impl Walk {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        self.check_depth(depth, value)?;
        match value {
            Value::Nil => self.emitter.literal(b"null"),
            Value::Bool(value) => self.bool(*value),
            Value::Int(kind, value) => self.emitter.literal(number::int(*kind, *value).as_bytes()),
            Value::Float(value) => self.float(*value)?,
            Value::Str(text) => self.string(text.as_bytes())?,
            Value::List(list) if self.json && list.is_nil() => self.emitter.literal(b"null"),
            Value::List(list) if self.json && list.ty() == ListType::Bytes => {
                let bytes: Vec<u8> = list
                    .items()
                    .iter()
                    .map(|item| match item {
                        Value::Int(_, byte) => *byte as u8,
                        _ => 0,
                    })
                    .collect();
                self.string(STANDARD.encode(bytes).as_bytes())?;
            }
            Value::List(list) => match list.as_frozen() {
                Some(frozen) => self.frozen_list(frozen, depth)?,
                None => {
                    let items = list.items();
                    self.emitter.open_seq(items.is_empty(), false);
                    for item in items {
                        self.emitter.item();
                        self.value(item, depth + 1)?;
                    }
                    self.emitter.close_seq();
                }
            },
            Value::Map(map) if self.json && map.is_nil() => self.emitter.literal(b"null"),
            Value::Map(map) => match map.as_frozen() {
                Some(frozen) => self.frozen_map(&frozen, depth)?,
                None => {
                    let mut entries = map.entries();
                    self.sort(&mut entries);
                    self.emitter.open_map(entries.is_empty(), false);
                    for (key, value) in &entries {
                        self.key(key)?;
                        self.value(value, depth + 1)?;
                    }
                    self.emitter.close_map();
                }
            },
            // A time is a scalar of its own, written plainly.
            Value::Object(object) if !self.json && object.downcast::<Time>().is_some() => {
                let data = object.to_data();
                self.emitter.literal(data.as_bytes().unwrap_or_default());
            }
            Value::Object(object) => match object.yaml_fields().filter(|_| !self.json) {
                None => self.value(&object.to_data(), depth + 1)?,
                Some(fields) => {
                    self.emitter.open_map(fields.is_empty(), false);
                    for (name, value) in &fields {
                        self.emitter.string_key(name.as_bytes());
                        self.value(value, depth + 1)?;
                    }
                    self.emitter.close_map();
                }
            },
        }
        Ok(())
    }

    fn frozen(&mut self, value: &Frozen, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("yaml: exceeded max depth of {MAX_DEPTH}"));
        }
        self.check_size()?;
        match value {
            Frozen::Nil => self.emitter.literal(b"null"),
            Frozen::Bool(value) => self.bool(*value),
            Frozen::Int(kind, value) => self.emitter.literal(number::int(*kind, *value).as_bytes()),
            Frozen::Float(value) => self.float(*value)?,
            Frozen::Str(text) => self.string(text.as_bytes())?,
            Frozen::List(items) => self.frozen_list(items, depth)?,
            Frozen::Map(map) => self.frozen_map(map, depth)?,
        }
        Ok(())
    }

    fn frozen_list(&mut self, items: &[Frozen], depth: usize) -> Result<(), String> {
        self.emitter.open_seq(items.is_empty(), false);
        for item in items {
            self.emitter.item();
            self.frozen(item, depth + 1)?;
        }
        self.emitter.close_seq();
        Ok(())
    }

    fn frozen_map(&mut self, map: &FrozenMap, depth: usize) -> Result<(), String> {
        let mut entries: Vec<(&Str, &Frozen)> = map.iter().collect();
        self.sort(&mut entries);
        self.emitter.open_map(entries.is_empty(), false);
        for (key, value) in entries {
            self.key(key)?;
            self.frozen(value, depth + 1)?;
        }
        self.emitter.close_map();
        Ok(())
    }

    fn check_depth(&self, depth: usize, value: &Value) -> Result<(), String> {
        if self.emitter.out.len() > json::MAX_BYTES {
            return Err(json::TOO_LARGE.to_owned());
        }
        if depth <= MAX_DEPTH {
            return Ok(());
        }
        // Go's encoder goes on when nothing repeats; nothing that deep is meant.
        let ty = value.type_name();
        Err(format!("error marshaling into JSON: json: unsupported value: encountered a cycle via {ty}"))
    }

    fn check_size(&self) -> Result<(), String> {
        if self.emitter.out.len() <= MAX_TEXT { Ok(()) } else { Err("yaml: text is larger than 512 MiB".to_owned()) }
    }

    fn bool(&mut self, value: bool) {
        self.emitter.literal(if value { b"true" } else { b"false" });
    }

    fn float(&mut self, value: f64) -> Result<(), String> {
        if !self.json {
            self.emitter.literal(number::float(value).as_bytes());
            return Ok(());
        }
        if !value.is_finite() {
            let shown = crate::golang::float::format_v(value);
            return Err(format!("error marshaling into JSON: json: unsupported value: {shown}"));
        }
        self.emitter.literal(number::json_float(value).as_bytes());
        Ok(())
    }

    fn string(&mut self, text: &[u8]) -> Result<(), String> {
        if self.json {
            self.emitter.string(&detour::string(text)?);
        } else {
            match binary(text) {
                None => self.emitter.string(text),
                Some(encoded) => {
                    let encoded = encoded.as_bytes();
                    let style = if encoded.contains(&b'\n') { Style::Literal } else { Style::Plain };
                    self.emitter.tag("tag:yaml.org,2002:binary");
                    self.emitter.scalar(encoded, style, &analyze(encoded));
                }
            }
        }
        Ok(())
    }

    fn key(&mut self, key: &Str) -> Result<(), String> {
        let key = if self.json { detour::key(key.as_bytes())? } else { Cow::Borrowed(key.as_bytes()) };
        self.emitter.string_key(&key);
        Ok(())
    }

    fn sort<K: AsRef<[u8]>, V>(&self, entries: &mut Vec<(K, V)>) {
        order::sort_by_key(entries, self.emitter.dialect, |(key, _)| key.as_ref());
    }
}

/// Base64 in lines of 70 characters for text that is not UTF-8.
fn binary(text: &[u8]) -> Option<String> {
    if std::str::from_utf8(text).is_ok() {
        return None;
    }
    let encoded = STANDARD.encode(text);
    if encoded.len() < 70 {
        return Some(encoded);
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / 70 + 1);
    for line in encoded.as_bytes().chunks(70) {
        lines.extend(line.iter().map(|byte| char::from(*byte)));
        lines.push('\n');
    }
    Some(lines)
}

fn emit<T: AsRef<str>>(emitter: &mut Emitter, node: &Node<T>) {
    if let Some(anchor) = node.anchor() {
        emitter.anchor(b'&', anchor);
    }
    if let Some(tag) = node.tag() {
        emitter.tag(tag);
    }
    match &node.kind {
        NodeKind::Scalar { text, style } => {
            let text = text.as_ref().as_bytes();
            let style = match style {
                Style::Plain if text.contains(&b'\n') => Style::Literal,
                style => *style,
            };
            emitter.scalar(text, style, &analyze(text));
        }
        NodeKind::Alias { name, .. } => emitter.anchor(b'*', name),
        NodeKind::Seq { items, flow } => {
            emitter.open_seq(items.is_empty(), *flow);
            for item in items.iter() {
                emitter.item();
                emit(emitter, item);
            }
            emitter.close_seq();
        }
        NodeKind::Map { entries, flow } => {
            emitter.open_map(entries.is_empty(), *flow);
            for (key, value) in entries.iter() {
                emit_key(emitter, key);
                emit(emitter, value);
            }
            emitter.close_map();
        }
    }
}

fn emit_key<T: AsRef<str>>(emitter: &mut Emitter, key: &Node<T>) {
    let simple = match &key.kind {
        NodeKind::Scalar { text, .. } => {
            let text = text.as_ref();
            text.len() <= 128 && !text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
        }
        NodeKind::Alias { .. } => true,
        NodeKind::Seq { items, .. } => items.is_empty(),
        NodeKind::Map { entries, .. } => entries.is_empty(),
    };
    emitter.begin_key(simple);
    emit(emitter, key);
    emitter.end_key(simple);
}
