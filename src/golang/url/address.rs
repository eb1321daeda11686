//! IP addresses as Go's `net/netip` reads them, for its error texts.

use super::super::strconv;

/// What an address is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Family {
    /// `1.2.3.4`.
    V4,
    /// `::1`, perhaps with a zone.
    V6,
}

/// Checks an address. The error is Go's.
pub fn parse(text: &[u8]) -> Result<Family, String> {
    let message = |(message, at): (&str, &[u8])| {
        let at = if at.is_empty() { String::new() } else { format!(" (at {})", strconv::quote(at)) };
        format!("ParseAddr({}): {message}{at}", strconv::quote(text))
    };
    match text.iter().find(|byte| b".:%".contains(byte)) {
        Some(b'.') => check_v4(text).map(|()| Family::V4),
        Some(b':') => check_v6(text).map(|()| Family::V6),
        Some(_) => Err(("missing IPv6 address", &b""[..])),
        None => Err(("unable to parse IP", &b""[..])),
    }
    .map_err(message)
}

/// Checks an address (`netip.ParseAddr`) and tells whether it has a zone. The error is Go's.
pub fn check(text: &[u8]) -> Result<bool, String> {
    parse(text).map(|family| family == Family::V6 && text.contains(&b'%'))
}

/// What is wrong, and the rest of the text from there (or nothing).
type Wrong<'a> = (&'static str, &'a [u8]);

fn check_v4(text: &[u8]) -> Result<(), Wrong<'_>> {
    let (mut fields, mut value, mut digits) = (0, 0_u32, 0);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Err(("IPv4 field has octet with leading zero", b""));
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err(("IPv4 field has value >255", b""));
                }
            }
            b'.' if at == 0 || at == text.len() - 1 || text[at - 1] == b'.' => {
                return Err(("IPv4 field must have at least one digit", &text[at..]));
            }
            b'.' if fields == 3 => return Err(("IPv4 address too long", b"")),
            b'.' => {
                fields += 1;
                (value, digits) = (0, 0);
            }
            _ => return Err(("unexpected character", &text[at..])),
        }
    }
    if fields < 3 { Err(("IPv4 address too short", b"")) } else { Ok(()) }
}

fn check_v6(text: &[u8]) -> Result<(), Wrong<'_>> {
    let address = match text.iter().position(|byte| *byte == b'%') {
        Some(zone) if zone + 1 == text.len() => return Err(("zone must be a non-empty string", b"")),
        Some(zone) => &text[..zone],
        None => text,
    };
    let mut rest = address;
    let mut ellipsis = false;
    if let Some(tail) = rest.strip_prefix(b"::") {
        if tail.is_empty() {
            return Ok(());
        }
        (ellipsis, rest) = (true, tail);
    }
    // Bytes of the address that are known.
    let mut known = 0;
    while known < 16 {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if digits > 4 {
            return Err(("each group must have 4 or less digits", rest));
        }
        if digits == 0 {
            return Err(("each colon-separated field must have at least one digit", rest));
        }
        if rest.get(digits) == Some(&b'.') {
            if !ellipsis && known != 12 {
                return Err(("embedded IPv4 address must replace the final 2 fields of the address", rest));
            }
            if known + 4 > 16 {
                return Err(("too many hex fields to fit an embedded IPv4 at the end of the address", rest));
            }
            check_v4(rest)?;
            (rest, known) = (b"", known + 4);
            break;
        }
        known += 2;
        rest = &rest[digits..];
        match rest {
            [] => break,
            [b':'] => return Err(("colon must be followed by more characters", rest)),
            [b':', b':', ..] if ellipsis => return Err(("multiple :: in address", &rest[1..])),
            [b':', b':', tail @ ..] => {
                (ellipsis, rest) = (true, tail);
                if rest.is_empty() {
                    break;
                }
            }
            [b':', tail @ ..] => rest = tail,
            _ => return Err(("unexpected character, want colon", rest)),
        }
    }
    match (rest.is_empty(), known < 16, ellipsis) {
        (false, ..) => Err(("trailing garbage after address", rest)),
        (true, true, false) => Err(("address string too short", b"")),
        (true, false, true) => Err(("the :: must expand to at least one field of zeros", b"")),
        _ => Ok(()),
    }
}
