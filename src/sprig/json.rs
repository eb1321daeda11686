//! JSON. The forms without `must` give "" or nil where those report an error.

use crate::golang::json;
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Any, Str as Text};
use crate::value::Value;

use super::call::{Outcome, PARSED_BYTES, bytes, fixed, marshalled};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("toJson", &[Any], |call, args| Ok(Value::str(compact(call, args, true)?.unwrap_or_default()))),
    fixed("mustToJson", &[Any], |call, args| Ok(Value::str(compact(call, args, true)??))),
    fixed("toPrettyJson", &[Any], |call, args| Ok(Value::str(pretty(call, args)?.unwrap_or_default()))),
    fixed("mustToPrettyJson", &[Any], |call, args| Ok(Value::str(pretty(call, args)??))),
    // This one panics with the error, so both forms fail alike.
    fixed("toRawJson", &[Any], raw),
    fixed("mustToRawJson", &[Any], raw),
    fixed("fromJson", &[Text], |call, args| Ok(read(call, args)?.unwrap_or_default())),
    fixed("mustFromJson", &[Text], |call, args| Ok(read(call, args)??)),
];

type Marshalled = Result<Result<Vec<u8>, String>, CallError>;

fn compact(call: &mut Call<'_>, args: &[Value], escape_html: bool) -> Marshalled {
    marshalled(call, |out| json::marshal_to(out, &args[0], escape_html))
}

fn pretty(call: &mut Call<'_>, args: &[Value]) -> Marshalled {
    marshalled(call, |out| json::marshal_indent_to(out, &args[0]))
}

fn raw(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::str(compact(call, args, false)??))
}

/// A JSON text as a value, after paying for what it will take.
fn read(call: &mut Call<'_>, args: &[Value]) -> Result<Result<Value, String>, CallError> {
    call.exec.reserve(PARSED_BYTES * bytes(args, 0).len() as u64)?;
    Ok(json::unmarshal(bytes(args, 0)).map(|frozen| Value::from(&frozen)))
}
