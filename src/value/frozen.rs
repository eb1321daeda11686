use std::sync::Arc;

use super::body::Part;
use super::{IntKind, Str, Value};

/// An immutable value that threads share.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Frozen {
    /// nil.
    #[default]
    Nil,
    /// `bool`.
    Bool(bool),
    /// Any integer kind; unsigned 64-bit values are kept as their bit pattern.
    Int(IntKind, i64),
    /// `float64`.
    Float(f64),
    /// `string`.
    Str(Str),
    /// `[]interface {}`.
    List(Arc<[Frozen]>),
    /// `map[string]interface {}`.
    Map(Arc<FrozenMap>),
}

impl Frozen {
    /// A string.
    pub fn str(text: impl Into<Str>) -> Self {
        Frozen::Str(text.into())
    }

    /// A list.
    pub fn list(items: Vec<Frozen>) -> Self {
        Frozen::List(Arc::from(items))
    }

    /// A map; of two entries with one key the later one stays.
    pub fn map(entries: Vec<(Str, Frozen)>) -> Self {
        Frozen::Map(Arc::new(FrozenMap::new(entries)))
    }

    /// The map, if this is one.
    pub fn as_map(&self) -> Option<&Arc<FrozenMap>> {
        match self {
            Frozen::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list's items, if this is a list.
    pub fn as_list(&self) -> Option<&[Frozen]> {
        match self {
            Frozen::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text, if this is a string of valid UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Frozen::Str(text) => text.as_str(),
            _ => None,
        }
    }

    /// The value below a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Frozen> {
        self.as_map().and_then(|map| map.get(key))
    }

    /// A deep copy of a value at this moment. Objects become the data they marshal to; a value
    /// that contains itself is cut off with nil at the depth Go's encoder refuses (1,000).
    pub fn of(value: &Value) -> Self {
        Self::copy(value, 0)
    }

    fn copy(value: &Value, depth: usize) -> Self {
        if depth > 1000 {
            return Frozen::Nil;
        }
        match value {
            Value::Nil => Frozen::Nil,
            Value::Bool(value) => Frozen::Bool(*value),
            Value::Int(kind, value) => Frozen::Int(*kind, *value),
            Value::Float(value) => Frozen::Float(*value),
            Value::Str(value) => Frozen::Str(value.clone()),
            Value::List(list) if list.is_nil() => Frozen::Nil,
            Value::List(list) => match list.as_frozen() {
                Some(frozen) => Frozen::List(Arc::clone(frozen)),
                None => Frozen::list(list.items().iter().map(|item| Self::copy(item, depth + 1)).collect()),
            },
            Value::Map(map) if map.is_nil() => Frozen::Nil,
            Value::Map(map) => match map.as_frozen() {
                Some(frozen) => Frozen::Map(frozen),
                None => {
                    let copy = |item| match item {
                        Part::Closed(frozen) => frozen,
                        Part::Open(value) => Self::copy(&value, depth + 1),
                    };
                    Frozen::map(map.parts().into_iter().map(|(key, item)| (key, copy(item))).collect())
                }
            },
            Value::Object(object) => Self::copy(&object.to_data(), depth + 1),
        }
    }
}

/// An immutable map, sorted bytewise by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrozenMap {
    entries: Vec<(Str, Frozen)>,
}

impl FrozenMap {
    /// Sorts the entries; of two with one key the later one stays.
    pub fn new(mut entries: Vec<(Str, Frozen)>) -> Self {
        entries.reverse();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|later, earlier| later.0 == earlier.0);
        Self { entries }
    }

    /// The value below a key.
    pub fn get(&self, key: &str) -> Option<&Frozen> {
        self.get_bytes(key.as_bytes())
    }

    /// The value below a key given as bytes.
    pub fn get_bytes(&self, key: &[u8]) -> Option<&Frozen> {
        self.find(key).map(|(_, value)| value)
    }

    /// The place of a key in the order of [`FrozenMap::iter`], and its value.
    pub(super) fn find(&self, key: &[u8]) -> Option<(usize, &Frozen)> {
        let at = self.entries.binary_search_by(|(own, _)| own.as_bytes().cmp(key)).ok()?;
        Some((at, &self.entries[at].1))
    }

    /// Keys and values, sorted bytewise.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Str, &Frozen)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
