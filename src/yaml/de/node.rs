use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::Context;
use super::access::{Fields, Items, SpannedAccess};
use super::error::Error;
use super::spanned;
use crate::yaml::decode::resolve_node;
use crate::yaml::fields::fields;
use crate::yaml::resolve::Scalar;
use crate::yaml::{Node, NodeKind};

/// Reads one node.
#[derive(Clone, Copy)]
pub(super) struct NodeDeserializer<'n, 'c> {
    pub node: &'n Node,
    pub context: &'n Context<'c>,
}

impl<'n> NodeDeserializer<'n, '_> {
    fn scalar(&self) -> Option<(&'n str, Scalar)> {
        let node = self.node.resolved();
        match &node.kind {
            NodeKind::Scalar { text, style } => {
                let scalar = resolve_node(node.tag(), text, *style).unwrap_or(Scalar::Str);
                Some((text, scalar))
            }
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self.scalar(), Some((_, Scalar::Null)))
    }

    /// Runs `read`; an error without a place gets this node's.
    fn placed<R>(&self, read: impl FnOnce() -> Result<R, Error>) -> Result<R, Error> {
        let path = self.context.path.borrow().len();
        read().map_err(|error| {
            self.context.path.borrow_mut().truncate(path);
            error.at(self.node.start, self.node.end, || self.context.path())
        })
    }

    fn map<V: Visitor<'n>>(self, visitor: V, known: Option<&'static [&'static str]>) -> Result<V::Value, Error> {
        match &self.node.resolved().kind {
            NodeKind::Map { entries, .. } => {
                self.placed(|| visitor.visit_map(Fields::new(fields(entries), self.context, known)))
            }
            _ => self.deserialize_any(visitor),
        }
    }
}

impl<'n> Deserializer<'n> for NodeDeserializer<'n, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Error> {
        self.placed(|| match &self.node.resolved().kind {
            NodeKind::Scalar { text, .. } => match self.scalar().map_or(Scalar::Str, |(_, scalar)| scalar) {
                Scalar::Null => visitor.visit_unit(),
                Scalar::Bool(value) => visitor.visit_bool(value),
                Scalar::Int(value) => visitor.visit_i64(value),
                Scalar::Uint(value) => visitor.visit_u64(value),
                Scalar::Float(value) => visitor.visit_f64(value),
                Scalar::Timestamp | Scalar::Str => visitor.visit_borrowed_str(text),
            },
            NodeKind::Seq { items, .. } => visitor.visit_seq(Items::new(items, self.context)),
            NodeKind::Map { entries, .. } => visitor.visit_map(Fields::new(fields(entries), self.context, None)),
            NodeKind::Alias { .. } => Err(Error::custom("an anchor contains itself")),
        })
    }

    fn deserialize_str<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.scalar() {
            Some((text, scalar)) if scalar != Scalar::Null => self.placed(|| visitor.visit_borrowed_str(text)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'n>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.placed(|| visitor.visit_newtype_struct(self))
    }

    fn deserialize_struct<V: Visitor<'n>>(
        self,
        name: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == spanned::NAME {
            return visitor.visit_map(SpannedAccess::of(self));
        }
        self.map(visitor, Some(known))
    }

    fn deserialize_enum<V: Visitor<'n>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.placed(|| match &self.node.resolved().kind {
            NodeKind::Scalar { text, .. } => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            NodeKind::Map { entries, .. } => match entries.as_slice() {
                [(key, value)] => visitor.visit_enum(Variant { key: self.with(key), value: self.with(value) }),
                _ => Err(Error::custom("expected a word or a map with one key")),
            },
            _ => Err(Error::custom("expected a word or a map with one key, found a list")),
        })
    }

    fn deserialize_ignored_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        <V: Visitor<'n>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple
        tuple_struct map
    }
}

impl<'n, 'c> NodeDeserializer<'n, 'c> {
    fn with(self, node: &'n Node) -> Self {
        Self { node, context: self.context }
    }
}

/// A mapping with one entry as an enum's variant with content.
struct Variant<'n, 'c> {
    key: NodeDeserializer<'n, 'c>,
    value: NodeDeserializer<'n, 'c>,
}

impl<'n, 'c> EnumAccess<'n> for Variant<'n, 'c> {
    type Error = Error;
    type Variant = NodeDeserializer<'n, 'c>;

    fn variant_seed<V: DeserializeSeed<'n>>(self, seed: V) -> Result<(V::Value, Self::Variant), Error> {
        Ok((seed.deserialize(self.key)?, self.value))
    }
}

impl<'n> VariantAccess<'n> for NodeDeserializer<'n, '_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if self.is_null() { Ok(()) } else { self.placed(|| Err(Error::custom("expected nothing here"))) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'n>>(self, seed: T) -> Result<T::Value, Error> {
        self.placed(|| seed.deserialize(self))
    }

    fn tuple_variant<V: Visitor<'n>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'n>>(self, known: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.map(visitor, Some(known))
    }
}
