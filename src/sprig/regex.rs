//! Regular expressions in Go's syntax, matching as Go's `regexp` package walks through a text.

use std::rc::Rc;

use regex::bytes::Captures;

use crate::golang::regexp::Regexp;
use crate::golang::{strconv, utf8};
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Int, Str as Text};
use crate::value::{List, ListType, Str, Value};

use super::call::{MAX_BYTES, Outcome, bytes, fixed, int, text, within};
use super::unicode;

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("regexMatch", &[Text, Text], lenient_matches),
    fixed("mustRegexMatch", &[Text, Text], must_match),
    fixed("regexFind", &[Text, Text], |_, args| find(args, panicking)),
    fixed("mustRegexFind", &[Text, Text], |_, args| find(args, failing)),
    fixed("regexFindAll", &[Text, Text, Int], |_, args| find_all(args, panicking)),
    fixed("mustRegexFindAll", &[Text, Text, Int], |_, args| find_all(args, failing)),
    fixed("regexReplaceAll", &[Text, Text, Text], |_, args| replace(args, panicking, Replacement::Template)),
    fixed("mustRegexReplaceAll", &[Text, Text, Text], |_, args| replace(args, failing, Replacement::Template)),
    fixed("regexReplaceAllLiteral", &[Text, Text, Text], |_, args| replace(args, panicking, Replacement::Literal)),
    fixed("mustRegexReplaceAllLiteral", &[Text, Text, Text], |_, args| replace(args, failing, Replacement::Literal)),
    fixed("regexSplit", &[Text, Text, Int], |_, args| split(args, panicking)),
    fixed("mustRegexSplit", &[Text, Text, Int], |_, args| split(args, failing)),
    fixed("regexQuoteMeta", &[Text], quote_meta),
];

type Compile = fn(&Str) -> Result<Rc<Regexp>, CallError>;

/// `regexp.Compile`.
fn compile(pattern: &Str) -> Result<Rc<Regexp>, String> {
    match pattern.as_str() {
        Some(pattern) => Regexp::compile(pattern),
        None => Err(format!("error parsing regexp: invalid UTF-8: `{}`", pattern.to_str_lossy())),
    }
}

/// As the `must` functions compile, which return the error.
fn failing(pattern: &Str) -> Result<Rc<Regexp>, CallError> {
    compile(pattern).map_err(CallError::from)
}

/// As Go's `regexp.MustCompile`, which panics.
fn panicking(pattern: &Str) -> Result<Rc<Regexp>, CallError> {
    compile(pattern).map_err(|error| {
        let quoted = match strconv::can_backquote(pattern.as_bytes()) {
            true => format!("`{}`", pattern.to_str_lossy()),
            false => strconv::quote(pattern.as_bytes()),
        };
        format!("regexp: Compile({quoted}): {error}").into()
    })
}

fn lenient_matches(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(compile(text(args, 0)).is_ok_and(|regexp| regexp.0.is_match(bytes(args, 1))).into())
}

fn must_match(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(failing(text(args, 0))?.0.is_match(bytes(args, 1)).into())
}

fn find(args: &[Value], compile: Compile) -> Outcome {
    let regexp = compile(text(args, 0))?;
    Ok(Value::str(regexp.0.find(bytes(args, 1)).map_or(&b""[..], |found| found.as_bytes())))
}

/// Size of the character at a place; 0 at the end.
fn width(source: &[u8], at: usize) -> usize {
    source.get(at..).filter(|rest| !rest.is_empty()).map_or(0, |rest| utf8::decode(rest).1)
}

/// Up to `limit` matches (all for a negative one). An empty match right after another match does
/// not count.
fn all_matches(regexp: &Regexp, source: &[u8], limit: i64) -> Vec<(usize, usize)> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let (mut at, mut previous_end) = (0, None);
    while found.len() < limit && at <= source.len() {
        let Some(place) = regexp.0.find_at(source, at).map(|found| (found.start(), found.end())) else { break };
        let accepted = place.1 != at || Some(place.0) != previous_end;
        at = match place.1 == at {
            true => at + width(source, at).max(1),
            false => place.1,
        };
        previous_end = Some(place.1);
        if accepted {
            found.push(place);
        }
    }
    found
}

