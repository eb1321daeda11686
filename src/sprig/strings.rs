//! Text in, text out: trimming, searching, cutting, repeating, indenting.

use crate::golang::utf8;
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Int, Str as Text};
use crate::value::{Str, Value};

use super::call::{MAX_BYTES, Outcome, bytes, fixed, int, text, within};
use super::unicode;

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("hello", &[], hello),
    fixed("trim", &[Text], trim),
    fixed("trimAll", &[Text, Text], trim_all),
    fixed("trimall", &[Text, Text], trim_all),
    fixed("trimPrefix", &[Text, Text], trim_prefix),
    fixed("trimSuffix", &[Text, Text], trim_suffix),
    fixed("contains", &[Text, Text], contains),
    fixed("hasPrefix", &[Text, Text], has_prefix),
    fixed("hasSuffix", &[Text, Text], has_suffix),
    fixed("replace", &[Text, Text, Text], replace),
    fixed("repeat", &[Int, Text], repeat),
    fixed("indent", &[Int, Text], indent),
    fixed("nindent", &[Int, Text], nindent),
    fixed("trunc", &[Int, Text], trunc),
    fixed("substr", &[Int, Int, Text], substr),
    fixed("nospace", &[Text], nospace),
    fixed("initials", &[Text], initials),
    fixed("plural", &[Text, Text, Int], plural),
];

fn hello(_: &mut Call<'_>, _: &[Value]) -> Outcome {
    Ok("Hello!".into())
}

fn trim(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::str(trim_runes(bytes(args, 0), char::is_whitespace)))
}

fn trim_all(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let cut: Vec<char> = unicode::runes(bytes(args, 0)).collect();
    // Each rune may be compared with all that are cut off.
    call.exec.charge((cut.len() as u64).saturating_mul(bytes(args, 1).len() as u64) / 64)?;
    Ok(Value::str(trim_runes(bytes(args, 1), |rune| cut.contains(&rune))))
}

/// Cuts runes off both ends.
fn trim_runes(mut rest: &[u8], cut: impl Fn(char) -> bool) -> &[u8] {
    while !rest.is_empty() {
        let (rune, size) = utf8::decode(rest);
        if !cut(rune.unwrap_or(char::REPLACEMENT_CHARACTER)) {
            break;
        }
        rest = &rest[size..];
    }
    while !rest.is_empty() {
        let (rune, size) = utf8::decode_last(rest);
        if !cut(rune.unwrap_or(char::REPLACEMENT_CHARACTER)) {
            break;
        }
        rest = &rest[..rest.len() - size];
    }
    rest
}

fn trim_prefix(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(match bytes(args, 1).strip_prefix(bytes(args, 0)) {
        Some(rest) => Value::str(rest),
        None => args[1].clone(),
    })
}

fn trim_suffix(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(match bytes(args, 1).strip_suffix(bytes(args, 0)) {
        Some(rest) => Value::str(rest),
        None => args[1].clone(),
    })
}

fn contains(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::Bool(find(bytes(args, 1), bytes(args, 0)).is_some()))
}

fn has_prefix(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::Bool(bytes(args, 1).starts_with(bytes(args, 0))))
}

fn has_suffix(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::Bool(bytes(args, 1).ends_with(bytes(args, 0))))
}

/// Where `needle` first stands in `text`. Takes time in proportion to the text, whatever the needle.
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, needle)
}

fn replace(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let (old, new, source) = (bytes(args, 0), bytes(args, 1), bytes(args, 2));
    let mut out = Vec::with_capacity(source.len());
    let mut rest = source;
    if old.is_empty() {
        within(MAX_BYTES, (source.len() + 1).saturating_mul(new.len()), "bytes")?;
        out.extend_from_slice(new);
        while !rest.is_empty() {
            let (_, size) = utf8::decode(rest);
            out.extend_from_slice(&rest[..size]);
            out.extend_from_slice(new);
            rest = &rest[size..];
        }
        return Ok(Value::str(out));
    }
    let Some(mut at) = find(rest, old) else { return Ok(args[2].clone()) };
    loop {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(new);
        within(MAX_BYTES, out.len(), "bytes")?;
        rest = &rest[at + old.len()..];
        match find(rest, old) {
            Some(next) => at = next,
            None => break,
        }
    }
    out.extend_from_slice(rest);
    Ok(Value::str(out))
}

