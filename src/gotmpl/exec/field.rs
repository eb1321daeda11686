//! Fields, map keys and methods.

use crate::golang::strconv;
use crate::value::{Kind, Map, MapType, ObjectRef, Signature, Str, Value};

use super::super::ast::Expr;
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
        fields: &'t [Str],
        args: &'t [Expr],
        last: Option<Val>,
    ) -> Outcome<Val> {
        let Some((final_field, before)) = fields.split_last() else {
            return Ok(receiver.clone());
        };
        let mut current: Option<Val> = None;
        for field in before {
            let none = Extra { args: &[], last: None };
            current = Some(self.field(dot, current.as_ref().unwrap_or(receiver), node, field, none)?);
        }
        self.field(dot, current.as_ref().unwrap_or(receiver), node, final_field, Extra { args, last })
    }

    fn field(&mut self, dot: &Val, receiver: &Val, node: &'t Expr, name: &'t Str, extra: Extra<'t>) -> Outcome<Val> {
        let value = match receiver {
            Val::Invalid if self.run.missing_key == MissingKey::Error => {
                let name = strconv::quote(name.as_bytes());
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
                let text = name.as_str().unwrap_or_default();
                if let Some(signature) = object.method(text) {
                    return self.call_method(dot, (object, text, signature), At::Expr(node), extra.args, extra.last);
                }
                if let Some(found) = object.field(text) {
                    if extra.any() {
                        return Err(self.fail(format!("{name} has arguments but cannot be invoked as function")));
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
            Value::Nil => Err(self.fail(format!("nil pointer evaluating {}.{name}", receiver.type_name()))),
            _ => Err(self.no_field(receiver, name)),
        }
    }

    /// A method of a map of a named type, which comes before its keys. Only exported names are methods.
    fn method_of(&self, map: &Map, name: &'t Str) -> Option<(ObjectRef, &'t str, &'static Signature)> {
        let is_exported = name.as_bytes().first().is_some_and(u8::is_ascii_uppercase);
        if map.ty() == MapType::Any || !is_exported {
            return None;
        }
        let (object, text) = (self.run.map_methods?(map)?, name.as_str()?);
        let signature = object.method(text)?;
        Some((object, text, signature))
    }

    fn key(&self, map: &Map, name: &Str, extra: &Extra<'_>) -> Outcome<Val> {
        if extra.any() {
            return Err(self.fail(format!("{name} is not a method but has arguments")));
        }
        if let Some(found) = map.get_bytes(name.as_bytes()) {
            return Ok(element_of_map(map, found));
        }
        match self.run.missing_key {
            MissingKey::Default => Ok(Val::Invalid),
            MissingKey::Zero => Ok(zero_of_map(map)),
            MissingKey::Error => {
                Err(self.fail(format!("map has no entry for key {}", strconv::quote(name.as_bytes()))))
            }
        }
    }

    #[cold]
    fn no_field(&self, receiver: &Val, name: &Str) -> Box<super::Failure> {
        let ty = receiver.type_name();
        let fields = match receiver {
            Val::Interface(Value::Object(object)) | Val::Of(Value::Object(object)) => object.struct_fields(),
            _ => None,
        };
        // A field that the struct prints but does not hand out.
        if fields.is_some_and(|fields| fields.iter().any(|(own, _)| own.as_bytes() == name.as_bytes())) {
            return self.fail(format!("{name} is an unexported field of struct type {ty}"));
        }
        self.fail(format!("can't evaluate field {name} in type {ty}"))
    }
}
