//! `index`, `slice` and `len`.

use crate::value::{IntKind, List, Value};

use super::super::exec::{Val, container, element_of_list, element_of_map, pointed_type_name, zero_of_map};

/// An index argument as a number, at most `limit`.
fn position(index: &Val, limit: usize) -> Result<usize, String> {
    match index.value() {
        Value::Int(_, value) => match usize::try_from(*value) {
            Ok(at) if at <= limit => Ok(at),
            _ => Err(format!("index out of range: {value}")),
        },
        Value::Nil => Err("cannot index slice/array with nil".to_owned()),
        other => Err(format!("cannot index slice/array with type {}", other.type_name())),
    }
}

pub(super) fn index(args: &[Val]) -> Result<Val, String> {
    let (mut item, indexes) = first(args);
    if let Val::Invalid = item {
        return Err("index of untyped nil".to_owned());
    }
    for index in indexes {
        item = step(&item, index)?;
    }
    Ok(item)
}

/// The first argument, taken out of its interface, and the others.
fn first(args: &[Val]) -> (Val, &[Val]) {
    match args.split_first() {
        Some((first, others)) => (first.clone().settle(), others),
        None => (Val::Invalid, &[]),
    }
}

fn step(item: &Val, index: &Val) -> Result<Val, String> {
    match container(item.value()).as_ref() {
        Value::Nil => Err("index of nil pointer".to_owned()),
        Value::List(list) => {
            let at = position(index, list.len())?;
            match list.items().get(at) {
                Some(found) => Ok(element_of_list(list, found)),
                None => Err("reflect: slice index out of range".to_owned()),
            }
        }
        Value::Str(text) => {
            let at = position(index, text.len())?;
            match text.as_bytes().get(at) {
                Some(byte) => Ok(Val::Of(Value::Int(IntKind::Uint8, i64::from(*byte)))),
                None => Err("reflect: string index out of range".to_owned()),
            }
        }
        Value::Map(map) => match index.value() {
            Value::Str(key) => Ok(match map.get_bytes(key.as_bytes()) {
                Some(found) => element_of_map(map, found),
                None => zero_of_map(map),
            }),
            Value::Nil => Err("value is nil; should be of type string".to_owned()),
            other => Err(format!("value has type {}; should be string", other.type_name())),
        },
        other => Err(format!("can't index item of type {}", pointed_type_name(other))),
    }
}

pub(super) fn slice(args: &[Val]) -> Result<Val, String> {
    let (whole, indexes) = first(args);
    if let Val::Invalid = whole {
        return Err("slice of untyped nil".to_owned());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()));
    }
    let item = container(whole.value());
    let len = match item.as_ref() {
        Value::Str(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".to_owned()),
        Value::Str(text) => text.len(),
        Value::List(list) => list.len(),
        _ => return Err(format!("can't slice item of type {}", pointed_type_name(whole.value()))),
    };
    let mut bounds = [0, len, len];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        // Unlike `index`, Go's `slice` does not look into interfaces.
        if let Val::Interface(_) = index {
            return Err("cannot index slice/array with type interface {}".to_owned());
        }
        *bound = position(index, len)?;
    }
    for pair in bounds.windows(2) {
        if pair[0] > pair[1] {
            return Err(format!("invalid slice index: {} > {}", pair[0], pair[1]));
        }
    }
    let range = bounds[0]..bounds[1];
    Ok(Val::Of(match item.as_ref() {
        Value::Str(text) => Value::str(&text.as_bytes()[range]),
        Value::List(list) if list.is_nil() => item.as_ref().clone(),
        Value::List(list) => Value::List(List::new(list.ty(), list.items()[range].to_vec())),
        _ => Value::Nil,
    }))
}

pub(super) fn len(args: &[Val]) -> Result<Val, String> {
    let item = args.first().unwrap_or(&Val::Invalid);
    let len = match container(item.value()).as_ref() {
        Value::Nil if matches!(item, Val::Invalid) => {
            return Err("reflect: call of reflect.Value.Type on zero Value".to_owned());
        }
        Value::Nil => return Err("len of nil pointer".to_owned()),
        Value::Str(text) => text.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        other => return Err(format!("len of type {}", pointed_type_name(other))),
    };
    Ok(Val::Of(Value::int(len as i64)))
}
