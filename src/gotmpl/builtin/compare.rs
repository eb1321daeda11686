//! `eq` and `lt`, from which the other four comparisons are made.

use std::cmp::Ordering;

use crate::golang::fmt;
use crate::value::{IntKind, Kind, Object, Value};

use super::super::exec::Val;

/// The classes of comparable values.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    None,
    Bool,
    Complex,
    Int,
    Float,
    Str,
    Uint,
}

fn class(value: &Value) -> Class {
    match value {
        Value::Bool(_) => Class::Bool,
        Value::Int(kind, _) if kind.is_signed() => Class::Int,
        Value::Int(..) => Class::Uint,
        Value::Float(_) => Class::Float,
        Value::Str(_) => Class::Str,
        Value::Object(object) if object.kind() == Kind::Complex128 => Class::Complex,
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Object(_) => Class::None,
    }
}

/// Whether the first argument equals any of the others.
pub(super) fn eq(args: &[Val]) -> Result<bool, String> {
    let Some((first, others)) = args.split_first() else {
        return Err("missing argument for comparison".to_owned());
    };
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for other in others {
        if equal(first.value(), other.value())? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => return Ok(a == b),
        (Value::Bool(a), Value::Bool(b)) => return Ok(a == b),
        (Value::Float(a), Value::Float(b)) => return Ok(a == b),
        (Value::Int(kind_a, a), Value::Int(kind_b, b)) => {
            return Ok(order_ints(*kind_a, *a, *kind_b, *b) == Ordering::Equal);
        }
        _ => {}
    }
    if class(a) != class(b) {
        return if matches!(a, Value::Nil) || matches!(b, Value::Nil) { Ok(false) } else { Err(incompatible(a, b)) };
    }
    if matches!(a, Value::Nil) || matches!(b, Value::Nil) {
        return Ok(a.is_nil() == b.is_nil());
    }
    if a.kind() != b.kind() {
        let show = |value: &Value| fmt::sprintf(b"%s", std::slice::from_ref(value));
        let plain = |value: &Value| fmt::sprintf(b"%v", std::slice::from_ref(value));
        return Err(format!(
            "non-comparable types {}: {}, {}: {}",
            String::from_utf8_lossy(&show(a)),
            a.type_name(),
            b.type_name(),
            String::from_utf8_lossy(&plain(b)),
        ));
    }
    if a.is_nil() || b.is_nil() {
        return Ok(a.is_nil() == b.is_nil());
    }
    match (a, b) {
        (Value::Object(a), Value::Object(b)) if is_comparable(&**b) => {
            Ok(a.same(b) || (a.kind() != Kind::Ptr && a.equal(&**b).unwrap_or(false)))
        }
        _ => {
            let shown = fmt::sprintf(b"%s", std::slice::from_ref(b));
            Err(format!("non-comparable type {}: {}", String::from_utf8_lossy(&shown), b.type_name()))
        }
    }
}

/// Whether the first of two arguments is less than the second.
pub(super) fn lt(args: &[Val]) -> Result<bool, String> {
    let [a, b] = args else {
        return Err("missing argument for comparison".to_owned());
    };
    let (a, b) = (a.value(), b.value());
    const BAD_TYPE: &str = "invalid type for comparison";
    if class(a) == Class::None || class(b) == Class::None {
        return Err(BAD_TYPE.to_owned());
    }
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Ok(a < b),
        (Value::Float(a), Value::Float(b)) => Ok(a < b),
        (Value::Int(kind_a, a), Value::Int(kind_b, b)) => Ok(order_ints(*kind_a, *a, *kind_b, *b) == Ordering::Less),
        _ if class(a) == class(b) => Err(BAD_TYPE.to_owned()),
        _ => Err(incompatible(a, b)),
    }
}

pub(super) fn le(args: &[Val]) -> Result<bool, String> {
    Ok(lt(args)? || eq(args)?)
}

fn incompatible(a: &Value, b: &Value) -> String {
    format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name())
}

/// Compares integers of any two types by their values.
fn order_ints(kind_a: IntKind, a: i64, kind_b: IntKind, b: i64) -> Ordering {
    let wide = |kind: IntKind, value: i64| {
        if kind.is_signed() { i128::from(value) } else { i128::from(value.cast_unsigned()) }
    };
    wide(kind_a, a).cmp(&wide(kind_b, b))
}

/// Whether Go's `==` takes values of the type: not slices, maps, functions and structs that hold one.
fn is_comparable(object: &dyn Object) -> bool {
    let holds = |value: &Value| match value {
        Value::List(_) | Value::Map(_) => false,
        Value::Object(object) => is_comparable(&**object),
        _ => true,
    };
    match object.kind() {
        Kind::Slice | Kind::Map | Kind::Func => false,
        Kind::Struct => object.struct_fields().is_none_or(|fields| fields.iter().all(|(_, value)| holds(value))),
        _ => true,
    }
}
