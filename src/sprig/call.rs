//! How the functions of this room are listed, read their checked arguments and report failures.

use crate::golang::{fmt, json};
use crate::gotmpl::{Call, CallError, Func};
use crate::value::{Kind, List, Map, MapType, Param, Signature, Str, Value};

/// What every function gives back.
pub type Outcome = Result<Value, CallError>;

type Run = fn(&mut Call<'_>, &[Value]) -> Outcome;

/// A table row of fixed arity.
pub const fn fixed(name: &'static str, params: &'static [Param], run: Run) -> Func {
    Func { name, signature: Signature::fixed(params), run }
}

/// A table row that takes further arguments of one type.
pub const fn variadic(name: &'static str, params: &'static [Param], rest: Param, run: Run) -> Func {
    Func { name, signature: Signature::variadic(params, rest), run }
}

/// Go's text for a nil dereference.
pub const NIL_POINTER: &str = "runtime error: invalid memory address or nil pointer dereference";

/// The most bytes that one call may produce by multiplying its input.
pub const MAX_BYTES: usize = 64 << 20;

/// The most list items that one call may produce from numbers.
pub const MAX_ITEMS: usize = 1 << 20;

/// How deep functions follow nested maps and lists, which may contain themselves.
pub const MAX_DEPTH: usize = 250;

/// What an entry that is added to a map, or a value that is copied, takes off the execution's memory.
pub const ENTRY_BYTES: u64 = 96;

/// What each byte of a text that is parsed takes off the execution's memory.
pub const PARSED_BYTES: u64 = 8;

/// Refuses a result that is out of proportion.
pub fn within(limit: usize, size: usize, what: &str) -> Result<(), CallError> {
    if size > limit { Err(format!("result is too large: more than {limit} {what}").into()) } else { Ok(()) }
}

/// The argument of a `string` parameter.
pub fn text(args: &[Value], index: usize) -> &Str {
    match &args[index] {
        Value::Str(text) => text,
        other => unreachable!("checked against the signature: string, not {}", other.type_name()),
    }
}

/// The bytes of a `string` argument.
pub fn bytes(args: &[Value], index: usize) -> &[u8] {
    text(args, index).as_bytes()
}

/// The argument of an `int` or `int64` parameter.
pub fn int(args: &[Value], index: usize) -> i64 {
    match &args[index] {
        Value::Int(_, value) => *value,
        other => unreachable!("checked against the signature: int, not {}", other.type_name()),
    }
}

/// The argument of a `float64` parameter.
pub fn float(args: &[Value], index: usize) -> f64 {
    match &args[index] {
        Value::Float(value) => *value,
        other => unreachable!("checked against the signature: float64, not {}", other.type_name()),
    }
}

/// The argument of a `bool` parameter.
pub fn boolean(args: &[Value], index: usize) -> bool {
    match &args[index] {
        Value::Bool(value) => *value,
        other => unreachable!("checked against the signature: bool, not {}", other.type_name()),
    }
}

/// The argument of a `map[string]interface {}` parameter, converted to that type as Go does.
pub fn map(args: &[Value], index: usize) -> Map {
    match &args[index] {
        Value::Map(map) => map.with_type(MapType::Any),
        _ => Map::nil(MapType::Any),
    }
}

/// The items of any slice type, named ones too; `None` for everything else.
pub fn slice(value: &Value) -> Option<List> {
    match value {
        Value::List(list) => Some(list.clone()),
        Value::Object(object) if object.kind() == Kind::Slice => match object.container() {
            Some(Value::List(list)) => Some(list),
            _ => None,
        },
        _ => None,
    }
}

/// Sprig's `strval`: strings and byte slices as they are, everything else as `%v`.
pub fn strval(value: &Value) -> Str {
    match value {
        Value::Str(text) => text.clone(),
        Value::List(list) if list.ty() == crate::value::ListType::Bytes => {
            Str::from(list.items().iter().map(byte).collect::<Vec<u8>>())
        }
        other => {
            let mut out = Vec::new();
            fmt::print_v(&mut out, other);
            Str::from(out)
        }
    }
}

/// What a marshaller wrote, after paying for it. A result out of proportion is an error of the
/// execution; the marshaller's own error, after which the work is wasted, is the inner one.
pub fn marshalled(
    call: &mut Call<'_>,
    marshal: impl FnOnce(&mut Vec<u8>) -> Result<(), String>,
) -> Result<Result<Vec<u8>, String>, CallError> {
    let mut out = Vec::new();
    match marshal(&mut out) {
        Ok(()) => Ok(Ok(out)),
        Err(error) if error == json::TOO_LARGE => Err(error.into()),
        Err(error) => {
            // Deep nesting is what most often ends in an error, and writes little.
            call.exec.charge(out.len() as u64 / 4)?;
            Ok(Err(error))
        }
    }
}

fn byte(item: &Value) -> u8 {
    match item {
        Value::Int(_, value) => *value as u8,
        _ => 0,
    }
}

/// Sprig's `strslice`: the items of a slice as strings without nils; one string for anything else.
pub fn strings(value: &Value) -> Vec<Str> {
    match slice(value) {
        Some(list) => list.items().iter().filter(|item| !matches!(item, Value::Nil)).map(strval).collect(),
        None if matches!(value, Value::Nil) => Vec::new(),
        None => vec![strval(value)],
    }
}

/// Sprig's `empty`: Go's zero values; structs never are.
pub fn empty(value: &Value) -> bool {
    !value.truth()
}
