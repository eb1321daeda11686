//! Maps. `set` and `unset` change the map they are given; `pick`, `omit` and `pluck` share values.

use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Any, Map as Dict, Str as Text};
use crate::value::{List, ListType, Map, MapType, Str, Value};

use super::call::{ENTRY_BYTES, MAX_DEPTH, Outcome, bytes, fixed, map, strval, text, variadic};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    variadic("dict", &[], Any, dict),
    fixed("get", &[Dict, Text], get),
    fixed("set", &[Dict, Text, Any], set),
    fixed("unset", &[Dict, Text], unset),
    fixed("hasKey", &[Dict, Text], has_key),
    variadic("pluck", &[Text], Dict, pluck),
    variadic("keys", &[], Dict, keys),
    fixed("values", &[Dict], values),
    variadic("pick", &[Dict], Text, pick),
    variadic("omit", &[Dict], Text, omit),
    variadic("dig", &[], Any, dig),
    fixed("deepCopy", &[Any], deep_copy),
    fixed("mustDeepCopy", &[Any], must_deep_copy),
];

fn dict(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let pairs = args.chunks(2).map(|pair| match pair {
        [key, value] => (strval(key), value.clone()),
        rest => (rest.first().map(strval).unwrap_or_default(), "".into()),
    });
    Ok(Value::map(pairs))
}

fn get(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(map(args, 0).get_bytes(bytes(args, 1)).unwrap_or_else(|| "".into()))
}

fn set(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let map = map(args, 0);
    // Whether the key is new is not asked, because that would count as reading the map.
    call.exec.reserve(ENTRY_BYTES)?;
    if !map.insert(text(args, 1).clone(), args[2].clone()) {
        return Err("assignment to entry in nil map".into());
    }
    Ok(map.into())
}

fn unset(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let map = map(args, 0);
    map.remove_bytes(bytes(args, 1));
    Ok(map.into())
}

fn has_key(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(map(args, 0).contains_bytes(bytes(args, 1)).into())
}

fn pluck(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let found = (1..args.len()).filter_map(|index| map(args, index).get_bytes(bytes(args, 0)));
    Ok(List::appended(ListType::Any, found.collect()).into())
}

/// In sorted order, where Go has a random one.
fn keys(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let keys = (0..args.len()).flat_map(|index| map(args, index).keys()).map(Value::Str);
    Ok(List::appended(ListType::Str, keys.collect()).into())
}

/// In the order of the sorted keys, where Go has a random one.
fn values(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let values = map(args, 0).entries().into_iter().map(|(_, value)| value);
    Ok(List::appended(ListType::Any, values.collect()).into())
}

fn pick(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let map = map(args, 0);
    let picked = (1..args.len()).filter_map(|index| {
        let key = text(args, index);
        map.get_bytes(key.as_bytes()).map(|value| (key.clone(), value))
    });
    Ok(Value::map(picked))
}

fn omit(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let omitted: Vec<&Str> = (1..args.len()).map(|index| text(args, index)).collect();
    let kept = map(args, 0).entries().into_iter().filter(|(key, _)| !omitted.contains(&key));
    Ok(Value::map(kept))
}

/// What Go says when an interface holds another type than the code asserts.
fn conversion(value: &Value, wanted: &str) -> CallError {
    let found = match value {
        Value::Nil => "nil".into(),
        other => other.type_name(),
    };
    format!("interface conversion: interface {{}} is {found}, not {wanted}").into()
}

/// A map of exactly the type that `dig` asserts: `.Values` itself is none.
fn plain_map(value: &Value) -> Result<&Map, CallError> {
    match value {
        Value::Map(map) if map.ty() == MapType::Any => Ok(map),
        other => Err(conversion(other, MapType::Any.name())),
    }
}

fn dig(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let few = || CallError::from("dig needs at least three arguments");
    let [path @ .., default, dict] = args else { return Err(few()) };
    if path.is_empty() {
        return Err(few());
    }
    let mut map = plain_map(dict)?.clone();
    let keys = path.iter().map(|key| match key {
        Value::Str(key) => Ok(key),
        other => Err(conversion(other, "string")),
    });
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let (last, parents) = keys.split_last().ok_or_else(few)?;
    for key in parents {
        let Some(step) = map.get_bytes(key.as_bytes()) else { return Ok(default.clone()) };
        map = plain_map(&step)?.clone();
    }
    Ok(map.get_bytes(last.as_bytes()).unwrap_or_else(|| default.clone()))
}

/// What Go's reflection says when it is asked to copy nil.
const NIL_COPY: &str = "reflect: call of reflect.Value.Type on zero Value";

fn deep_copy(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    copied(call, &args[0], "deepCopy error: ")
}

fn must_deep_copy(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    copied(call, &args[0], "")
}

fn copied(call: &mut Call<'_>, value: &Value, prefix: &str) -> Outcome {
    if matches!(value, Value::Nil) {
        return Err(NIL_COPY.into());
    }
    let mut copier = Copier::default();
    let copy = copier.copy(value, 0);
    call.exec.charge(copier.copies)?;
    call.exec.reserve(copier.copies * ENTRY_BYTES)?;
    copy.map_err(|message| format!("{prefix}{message}").into())
}

/// The most maps, lists and items that one copy may make: a value that holds one map many times is
/// small until it is copied.
const MAX_COPIES: u64 = 1 << 20;

/// Copies maps and lists at every level; objects never change and stay shared.
#[derive(Default)]
struct Copier {
    copies: u64,
}

impl Copier {
    fn copy(&mut self, value: &Value, depth: usize) -> Result<Value, &'static str> {
        if depth > MAX_DEPTH {
            return Err("the value contains itself or is nested more than 250 levels deep");
        }
        self.copies += 1;
        if self.copies > MAX_COPIES {
            return Err("result is too large: more than 1048576 values");
        }
        match value {
            Value::Map(map) if !map.is_nil() => {
                // Even an empty map takes as much as some entries.
                self.copies += 5;
                let copied = Map::new();
                for (key, value) in map.entries() {
                    copied.insert(key, self.copy(&value, depth + 1)?);
                }
                Ok(Value::Map(copied.with_type(map.ty())))
            }
            Value::List(list) if !list.is_nil() => {
                let mut items = Vec::with_capacity(list.len());
                for item in list.items() {
                    items.push(self.copy(item, depth + 1)?);
                }
                Ok(Value::List(List::with_capacity(list.ty(), items, list.capacity())))
            }
            other => Ok(other.clone()),
        }
    }
}
