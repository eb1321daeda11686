//! Regular expressions in Go's syntax. A bad pattern is an error of the `must` forms; the others
//! panic on it with more words, and `regexMatch` matches nothing.

use std::rc::Rc;

use crate::golang::regexp::{self, Bounds, Regexp};
use crate::golang::strconv;
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Int, Str as Text};
use crate::value::{List, ListType, Str, Value};

use super::call::{MAX_BYTES, MAX_ITEMS, Outcome, bytes, fixed, int, text};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("regexMatch", &[Text, Text], lenient_match),
    fixed("mustRegexMatch", &[Text, Text], must_match),
    fixed("regexFind", &[Text, Text], |call, args| find(call, args, panicking)),
    fixed("mustRegexFind", &[Text, Text], |call, args| find(call, args, failing)),
    fixed("regexFindAll", &[Text, Text, Int], |call, args| find_all(call, args, panicking)),
    fixed("mustRegexFindAll", &[Text, Text, Int], |call, args| find_all(call, args, failing)),
    fixed("regexReplaceAll", &[Text, Text, Text], |call, args| replace(call, args, panicking, Regexp::replace_all)),
    fixed("mustRegexReplaceAll", &[Text, Text, Text], |call, args| replace(call, args, failing, Regexp::replace_all)),
    fixed("regexReplaceAllLiteral", &[Text, Text, Text], |call, args| {
        replace(call, args, panicking, Regexp::replace_all_literal)
    }),
    fixed("mustRegexReplaceAllLiteral", &[Text, Text, Text], |call, args| {
        replace(call, args, failing, Regexp::replace_all_literal)
    }),
    fixed("regexSplit", &[Text, Text, Int], |call, args| split(call, args, panicking)),
    fixed("mustRegexSplit", &[Text, Text, Int], |call, args| split(call, args, failing)),
    fixed("regexQuoteMeta", &[Text], |_, args| Ok(Value::str(regexp::quote_meta(bytes(args, 0))))),
];

type Compile = fn(&Str, &mut usize) -> Result<Rc<Regexp>, String>;

type Replace = fn(&Regexp, &[u8], &[u8], &mut Bounds) -> Option<Vec<u8>>;

/// Bytes that one call may look at, counting each time.
const MAX_SCAN: u64 = 1 << 30;

/// `regexp.Compile`, whose error the `must` functions return.
fn failing(pattern: &Str, work: &mut usize) -> Result<Rc<Regexp>, String> {
    match pattern.as_str() {
        Some(pattern) => Regexp::compile_counting(pattern, work),
        None => {
            let bytes = pattern.as_bytes();
            let start = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
            Err(format!("error parsing regexp: invalid UTF-8: `{}`", String::from_utf8_lossy(&bytes[start..])))
        }
    }
}

/// As Go's `regexp.MustCompile`, which panics.
fn panicking(pattern: &Str, work: &mut usize) -> Result<Rc<Regexp>, String> {
    failing(pattern, work).map_err(|error| {
        let quoted = match strconv::can_backquote(pattern.as_bytes()) {
            true => format!("`{}`", pattern.to_str_lossy()),
            false => strconv::quote(pattern.as_bytes()),
        };
        format!("regexp: Compile({quoted}): {error}")
    })
}

/// Compiles the first argument and pays for that, and for one search of the second argument.
fn compiled(call: &mut Call<'_>, args: &[Value], compile: Compile) -> Result<Result<Rc<Regexp>, String>, CallError> {
    let mut work = 0;
    let regexp = compile(text(args, 0), &mut work);
    call.exec.charge(work as u64 / 16)?;
    if let Ok(regexp) = &regexp {
        call.exec.charge((regexp.slowness() - 1) * bytes(args, 1).len() as u64 / 16)?;
    }
    Ok(regexp)
}

fn lenient_match(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(compiled(call, args, failing)?.is_ok_and(|regexp| regexp.is_match(bytes(args, 1))).into())
}

fn must_match(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(compiled(call, args, failing)??.is_match(bytes(args, 1)).into())
}

fn find(call: &mut Call<'_>, args: &[Value], compile: Compile) -> Outcome {
    let source = bytes(args, 1);
    let found = compiled(call, args, compile)??.find(source);
    Ok(Value::str(found.map_or(&b""[..], |range| &source[range])))
}

/// Runs a search for many matches within bounds, and pays for what it looked at.
fn bounded<T>(call: &mut Call<'_>, search: impl FnOnce(&mut Bounds) -> Option<T>) -> Result<T, CallError> {
    let mut bounds = Bounds { matches: MAX_ITEMS, bytes: MAX_BYTES, scan: MAX_SCAN };
    let result = search(&mut bounds);
    call.exec.charge((MAX_SCAN - bounds.scan) / 64)?;
    result.ok_or_else(|| {
        let what = format!("{MAX_BYTES} bytes or {MAX_ITEMS} matches, or {MAX_SCAN} bytes to look at");
        format!("result is too large: more than {what}").into()
    })
}

fn find_all(call: &mut Call<'_>, args: &[Value], compile: Compile) -> Outcome {
    let source = bytes(args, 1);
    let regexp = compiled(call, args, compile)??;
    let found = bounded(call, |bounds| regexp.find_all(source, int(args, 2), bounds))?;
    if found.is_empty() {
        return Ok(List::nil(ListType::Str).into());
    }
    Ok(Value::strings(found.into_iter().map(|range| &source[range])))
}

fn replace(call: &mut Call<'_>, args: &[Value], compile: Compile, replace: Replace) -> Outcome {
    let regexp = compiled(call, args, compile)??;
    bounded(call, |bounds| replace(&regexp, bytes(args, 1), bytes(args, 2), bounds)).map(Value::str)
}

fn split(call: &mut Call<'_>, args: &[Value], compile: Compile) -> Outcome {
    let regexp = compiled(call, args, compile)??;
    let limit = int(args, 2);
    let pieces = bounded(call, |bounds| regexp.split(bytes(args, 1), limit, bounds))?;
    Ok(if limit == 0 { List::nil(ListType::Str).into() } else { Value::strings(pieces) })
}
