use std::collections::HashMap;
use std::sync::Arc;

use serde::de::value::{BorrowedStrDeserializer, U32Deserializer};
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess};

use super::error::Error;
use super::node::NodeDeserializer;
use super::spanned::FIELDS;
use super::{Context, Step};
use crate::yaml::Node;
use crate::yaml::fields::Field;

/// The items of a sequence.
pub(super) struct Items<'n, 'c> {
    items: std::iter::Enumerate<std::slice::Iter<'n, Node>>,
    context: &'n Context<'c>,
}

impl<'n, 'c> Items<'n, 'c> {
    pub(super) fn new(items: &'n [Node], context: &'n Context<'c>) -> Self {
        Self { items: items.iter().enumerate(), context }
    }
}

impl<'n> SeqAccess<'n> for Items<'n, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'n>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((index, node)) = self.items.next() else { return Ok(None) };
        self.context.path.borrow_mut().push(Step::Index(index));
        let item = seed.deserialize(NodeDeserializer { node, context: self.context })?;
        self.context.path.borrow_mut().pop();
        Ok(Some(item))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The fields of a mapping. Keys that a struct does not know are noted and skipped.
pub(super) struct Fields<'n, 'c> {
    fields: std::vec::IntoIter<Field<'n, Arc<str>>>,
    value: Option<(String, &'n Node)>,
    context: &'n Context<'c>,
}

impl<'n, 'c> Fields<'n, 'c> {
    pub(super) fn new(
        all: Vec<Field<'n, Arc<str>>>,
        context: &'n Context<'c>,
        known: Option<&'static [&'static str]>,
    ) -> Self {
        let mut last: HashMap<String, usize> = HashMap::with_capacity(all.len());
        for (at, field) in all.iter().enumerate() {
            if let Some(before) = last.insert(field.name.clone().into_owned(), at)
                && !field.merged
                && !all[before].merged
            {
                let note = context.key_note(&field.name, all[before].key, &[]);
                context.notes.borrow_mut().duplicate.push(note);
            }
        }
        let mut counting = Vec::with_capacity(last.len());
        for (at, field) in all.into_iter().enumerate() {
            if last.get(&*field.name) != Some(&at) {
                continue;
            }
            if let Some(known) = known
                && !known.contains(&&*field.name)
            {
                let note = context.key_note(&field.name, field.key, known);
                context.notes.borrow_mut().unknown.push(note);
            }
            counting.push(field);
        }
        Self { fields: counting.into_iter(), value: None, context }
    }
}

impl<'n> MapAccess<'n> for Fields<'n, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'n>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(field) = self.fields.next() else { return Ok(None) };
        let name = field.name.into_owned();
        let at_key = |error: Error| error.at(field.key.start, field.key.end, || self.context.path());
        let key = seed.deserialize(KeyDeserializer { name: &name, key: field.key }).map_err(at_key)?;
        self.value = Some((name, field.value));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'n>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((name, node)) = self.value.take() else {
            return Err(serde::de::Error::custom("a value without a key"));
        };
        self.context.path.borrow_mut().push(Step::Key(name));
        let value = seed.deserialize(NodeDeserializer { node, context: self.context })?;
        self.context.path.borrow_mut().pop();
        Ok(value)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.fields.len())
    }
}

/// A key: a string, which may be read with its place.
struct KeyDeserializer<'k, 'n> {
    name: &'k str,
    key: &'n Node,
}

impl<'de> serde::de::Deserializer<'de> for KeyDeserializer<'_, '_> {
    type Error = Error;

    fn deserialize_any<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.name)
    }

    fn deserialize_option<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: serde::de::Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: serde::de::Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let name: serde::de::value::StrDeserializer<'_, Error> = self.name.into_deserializer();
        visitor.visit_enum(name)
    }

    fn deserialize_struct<V: serde::de::Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == super::spanned::NAME {
            return visitor.visit_map(Triple::new(self.key.start, self.key.end, self));
        }
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map identifier ignored_any
    }
}

/// Start, end and value, as [`Spanned`](super::Spanned) asks for them.
pub(super) struct Triple<D> {
    start: u32,
    end: u32,
    value: Option<D>,
    next: usize,
}

/// The triple of a node.
pub(super) type SpannedAccess<'n, 'c> = Triple<NodeDeserializer<'n, 'c>>;

impl<'n, 'c> SpannedAccess<'n, 'c> {
    pub(super) fn of(deserializer: NodeDeserializer<'n, 'c>) -> Self {
        Self::new(deserializer.node.start, deserializer.node.end, deserializer)
    }
}

impl<D> Triple<D> {
    fn new(start: u32, end: u32, value: D) -> Self {
        Self { start, end, value: Some(value), next: 0 }
    }
}

impl<'de, D: serde::de::Deserializer<'de, Error = Error>> MapAccess<'de> for Triple<D> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        match FIELDS.get(self.next) {
            Some(name) => seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        self.next += 1;
        match (self.next, self.value.take()) {
            (1, value) => {
                self.value = value;
                seed.deserialize(U32Deserializer::new(self.start))
            }
            (2, value) => {
                self.value = value;
                seed.deserialize(U32Deserializer::new(self.end))
            }
            (_, Some(value)) => seed.deserialize(value),
            (_, None) => Err(serde::de::Error::custom("a place without a value")),
        }
    }
}
