use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use crate::golang::{float, strconv};
use crate::value::{Kind, Object, Value};

use super::lex::Token;

/// A constant under every type that can hold it, like Go's untyped constants.
#[derive(Debug)]
pub(super) struct Number {
    /// Where it is written.
    pub(super) text: Range<u32>,
    pub(super) int: Option<i64>,
    pub(super) uint: Option<u64>,
    pub(super) float: Option<f64>,
    pub(super) ideal: Ideal,
}

/// The value of a constant where no type is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ideal {
    Int(i64),
    Float(f64),
    Complex(f64, f64),
    /// An integer that is too large for `int`.
    Overflow,
}

impl Number {
    /// Reads the constant that `token` found; the error is Go's text.
    pub(super) fn parse(token: Token, bytes: &[u8], text: Range<u32>) -> Result<Self, String> {
        let lossy = String::from_utf8_lossy(bytes);
        match token {
            Token::CharConstant => Self::char(&lossy, bytes, text),
            Token::Complex => Self::complex(&lossy, text),
            _ => Self::real(&lossy, text),
        }
    }

    fn char(literal: &str, bytes: &[u8], text: Range<u32>) -> Result<Self, String> {
        let rune = i64::from(unquote_char(literal, bytes)?);
        let uint = u64::try_from(rune).ok();
        Ok(Self { text, int: Some(rune), uint, float: Some(rune as f64), ideal: Ideal::Int(rune) })
    }

    fn complex(literal: &str, text: Range<u32>) -> Result<Self, String> {
        let parts = literal.strip_suffix('i').unwrap_or(literal);
        // The sign between the parts is the last one that does not follow an exponent letter.
        let split = parts
            .char_indices()
            .rev()
            .find(|(at, letter)| {
                matches!(letter, '+' | '-') && *at > 0 && !parts[..*at].ends_with(['e', 'E', 'p', 'P'])
            })
            .map_or(0, |(at, _)| at);
        let (real, imaginary) = parts.split_at(split);
        let part = |part: &str| strconv::parse_float(part).map_err(|error| error.message("ParseFloat", part));
        Ok(Self::of_complex(part(real)?, part(imaginary)?, text))
    }

    fn of_complex(real: f64, imaginary: f64, text: Range<u32>) -> Self {
        let float = (imaginary == 0.0).then_some(real);
        let ideal = Ideal::Complex(real, imaginary);
        Self { text, int: float.and_then(whole_int), uint: float.and_then(whole_uint), float, ideal }
    }

    fn real(literal: &str, text: Range<u32>) -> Result<Self, String> {
        if let Some(imaginary) = literal.strip_suffix('i').and_then(parse_float) {
            return Ok(Self::of_complex(0.0, imaginary, text));
        }
        let mut int = strconv::parse_int(literal, 0, 64).ok();
        let mut uint = strconv::parse_uint(literal, 0, 64).ok().or((int == Some(0)).then_some(0));
        let is_float = !is_hex_int(literal) && literal.contains(['.', 'e', 'E', 'p', 'P']);
        let float = match (int, uint) {
            (Some(value), _) => Some(value as f64),
            (None, Some(value)) => Some(value as f64),
            (None, None) => match parse_float(literal) {
                Some(_) if !literal.contains(['.', 'e', 'E', 'p', 'P']) => {
                    return Err(format!("integer overflow: {}", strconv::quote(literal.as_bytes())));
                }
                Some(value) => {
                    int = whole_int(value);
                    uint = whole_uint(value);
                    Some(value)
                }
                None => return Err(format!("illegal number syntax: {}", strconv::quote(literal.as_bytes()))),
            },
        };
        let ideal = match (float, int) {
            (Some(value), _) if is_float => Ideal::Float(value),
            (_, Some(value)) => Ideal::Int(value),
            _ => Ideal::Overflow,
        };
        Ok(Self { text, int, uint, float, ideal })
    }
}

fn parse_float(text: &str) -> Option<f64> {
    strconv::parse_float(text).ok()
}