/// A count for Go's `strings.Repeat`.
fn repetitions(count: i64, size: usize) -> Result<usize, CallError> {
    let count = usize::try_from(count).map_err(|_| "strings: negative Repeat count")?;
    if count.checked_mul(size).is_none_or(|total| total > i64::MAX as usize) {
        return Err("strings: Repeat output length overflow".into());
    }
    within(MAX_BYTES, count.saturating_mul(size), "bytes")?;
    Ok(count)
}

fn repeat(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let piece = bytes(args, 1);
    let count = repetitions(int(args, 0), piece.len())?;
    // An empty piece may be asked for any number of times.
    let count = if piece.is_empty() { 0 } else { count };
    Ok(Value::str(piece.repeat(count)))
}

fn indent(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    indented(int(args, 0), text(args, 1), false)
}

fn nindent(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    indented(int(args, 0), text(args, 1), true)
}

fn indented(spaces: i64, source: &Str, newline: bool) -> Outcome {
    let source = source.as_bytes();
    let lines = 1 + source.iter().filter(|byte| **byte == b'\n').count();
    let spaces = repetitions(spaces, lines)?;
    let mut out = Vec::with_capacity(usize::from(newline) + source.len() + lines * spaces);
    if newline {
        out.push(b'\n');
    }
    for line in source.split_inclusive(|byte| *byte == b'\n') {
        out.resize(out.len() + spaces, b' ');
        out.extend_from_slice(line);
    }
    if source.last().is_none_or(|byte| *byte == b'\n') {
        out.resize(out.len() + spaces, b' ');
    }
    Ok(Value::str(out))
}

fn trunc(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let (count, source) = (int(args, 0), bytes(args, 1));
    let kept = count.unsigned_abs() as usize;
    Ok(match count {
        ..0 if source.len() > kept => Value::str(&source[source.len() - kept..]),
        0.. if source.len() > kept => Value::str(&source[..kept]),
        _ => args[1].clone(),
    })
}

fn substr(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let (start, end, source) = (int(args, 0), int(args, 1), bytes(args, 2));
    let size = source.len();
    let beyond = |bounds: String| CallError::Message(format!("runtime error: slice bounds out of range {bounds}"));
    let piece = match (usize::try_from(start), usize::try_from(end)) {
        (Err(_), Err(_)) => return Err(beyond(format!("[:{end}]"))),
        (Err(_), Ok(end)) => source.get(..end).ok_or_else(|| beyond(format!("[:{end}] with length {size}")))?,
        (Ok(start), Ok(end)) if end <= size => {
            source.get(start..end).ok_or_else(|| beyond(format!("[{start}:{end}]")))?
        }
        (Ok(start), _) => source.get(start..).ok_or_else(|| beyond(format!("[{start}:{size}]")))?,
    };
    Ok(Value::str(piece))
}

/// Works on bytes: as soon as a blank is removed, each other byte becomes a rune of its own.
fn nospace(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let source = bytes(args, 0);
    if !source.iter().any(|byte| char::from(*byte).is_whitespace()) {
        return Ok(args[0].clone());
    }
    let kept: String = source.iter().map(|byte| char::from(*byte)).filter(|rune| !rune.is_whitespace()).collect();
    Ok(kept.into())
}

/// Works on bytes, as [`nospace`].
fn initials(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let mut out = String::new();
    let mut gap = true;
    for rune in bytes(args, 0).iter().map(|byte| char::from(*byte)) {
        if rune.is_whitespace() {
            gap = true;
        } else if std::mem::take(&mut gap) {
            out.push(rune);
        }
    }
    Ok(out.into())
}

fn plural(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(args[usize::from(int(args, 2) != 1)].clone())
}
