//! What a scalar means, as go-yaml v2 resolves it (YAML 1.1 with its own exceptions).

use crate::golang::strconv;

pub(super) const NULL_TAG: &str = "tag:yaml.org,2002:null";
pub(super) const BOOL_TAG: &str = "tag:yaml.org,2002:bool";
pub(super) const STR_TAG: &str = "tag:yaml.org,2002:str";
pub(super) const INT_TAG: &str = "tag:yaml.org,2002:int";
pub(super) const FLOAT_TAG: &str = "tag:yaml.org,2002:float";
pub(super) const TIMESTAMP_TAG: &str = "tag:yaml.org,2002:timestamp";
pub(super) const BINARY_TAG: &str = "tag:yaml.org,2002:binary";
pub(super) const MERGE_TAG: &str = "tag:yaml.org,2002:merge";

/// The value of a scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// Nothing, `~`, `null`.
    Null,
    /// `true`, `yes`, `on`, `y` and their opposites.
    Bool(bool),
    /// Fits an `int`.
    Int(i64),
    /// Too large for an `int`.
    Uint(u64),
    /// A float, infinities and NaN included.
    Float(f64),
    /// A date or time; it is read as its text.
    Timestamp,
    /// The text itself.
    Str,
}

impl Scalar {
    fn tag(self) -> &'static str {
        match self {
            Scalar::Null => NULL_TAG,
            Scalar::Bool(_) => BOOL_TAG,
            Scalar::Int(_) | Scalar::Uint(_) => INT_TAG,
            Scalar::Float(_) => FLOAT_TAG,
            Scalar::Timestamp => TIMESTAMP_TAG,
            Scalar::Str => STR_TAG,
        }
    }
}

/// Resolves a plain scalar that has no tag.
pub fn resolve(text: &str) -> Scalar {
    match text.as_bytes().first() {
        None => Scalar::Null,
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => {
            word(text).unwrap_or(Scalar::Str)
        }
        Some(b'.') => match text {
            ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Scalar::Float(f64::INFINITY),
            _ => strconv::parse_float(text).map_or(Scalar::Str, Scalar::Float),
        },
        Some(b'+' | b'-') => match text {
            "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
            _ => number(text),
        },
        Some(b'0'..=b'9') if is_timestamp(text) => Scalar::Timestamp,
        Some(b'0'..=b'9') => number(text),
        Some(_) => Scalar::Str,
    }
}

/// Resolves a scalar with a tag in its long form; the error is go-yaml's, without prefix.
pub(super) fn resolve_tagged(tag: &str, text: &str) -> Result<Scalar, String> {
    if !matches!(tag, BOOL_TAG | INT_TAG | FLOAT_TAG | NULL_TAG | TIMESTAMP_TAG) {
        return Ok(Scalar::Str);
    }
    let found = match resolve(text) {
        // Only a timestamp's own tag makes go-yaml look for one.
        Scalar::Timestamp if tag != TIMESTAMP_TAG => number(text),
        found => found,
    };
    match found {
        Scalar::Int(value) if tag == FLOAT_TAG => Ok(Scalar::Float(value as f64)),
        found if found.tag() == tag => Ok(found),
        found => Err(format!("cannot decode {} `{text}` as a {}", short_tag(found.tag()), short_tag(tag))),
    }
}

/// `!!int` for `tag:yaml.org,2002:int`.
pub(super) fn short_tag(tag: &str) -> String {
    match tag.strip_prefix("tag:yaml.org,2002:") {
        Some(name) => format!("!!{name}"),
        None => tag.to_owned(),
    }
}

fn word(text: &str) -> Option<Scalar> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(Scalar::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Scalar::Bool(false))
        }
        "~" | "null" | "Null" | "NULL" => Some(Scalar::Null),
        _ => None,
    }
}

