//! Nodes to plain values, as go-yaml v2 decodes into `interface {}`.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;

use super::YamlError;
use super::compose::MAX_DEPTH;
use super::node::{Node, NodeKind, Style};
use super::resolve::{self, Scalar};
use super::show;
use crate::golang::float;
use crate::value::{Frozen, IntKind, Str};

/// What decoding makes of a document.
pub(super) trait Build {
    /// A mapping's key.
    type Key;
    /// Any value.
    type Value: Clone;
    /// Whether values must have a JSON form: no infinities, text of valid UTF-8.
    const JSON: bool;
    /// Whether the texts of values are looked at.
    const KEEPS: bool = true;
    fn key(text: &str) -> Self::Key;
    fn scalar(text: &str, scalar: Scalar) -> Self::Value;
    fn list(items: Vec<Self::Value>) -> Self::Value;
    fn map(entries: Vec<(Self::Key, Self::Value)>) -> Self::Value;
    /// Binary data.
    fn bytes(bytes: Vec<u8>) -> Self::Value;
    /// A key that is binary data.
    fn bytes_key(bytes: Vec<u8>) -> Self::Key;
}

/// Values as they arrive through JSON: all numbers are float64.
pub(super) struct Json;

/// Values as go-yaml decodes them: integers stay `int` or `uint64`.
pub(super) struct Native;

/// Nothing but the proof that a document can be decoded, or has a JSON form.
pub(super) struct Check<const JSON: bool>;

impl Build for Json {
    type Key = Str;
    type Value = Frozen;
    const JSON: bool = true;

    fn key(text: &str) -> Str {
        Str::from(text)
    }

    fn scalar(text: &str, scalar: Scalar) -> Frozen {
        match scalar {
            Scalar::Int(value) => Frozen::Float(value as f64),
            Scalar::Uint(value) => Frozen::Float(value as f64),
            other => Native::scalar(text, other),
        }
    }

    fn list(items: Vec<Frozen>) -> Frozen {
        Frozen::list(items)
    }

    fn map(entries: Vec<(Str, Frozen)>) -> Frozen {
        Frozen::map(entries)
    }

    fn bytes(bytes: Vec<u8>) -> Frozen {
        Frozen::Str(Self::bytes_key(bytes))
    }

    fn bytes_key(bytes: Vec<u8>) -> Str {
        Str::from(String::from_utf8_lossy(&bytes))
    }
}

impl Build for Native {
    type Key = Str;
    type Value = Frozen;
    const JSON: bool = false;

    fn key(text: &str) -> Str {
        Str::from(text)
    }

    fn scalar(text: &str, scalar: Scalar) -> Frozen {
        match scalar {
            Scalar::Null => Frozen::Nil,
            Scalar::Bool(value) => Frozen::Bool(value),
            Scalar::Int(value) => Frozen::Int(IntKind::Int, value),
            Scalar::Uint(value) => Frozen::Int(IntKind::Uint64, value.cast_signed()),
            Scalar::Float(value) => Frozen::Float(value),
            Scalar::Timestamp | Scalar::Str => Frozen::str(text),
        }
    }

    fn list(items: Vec<Frozen>) -> Frozen {
        Frozen::list(items)
    }

    fn map(entries: Vec<(Str, Frozen)>) -> Frozen {
        Frozen::map(entries)
    }

    fn bytes(bytes: Vec<u8>) -> Frozen {
        Frozen::Str(Str::from(bytes))
    }

    fn bytes_key(bytes: Vec<u8>) -> Str {
        Str::from(bytes)
    }
}

impl<const JSON: bool> Build for Check<JSON> {
    type Key = ();
    type Value = ();
    const JSON: bool = JSON;
    const KEEPS: bool = false;

    fn key(_text: &str) {}

    fn scalar(_text: &str, _scalar: Scalar) {}

    fn list(_items: Vec<()>) {}

    fn map(_entries: Vec<((), ())>) {}

    fn bytes(_bytes: Vec<u8>) {}

    fn bytes_key(_bytes: Vec<u8>) {}
}

/// Decodes a document.
pub(super) fn decode<B: Build, T: AsRef<str>>(root: &Node<T>) -> Result<B::Value, YamlError> {
    let mut decoder = Decoder::<B> {
        visited: 0,
        by_alias: 0,
        alias_depth: 0,
        anchored: HashMap::new(),
        bad_key: None,
        bad_value: None,
    };
    // go-yaml counts the document as a value of its own.
    decoder.visit(1, None)?;
    let value = decoder.node(root, 0)?;
    match decoder.bad_key.or(decoder.bad_value) {
        Some(error) => Err(error),
        None => Ok(value),
    }
}

struct Decoder<B: Build> {
    visited: u64,
    by_alias: u64,
    alias_depth: u32,
    /// Values of anchored collections by the address of their children, decoded once, and how many
    /// values go-yaml would have visited for them.
    anchored: HashMap<usize, (B::Value, u64)>,
    /// What Go finds out only when it turns the decoded document into JSON: first keys that are no
    /// strings, then values that JSON does not have.
    bad_key: Option<YamlError>,
    bad_value: Option<YamlError>,
}

