//! How Go writes floating-point numbers: `strconv.FormatFloat`, `%v` and encoding/json.

use std::io::Write;

/// Beyond this many digits after the first a float64 has only zeros.
const MAX_DIGITS: usize = 1100;

/// Shortest decimal digits that read back as the same number: `0.DIGITS × 10^point`.
struct Digits {
    buffer: [u8; 20],
    len: usize,
    point: i32,
}

impl Digits {
    /// Of a finite, non-negative number; zero has no digits.
    fn shortest(value: impl zmij::Float) -> Self {
        let mut text = zmij::Buffer::new();
        let text = text.format_finite(value).as_bytes();
        let mut digits = Digits { buffer: [0; 20], len: 0, point: 0 };
        let mut fraction = false;
        for (at, byte) in text.iter().enumerate() {
            match byte {
                b'.' => fraction = true,
                b'e' => {
                    digits.point += parse_exponent(&text[at + 1..]);
                    break;
                }
                b'0' if digits.len == 0 => digits.point -= i32::from(fraction),
                digit => {
                    if digits.len < digits.buffer.len() {
                        digits.buffer[digits.len] = *digit;
                        digits.len += 1;
                    }
                    digits.point += i32::from(!fraction);
                }
            }
        }
        while digits.len > 0 && digits.buffer[digits.len - 1] == b'0' {
            digits.len -= 1;
        }
        if digits.len == 0 {
            digits.point = 0;
        }
        digits
    }

    fn as_slice(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

fn parse_exponent(text: &[u8]) -> i32 {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let size = digits.iter().fold(0, |size, digit| size * 10 + i32::from(digit - b'0'));
    if negative { -size } else { size }
}

/// The shortest `%g` form turns exponential from this decimal exponent on: 1000000.0 is `1e+06`.
const SHORTEST_EXPONENT: i32 = 6;

/// `%v` of a float64: shortest digits, exponent form below 1e-4 and from 1e+06 on.
pub fn format_v(value: f64) -> String {
    collect(|out| append_v(out, value))
}

/// Appends what [`format_v`] gives.
pub fn append_v(out: &mut Vec<u8>, value: f64) {
    append(out, value, b'g', -1);
}

/// How encoding/json writes a finite float64.
pub fn format_json(value: f64) -> String {
    collect(|out| append_json(out, value))
}

/// Appends what [`format_json`] gives.
pub fn append_json(out: &mut Vec<u8>, value: f64) {
    let size = value.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return append(out, value, b'f', -1);
    }
    append(out, value, b'e', -1);
    // `e-09` is written `e-9`.
    let end = out.len();
    if end >= 4 && out[end - 4..end - 1] == *b"e-0" {
        out.remove(end - 2);
    }
}

/// Go's `strconv.FormatFloat(value, verb, precision, 64)`; precision -1 is the shortest.
pub fn format(value: f64, verb: u8, precision: i32) -> String {
    collect(|out| append(out, value, verb, precision))
}

/// Go's `strconv.FormatFloat(value, 'g', -1, 32)`.
pub fn format_g32(value: f32) -> String {
    collect(|out| {
        if !special(out, f64::from(value)) {
            general(out, &Digits::shortest(value.abs()), b'e');
        }
    })
}

/// Appends Go's `strconv.FormatFloat(value, verb, precision, 64)`. An unknown verb gives `%` and
/// the verb, as in Go.
pub fn append(out: &mut Vec<u8>, value: f64, verb: u8, precision: i32) {
    if special(out, value) {
        return;
    }
    let size = value.abs();
    let shortest = precision < 0;
    let precision = usize::try_from(precision).unwrap_or(0);
    match verb {
        b'e' | b'E' if shortest => {
            let digits = Digits::shortest(size);
            exponential(out, digits.as_slice(), digits.point, digits.len.saturating_sub(1), verb);
        }
        b'e' | b'E' => exact_exponential(out, size, precision, verb),
        b'f' if shortest => {
            let digits = Digits::shortest(size);
            positional(out, digits.as_slice(), digits.point);
        }
        b'f' => {
            write_to(out, format_args!("{size:.*}", precision.min(MAX_DIGITS)));
            zeros(out, precision.saturating_sub(MAX_DIGITS));
        }
        b'g' | b'G' if shortest => general(out, &Digits::shortest(size), verb - 2),
        b'g' | b'G' => exact_general(out, size, precision.max(1), verb - 2),
        b'b' => binary(out, size),
        b'x' | b'X' => hexadecimal(out, size, (!shortest).then_some(precision), verb),
        _ => out.extend_from_slice(&[b'%', verb]),
    }
}

/// Writes the sign, and the whole text of infinities and NaN. Whether that was all.
fn special(out: &mut Vec<u8>, value: f64) -> bool {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
        return true;
    }
    if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
        return true;
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    false
}

/// `%g` of shortest digits.
fn general(out: &mut Vec<u8>, digits: &Digits, exponent_letter: u8) {
    let exponent = digits.point - 1;
    if digits.len > 0 && !(-4..SHORTEST_EXPONENT).contains(&exponent) {
        exponential(out, digits.as_slice(), digits.point, digits.len - 1, exponent_letter);
    } else {
        positional(out, digits.as_slice(), digits.point);
    }
}