/// A text that starts with a digit or a sign.
fn number(text: &str) -> Scalar {
    let without;
    let plain = if text.contains('_') {
        without = text.replace('_', "");
        without.as_str()
    } else {
        text
    };
    if let Some(value) = small_decimal(plain) {
        return Scalar::Int(value);
    }
    if let Ok(value) = strconv::parse_int(plain, 0, 64) {
        return Scalar::Int(value);
    }
    if let Ok(value) = strconv::parse_uint(plain, 0, 64) {
        return Scalar::Uint(value);
    }
    if is_float(plain)
        && let Ok(value) = strconv::parse_float(plain)
    {
        return Scalar::Float(value);
    }
    if let Some(digits) = plain.strip_prefix("0b") {
        if let Ok(value) = strconv::parse_int(digits, 2, 64) {
            return Scalar::Int(value);
        }
        if let Ok(value) = strconv::parse_uint(digits, 2, 64) {
            return Scalar::Uint(value);
        }
    } else if let Some(digits) = plain.strip_prefix("-0b")
        && let Ok(value) = strconv::parse_int(&format!("-{digits}"), 2, 64)
    {
        return Scalar::Int(value);
    }
    Scalar::Str
}

/// A decimal integer short enough to need no range check.
fn small_decimal(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() > 18 || (bytes.len() > 1 && bytes[0] == b'0') {
        return None;
    }
    bytes.iter().try_fold(0_i64, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = text.as_bytes();
    if let [b'+' | b'-', tail @ ..] = rest {
        rest = tail;
    }
    let whole = digits(rest);
    rest = &rest[whole..];
    if let [b'.', tail @ ..] = rest {
        let fraction = digits(tail);
        if whole + fraction == 0 {
            return false;
        }
        rest = &tail[fraction..];
    } else if whole == 0 {
        return false;
    }
    if let [b'e' | b'E', tail @ ..] = rest {
        let tail = match tail {
            [b'+' | b'-', tail @ ..] => tail,
            tail => tail,
        };
        let exponent = digits(tail);
        return exponent > 0 && exponent == tail.len();
    }
    rest.is_empty()
}

/// Whether go-yaml takes the text for a date or time: `2001-1-2`, `2001-1-2 3:4:5.6`,
/// `2001-1-2T3:4:5Z`, `2001-1-2t3:4:5+01:00`.
pub(super) fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let year = bytes[..4].iter().fold(0, |year, byte| year * 10 + u32::from(byte - b'0'));
    date_and_time(year, &bytes[5..]).is_some()
}

fn date_and_time(year: u32, bytes: &[u8]) -> Option<()> {
    let (month, rest) = one_or_two(bytes)?;
    let (day, rest) = one_or_two(rest.strip_prefix(b"-")?)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if day == 0 || day > days {
        return None;
    }
    let (zoned, rest) = match rest {
        [] => return Some(()),
        [b'T' | b't', rest @ ..] => (true, rest),
        // A space in a layout stands for any number of them.
        [b' ', rest @ ..] => (false, trim_spaces(rest)),
        _ => return None,
    };
    let (hour, rest) = one_or_two(rest)?;
    let (minute, rest) = one_or_two(rest.strip_prefix(b":")?)?;
    let (second, mut rest) = one_or_two(rest.strip_prefix(b":")?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if let [b'.' | b',', digit, ..] = rest
        && digit.is_ascii_digit()
    {
        let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        rest = &rest[1 + digits..];
    }
    match rest {
        [] if !zoned => Some(()),
        [b'Z'] if zoned => Some(()),
        [b'+' | b'-', h1, h2, b':', m1, m2] if zoned && [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()) => {
            let two = |tens: &u8, ones: &u8| (tens - b'0') * 10 + (ones - b'0');
            (two(h1, h2) <= 24 && two(m1, m2) <= 60).then_some(())
        }
        _ => None,
    }
}

fn one_or_two(bytes: &[u8]) -> Option<(u32, &[u8])> {
    match bytes {
        [a, b, rest @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => {
            Some((u32::from(a - b'0') * 10 + u32::from(b - b'0'), rest))
        }
        [a, rest @ ..] if a.is_ascii_digit() => Some((u32::from(a - b'0'), rest)),
        _ => None,
    }
}

fn trim_spaces(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|byte| **byte == b' ').count()..]
}
