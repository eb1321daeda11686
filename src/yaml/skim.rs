//! What Helm reads of a rendered manifest before it sorts it.

use std::borrow::Cow;

use super::YamlError;
use super::decode::{Check, Json, decode_base64, resolve_node};
use super::everyday;
use super::fields::{Field, fields, key_name};
use super::load::{check_node, first_document};
use super::node::{Node, NodeKind};
use super::read;
use super::resolve::{BINARY_TAG, Scalar};
use crate::golang::float;
use crate::value::Frozen;

/// The head of a manifest. Absent and null fields are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skim {
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`, when it is a scalar. Helm does not read it.
    pub namespace: String,
    /// `metadata.annotations`, sorted by name.
    pub annotations: Vec<(String, String)>,
}

const METADATA_TYPE: &str =
    r#"struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" }"#;

/// Reads the first document of `text` as Helm reads it into its `SimpleHead`: field names in any
/// case, numbers and booleans as strings. A text without document has an empty head.
///
/// # Errors
/// Go's text: the whole document must have a JSON form, and the head the right types.
pub fn skim(text: &[u8]) -> Result<Skim, YamlError> {
    let input = read::read(text).map_err(converting)?;
    if input.trap.is_none()
        && let Some(skim) = everyday_head(&input.text)
    {
        return Ok(skim);
    }
    let Some(root) = first_document::<Cow<'_, str>>(&input).map_err(converting)? else { return Ok(Skim::default()) };
    check_node(&root).map_err(converting)?;
    Head::default().read(&root)
}

/// The head of an everyday document whose fields are texts under their usual names.
fn everyday_head(text: &str) -> Option<Skim> {
    let mut skim = Skim::default();
    let mut seen = [false; 3];
    everyday::fields(text, |key, reader, col| {
        let Some(at) = known(&key, &["apiVersion", "kind", "metadata"])? else {
            return reader.value::<Check<true>>(col, 1);
        };
        if std::mem::replace(&mut seen[at], true) {
            return None;
        }
        let value = reader.value::<Json>(col, 1)?;
        match at {
            0 => skim.api_version = string(&value)?,
            1 => skim.kind = string(&value)?,
            _ => everyday_metadata(&value, &mut skim)?,
        }
        Some(())
    })?;
    Some(skim)
}

fn everyday_metadata(value: &Frozen, skim: &mut Skim) -> Option<()> {
    let entries = match value {
        Frozen::Nil => return Some(()),
        Frozen::Map(entries) => entries,
        _ => return None,
    };
    for (key, value) in entries.iter() {
        match known(key.as_str()?, &["name", "annotations", "namespace"])? {
            Some(0) => skim.name = string(value)?,
            Some(1) => match value {
                Frozen::Nil => {}
                Frozen::Map(annotations) => {
                    let texts = annotations.iter().map(|(name, value)| Some((name.to_string(), string(value)?)));
                    skim.annotations = texts.collect::<Option<_>>()?;
                }
                _ => return None,
            },
            Some(_) => skim.namespace = string(value)?,
            None => {}
        }
    }
    Some(())
}

/// The place of a name among others; `None` when it may mean one of them in another case.
fn known(name: &str, names: &[&str]) -> Option<Option<usize>> {
    match names.iter().position(|known| *known == name) {
        Some(at) => Some(Some(at)),
        None if !name.is_ascii() || names.iter().any(|known| known.eq_ignore_ascii_case(name)) => None,
        None => Some(None),
    }
}

/// A text, or nothing for null.
fn string(value: &Frozen) -> Option<String> {
    match value {
        Frozen::Nil => Some(String::new()),
        value => value.as_str().map(str::to_owned),
    }
}

fn converting(error: YamlError) -> YamlError {
    error.prefixed("error converting YAML to JSON: ")
}

type Borrowed<'s> = Node<Cow<'s, str>>;

#[derive(Default)]
struct Head {
    skim: Skim,
    /// encoding/json goes on after a value of the wrong type and reports the first.
    error: Option<YamlError>,
}

impl Head {
    fn read(mut self, root: &Borrowed<'_>) -> Result<Skim, YamlError> {
        match json_type(root) {
            "object" => {}
            "null" => return Ok(self.skim),
            found => return Err(mismatch(found, "value of type releaseutil.SimpleHead", root)),
        }
        for field in sorted(root) {
            if is_named(&field, "apiVersion") {
                self.text(field.value, "SimpleHead.apiVersion", |skim| &mut skim.api_version);
            } else if is_named(&field, "kind") {
                self.text(field.value, "SimpleHead.kind", |skim| &mut skim.kind);
            } else if is_named(&field, "metadata") {
                self.metadata(field.value);
            }
        }
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.skim),
        }
    }

    fn metadata(&mut self, node: &Borrowed<'_>) {
        match json_type(node) {
            "object" => {}
            "null" => {
                let Skim { api_version, kind, .. } = std::mem::take(&mut self.skim);
                self.skim = Skim { api_version, kind, ..Skim::default() };
                return;
            }
            found => {
                return self.fail(found, &format!("struct field SimpleHead.metadata of type {METADATA_TYPE}"), node);
            }
        }
        for field in sorted(node) {
            if is_named(&field, "name") {
                self.text(field.value, ".metadata.name", |skim| &mut skim.name);
            } else if is_named(&field, "annotations") {
                self.annotations(field.value);
            } else if field.name == "namespace" {
                self.skim.namespace = coerced(field.value).unwrap_or_default();
            }
        }
    }

    fn annotations(&mut self, node: &Borrowed<'_>) {
        match json_type(node) {
            "object" => {}
            "null" => return self.skim.annotations.clear(),
            found => {
                return self.fail(found, "struct field .metadata.annotations of type map[string]string", node);
            }
        }
        for field in sorted(node) {
            let text = match json_type(field.value) {
                "array" | "object" => {
                    let found = json_type(field.value);
                    self.fail(found, "struct field .metadata.annotations of type string", field.value);
                    String::new()
                }
                _ => coerced(field.value).unwrap_or_default(),
            };
            let annotations = &mut self.skim.annotations;
            match annotations.binary_search_by(|(name, _)| name.as_str().cmp(&field.name)) {
                Ok(at) => annotations[at].1 = text,
                Err(at) => annotations.insert(at, (field.name.into_owned(), text)),
            }
        }
    }

    fn text(&mut self, node: &Borrowed<'_>, name: &str, place: impl Fn(&mut Skim) -> &mut String) {
        match json_type(node) {
            "null" => {}
            found @ ("array" | "object") => self.fail(found, &format!("struct field {name} of type string"), node),
            _ => *place(&mut self.skim) = coerced(node).unwrap_or_default(),
        }
    }

    fn fail(&mut self, found: &str, wanted: &str, node: &Borrowed<'_>) {
        self.error.get_or_insert_with(|| mismatch(found, wanted, node));
    }
}

fn mismatch(found: &str, wanted: &str, node: &Borrowed<'_>) -> YamlError {
    let message =
        format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go {wanted}");
    YamlError::later(message, Some(node.start))
}

/// The fields that count, in the order of their names, in which JSON has them.
fn sorted<'n, 's>(node: &'n Borrowed<'s>) -> Vec<Field<'n, Cow<'s, str>>> {
    let mut all = fields(node.as_map().unwrap_or_default());
    all.reverse();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup_by(|earlier, later| earlier.name == later.name);
    all
}

fn is_named(field: &Field<'_, Cow<'_, str>>, name: &str) -> bool {
    // Go folds case by Unicode rules; of the letters here only k and s have partners beyond ASCII.
    field.name == name
        || field.name.eq_ignore_ascii_case(name)
        || (!field.name.is_ascii()
            && field.name.replace('\u{212A}', "k").replace('\u{17F}', "s").eq_ignore_ascii_case(name))
}

fn json_type(node: &Borrowed<'_>) -> &'static str {
    let node = node.resolved();
    match &node.kind {
        NodeKind::Seq { .. } => "array",
        NodeKind::Map { .. } => "object",
        NodeKind::Alias { .. } => "null",
        NodeKind::Scalar { text, style } => match resolve_node(node.tag(), text, *style) {
            Ok(Scalar::Null) => "null",
            Ok(Scalar::Bool(_)) => "bool",
            Ok(Scalar::Int(_) | Scalar::Uint(_) | Scalar::Float(_)) => "number",
            _ => "string",
        },
    }
}

/// A scalar as a string field receives it; `None` for null.
fn coerced(node: &Borrowed<'_>) -> Option<String> {
    let node = node.resolved();
    let NodeKind::Scalar { text, style } = &node.kind else { return None };
    if node.tag() == Some(BINARY_TAG) {
        return Some(String::from_utf8_lossy(&decode_base64(text).unwrap_or_default()).into_owned());
    }
    match resolve_node(node.tag(), text, *style) {
        Ok(Scalar::Null) => None,
        Ok(Scalar::Float(value)) => Some(float::format_g32(value as f32)),
        Ok(Scalar::Str | Scalar::Timestamp) | Err(_) => Some(text.to_string()),
        Ok(_) => Some(key_name(node).into_owned()),
    }
}
