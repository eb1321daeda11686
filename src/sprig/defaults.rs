//! Choosing between values by whether they are empty: nil, `false`, zero, "", an empty list or map;
//! and giving up.

use crate::gotmpl::{Call, Func};
use crate::value::Param::{Any, Bool, Str as Text};
use crate::value::Value;

use super::call::{self, Outcome, boolean, fixed, text, variadic};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    variadic("default", &[Any], Any, default),
    fixed("empty", &[Any], empty),
    variadic("coalesce", &[], Any, coalesce),
    variadic("all", &[], Any, all),
    variadic("any", &[], Any, any),
    fixed("ternary", &[Any, Any, Bool], ternary),
    fixed("fail", &[Text], |_, args| Err(text(args, 0).to_string().into())),
];

fn default(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(match args.get(1) {
        Some(given) if !call::empty(given) => given.clone(),
        _ => args[0].clone(),
    })
}

fn empty(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(call::empty(&args[0]).into())
}

fn coalesce(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(args.iter().find(|value| !call::empty(value)).cloned().unwrap_or_default())
}

fn all(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok((!args.iter().any(call::empty)).into())
}

fn any(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok((!args.iter().all(call::empty)).into())
}

fn ternary(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(args[usize::from(!boolean(args, 2))].clone())
}
