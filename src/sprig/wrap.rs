//! Line wrapping and abbreviation, counted in bytes as goutils does.

use crate::gotmpl::{Call, Func};
use crate::value::Param::{Int, Str as Text};
use crate::value::Value;

use super::call::{MAX_BYTES, Outcome, bytes, fixed, int, within};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("wrap", &[Int, Text], wrap),
    fixed("wrapWith", &[Int, Text, Text], wrap_with),
    fixed("abbrev", &[Int, Text], abbrev),
    fixed("abbrevboth", &[Int, Int, Text], abbrev_both),
];

fn wrap(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    wrapped(bytes(args, 1), int(args, 0), b"", false)
}

fn wrap_with(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    wrapped(bytes(args, 2), int(args, 0), bytes(args, 1), true)
}

/// Breaks at the last space that leaves a line within `width`; a longer word is broken or kept.
fn wrapped(source: &[u8], width: i64, separator: &[u8], break_words: bool) -> Outcome {
    let separator = if separator.is_empty() { b"\n" } else { separator };
    let width = usize::try_from(width).unwrap_or(1).max(1);
    within(MAX_BYTES, source.len().saturating_mul(separator.len()), "bytes")?;
    let mut out = Vec::with_capacity(source.len() + source.len() / width * separator.len());
    let mut rest = source;
    while rest.len() > width {
        if let Some(tail) = rest.strip_prefix(b" ") {
            rest = tail;
            continue;
        }
        let space = match rest[..=width].iter().rposition(|byte| *byte == b' ') {
            Some(space) => Some(space),
            None if break_words => {
                out.extend_from_slice(&rest[..width]);
                out.extend_from_slice(separator);
                rest = &rest[width..];
                continue;
            }
            None => rest[width..].iter().position(|byte| *byte == b' ').map(|offset| width + offset),
        };
        let Some(space) = space else { break };
        out.extend_from_slice(&rest[..space]);
        out.extend_from_slice(separator);
        rest = &rest[space + 1..];
    }
    out.extend_from_slice(rest);
    Ok(Value::str(out))
}

fn abbrev(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    match int(args, 0) {
        ..4 => Ok(args[1].clone()),
        width => Ok(abbreviated(bytes(args, 1), 0, width)),
    }
}

fn abbrev_both(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let (left, right) = (int(args, 0), int(args, 1));
    if right < 4 || left > 0 && right < 7 {
        return Ok(args[2].clone());
    }
    Ok(abbreviated(bytes(args, 2), left, right))
}

/// At most `width` bytes that show the text around `offset`, with dots for what was cut.
fn abbreviated(source: &[u8], offset: i64, width: i64) -> Value {
    const MARK: &[u8] = b"...";
    let width = usize::try_from(width).unwrap_or(0);
    if source.len() <= width {
        return Value::str(source);
    }
    let shown = width - MARK.len();
    let offset = usize::try_from(offset).unwrap_or(0).min(source.len() - shown);
    if offset <= 4 {
        return Value::str([&source[..shown], MARK].concat());
    }
    if offset + shown < source.len() {
        return Value::str([MARK, &source[offset..offset + shown - MARK.len()], MARK].concat());
    }
    Value::str([MARK, &source[source.len() - shown..]].concat())
}
