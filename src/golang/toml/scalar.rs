//! What written values mean.

use crate::value::Value;

use super::super::strconv::{NumError, parse_float, parse_int, quote};
use super::super::time::{Time, Zone};
use super::cursor::Problem;
use super::lex::{Kind, Lexeme};
use super::{LOCAL_DATE, LOCAL_DATETIME, LOCAL_TIME};

/// The layouts that a date or time may have.
const LAYOUTS: [&str; 7] = [
    "2006-01-02T15:04:05.999999999Z07:00",
    "2006-01-02T15:04:05.999999999",
    "2006-01-02",
    "15:04:05.999999999",
    "2006-01-02T15:04Z07:00",
    "2006-01-02T15:04",
    "15:04",
];

/// The value of a lexeme that is neither an array nor a table.
pub(super) fn scalar(lexeme: &Lexeme<'_>) -> Result<Value, Problem> {
    match lexeme.kind {
        Kind::Integer => integer(lexeme),
        Kind::Float => float(lexeme),
        Kind::Bool => Ok(Value::Bool(lexeme.text == "true")),
        Kind::Datetime => datetime(lexeme),
        _ => text(lexeme).map(Value::from),
    }
}

/// The text of a string or of a part of a key.
pub(super) fn text(lexeme: &Lexeme<'_>) -> Result<String, Problem> {
    match lexeme.kind {
        Kind::EscapedStr => unescape(lexeme, lexeme.text),
        Kind::MultilineStr => unescape(lexeme, &join_escaped_lines(without_first_newline(lexeme.text))),
        Kind::MultilineRawStr => Ok(without_first_newline(lexeme.text).to_owned()),
        _ => Ok(lexeme.text.to_owned()),
    }
}

fn problem(lexeme: &Lexeme<'_>, message: String) -> Problem {
    Problem { line: lexeme.line, message }
}

fn integer(lexeme: &Lexeme<'_>) -> Result<Value, Problem> {
    let invalid =
        |what: &str| Err(problem(lexeme, format!("Invalid integer {}: {what}", quote(lexeme.text.as_bytes()))));
    if !underscores_surrounded(lexeme.text) {
        return invalid("underscores must be surrounded by digits");
    }
    if has_leading_zero(lexeme.text) {
        return invalid("cannot have leading zeroes");
    }
    match parse_int(lexeme.text, 0, 64) {
        Ok(value) => Ok(Value::int64(value)),
        Err(_) => Err(problem(lexeme, format!("{} is out of range for int64", lexeme.text))),
    }
}

fn float(lexeme: &Lexeme<'_>) -> Result<Value, Problem> {
    let written = quote(lexeme.text.as_bytes());
    let invalid = |what: &str| Err(problem(lexeme, format!("Invalid float {written}: {what}")));
    let mut parts = lexeme.text.split(['.', 'e', 'E']).filter(|part| !part.is_empty()).peekable();
    let leading_zero = parts.peek().is_some_and(|part| has_leading_zero(part));
    if !parts.all(underscores_surrounded) {
        return invalid("underscores must be surrounded by digits");
    }
    if leading_zero {
        return invalid("cannot have leading zeroes");
    }
    let digit_follows = |(at, _): (usize, &str)| lexeme.text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    if !lexeme.text.match_indices('.').all(digit_follows) {
        return invalid("'.' must be followed by one or more digits");
    }
    let plain = lexeme.text.replace('_', "");
    let value = match plain.as_str() {
        "+nan" => Ok(f64::NAN),
        "-nan" => Ok(-f64::NAN),
        number => parse_float(number),
    };
    match value {
        Ok(value) => Ok(Value::Float(value)),
        Err(NumError::Range) => Err(problem(lexeme, format!("{} is out of range for float64", lexeme.text))),
        Err(NumError::Syntax) => Err(problem(lexeme, format!("Invalid float value: {written}"))),
    }
}

fn has_leading_zero(number: &str) -> bool {
    match number.as_bytes() {
        [b'0', second, ..] => !matches!(second, b'b' | b'o' | b'x'),
        [b'-' | b'+', b'0', _, ..] => true,
        _ => false,
    }
}

