use std::fmt::Write as _;

use crate::golang::{float, strconv};
use crate::value::{Frozen, IntKind, Str};

/// The Go type that a piece of YAML is read into.
pub enum Shape {
    /// `string`: numbers and booleans are turned into text.
    Str,
    /// `bool`.
    Bool,
    /// `interface {}`.
    Any,
    /// A slice and the type of its items.
    List(&'static Shape),
    /// `map[string]T`.
    Map(&'static Shape),
    /// A struct, or a pointer to one.
    Struct(&'static StructShape),
}

/// A Go struct with JSON field names.
pub struct StructShape {
    /// The type's name without its package; empty for a struct without name.
    pub name: &'static str,
    /// The type's name in messages.
    pub type_name: &'static str,
    /// The fields.
    pub fields: &'static [(&'static str, Shape)],
}

impl Shape {
    fn type_name(&self) -> String {
        match self {
            Shape::Str => "string".to_owned(),
            Shape::Bool => "bool".to_owned(),
            Shape::Any => "interface {}".to_owned(),
            Shape::List(item) => match item {
                Shape::Struct(_) => format!("[]*{}", item.type_name()),
                item => format!("[]{}", item.type_name()),
            },
            Shape::Map(item) => format!("map[string]{}", item.type_name()),
            Shape::Struct(shape) => shape.type_name.to_owned(),
        }
    }
}

/// Data that does not fit a Go type.
#[derive(Debug)]
pub struct Mismatch {
    /// The text of encoding/json.
    pub message: String,
    /// The keys and indices that lead to the data.
    pub at: Vec<String>,
}

/// Reads data into a Go type as `sigs.k8s.io/yaml` does: scalars become strings where the type is one,
/// field names match without regard to case, unknown fields are dropped. Struct and map come back as
/// maps with the field names of the shape. `data` keeps YAML's number types.
pub fn decode(shape: &Shape, data: &Frozen) -> Result<Frozen, Mismatch> {
    run(shape, data, false)
}

/// Like [`decode`], and refuses unknown fields.
pub fn decode_strict(shape: &Shape, data: &Frozen) -> Result<Frozen, Mismatch> {
    run(shape, data, true)
}

fn run(shape: &Shape, data: &Frozen, strict: bool) -> Result<Frozen, Mismatch> {
    let mut decoder = Decoder { fields: Vec::new(), owner: "", at: Vec::new(), strict, error: None };
    let value = decoder.value(shape, data);
    match decoder.error {
        Some(error) => {
            let message = format!("error unmarshaling JSON: while decoding JSON: {}", error.message);
            Err(Mismatch { message, ..error })
        }
        None => Ok(value),
    }
}

struct Decoder {
    /// The names of the fields on the way.
    fields: Vec<&'static str>,
    /// The struct that the last of them belongs to.
    owner: &'static str,
    /// The keys and indices on the way, as written.
    at: Vec<String>,
    /// Whether unknown fields are refused.
    strict: bool,
    /// The first mismatch; Go goes on and reports it in the end.
    error: Option<Mismatch>,
}

impl Decoder {
    fn below(&mut self, step: String, shape: &Shape, data: &Frozen) -> Frozen {
        self.at.push(step);
        let value = self.value(shape, data);
        self.at.pop();
        value
    }

    fn value(&mut self, shape: &Shape, data: &Frozen) -> Frozen {
        match (shape, data) {
            (_, Frozen::Nil) => Frozen::Nil,
            (Shape::Any, data) => plain(data),
            (Shape::Str, data) => match text(data) {
                Some(text) => Frozen::Str(text),
                None => self.mismatch(shape, data),
            },
            (Shape::Bool, Frozen::Bool(_)) => data.clone(),
            (Shape::List(item), Frozen::List(items)) => {
                let items = items.iter().enumerate();
                Frozen::list(items.map(|(at, data)| self.below(at.to_string(), item, data)).collect())
            }
            (Shape::Map(item), Frozen::Map(entries)) => {
                let entries = entries.iter();
                Frozen::map(entries.map(|(key, data)| (key.clone(), self.below(key.to_string(), item, data))).collect())
            }
            (Shape::Struct(shape), Frozen::Map(entries)) => {
                let outer = std::mem::replace(&mut self.owner, shape.name);
                let mut fields = Vec::new();
                for (key, data) in entries.iter() {
                    let Some((name, shape)) = field(shape, key.as_bytes()) else {
                        self.unknown(key);
                        continue;
                    };
                    self.fields.push(name);
                    let value = self.below(key.to_string(), shape, data);
                    self.fields.pop();
                    // JSON's null leaves a field as it is.
                    if !matches!(value, Frozen::Nil) {
                        fields.push((Str::from(*name), value));
                    }
                }
                self.owner = outer;
                Frozen::map(fields)
            }
            (shape, data) => self.mismatch(shape, data),
        }
    }

    fn unknown(&mut self, key: &Str) {
        if self.strict && self.error.is_none() {
            let message = format!("json: unknown field {}", strconv::quote(key.as_bytes()));
            self.error = Some(Mismatch { message, at: self.at.clone() });
        }
    }

    fn mismatch(&mut self, shape: &Shape, data: &Frozen) -> Frozen {
        if self.error.is_none() {
            let is = match data {
                Frozen::Nil => "null",
                Frozen::Bool(_) => "bool",
                Frozen::Int(..) | Frozen::Float(_) => "number",
                Frozen::Str(_) => "string",
                Frozen::List(_) => "array",
                Frozen::Map(_) => "object",
            };
            let mut error = format!("json: cannot unmarshal {is} into Go ");
            if self.fields.is_empty() {
                error.push_str("value");
            } else {
                let _ = write!(error, "struct field {}.{}", self.owner, self.fields.join("."));
            }
            let _ = write!(error, " of type {}", shape.type_name());
            self.error = Some(Mismatch { message: error, at: self.at.clone() });
        }
        Frozen::Nil
    }
}

fn field(shape: &StructShape, key: &[u8]) -> Option<(&'static &'static str, &'static Shape)> {
    let exact = shape.fields.iter().find(|(name, _)| name.as_bytes() == key);
    let found = exact.or_else(|| shape.fields.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(key)));
    found.map(|(name, shape)| (name, shape))
}

/// The text that a scalar becomes where a string is wanted.
fn text(data: &Frozen) -> Option<Str> {
    match data {
        Frozen::Str(text) => Some(text.clone()),
        Frozen::Bool(value) => Some(Str::from(if *value { "true" } else { "false" })),
        Frozen::Int(IntKind::Uint64, value) => Some(Str::from(value.cast_unsigned().to_string())),
        Frozen::Int(_, value) => Some(Str::from(value.to_string())),
        Frozen::Float(value) => Some(Str::from(float::format_g32(*value as f32))),
        Frozen::Nil | Frozen::List(_) | Frozen::Map(_) => None,
    }
}

/// Data as it comes out of JSON: every number is a float64.
fn plain(data: &Frozen) -> Frozen {
    match data {
        Frozen::Int(IntKind::Uint64, value) => Frozen::Float(value.cast_unsigned() as f64),
        Frozen::Int(_, value) => Frozen::Float(*value as f64),
        Frozen::List(items) => Frozen::list(items.iter().map(plain).collect()),
        Frozen::Map(entries) => Frozen::map(entries.iter().map(|(key, data)| (key.clone(), plain(data))).collect()),
        data => data.clone(),
    }
}
