use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use minijinja::{Environment, Error, ErrorKind, Expression, UndefinedBehavior};

use super::Variables;
use super::guards::guarded;
use super::variables::MissingName;
use crate::diag::{Code, Diagnostic, nearest};
use crate::jinja::values::from_jinja;
use crate::jinja::{Limits, filters};
use crate::span::Span;
use crate::value::{Frozen, IntKind};

const UNDEFINED: Code = Code("expression.undefined");
const INVALID: Code = Code("expression.invalid");

/// Steps of one expression: it has no loops, but `range` and filters.
const FUEL: u64 = 100_000;
/// Compiled expressions that are kept; beyond them they are compiled each time.
const MOST_KEPT: usize = 10_000;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    filters::register(&mut environment, Limits::default().output_bytes);
    environment
});

type Compiled = Arc<Expression<'static, 'static>>;

static COMPILED: LazyLock<Mutex<HashMap<String, Compiled>>> = LazyLock::new(Mutex::default);

/// The value of an expression: the part `range` of a text that is read from `place`.
///
/// # Errors
/// One diagnostic, at the name that is not there or at the expression.
pub fn evaluate(text: &str, range: Range<usize>, place: &Span, variables: &Variables) -> Result<Frozen, Diagnostic> {
    let expression = &text[range.clone()];
    let at = |part: Range<usize>| span_of(text, range.start + part.start..range.start + part.end, place);
    let whole = 0..expression.len();
    let compiled = compiled(expression).map_err(|error| {
        let part = error.range().filter(|range| range.end <= expression.len()).unwrap_or(whole.clone());
        Diagnostic::error(INVALID, told(&error)).at(at(part), "")
    })?;
    let (seen, missing) = variables.seen(guarded(expression));
    match compiled.eval(seen) {
        Ok(value) => Ok(as_read(Frozen::of(&from_jinja(&value)))),
        Err(error) => Err(match missing.name() {
            Some(name) => {
                let part = find_name(expression, &name.path).unwrap_or(whole);
                undefined(&name, variables).at(at(part), "")
            }
            None => {
                let part = error.range().filter(|range| range.end <= expression.len()).unwrap_or(whole);
                Diagnostic::error(INVALID, told(&error)).at(at(part), "")
            }
        }),
    }
}

/// Integers as YAML reads them.
fn as_read(value: Frozen) -> Frozen {
    match value {
        Frozen::Int(_, value) => Frozen::Int(IntKind::Int, value),
        Frozen::List(items) => Frozen::list(items.iter().cloned().map(as_read).collect()),
        Frozen::Map(map) => Frozen::map(map.iter().map(|(key, value)| (key.clone(), as_read(value.clone()))).collect()),
        other => other,
    }
}

fn compiled(expression: &str) -> Result<Compiled, Error> {
    let known = COMPILED.lock().unwrap_or_else(PoisonError::into_inner).get(expression).cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    let made = Arc::new(ENVIRONMENT.compile_expression_owned(expression.to_owned())?);
    let mut kept = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() < MOST_KEPT {
        kept.insert(expression.to_owned(), Arc::clone(&made));
    }
    Ok(made)
}

fn told(error: &Error) -> String {
    let what = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "it does more work than its limit allows".to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    format!("the expression cannot be evaluated: {what}")
}

fn undefined(name: &MissingName, variables: &Variables) -> Diagnostic {
    let (above, key) = match name.path.rsplit_once('.') {
        Some((above, key)) => (Some(above), key),
        None => (None, name.path.as_str()),
    };
    let why = match above {
        Some(above) if above != "labels" => format!("`{above}` has no key `{}`", key.escape_debug()),
        _ => variables.absence().to_owned(),
    };
    let problem = Diagnostic::error(UNDEFINED, format!("`{}` is not defined: {why}", name.path.escape_debug()));
    match nearest(key, name.known.iter().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None if name.known.is_empty() => {
            problem.help(format!("where it may be absent, ask `{} is defined`", name.path))
        }
        None => problem.help(format!("there are: {}", name.known.join(", "))),
    }
}

/// Where an expression names something: whole words, with dots between keys if it can be found so.
fn find_name(expression: &str, path: &str) -> Option<Range<usize>> {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    let find = |name: &str| {
        expression.match_indices(name).map(|(at, _)| at..at + name.len()).find(|range| {
            let before = expression[..range.start].chars().next_back();
            let after = expression[range.end..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    };
    find(path).or_else(|| find(path.rsplit('.').next()?))
}

/// The place of a part of a text. A text that is quoted or folded otherwise than it reads has one place.
pub(super) fn span_of(text: &str, part: Range<usize>, place: &Span) -> Span {
    match place.text().find(text) {
        Some(at) => {
            let start = place.start as usize + at;
            Span::new(&place.source, start + part.start..start + part.end)
        }
        None => place.clone(),
    }
}
