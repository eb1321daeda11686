//! Regular expressions in Go's syntax. A bad pattern is an error of the `must` forms; the others
//! panic on it with more words, and `regexMatch` matches nothing.

use std::rc::Rc;

use crate::golang::regexp::{self, Regexp};
use crate::golang::strconv;
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Int, Str as Text};
use crate::value::{List, ListType, Str, Value};

use super::call::{MAX_BYTES, Outcome, bytes, fixed, int, text, too_large};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("regexMatch", &[Text, Text], lenient_match),
    fixed("mustRegexMatch", &[Text, Text], must_match),
    fixed("regexFind", &[Text, Text], |_, args| find(args, panicking)),
    fixed("mustRegexFind", &[Text, Text], |_, args| find(args, failing)),
    fixed("regexFindAll", &[Text, Text, Int], |_, args| find_all(args, panicking)),
    fixed("mustRegexFindAll", &[Text, Text, Int], |_, args| find_all(args, failing)),
    fixed("regexReplaceAll", &[Text, Text, Text], |_, args| replace(args, panicking, Regexp::replace_all)),
    fixed("mustRegexReplaceAll", &[Text, Text, Text], |_, args| replace(args, failing, Regexp::replace_all)),
    fixed("regexReplaceAllLiteral", &[Text, Text, Text], |_, args| {
        replace(args, panicking, Regexp::replace_all_literal)
    }),
    fixed("mustRegexReplaceAllLiteral", &[Text, Text, Text], |_, args| {
        replace(args, failing, Regexp::replace_all_literal)
    }),
    fixed("regexSplit", &[Text, Text, Int], |_, args| split(args, panicking)),
    fixed("mustRegexSplit", &[Text, Text, Int], |_, args| split(args, failing)),
    fixed("regexQuoteMeta", &[Text], |_, args| Ok(Value::str(regexp::quote_meta(bytes(args, 0))))),
];

type Compile = fn(&Str) -> Result<Rc<Regexp>, CallError>;

/// Source, replacement and limit to the result.
type Replace = fn(&Regexp, &[u8], &[u8], usize) -> Option<Vec<u8>>;

/// `regexp.Compile`.
fn compile(pattern: &Str) -> Result<Rc<Regexp>, String> {
    match pattern.as_str() {
        Some(pattern) => Regexp::compile(pattern),
        None => {
            let bytes = pattern.as_bytes();
            let start = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
            Err(format!("error parsing regexp: invalid UTF-8: `{}`", String::from_utf8_lossy(&bytes[start..])))
        }
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

fn lenient_match(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(compile(text(args, 0)).is_ok_and(|regexp| regexp.is_match(bytes(args, 1))).into())
}

fn must_match(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(failing(text(args, 0))?.is_match(bytes(args, 1)).into())
}

fn find(args: &[Value], compile: Compile) -> Outcome {
    let source = bytes(args, 1);
    let found = compile(text(args, 0))?.find(source);
    Ok(Value::str(found.map_or(&b""[..], |range| &source[range])))
}

fn find_all(args: &[Value], compile: Compile) -> Outcome {
    let source = bytes(args, 1);
    let found = compile(text(args, 0))?.find_all(source, int(args, 2));
    if found.is_empty() {
        return Ok(List::nil(ListType::Str).into());
    }
    Ok(Value::strings(found.into_iter().map(|range| &source[range])))
}

fn replace(args: &[Value], compile: Compile, replace: Replace) -> Outcome {
    let regexp = compile(text(args, 0))?;
    let replaced = replace(&regexp, bytes(args, 1), bytes(args, 2), MAX_BYTES);
    replaced.map(Value::str).ok_or_else(|| too_large(MAX_BYTES, "bytes"))
}

fn split(args: &[Value], compile: Compile) -> Outcome {
    let regexp = compile(text(args, 0))?;
    Ok(regexp.split(bytes(args, 1), int(args, 2)).map_or_else(|| List::nil(ListType::Str).into(), Value::strings))
}
