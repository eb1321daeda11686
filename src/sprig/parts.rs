//! Text out of values and values out of text: printing, quoting, splitting, joining.

use crate::golang::{fmt, strconv, utf8};
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Any, Int, Str as Text};
use crate::value::{Map, MapType, Str, Value};

use super::call::{MAX_BYTES, MAX_ITEMS, Outcome, bytes, fixed, int, slice, strings, strval, variadic, within};
use super::strings::find;

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("toString", &[Any], to_string),
    fixed("toStrings", &[Any], to_strings),
    variadic("quote", &[], Any, quote),
    variadic("squote", &[], Any, squote),
    variadic("cat", &[], Any, cat),
    fixed("join", &[Text, Any], join),
    fixed("sortAlpha", &[Any], sort_alpha),
    fixed("split", &[Text, Text], split),
    fixed("splitn", &[Text, Int, Text], splitn),
    fixed("splitList", &[Text, Text], split_list),
];

fn to_string(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    pay(call, args)?;
    Ok(Value::Str(strval(&args[0])))
}

fn to_strings(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::strings(words(call, &args[0])?))
}

/// Takes what printing maps and lists costs besides their text.
fn pay(call: &mut Call<'_>, args: &[Value]) -> Result<(), CallError> {
    let containers = args.iter().filter(|arg| matches!(arg, Value::List(_) | Value::Map(_) | Value::Object(_)));
    call.exec.charge(10 * containers.count() as u64)
}

/// The non-nil arguments, each written by `write`, with a space between.
fn spaced(args: &[Value], mut write: impl FnMut(&mut Vec<u8>, &Value)) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, value) in args.iter().filter(|value| !matches!(value, Value::Nil)).enumerate() {
        if out.len() > MAX_BYTES {
            break;
        }
        if index > 0 {
            out.push(b' ');
        }
        write(&mut out, value);
    }
    out
}

fn quote(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    pay(call, args)?;
    Ok(Value::str(spaced(args, |out, value| {
        out.extend_from_slice(strconv::quote(strval(value).as_bytes()).as_bytes());
    })))
}

fn squote(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    pay(call, args)?;
    Ok(Value::str(spaced(args, |out, value| {
        out.push(b'\'');
        fmt::print_v(out, value);
        out.push(b'\'');
    })))
}

fn cat(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    pay(call, args)?;
    Ok(Value::str(spaced(args, fmt::print_v)))
}

/// The items of a list as strings, paid for.
fn words(call: &mut Call<'_>, value: &Value) -> Result<Vec<Str>, CallError> {
    call.exec.charge(slice(value).map_or(1, |list| list.len() as u64))?;
    Ok(strings(value))
}

fn join(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let parts = words(call, &args[1])?;
    let size = parts.iter().map(|part| part.len() + bytes(args, 0).len()).sum();
    within(MAX_BYTES, size, "bytes")?;
    let parts: Vec<&[u8]> = parts.iter().map(Str::as_bytes).collect();
    Ok(Value::str(parts.join(bytes(args, 0))))
}

fn sort_alpha(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    if slice(&args[0]).is_none() {
        return Ok(Value::strings([strval(&args[0])]));
    }
    let mut parts = words(call, &args[0])?;
    parts.sort();
    Ok(Value::strings(parts))
}

fn split(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(numbered(pieces(bytes(args, 1), bytes(args, 0), -1)?))
}

fn splitn(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(numbered(pieces(bytes(args, 2), bytes(args, 0), int(args, 1))?))
}

fn split_list(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::strings(pieces(bytes(args, 1), bytes(args, 0), -1)?))
}

/// The `map[string]string` with keys `_0`, `_1` and so on.
fn numbered(pieces: Vec<&[u8]>) -> Value {
    let entries = pieces.into_iter().enumerate().map(|(index, piece)| (format!("_{index}").into(), Value::str(piece)));
    Value::Map(entries.collect::<Map>().with_type(MapType::Str))
}

/// Go's `strings.SplitN`: at most `limit` pieces, all for a negative limit; an empty separator
/// splits between runes.
fn pieces<'a>(text: &'a [u8], separator: &[u8], limit: i64) -> Result<Vec<&'a [u8]>, CallError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut out = Vec::new();
    if limit == 0 {
        return Ok(out);
    }
    let mut rest = text;
    while out.len() + 1 < limit {
        within(MAX_ITEMS, out.len(), "items")?;
        if separator.is_empty() {
            let size = rest.first().map_or(0, |_| utf8::decode(rest).1);
            if size == rest.len() {
                break;
            }
            out.push(&rest[..size]);
            rest = &rest[size..];
        } else {
            let Some(at) = find(rest, separator) else { break };
            out.push(&rest[..at]);
            rest = &rest[at + separator.len()..];
        }
    }
    if !(separator.is_empty() && text.is_empty()) {
        out.push(rest);
    }
    Ok(out)
}
