//! Lists. Equality is Go's `reflect.DeepEqual`, so `1` and `1.0` differ. No function changes its
//! operand. Each `must` form is the same function: the other form panics with the same text.

use crate::golang::cast;
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Any, Int};
use crate::value::{Comparison, List, ListType, Value};

use super::call::{self, MAX_ITEMS, NIL_POINTER, Outcome, empty, fixed, int, variadic, within};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    variadic("list", &[], Any, list),
    variadic("tuple", &[], Any, list),
    fixed("append", &[Any, Any], append),
    fixed("push", &[Any, Any], append),
    fixed("mustAppend", &[Any, Any], append),
    fixed("mustPush", &[Any, Any], append),
    fixed("prepend", &[Any, Any], prepend),
    fixed("mustPrepend", &[Any, Any], prepend),
    variadic("concat", &[], Any, concat),
    fixed("first", &[Any], first),
    fixed("mustFirst", &[Any], first),
    fixed("last", &[Any], last),
    fixed("mustLast", &[Any], last),
    fixed("rest", &[Any], rest),
    fixed("mustRest", &[Any], rest),
    fixed("initial", &[Any], initial),
    fixed("mustInitial", &[Any], initial),
    fixed("reverse", &[Any], reverse),
    fixed("mustReverse", &[Any], reverse),
    fixed("uniq", &[Any], uniq),
    fixed("mustUniq", &[Any], uniq),
    variadic("without", &[Any], Any, without),
    variadic("mustWithout", &[Any], Any, without),
    fixed("compact", &[Any], compact),
    fixed("mustCompact", &[Any], compact),
    fixed("has", &[Any, Any], has),
    fixed("mustHas", &[Any, Any], has),
    variadic("slice", &[Any], Any, slice),
    variadic("mustSlice", &[Any], Any, slice),
    fixed("chunk", &[Int, Any], chunk),
    fixed("mustChunk", &[Int, Any], chunk),
];

/// The operand as a list. Another type is an error that begins with `refusal`; nil is the
/// dereference that Go's reflection runs into.
fn operand(value: &Value, refusal: &str) -> Result<List, CallError> {
    match call::slice(value) {
        Some(list) => Ok(list),
        None if matches!(value, Value::Nil) => Err(NIL_POINTER.into()),
        None => Err(format!("{refusal} {}", value.kind().name()).into()),
    }
}

/// A `[]interface {}` that Sprig appends to item by item.
fn appended(items: Vec<Value>) -> Value {
    List::appended(ListType::Any, items).into()
}

fn list(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::list(args.to_vec()))
}

fn append(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let list = operand(&args[0], "Cannot push on type")?;
    // Go doubles the capacity of the full copy.
    let capacity = if list.len() <= 16 { 2 * list.len() } else { 0 };
    Ok(List::with_capacity(ListType::Any, [list.items(), &args[1..]].concat(), capacity).into())
}

fn prepend(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let list = operand(&args[0], "Cannot prepend on type")?;
    Ok(Value::list([&args[1..], list.items()].concat()))
}

fn concat(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let mut items = Vec::new();
    for arg in args {
        let list = call::slice(arg).ok_or_else(|| match arg {
            Value::Nil => CallError::from(NIL_POINTER),
            other => format!("Cannot concat type {} as list", other.kind().name()).into(),
        })?;
        within(MAX_ITEMS, items.len() + list.len(), "items")?;
        items.extend_from_slice(list.items());
    }
    Ok(if items.is_empty() { List::nil(ListType::Any).into() } else { appended(items) })
}

fn first(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(operand(&args[0], "Cannot find first on type")?.items().first().cloned().unwrap_or_default())
}

fn last(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(operand(&args[0], "Cannot find last on type")?.items().last().cloned().unwrap_or_default())
}

fn rest(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let list = operand(&args[0], "Cannot find rest on type")?;
    Ok(list.items().split_first().map_or(List::nil(ListType::Any).into(), |(_, rest)| Value::list(rest.to_vec())))
}