/// `%g` with a number of significant digits.
fn exact_general(out: &mut Vec<u8>, size: f64, precision: usize, exponent_letter: u8) {
    let mut scientific = Vec::new();
    write_to(&mut scientific, format_args!("{size:.*e}", (precision - 1).min(MAX_DIGITS)));
    let at = scientific.iter().position(|byte| *byte == b'e').unwrap_or(scientific.len());
    let point = parse_exponent(scientific.get(at + 1..).unwrap_or_default()) + 1;
    let mut digits: Vec<u8> = scientific[..at].iter().copied().filter(u8::is_ascii_digit).collect();
    digits.truncate(digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1));
    let point = if digits.is_empty() { 0 } else { point };
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let mut limit = i32::try_from(precision).unwrap_or(i32::MAX);
    if limit > count && count >= point {
        limit = count;
    }
    let exponent = point - 1;
    if exponent < -4 || exponent >= limit {
        exponential(out, &digits, point, digits.len().saturating_sub(1), exponent_letter);
    } else {
        positional(out, &digits, point);
    }
}

/// `%e` with digits behind the point.
fn exact_exponential(out: &mut Vec<u8>, size: f64, precision: usize, letter: u8) {
    let start = out.len();
    write_to(out, format_args!("{size:.*e}", precision.min(MAX_DIGITS)));
    let at = out[start..].iter().position(|byte| *byte == b'e').map_or(out.len(), |at| start + at);
    let exponent = parse_exponent(out.get(at + 1..).unwrap_or_default());
    out.truncate(at);
    zeros(out, precision.saturating_sub(MAX_DIGITS));
    exponent_suffix(out, exponent, letter);
}

/// `d.ddde±dd` with a given number of digits behind the point.
fn exponential(out: &mut Vec<u8>, digits: &[u8], point: i32, behind: usize, letter: u8) {
    out.push(digits.first().copied().unwrap_or(b'0'));
    if behind > 0 {
        out.push(b'.');
        let rest = digits.get(1..).unwrap_or_default();
        let rest = &rest[..rest.len().min(behind)];
        out.extend_from_slice(rest);
        zeros(out, behind - rest.len());
    }
    exponent_suffix(out, if digits.is_empty() { 0 } else { point - 1 }, letter);
}

fn exponent_suffix(out: &mut Vec<u8>, exponent: i32, letter: u8) {
    out.extend_from_slice(&[letter, if exponent < 0 { b'-' } else { b'+' }]);
    write_to(out, format_args!("{:02}", exponent.abs()));
}

/// `ddd.ddd` with exactly the digits given.
fn positional(out: &mut Vec<u8>, digits: &[u8], point: i32) {
    let before = usize::try_from(point).unwrap_or(0);
    if before == 0 {
        out.push(b'0');
    } else {
        let shown = before.min(digits.len());
        out.extend_from_slice(&digits[..shown]);
        zeros(out, before - shown);
    }
    if digits.len() > before {
        out.push(b'.');
        zeros(out, usize::try_from(-point).unwrap_or(0));
        out.extend_from_slice(&digits[before..]);
    }
}

/// `%b`: mantissa and binary exponent.
fn binary(out: &mut Vec<u8>, size: f64) {
    let (mantissa, exponent) = parts(size);
    write_to(out, format_args!("{mantissa}p{exponent:+}"));
}

/// Mantissa and exponent such that the number is `mantissa × 2^exponent`.
fn parts(size: f64) -> (u64, i32) {
    let bits = size.to_bits();
    let mantissa = bits & ((1 << 52) - 1);
    match (bits >> 52) as i32 & 0x7FF {
        0 => (mantissa, -1074),
        biased => (mantissa | 1 << 52, biased - 1075),
    }
}

/// `%x`: `0x1.yyyyyp±dd`.
fn hexadecimal(out: &mut Vec<u8>, size: f64, precision: Option<usize>, verb: u8) {
    let (mut mantissa, mut exponent) = parts(size);
    exponent += 52;
    if mantissa == 0 {
        exponent = 0;
    }
    // Leading one at bit 60, so that every hexadecimal digit of the fraction is whole.
    mantissa <<= 8;
    while mantissa != 0 && mantissa & 1 << 60 == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    if let Some(digits) = precision.filter(|digits| *digits < 15) {
        let shift = digits * 4;
        let rest = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        if rest | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & 1 << 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let hex: &[u8; 16] = if verb == b'X' { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    out.extend_from_slice(&[b'0', verb, b'0' + (mantissa >> 60 & 1) as u8]);
    let mut fraction = mantissa << 4;
    if precision != Some(0) && (precision.is_some() || fraction != 0) {
        out.push(b'.');
        let mut written = 0;
        while precision.map_or(fraction != 0, |digits| written < digits.min(16)) {
            out.push(hex[(fraction >> 60) as usize]);
            fraction <<= 4;
            written += 1;
        }
        zeros(out, precision.map_or(0, |digits| digits - written));
    }
    exponent_suffix(out, exponent, if verb == b'X' { b'P' } else { b'p' });
}

fn zeros(out: &mut Vec<u8>, count: usize) {
    out.resize(out.len() + count, b'0');
}

fn write_to(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a Vec takes every write");
}

fn collect(append: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::with_capacity(24);
    append(&mut out);
    String::from_utf8(out).expect("numbers are ASCII")
}
