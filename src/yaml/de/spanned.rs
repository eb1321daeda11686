use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::span::{Source, Span};

pub(super) const NAME: &str = "$kiln::Spanned";
pub(super) const FIELDS: [&str; 3] = ["$start", "$end", "$value"];

/// A value with its place in the text it was read from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl<T> Spanned<T> {
    /// The place in `source`, the text that the value was read from.
    pub fn span(&self, source: &Arc<Source>) -> Span {
        Span::new(source, self.start as usize..self.end as usize)
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Compares the values, not the places.
impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

/// Only [`from_node`](super::from_node) knows places; other formats refuse the name of the struct.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct(NAME, &FIELDS, SpannedVisitor(PhantomData))
    }
}

struct SpannedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for SpannedVisitor<T> {
    type Value = Spanned<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with a place")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Spanned<T>, A::Error> {
        let (mut start, mut end, mut value) = (0, 0, None);
        while let Some(field) = map.next_key::<&str>()? {
            match field {
                "$start" => start = map.next_value()?,
                "$end" => end = map.next_value()?,
                _ => value = Some(map.next_value()?),
            }
        }
        let value = value.ok_or_else(|| A::Error::custom("a place without a value"))?;
        Ok(Spanned { value, start, end })
    }
}