fn initial(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let list = operand(&args[0], "Cannot find initial on type")?;
    Ok(list.items().split_last().map_or(List::nil(ListType::Any).into(), |(_, rest)| Value::list(rest.to_vec())))
}

fn reverse(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let list = operand(&args[0], "Cannot find reverse on type")?;
    Ok(Value::list(list.items().iter().rev().cloned().collect()))
}

/// Whether a value is among the items. Pays for the comparisons.
fn contains(call: &mut Call<'_>, items: &[Value], wanted: &Value) -> Result<bool, CallError> {
    let mut comparison = Comparison::new();
    let found = items.iter().any(|item| comparison.equal(wanted, item));
    paid(call, &comparison).map(|()| found)
}

/// Takes what comparisons cost off the execution's fuel; refuses a result that is not to be relied on.
pub fn paid(call: &mut Call<'_>, comparison: &Comparison) -> Result<(), CallError> {
    call.exec.charge(comparison.parts() / 4)?;
    match comparison.gave_up() {
        true => Err("values are too large to be compared".into()),
        false => Ok(()),
    }
}

fn uniq(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let list = operand(&args[0], "Cannot find uniq on type")?;
    let mut kept: Vec<Value> = Vec::with_capacity(list.len());
    for item in list.items() {
        if !contains(call, &kept, item)? {
            kept.push(item.clone());
        }
    }
    Ok(appended(kept))
}

fn without(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let list = operand(&args[0], "Cannot find without on type")?;
    let mut kept = Vec::with_capacity(list.len());
    for item in list.items() {
        if !contains(call, &args[1..], item)? {
            kept.push(item.clone());
        }
    }
    Ok(appended(kept))
}

fn compact(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let list = operand(&args[0], "Cannot compact on type")?;
    call.exec.charge(list.len() as u64 / 8)?;
    Ok(appended(list.items().iter().filter(|item| !empty(item)).cloned().collect()))
}

fn has(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    if matches!(args[1], Value::Nil) {
        return Ok(false.into());
    }
    Ok(contains(call, operand(&args[1], "Cannot find has on type")?.items(), &args[0])?.into())
}

fn slice(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let list = operand(&args[0], "list should be type of slice or array but")?;
    if list.is_empty() {
        return Ok(Value::Nil);
    }
    let start = args.get(1).map_or(0, cast::to_int64);
    let end = args.get(2).map_or(list.len() as i64, cast::to_int64);
    let bounds = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    let (start, end) = bounds
        .filter(|(start, end)| start <= end && *end <= list.capacity())
        .ok_or("reflect.Value.Slice: slice index out of bounds")?;
    let zero = match list.ty() {
        ListType::Int => Value::int(0),
        ListType::Str => "".into(),
        _ => Value::Nil,
    };
    // Beyond the length, up to the capacity, there are zero values.
    let items = (start..end).map(|index| list.items().get(index).unwrap_or(&zero).clone()).collect();
    Ok(List::new(list.ty(), items).into())
}

fn chunk(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let list = operand(&args[1], "Cannot chunk type")?;
    let (size, len) = (int(args, 0), list.len() as i64);
    let too_long = || CallError::from("runtime error: makeslice: len out of range");
    // Sprig's own formula; it decides what happens for sizes below one.
    let count = ((len - 1) as f64 / size as f64).floor() + 1.0;
    let chunks = match usize::try_from(size) {
        _ if !(0.0..1e15).contains(&count) => return Err(too_long()),
        _ if count == 0.0 => Vec::new(),
        Ok(size) => list.items().chunks(size).map(|part| Value::list(part.to_vec())).collect(),
        Err(_) if count == 1.0 && len % size != 0 => vec![Value::list(list.items()[..(len % size) as usize].to_vec())],
        Err(_) => return Err(too_long()),
    };
    Ok(List::new(ListType::Other("[][]interface {}"), chunks).into())
}
