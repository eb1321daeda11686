//! Whole texts to values, documents and streams.

use std::borrow::Cow;
use std::sync::Arc;

use super::YamlError;
use super::compose::Composer;
use super::decode::{self, Build, Check, Json, Native};
use super::everyday;
use super::node::{Document, Node, NodeKind, Style};
use super::read::{self, Input};
use crate::span::Source;
use crate::value::{Frozen, FrozenMap};

const CONVERTING: &str = "error converting YAML to JSON: ";

/// Reads the first document as `sigs.k8s.io/yaml.Unmarshal` does into `interface {}`: all numbers
/// are `float64`, all keys strings, of duplicate keys the last one stays.
///
/// # Errors
/// Go's text, such as `error converting YAML to JSON: yaml: line 3: …`.
pub fn load(text: &[u8]) -> Result<Frozen, YamlError> {
    decode_first::<Json>(text).map_err(|error| error.prefixed(CONVERTING))
}

/// Like [`load`] into `map[string]interface {}`; no document or `null` gives an empty map.
///
/// # Errors
/// Those of [`load`], and that the value is no map.
pub fn load_map(text: &[u8]) -> Result<Arc<FrozenMap>, YamlError> {
    match load(text)? {
        Frozen::Map(map) => Ok(map),
        Frozen::Nil => Ok(Arc::default()),
        other => Err(unexpected_type(&other, "map[string]interface {}")),
    }
}

/// Like [`load`] into `[]interface {}`; no document or `null` gives an empty list.
///
/// # Errors
/// Those of [`load`], and that the value is no list.
pub fn load_list(text: &[u8]) -> Result<Arc<[Frozen]>, YamlError> {
    match load(text)? {
        Frozen::List(items) => Ok(items),
        Frozen::Nil => Ok(Arc::from([])),
        other => Err(unexpected_type(&other, "[]interface {}")),
    }
}

/// Reads the first document as go-yaml v2 does into `interface {}`: integers stay `int` or
/// `uint64`. Keys become strings as in [`load`].
///
/// # Errors
/// Go's text, such as `yaml: line 3: …`.
pub fn load_native(text: &[u8]) -> Result<Frozen, YamlError> {
    decode_first::<Native>(text)
}

/// The value of a node as [`load`] gives it.
///
/// # Errors
/// A value that has no JSON form.
pub fn load_node<T: AsRef<str>>(node: &Node<T>) -> Result<Frozen, YamlError> {
    decode::decode::<Json, T>(node)
}

/// The value of a node as [`load_native`] gives it.
///
/// # Errors
/// A value that cannot be decoded.
pub fn load_node_native<T: AsRef<str>>(node: &Node<T>) -> Result<Frozen, YamlError> {
    decode::decode::<Native, T>(node)
}

/// Proves that a node has a JSON form, without making it.
///
/// # Errors
/// A value that has none.
pub fn check_node<T: AsRef<str>>(node: &Node<T>) -> Result<(), YamlError> {
    decode::decode::<Check<true>, T>(node)
}

/// Proves that a node can be decoded.
pub(super) fn check_native<T: AsRef<str>>(node: &Node<T>) -> Result<(), YamlError> {
    decode::decode::<Check<false>, T>(node)
}

/// Parses the first document; no document gives an empty (null) scalar at the start.
///
/// # Errors
/// Text that is not YAML, as go-yaml v2 words it.
pub fn parse_document(source: &Arc<Source>) -> Result<Document, YamlError> {
    let input = read::read(source.text().as_bytes())?;
    let root = first_document(&input)?.unwrap_or_else(nothing);
    Ok(Document { source: Arc::clone(source), root })
}

/// Parses all documents.
///
/// # Errors
/// Text that is not YAML, as go-yaml v2 words it.
pub fn parse_stream(source: &Arc<Source>) -> Result<Vec<Document>, YamlError> {
    let input = read::read(source.text().as_bytes())?;
    let mut composer = Composer::new(&input.text, input.skipped);
    let mut documents = Vec::new();
    while let Some(root) = next_document(&mut composer, &input)? {
        documents.push(Document { source: Arc::clone(source), root });
    }
    Ok(documents)
}

/// The first document's node, borrowing from the text where it can.
pub(super) fn first_document<'s, T>(input: &'s Input<'_>) -> Result<Option<Node<T>>, YamlError>
where
    T: From<Cow<'s, str>> + Clone,
{
    next_document(&mut Composer::new(&input.text, input.skipped), input)
}

fn next_document<'s, T>(composer: &mut Composer<'s>, input: &Input<'_>) -> Result<Option<Node<T>>, YamlError>
where
    T: From<Cow<'s, str>> + Clone,
{
    let result = composer.document();
    match &input.trap {
        Some(trap) if composer.reach() > input.text.len() => Err(trap.clone()),
        _ => result,
    }
}

fn decode_first<B: Build<Value = Frozen>>(text: &[u8]) -> Result<Frozen, YamlError> {
    let input = read::read(text)?;
    if input.trap.is_none()
        && let Some(value) = everyday::read::<B>(&input.text)
    {
        return Ok(value);
    }
    match first_document::<Cow<'_, str>>(&input)? {
        Some(root) => decode::decode::<B, _>(&root),
        None => Ok(Frozen::Nil),
    }
}

fn nothing() -> Node {
    let kind = NodeKind::Scalar { text: Arc::from(""), style: Style::Plain };
    Node { kind, properties: None, start: 0, end: 0 }
}

/// encoding/json's complaint about a value that does not fit the Go type it is read into.
pub(super) fn unexpected_type(value: &Frozen, wanted: &str) -> YamlError {
    let found = match value {
        Frozen::Nil => "null",
        Frozen::Bool(_) => "bool",
        Frozen::Int(..) | Frozen::Float(_) => "number",
        Frozen::Str(_) => "string",
        Frozen::List(_) => "array",
        Frozen::Map(_) => "object",
    };
    YamlError::later(
        format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go value of type {wanted}"
        ),
        None,
    )
}