/// The constant as an `int64`, when nothing is lost.
fn whole_int(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (value.fract() == 0.0 && (-LIMIT..LIMIT).contains(&value)).then_some(value as i64)
}

/// The constant as a `uint64`, when nothing is lost.
fn whole_uint(value: f64) -> Option<u64> {
    const LIMIT: f64 = 18_446_744_073_709_551_616.0;
    (value.fract() == 0.0 && (0.0..LIMIT).contains(&value)).then_some(value as u64)
}

fn is_hex_int(text: &str) -> bool {
    text.len() > 2 && (text.starts_with("0x") || text.starts_with("0X")) && !text.contains(['p', 'P'])
}

/// The rune of a quoted character constant.
fn unquote_char(literal: &str, bytes: &[u8]) -> Result<u32, String> {
    const SYNTAX: &str = "invalid syntax";
    let body = literal.strip_prefix('\'').unwrap_or(literal);
    let malformed = || format!("malformed character constant: {literal}");
    let mut runes = body.chars();
    let (value, rest) = match runes.next().ok_or(SYNTAX)? {
        '\'' => return Err(SYNTAX.to_owned()),
        '\\' => {
            let escape = runes.next().ok_or(SYNTAX)?;
            let digits = |count: usize, radix: u32| -> Result<(u32, &str), String> {
                let text = runes.as_str();
                let (head, tail) = text.split_at_checked(count).ok_or(SYNTAX)?;
                if !head.chars().all(|digit| digit.is_digit(radix)) {
                    return Err(SYNTAX.to_owned());
                }
                Ok((u32::from_str_radix(head, radix).map_err(|_| SYNTAX)?, tail))
            };
            match escape {
                'a' => (7, runes.as_str()),
                'b' => (8, runes.as_str()),
                'f' => (12, runes.as_str()),
                'n' => (10, runes.as_str()),
                'r' => (13, runes.as_str()),
                't' => (9, runes.as_str()),
                'v' => (11, runes.as_str()),
                '\\' | '\'' => (u32::from(escape), runes.as_str()),
                'x' => digits(2, 16)?,
                'u' | 'U' => {
                    let (value, rest) = digits(if escape == 'u' { 4 } else { 8 }, 16)?;
                    char::from_u32(value).ok_or(SYNTAX)?;
                    (value, rest)
                }
                '0'..='7' => {
                    let high = escape.to_digit(8).unwrap_or_default();
                    let (low, rest) = digits(2, 8)?;
                    let value = high * 64 + low;
                    if value > 255 {
                        return Err(SYNTAX.to_owned());
                    }
                    (value, rest)
                }
                _ => return Err(SYNTAX.to_owned()),
            }
        }
        // A byte that is no UTF-8 is one character, as any other.
        rune => (u32::from(rune), runes.as_str()),
    };
    // Replacement of invalid bytes may join them, so their number is checked in the source.
    let invalid = value == u32::from(char::REPLACEMENT_CHARACTER) && std::str::from_utf8(bytes).is_err();
    if rest != "'" || invalid && bytes.len() != 3 {
        return Err(malformed());
    }
    Ok(value)
}

/// A `complex128`, which only constants of templates produce.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Complex {
    pub(super) real: f64,
    pub(super) imaginary: f64,
}

impl Object for Complex {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("complex128")
    }

    fn kind(&self) -> Kind {
        Kind::Complex128
    }

    fn print(&self) -> Vec<u8> {
        let mut out = format!("({}", float::format_v(self.real));
        let imaginary = float::format_v(self.imaginary);
        let sign = if imaginary.starts_with(['+', '-']) { "" } else { "+" };
        let _ = write!(out, "{sign}{imaginary}i)");
        out.into_bytes()
    }

    fn to_data(&self) -> Value {
        Value::str(self.print())
    }

    fn truth(&self) -> bool {
        self.real != 0.0 || self.imaginary != 0.0
    }

    fn equal(&self, other: &dyn Object) -> Option<bool> {
        let other: &dyn std::any::Any = other;
        other.downcast_ref::<Complex>().map(|other| self == other)
    }
}
