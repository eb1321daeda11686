//! JSON. The forms without `must` give "" or nil where those report an error.

use crate::golang::json;
use crate::gotmpl::{Call, Func};
use crate::value::Param::{Any, Str as Text};
use crate::value::Value;

use super::call::{Outcome, bytes, fixed};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("toJson", &[Any], |_, args| Ok(Value::str(json::marshal(&args[0], true).unwrap_or_default()))),
    fixed("mustToJson", &[Any], |_, args| Ok(Value::str(json::marshal(&args[0], true)?))),
    fixed("toPrettyJson", &[Any], |_, args| Ok(Value::str(json::marshal_indent(&args[0]).unwrap_or_default()))),
    fixed("mustToPrettyJson", &[Any], |_, args| Ok(Value::str(json::marshal_indent(&args[0])?))),
    // This one panics with the error, so both forms fail alike.
    fixed("toRawJson", &[Any], raw),
    fixed("mustToRawJson", &[Any], raw),
    fixed("fromJson", &[Text], |_, args| {
        Ok(json::unmarshal(bytes(args, 0)).map_or(Value::Nil, |frozen| Value::from(&frozen)))
    }),
    fixed("mustFromJson", &[Text], |_, args| Ok(Value::from(&json::unmarshal(bytes(args, 0))?))),
];

fn raw(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::str(json::marshal(&args[0], false)?))
}
