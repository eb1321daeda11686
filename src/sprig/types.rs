//! Go's types and kinds of values.

use crate::gotmpl::{Call, Func};
use crate::value::Param::{Any, Str as Text};
use crate::value::{Comparison, Value};

use super::call::{Outcome, bytes, fixed};
use super::lists::paid;

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("typeOf", &[Any], type_of),
    fixed("typeIs", &[Text, Any], type_is),
    fixed("typeIsLike", &[Text, Any], type_is_like),
    fixed("kindOf", &[Any], kind_of),
    fixed("kindIs", &[Text, Any], kind_is),
    fixed("deepEqual", &[Any, Any], equal),
];

fn type_of(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::str(args[0].type_name()))
}

fn type_is(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok((bytes(args, 0) == args[1].type_name().as_bytes()).into())
}

/// A pointer type also is like the type that it points to.
fn type_is_like(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let (wanted, found) = (bytes(args, 0), args[1].type_name());
    Ok((wanted == found.as_bytes() || Some(wanted) == found.as_bytes().strip_prefix(b"*")).into())
}

fn kind_of(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(args[0].kind().name().into())
}

fn kind_is(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok((bytes(args, 0) == args[1].kind().name().as_bytes()).into())
}

fn equal(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let mut comparison = Comparison::new();
    let equal = comparison.equal(&args[0], &args[1]);
    paid(call, &comparison)?;
    Ok(equal.into())
}
