use super::super::strconv::{append_quote, append_quote_to_ascii, can_backquote};
use super::flags::Flags;
use super::number::{LOWER, UPPER};

/// Prints a string. `false`, with nothing printed, when the verb is not one of strings.
pub(super) fn string(out: &mut Vec<u8>, flags: &Flags, text: &[u8], verb: char) -> bool {
    match verb {
        'v' if flags.go_syntax => quoted(out, flags, text),
        'v' | 's' => flags.padded(out, flags.truncate(text)),
        'x' => hexadecimal(out, flags, text, LOWER),
        'X' => hexadecimal(out, flags, text, UPPER),
        'q' => quoted(out, flags, text),
        _ => return false,
    }
    true
}

/// `%q`: a Go literal; with `#` a raw one where possible, with `+` ASCII only.
pub(super) fn quoted(out: &mut Vec<u8>, flags: &Flags, text: &[u8]) {
    let text = flags.truncate(text);
    let start = out.len();
    if flags.sharp && can_backquote(text) {
        out.push(b'`');
        out.extend_from_slice(text);
        out.push(b'`');
    } else if flags.plus {
        append_quote_to_ascii(out, text);
    } else {
        append_quote(out, text);
    }
    flags.pad(out, start);
}

/// `%x` of bytes: the precision limits the bytes shown, `#` adds prefixes, a space separates.
pub(super) fn hexadecimal(out: &mut Vec<u8>, flags: &Flags, bytes: &[u8], digits: &[u8; 17]) {
    let start = out.len();
    let shown = &bytes[..flags.precision.unwrap_or(bytes.len()).min(bytes.len())];
    for (at, byte) in shown.iter().enumerate() {
        if flags.space && at > 0 {
            out.push(b' ');
        }
        if flags.sharp && (flags.space || at == 0) {
            out.extend_from_slice(&[b'0', digits[16]]);
        }
        out.extend_from_slice(&[digits[usize::from(byte >> 4)], digits[usize::from(byte & 0xF)]]);
    }
    flags.pad(out, start);
}