impl<B: Build> Decoder<B> {
    /// Counts visited values and refuses documents that are mostly aliases.
    fn visit(&mut self, count: u64, at: Option<u32>) -> Result<(), YamlError> {
        self.visited = self.visited.saturating_add(count);
        if self.alias_depth > 0 {
            self.by_alias = self.by_alias.saturating_add(count);
        }
        let excessive = self.by_alias > 100
            && self.visited > 1000
            && self.by_alias as f64 / self.visited as f64 > allowed_alias_ratio(self.visited);
        if excessive { Err(YamlError::plain("document contains excessive aliasing", at)) } else { Ok(()) }
    }

    fn node<T: AsRef<str>>(&mut self, node: &Node<T>, depth: usize) -> Result<B::Value, YamlError> {
        if depth > MAX_DEPTH {
            return Err(YamlError::plain(format!("exceeded max depth of {MAX_DEPTH}"), Some(node.start)));
        }
        self.visit(1, Some(node.start))?;
        match &node.kind {
            NodeKind::Scalar { text, style } => self.scalar(node, text.as_ref(), *style),
            NodeKind::Seq { items, .. } => {
                let mut list = Vec::with_capacity(items.len());
                for item in items.iter() {
                    list.push(self.node(item, depth + 1)?);
                }
                Ok(B::list(list))
            }
            NodeKind::Map { entries, .. } => {
                let mut map = Vec::with_capacity(entries.len());
                self.entries(entries, &mut map, depth)?;
                Ok(B::map(map))
            }
            NodeKind::Alias { name, target } => self.alias(name, target.as_deref(), node.start, depth),
        }
    }

    fn alias<T: AsRef<str>>(
        &mut self,
        name: &str,
        target: Option<&Node<T>>,
        at: u32,
        depth: usize,
    ) -> Result<B::Value, YamlError> {
        let Some(target) = target else { return Err(contains_itself(name, at)) };
        self.alias_depth += 1;
        let address = match &target.kind {
            NodeKind::Seq { items, .. } => Some(Arc::as_ptr(items).addr()),
            NodeKind::Map { entries, .. } => Some(Arc::as_ptr(entries).addr()),
            _ => None,
        };
        let known = address.and_then(|address| self.anchored.get(&address)).cloned();
        let value = match known {
            Some((value, count)) => {
                self.visit(count, Some(at))?;
                value
            }
            None => {
                let before = self.visited;
                let value = self.node(target, depth + 1)?;
                if let Some(address) = address {
                    self.anchored.insert(address, (value.clone(), self.visited - before));
                }
                value
            }
        };
        self.alias_depth -= 1;
        Ok(value)
    }

    fn entries<T: AsRef<str>>(
        &mut self,
        entries: &[(Node<T>, Node<T>)],
        map: &mut Vec<(B::Key, B::Value)>,
        depth: usize,
    ) -> Result<(), YamlError> {
        for (key, value) in entries {
            if is_merge(key) {
                self.merge(value, map, depth)?;
                continue;
            }
            let key = self.key(key, value, depth)?;
            map.push((key, self.node(value, depth + 1)?));
        }
        Ok(())
    }

    /// Applies a merge key: what it brings replaces what stands before it in the text.
    fn merge<T: AsRef<str>>(
        &mut self,
        value: &Node<T>,
        map: &mut Vec<(B::Key, B::Value)>,
        depth: usize,
    ) -> Result<(), YamlError> {
        match &value.kind {
            NodeKind::Map { entries, .. } => {
                self.visit(1, Some(value.start))?;
                self.entries(entries, map, depth + 1)
            }
            NodeKind::Alias { target: Some(target), .. } => match &target.kind {
                NodeKind::Map { entries, .. } => {
                    self.visit(1, Some(value.start))?;
                    self.alias_depth += 1;
                    self.visit(1, Some(value.start))?;
                    self.entries(entries, map, depth + 1)?;
                    self.alias_depth -= 1;
                    Ok(())
                }
                _ => Err(wants_map(value.start)),
            },
            NodeKind::Alias { name, target: None } => Err(contains_itself(name, value.start)),
            NodeKind::Seq { items, .. } => {
                // Earlier maps take precedence, so they are written last.
                for item in items.iter().rev() {
                    match &item.kind {
                        NodeKind::Map { .. } | NodeKind::Alias { .. } => self.merge_item(item, map, depth)?,
                        _ => return Err(wants_map(item.start)),
                    }
                }
                Ok(())
            }
            NodeKind::Scalar { .. } => Err(wants_map(value.start)),
        }
    }

    fn merge_item<T: AsRef<str>>(
        &mut self,
        item: &Node<T>,
        map: &mut Vec<(B::Key, B::Value)>,
        depth: usize,
    ) -> Result<(), YamlError> {
        match &item.kind {
            NodeKind::Alias { target: Some(target), .. } if !matches!(target.kind, NodeKind::Map { .. }) => {
                Err(wants_map(item.start))
            }
            _ => self.merge(item, map, depth),
        }
    }