fn find_all(args: &[Value], compile: Compile) -> Outcome {
    let regexp = compile(text(args, 0))?;
    let source = bytes(args, 1);
    let found = all_matches(&regexp, source, int(args, 2));
    if found.is_empty() {
        return Ok(List::nil(ListType::Str).into());
    }
    Ok(Value::strings(found.into_iter().map(|(start, end)| &source[start..end])))
}

fn split(args: &[Value], compile: Compile) -> Outcome {
    let regexp = compile(text(args, 0))?;
    let (source, limit) = (bytes(args, 1), int(args, 2));
    if limit == 0 {
        return Ok(List::nil(ListType::Str).into());
    }
    if source.is_empty() && !text(args, 0).is_empty() {
        return Ok(Value::strings([""]));
    }
    let mut pieces: Vec<&[u8]> = Vec::new();
    let (mut begin, mut end) = (0, 0);
    for (start, stop) in all_matches(&regexp, source, limit) {
        if limit > 0 && pieces.len() as i64 == limit - 1 {
            break;
        }
        end = start;
        if stop != 0 {
            pieces.push(&source[begin..end]);
        }
        begin = stop;
    }
    if end != source.len() {
        pieces.push(&source[begin..]);
    }
    Ok(Value::strings(pieces))
}

#[derive(Clone, Copy, PartialEq)]
enum Replacement {
    Literal,
    /// With `$1`, `${name}` and `$$`.
    Template,
}

fn replace(args: &[Value], compile: Compile, kind: Replacement) -> Outcome {
    let regexp = compile(text(args, 0))?;
    let (source, replacement) = (bytes(args, 1), bytes(args, 2));
    let literal = kind == Replacement::Literal || !replacement.contains(&b'$');
    let mut out = Vec::new();
    let (mut copied, mut at) = (0, 0);
    while at <= source.len() {
        let Some(captures) = regexp.0.captures_at(source, at) else { break };
        let Some(found) = captures.get(0) else { break };
        let (start, end) = (found.start(), found.end());
        out.extend_from_slice(&source[copied..start]);
        if end > copied || start == 0 {
            match literal {
                true => out.extend_from_slice(replacement),
                false => expand(&mut out, replacement, &captures),
            }
        }
        within(MAX_BYTES, out.len(), "bytes")?;
        copied = end;
        at = end.max(at + width(source, at).max(1));
    }
    if copied == 0 && out.is_empty() {
        return Ok(args[1].clone());
    }
    out.extend_from_slice(&source[copied..]);
    Ok(Value::str(out))
}

/// Writes a replacement template. A `$` that begins no reference stays.
fn expand(out: &mut Vec<u8>, template: &[u8], captures: &Captures<'_>) {
    let mut rest = template;
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix(b"$") {
            out.push(b'$');
            rest = tail;
            continue;
        }
        match reference(rest) {
            None => out.push(b'$'),
            Some((name, tail)) => {
                let group = match group_number(name) {
                    Some(number) => captures.get(number),
                    None => captures.name(name),
                };
                out.extend_from_slice(group.map_or(&b""[..], |group| group.as_bytes()));
                rest = tail;
            }
        }
    }
    out.extend_from_slice(rest);
}

/// The name after a `$`, bare (as many letters, digits and `_` as follow) or in braces.
fn reference(text: &[u8]) -> Option<(&str, &[u8])> {
    let braced = text.strip_prefix(b"{");
    let body = braced.unwrap_or(text);
    let end = utf8::chars(body)
        .find(|(_, rune)| !(*rune == '_' || unicode::is_letter(*rune) || unicode::is_digit(*rune)))
        .map_or(body.len(), |(at, _)| at);
    let name = std::str::from_utf8(&body[..end]).ok().filter(|name| !name.is_empty())?;
    match braced {
        Some(_) => body[end..].strip_prefix(b"}").map(|tail| (name, tail)),
        None => Some((name, &body[end..])),
    }
}

/// Digits without a leading zero number a group.
fn group_number(name: &str) -> Option<usize> {
    let digits = name.bytes().all(|byte| byte.is_ascii_digit());
    (digits && (name.len() == 1 || !name.starts_with('0'))).then(|| name.parse().ok()).flatten()
}

fn quote_meta(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let source = bytes(args, 0);
    let mut out = Vec::with_capacity(source.len());
    for byte in source {
        if br"\.+*?()|[]{}^$".contains(byte) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    Ok(Value::str(out))
}
