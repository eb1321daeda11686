use super::super::strconv::{append_quote_rune, is_print};
use super::super::{float, utf8};
use super::flags::Flags;

/// Digits of `%x`, and the letter of its prefix.
pub(super) const LOWER: &[u8; 17] = b"0123456789abcdefx";
/// Digits of `%X`, and the letter of its prefix.
pub(super) const UPPER: &[u8; 17] = b"0123456789ABCDEFX";

/// An integer operand: its bits, and whether they are signed.
#[derive(Clone, Copy)]
pub(super) struct Integer {
    pub bits: i64,
    pub signed: bool,
}

/// Prints an integer. `false`, with nothing printed, when the verb is not one of integers.
pub(super) fn integer(out: &mut Vec<u8>, flags: &Flags, value: Integer, verb: char) -> bool {
    match verb {
        'v' if flags.go_syntax && !value.signed => {
            let flags = Flags { sharp: true, ..*flags };
            in_base(out, &flags, value, 16, verb);
        }
        'v' | 'd' => in_base(out, flags, value, 10, verb),
        'b' => in_base(out, flags, value, 2, verb),
        'o' | 'O' => in_base(out, flags, value, 8, verb),
        'x' | 'X' => in_base(out, flags, value, 16, verb),
        'c' => {
            let start = out.len();
            utf8::push(out, character(value.bits));
            flags.pad(out, start);
        }
        'q' => {
            let start = out.len();
            append_quote_rune(out, character(value.bits), flags.plus);
            flags.pad(out, start);
        }
        'U' => unicode(out, flags, value.bits as u64),
        _ => return false,
    }
    true
}

fn character(bits: i64) -> char {
    u32::try_from(bits).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn in_base(out: &mut Vec<u8>, flags: &Flags, value: Integer, base: u64, verb: char) {
    let negative = value.signed && value.bits < 0;
    let mut rest = if negative { value.bits.unsigned_abs() } else { value.bits as u64 };
    let start = out.len();
    let mut least = 0;
    if let Some(precision) = flags.precision {
        if precision == 0 && rest == 0 {
            return flags.pad_spaces(out, start);
        }
        least = precision;
    } else if flags.zero && !flags.minus {
        let sign = usize::from(negative || flags.plus || flags.space);
        least = flags.width.map_or(0, |width| width.saturating_sub(sign));
    }
    let digits = if verb == 'X' { UPPER } else { LOWER };
    let mut buffer = [0; 64];
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = digits[(rest % base) as usize];
        rest /= base;
        if rest == 0 {
            break;
        }
    }
    let leading_zeros = least.saturating_sub(buffer.len() - at);
    if negative {
        out.push(b'-');
    } else if flags.plus {
        out.push(b'+');
    } else if flags.space {
        out.push(b' ');
    }
    if verb == 'O' {
        out.extend_from_slice(b"0o");
    }
    if flags.sharp {
        match base {
            2 => out.extend_from_slice(b"0b"),
            8 if leading_zeros == 0 && buffer[at] != b'0' => out.push(b'0'),
            16 => out.extend_from_slice(&[b'0', digits[16]]),
            _ => {}
        }
    }
    out.resize(out.len() + leading_zeros, b'0');
    out.extend_from_slice(&buffer[at..]);
    flags.pad_spaces(out, start);
}

/// `%U`: `U+0078`, with `#` also `'x'`.
fn unicode(out: &mut Vec<u8>, flags: &Flags, code: u64) {
    let start = out.len();
    out.extend_from_slice(b"U+");
    let plain = Flags { precision: Some(flags.precision.unwrap_or(4).max(4)), ..Flags::default() };
    in_base(out, &plain, Integer { bits: code as i64, signed: false }, 16, 'X');
    if flags.sharp
        && let Some(char) = u32::try_from(code).ok().and_then(char::from_u32).filter(|char| is_print(*char))
    {
        out.extend_from_slice(b" '");
        utf8::push(out, char);
        out.push(b'\'');
    }
    flags.pad_spaces(out, start);
}

/// Prints a float. `false`, with nothing printed, when the verb is not one of floats.
pub(super) fn floating(out: &mut Vec<u8>, flags: &Flags, value: f64, verb: char) -> bool {
    let (letter, precision) = match verb {
        'v' => (b'g', None),
        'b' | 'g' | 'G' | 'x' | 'X' => (verb as u8, None),
        'f' | 'F' => (b'f', Some(6)),
        'e' | 'E' => (verb as u8, Some(6)),
        _ => return false,
    };
    let precision = flags.precision.or(precision);
    let start = out.len();
    let sign = match value {
        _ if value.is_sign_negative() && !value.is_nan() => Some(b'-'),
        _ if flags.plus => Some(b'+'),
        _ if flags.space => Some(b' '),
        _ => None,
    };
    out.extend(sign);
    if value.is_nan() || value.is_infinite() {
        if value.is_infinite() && sign.is_none() {
            // Only infinity shows its plus unasked.
            out.push(b'+');
        }
        out.extend_from_slice(if value.is_nan() { b"NaN" } else { b"Inf" });
        flags.pad_spaces(out, start);
        return true;
    }
    let number = out.len();
    let digits = precision.map_or(-1, |precision| i32::try_from(precision).unwrap_or(i32::MAX));
    float::append(out, value.abs(), letter, digits);
    if flags.sharp && verb != 'b' {
        keep_point(out, number, letter, precision);
    }
    if flags.zero && !flags.minus && sign.is_some() {
        // The sign goes before the zeros.
        let width = flags.width.map(|width| width.saturating_sub(1));
        Flags { width, ..*flags }.pad(out, number);
    } else {
        flags.pad(out, start);
    }
    true
}

/// The `#` flag: a decimal point always, and for `%g` trailing zeros up to the precision.
fn keep_point(out: &mut Vec<u8>, start: usize, letter: u8, precision: Option<usize>) {
    let hexadecimal = matches!(letter, b'x' | b'X');
    let is_exponent = |byte: &u8| matches!(byte, b'p' | b'P') || (!hexadecimal && matches!(byte, b'e' | b'E'));
    let end = out[start..].iter().position(is_exponent).map_or(out.len(), |at| start + at);
    let tail = out.split_off(end);
    let body = &out[start..];
    let mut wanted = if matches!(letter, b'g' | b'G' | b'x') { precision.unwrap_or(6) } else { 0 };
    let significant = body.iter().filter(|byte| **byte != b'.').skip_while(|byte| **byte == b'0').count();
    wanted = wanted.saturating_sub(significant);
    if !body.contains(&b'.') {
        if body == b"0" {
            wanted = wanted.saturating_sub(1);
        }
        out.push(b'.');
    }
    out.resize(out.len() + wanted, b'0');
    out.extend_from_slice(&tail);
}
