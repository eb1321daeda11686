//! Slash-separated paths. The `os` forms are the same: templates are rendered as on Unix everywhere.

use crate::golang::path;
use crate::gotmpl::{Call, Func};
use crate::value::Param::Str as Text;
use crate::value::Value;

use super::call::{Outcome, bytes, fixed};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("base", &[Text], base),
    fixed("osBase", &[Text], base),
    fixed("dir", &[Text], dir),
    fixed("osDir", &[Text], dir),
    fixed("clean", &[Text], clean),
    fixed("osClean", &[Text], clean),
    fixed("ext", &[Text], ext),
    fixed("osExt", &[Text], ext),
    fixed("isAbs", &[Text], is_abs),
    fixed("osIsAbs", &[Text], is_abs),
];

/// Splits after the last slash.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    path.split_at(path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1))
}

fn base(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let mut path = bytes(args, 0);
    if path.is_empty() {
        return Ok(".".into());
    }
    while let Some(shorter) = path.strip_suffix(b"/") {
        path = shorter;
    }
    let name = split(path).1;
    Ok(Value::str(if name.is_empty() { b"/" } else { name }))
}

fn dir(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::str(path::clean(split(bytes(args, 0)).0)))
}

fn clean(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::str(path::clean(bytes(args, 0))))
}

fn ext(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let name = split(bytes(args, 0)).1;
    let at = name.iter().rposition(|byte| *byte == b'.').unwrap_or(name.len());
    Ok(Value::str(&name[at..]))
}

fn is_abs(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(bytes(args, 0).starts_with(b"/").into())
}
