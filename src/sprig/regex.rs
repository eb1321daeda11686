//! Regular expressions in Go's syntax, matching as Go's `regexp` package walks through a text.

use std::rc::Rc;

use crate::golang::regexp::{self, Regexp};
use crate::golang::strconv;
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Int, Str as Text};
use crate::value::{List, ListType, Str, Value};

use super::call::{MAX_BYTES, Outcome, bytes, fixed, int, text, within};

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
    Ok(compile(text(args, 0)).is_ok_and(|regexp| regexp.is_match(bytes(args, 1))).into())
}

fn must_match(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(failing(text(args, 0))?.is_match(bytes(args, 1)).into())
}

fn find(args: &[Value], compile: Compile) -> Outcome {
    let regexp = compile(text(args, 0))?;
    let source = bytes(args, 1);
    Ok(Value::str(regexp.find(source).map_or(&b""[..], |found| &source[found])))
}

fn find_all(args: &[Value], compile: Compile) -> Outcome {
    let regexp = compile(text(args, 0))?;
    let source = bytes(args, 1);
    let found = regexp.find_all(source, int(args, 2));
    if found.is_empty() {
        return Ok(List::nil(ListType::Str).into());
    }
    Ok(Value::strings(found.into_iter().map(|place| &source[place])))
}

fn split(args: &[Value], compile: Compile) -> Outcome {
    let regexp = compile(text(args, 0))?;
    Ok(match regexp.split(bytes(args, 1), int(args, 2)) {
        Some(pieces) => Value::strings(pieces),
        None => List::nil(ListType::Str).into(),
    })
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
    let replaced = match kind {
        Replacement::Literal => regexp.replace_all_literal(source, replacement, MAX_BYTES),
        Replacement::Template => regexp.replace_all(source, replacement, MAX_BYTES),
    };
    match replaced {
        Some(replaced) => Ok(Value::str(replaced)),
        None => within(MAX_BYTES, MAX_BYTES + 1, "bytes").map(|()| Value::Nil),
    }
}

fn quote_meta(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(Value::str(regexp::quote_meta(bytes(args, 0))))
}
