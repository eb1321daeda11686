//! The one value tree.
//!
//! Two forms of the same data:
//!
//! * [`Frozen`] is immutable and shared between threads: chart defaults, merged configuration,
//!   constants of templates.
//! * [`Value`] is what one release execution sees. Maps and lists are references, as in Go: a `set`
//!   through one reference is seen through all others. It never leaves its thread.
//!
//! `Value::from(&frozen)` costs nothing: containers are opened level by level when they are first
//! read, and each frozen container has exactly one mutable twin per release, so aliasing is kept.
//!
//! A map can be watched: then it is known afterwards what was read of it and of all that is below it.
//!
//! This room knows Go's types and their identity, not how they print (`golang/fmt`) or parse.

mod body;
mod equal;
mod frozen;
mod kind;
mod list;
mod map;
mod object;
mod reads;
mod signature;
mod string;

pub use equal::{Comparison, deep_equal};
pub use frozen::{Frozen, FrozenMap};
pub use kind::{IntKind, Kind};
pub use list::{List, ListType};
pub use map::{Map, MapType};
pub use object::{Object, ObjectRef};
pub use reads::{How, Read};
pub use signature::{Param, Signature};
pub use string::Str;

use std::borrow::Cow;

/// A Go value as templates see it. Cloning is cheap: containers are references.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// The nil interface.
    #[default]
    Nil,
    /// `bool`.
    Bool(bool),
    /// Any integer kind; unsigned 64-bit values are kept as their bit pattern.
    Int(IntKind, i64),
    /// `float64`.
    Float(f64),
    /// `string`: bytes, not necessarily UTF-8.
    Str(Str),
    /// Any slice type.
    List(List),
    /// Any map type with string keys.
    Map(Map),
    /// A Go struct, pointer or other value with fields and methods.
    Object(ObjectRef),
}

impl Value {
    /// An `int`.
    pub fn int(value: i64) -> Self {
        Value::Int(IntKind::Int, value)
    }

    /// An `int64`.
    pub fn int64(value: i64) -> Self {
        Value::Int(IntKind::Int64, value)
    }

    /// A `string`.
    pub fn str(value: impl Into<Str>) -> Self {
        Value::Str(value.into())
    }

    /// A `[]interface {}`.
    pub fn list(items: Vec<Value>) -> Self {
        Value::List(List::new(ListType::Any, items))
    }

    /// A `[]string`.
    pub fn strings<S: Into<Str>>(items: impl IntoIterator<Item = S>) -> Self {
        Value::List(List::new(ListType::Str, items.into_iter().map(Value::str).collect()))
    }

    /// A `map[string]interface {}`.
    pub fn map<K: Into<Str>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// Go's reflect kind; [`Kind::Invalid`] for nil.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Nil => Kind::Invalid,
            Value::Bool(_) => Kind::Bool,
            Value::Int(kind, _) => kind.kind(),
            Value::Float(_) => Kind::Float64,
            Value::Str(_) => Kind::String,
            Value::List(_) => Kind::Slice,
            Value::Map(_) => Kind::Map,
            Value::Object(object) => object.kind(),
        }
    }

    /// Go's type name, as `%T` prints it (`<nil>` for nil).
    pub fn type_name(&self) -> Cow<'static, str> {
        match self {
            Value::Nil => Cow::Borrowed("<nil>"),
            Value::Bool(_) => Cow::Borrowed("bool"),
            Value::Int(kind, _) => Cow::Borrowed(kind.name()),
            Value::Float(_) => Cow::Borrowed("float64"),
            Value::Str(_) => Cow::Borrowed("string"),
            Value::List(list) => Cow::Borrowed(list.ty().name()),
            Value::Map(map) => Cow::Borrowed(map.ty().name()),
            Value::Object(object) => object.type_name(),
        }
    }

    /// Go templates' truth: false are nil, `false`, zero numbers, empty strings, lists and maps.
    pub fn truth(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(value) => *value,
            Value::Int(_, value) => *value != 0,
            Value::Float(value) => *value != 0.0,
            Value::Str(value) => !value.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(object) => object.truth(),
        }
    }

    /// The string's bytes, if this is a string.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Str(value) => Some(value.as_bytes()),
            _ => None,
        }
    }

    /// The map, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, if this is one.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The object of type `T`, if this is one.
    pub fn as_object<T: Object>(&self) -> Option<&T> {
        match self {
            Value::Object(object) => object.downcast::<T>(),
            _ => None,
        }
    }

    /// Whether this is the nil interface, a nil map or a nil slice.
    pub fn is_nil(&self) -> bool {
        match self {
            Value::Nil => true,
            Value::List(list) => list.is_nil(),
            Value::Map(map) => map.is_nil(),
            _ => false,
        }
    }
}

impl From<&Frozen> for Value {
    fn from(frozen: &Frozen) -> Self {
        match frozen {
            Frozen::Nil => Value::Nil,
            Frozen::Bool(value) => Value::Bool(*value),
            Frozen::Int(kind, value) => Value::Int(*kind, *value),
            Frozen::Float(value) => Value::Float(*value),
            Frozen::Str(value) => Value::Str(value.clone()),
            Frozen::List(items) => Value::List(List::frozen(items.clone())),
            Frozen::Map(map) => Value::Map(Map::frozen(map.clone())),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}

impl From<Str> for Value {
    fn from(value: Str) -> Self {
        Value::Str(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::str(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::str(value)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Value::Map(map)
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Value::List(list)
    }
}

#[cfg(test)]
mod tests;
