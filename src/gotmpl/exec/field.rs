//! Fields, map keys and methods.

use crate::golang::strconv;
use crate::value::{Kind, Map, MapType, ObjectRef, Signature, Value};

use super::super::ast::{Expr, Fields};
use super::super::limits::MissingKey;
use super::failure::Outcome;
use super::{At, Frame, Val, element_of_map, zero_of_map};

/// What a field access may be given besides its receiver.
struct Extra<'t> {
    args: &'t [Expr],
    last: Option<Val>,
}

impl Extra<'_> {
    fn any(&self) -> bool {
        !self.args.is_empty() || self.last.is_some()
    }
}

impl<'t> Frame<'_, '_, 't> {
    /// Walks a chain of fields from `receiver`; arguments go to the last one if it is a method.
    pub(super) fn fields(
        &mut self,
        dot: &Val,
        receiver: &Val,
        node: &'t Expr,
        fields: &'t Fields,
        args: &'t [Expr],
        last: Option<Val>,
    ) -> Outcome<Val> {
        let mut names = self.template.text.names(fields);
        let Some(mut name) = names.next() else {
            return Ok(receiver.clone());
        };
        let mut current: Option<Val> = None;
        for next in names {
            let none = Extra { args: &[], last: None };
            current = Some(self.field(dot, current.as_ref().unwrap_or(receiver), node, name, none)?);
            name = next;
        }
        self.field(dot, current.as_ref().unwrap_or(receiver), node, name, Extra { args, last })
    }

    fn field(&mut self, dot: &Val, receiver: &Val, node: &'t Expr, name: &'t [u8], extra: Extra<'t>) -> Outcome<Val> {
        let value = match receiver {
            Val::Invalid if self.run.missing_key == MissingKey::Error => {
                let name = strconv::quote(name);
                return Err(self.fail(format!("nil data; no entry for key {name}")));
            }
            Val::Invalid => return Ok(Val::Invalid),
            Val::Interface(value) | Val::Of(value) => value,
        };
        match value {
            Value::Map(map) => match self.method_of(map, name) {
                Some((object, text, signature)) => {
                    self.call_method(dot, (&object, text, signature), At::Expr(node), extra.args, extra.last)
                }
                None => self.key(map, name, &extra),
            },
            Value::Object(object) => {
                // Field names are letters and digits, so always text.
                let text = std::str::from_utf8(name).unwrap_or_default();
                if let Some(signature) = object.method(text) {
                    return self.call_method(dot, (object, text, signature), At::Expr(node), extra.args, extra.last);
                }
                if let Some(found) = object.field(text) {
                    if extra.any() {
                        return Err(self.fail(format!("{text} has arguments but cannot be invoked as function")));
                    }
                    return Ok(match found {
                        Value::Nil => Val::Interface(Value::Nil),
                        found => Val::Of(found),
                    });
                }
                match object.container() {
                    Some(Value::Map(map)) if object.kind() != Kind::Ptr => self.key(&map, name, &extra),
                    _ => Err(self.no_field(receiver, name)),
                }
            }
            Value::Nil => Err(self.nil_pointer(receiver, name)),
            _ => Err(self.no_field(receiver, name)),
        }
    }

    /// A method of a map of a named type, which comes before its keys. Only exported names are methods.
    fn method_of(&self, map: &Map, name: &'t [u8]) -> Option<(ObjectRef, &'t str, &'static Signature)> {
        let is_exported = name.first().is_some_and(u8::is_ascii_uppercase);
        if map.ty() == MapType::Any || !is_exported {
            return None;
        }
        let (object, text) = (self.run.map_methods?(map)?, std::str::from_utf8(name).ok()?);
        let signature = object.method(text)?;
        Some((object, text, signature))
    }

    fn key(&self, map: &Map, name: &[u8], extra: &Extra<'_>) -> Outcome<Val> {
        if extra.any() {
            let name = String::from_utf8_lossy(name);
            return Err(self.fail(format!("{name} is not a method but has arguments")));
        }
        if let Some(found) = map.get_bytes(name) {
            return Ok(element_of_map(map, found));
        }
        match self.run.missing_key {
            MissingKey::Default => Ok(Val::Invalid),
            MissingKey::Zero => Ok(zero_of_map(map)),
            MissingKey::Error => Err(self.fail(format!("map has no entry for key {}", strconv::quote(name)))),
        }
    }

    #[cold]
    fn nil_pointer(&self, receiver: &Val, name: &[u8]) -> Box<super::Failure> {
        let name = String::from_utf8_lossy(name);
        self.fail(format!("nil pointer evaluating {}.{name}", receiver.type_name()))
    }

    #[cold]
    fn no_field(&self, receiver: &Val, name: &[u8]) -> Box<super::Failure> {
        let ty = receiver.type_name();
        let fields = match receiver {
            Val::Interface(Value::Object(object)) | Val::Of(Value::Object(object)) => object.struct_fields(),
            _ => None,
        };
        let shown = String::from_utf8_lossy(name);
        // A field that the struct prints but does not hand out.
        if fields.is_some_and(|fields| fields.iter().any(|(own, _)| own.as_bytes() == name)) {
            return self.fail(format!("{shown} is an unexported field of struct type {ty}"));
        }
        self.fail(format!("can't evaluate field {shown} in type {ty}"))
    }
}