    fn scalar<T>(&mut self, node: &Node<T>, text: &str, style: Style) -> Result<B::Value, YamlError> {
        let scalar = match node.tag() {
            None if style == Style::Plain => resolve::resolve(text),
            Some(resolve::BINARY_TAG) => return binary(text, node.start).map(B::bytes),
            tag => resolve_node(tag, text, style).map_err(|problem| YamlError::plain(problem, Some(node.start)))?,
        };
        if let Scalar::Float(value) = scalar
            && B::JSON
            && !value.is_finite()
        {
            self.bad_value.get_or_insert_with(|| {
                let message = format!("json: unsupported value: {}", float::format_v(value));
                YamlError::later(message, Some(node.start))
            });
        }
        Ok(B::scalar(text, scalar))
    }

    /// The key as JSON has it: everything becomes a string.
    fn key<T: AsRef<str>>(&mut self, key: &Node<T>, value: &Node<T>, depth: usize) -> Result<B::Key, YamlError> {
        let (node, at) = (key.resolved(), key.start);
        let NodeKind::Scalar { text, style } = &node.kind else {
            // Decoding it may fail for another reason, which go-yaml meets first.
            self.node(key, depth + 1)?;
            return Err(YamlError::plain(format!("invalid map key: {}", show::node(node)), Some(at)));
        };
        self.visit(1, Some(at))?;
        if let NodeKind::Alias { .. } = key.kind {
            self.alias_depth += 1;
            self.visit(1, Some(at))?;
            self.alias_depth -= 1;
        }
        let text = text.as_ref();
        let scalar = match node.tag() {
            Some(resolve::BINARY_TAG) => return binary(text, at).map(B::bytes_key),
            tag => resolve_node(tag, text, *style).map_err(|problem| YamlError::plain(problem, Some(at)))?,
        };
        match scalar {
            Scalar::Str | Scalar::Timestamp => Ok(B::key(text)),
            Scalar::Bool(true) => Ok(B::key("true")),
            Scalar::Bool(false) => Ok(B::key("false")),
            Scalar::Int(value) => Ok(B::key(&value.to_string())),
            Scalar::Float(value) => Ok(B::key(&float_key(value))),
            Scalar::Null | Scalar::Uint(_) => {
                self.bad_key.get_or_insert_with(|| {
                    let ty = if scalar == Scalar::Null { "%!s(<nil>)" } else { "uint64" };
                    let (key, value) = (show::outer(node), show::outer(value));
                    let message = format!("unsupported map key of type: {ty}, key: {key}, value: {value}");
                    YamlError::later(message, Some(at))
                });
                Ok(B::key(""))
            }
        }
    }
}

/// The bytes of binary data.
fn binary(text: &str, at: u32) -> Result<Vec<u8>, YamlError> {
    decode_base64(text).ok_or_else(|| YamlError::plain("!!binary value contains invalid base64 data", Some(at)))
}

/// Resolves a scalar by tag, text and style. Binary data counts as a string here.
pub(super) fn resolve_node(tag: Option<&str>, text: &str, style: Style) -> Result<Scalar, String> {
    match tag {
        None if style == Style::Plain => Ok(resolve::resolve(text)),
        None => Ok(Scalar::Str),
        Some(tag) => resolve::resolve_tagged(tag, text),
    }
}

/// How a float becomes a string where one is wanted: go-yaml prints it with 32 bits.
pub(super) fn float_key(value: f64) -> String {
    match value as f32 {
        narrow if narrow.is_nan() => ".nan".to_owned(),
        f32::INFINITY => ".inf".to_owned(),
        f32::NEG_INFINITY => "-.inf".to_owned(),
        narrow => float::format_g32(narrow),
    }
}

/// Standard base64 with padding; line breaks are skipped.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let joined: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let lax = base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, lax).decode(joined).ok()
}

/// Whether a key is the merge key `<<`.
pub(super) fn is_merge<T: AsRef<str>>(key: &Node<T>) -> bool {
    match &key.kind {
        NodeKind::Scalar { text, style } if text.as_ref() == "<<" => match key.tag() {
            None => *style == Style::Plain,
            Some(tag) => tag == "!" || tag == resolve::MERGE_TAG,
        },
        _ => false,
    }
}

fn wants_map(at: u32) -> YamlError {
    YamlError::plain("map merge requires map or sequence of maps as the value", Some(at))
}

fn contains_itself(name: &str, at: u32) -> YamlError {
    YamlError::plain(format!("anchor '{name}' value contains itself"), Some(at))
}

/// The share of visited values that may come from aliases: 99 % of the first 400,000, sinking to
/// 10 % at 4,000,000.
fn allowed_alias_ratio(visited: u64) -> f64 {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    match visited {
        0..=LOW => 0.99,
        HIGH.. => 0.10,
        _ => 0.99 - 0.89 * ((visited - LOW) as f64 / (HIGH - LOW) as f64),
    }
}