/// Whether hexadecimal digits stand on both sides of each underscore, and at the end.
fn underscores_surrounded(number: &str) -> bool {
    if matches!(number, "nan" | "+nan" | "-nan" | "inf" | "+inf" | "-inf") {
        return true;
    }
    let mut after_digit = false;
    for byte in number.bytes() {
        if byte == b'_' && !after_digit {
            return false;
        }
        after_digit = byte.is_ascii_hexdigit();
    }
    after_digit
}

/// The library takes a date for its midnight, a time of day for one of the year 0, and those without
/// an offset for times of zones with names of their own; the local offset is zero here.
fn datetime(lexeme: &Lexeme<'_>) -> Result<Value, Problem> {
    let written = lexeme.text.replace('z', "Z").replace(['t', ' '], "T");
    let invalid = || problem(lexeme, format!("invalid datetime: {}", quote(written.as_bytes())));
    let found = LAYOUTS.iter().find_map(|layout| Some((layout, Time::parse(layout, &written).ok()?)));
    let (layout, time) = found.ok_or_else(invalid)?;
    if !separators_in_place(&written, layout) {
        return Err(invalid());
    }
    Ok(match local_zone(layout) {
        Some(name) => time.in_zone(Zone::Fixed(name.into(), 0)).into(),
        None => time.into(),
    })
}

/// The name of the zone that stands for a missing offset.
fn local_zone(layout: &str) -> Option<&'static str> {
    match (layout.contains('Z'), layout.starts_with("2006"), layout.contains(':')) {
        (true, ..) => None,
        (false, true, true) => Some(LOCAL_DATETIME),
        (false, true, false) => Some(LOCAL_DATE),
        (false, false, _) => Some(LOCAL_TIME),
    }
}

/// Whether all numbers have their leading zeros, which Go's layouts do not insist on.
fn separators_in_place(written: &str, layout: &str) -> bool {
    layout
        .bytes()
        .zip(written.bytes())
        .take_while(|(expected, _)| !matches!(expected, b'.' | b'Z'))
        .all(|(expected, found)| expected.is_ascii_digit() || expected == found)
}

fn without_first_newline(text: &str) -> &str {
    text.strip_prefix('\n').or_else(|| text.strip_prefix("\r\n")).unwrap_or(text)
}

/// Removes each backslash at the end of a line, with all white space up to the next text.
fn join_escaped_lines(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        joined.push_str(before);
        let behind = &escape[1..];
        let tail = behind.trim_start_matches([' ', '\t', '\r', '\n']);
        if behind[..behind.len() - tail.len()].contains('\n') {
            rest = tail;
        } else if let Some(after) = behind.strip_prefix('\\') {
            joined.push_str("\\\\");
            rest = after;
        } else {
            joined.push('\\');
            rest = behind;
        }
    }
    joined.push_str(rest);
    joined
}

fn unescape(lexeme: &Lexeme<'_>, text: &str) -> Result<String, Problem> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        let digits = match chars.next() {
            Some('b') => {
                out.push('\x08');
                continue;
            }
            Some('t') => {
                out.push('\t');
                continue;
            }
            Some('n') => {
                out.push('\n');
                continue;
            }
            Some('f') => {
                out.push('\x0C');
                continue;
            }
            Some('r') => {
                out.push('\r');
                continue;
            }
            Some('e') => {
                out.push('\x1B');
                continue;
            }
            Some(char @ ('"' | '\\')) => {
                out.push(char);
                continue;
            }
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            other => {
                let char = other.unwrap_or('\0');
                return Err(problem(lexeme, format!("invalid escape: '\\{char}'")));
            }
        };
        let written: String = chars.by_ref().take(digits).collect();
        match u32::from_str_radix(&written, 16).ok().and_then(char::from_u32) {
            Some(char) => out.push(char),
            None => return Err(problem(lexeme, format!("Escaped character '\\u{written}' is not valid UTF-8."))),
        }
    }
    Ok(out)
}
