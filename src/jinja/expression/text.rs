use std::ops::Range;

use super::Variables;
use super::evaluate::{evaluate, span_of};
use crate::diag::{Code, Diagnostic};
use crate::golang::fmt::sprint;
use crate::span::Span;
use crate::value::{Frozen, Value};

const INVALID: Code = Code("expression.invalid");
const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// A text with each `${{ expression }}` replaced by its value; `None` when there is none. A text that is
/// one expression and nothing else is that value, whatever its type.
///
/// # Errors
/// One diagnostic, at the expression.
pub fn fill(text: &str, place: &Span, variables: &Variables) -> Result<Option<Frozen>, Diagnostic> {
    let Some(mut start) = text.find(OPEN) else { return Ok(None) };
    let mut out = text[..start].to_owned();
    loop {
        let inner = start + OPEN.len();
        let Some(end) = close(text, inner) else {
            let problem = Diagnostic::error(INVALID, format!("`{OPEN}` is not closed"));
            let problem = problem.at(span_of(text, start..inner, place), "");
            return Err(
                problem.help(format!("write `{OPEN} … {CLOSE}`; for the signs themselves `{OPEN} '{OPEN}' {CLOSE}`"))
            );
        };
        let value = evaluate(text, trimmed(text, inner..end), place, variables)?;
        let after = end + CLOSE.len();
        if out.is_empty() && after == text.len() {
            return Ok(Some(value));
        }
        match &value {
            Frozen::Str(text) => out.push_str(&text.to_str_lossy()),
            Frozen::Bool(_) | Frozen::Int(..) | Frozen::Float(_) => {
                out.push_str(&String::from_utf8_lossy(&sprint(&[Value::from(&value)])));
            }
            Frozen::Nil | Frozen::List(_) | Frozen::Map(_) => {
                let kind = match value {
                    Frozen::Nil => "nothing",
                    Frozen::List(_) => "a list",
                    _ => "a map",
                };
                let problem = Diagnostic::error(INVALID, format!("the expression gives {kind}, which is no text"));
                return Err(problem.at(span_of(text, start..after, place), "in the middle of a text"));
            }
        }
        match text[after..].find(OPEN) {
            Some(next) => {
                out.push_str(&text[after..after + next]);
                start = after + next;
            }
            None => {
                out.push_str(&text[after..]);
                return Ok(Some(Frozen::str(out)));
            }
        }
    }
}

/// Where the expression that begins at `from` ends: at the first `}}` that is in no quotes or brackets.
fn close(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut quote) = (from, 0_usize, None);
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') if depth > 0 => depth -= 1,
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            (None, _) => {}
        }
        at += 1;
    }
    None
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + (inner.len() - inner.trim_start().len());
    start..start + inner.trim().len()
}
