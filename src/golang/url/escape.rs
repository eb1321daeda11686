use super::super::strconv;

/// The parts of a URL that have their own rules for escaping.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Part {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

/// Whether a byte must be escaped in a part.
pub(super) fn must_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    match part {
        Part::Host | Part::Zone => !b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Part::Path => !b"$&+,/:;=@".contains(&byte),
        Part::User => !b"$&+,;=".contains(&byte),
        Part::Fragment => !b"$&+,/:;=?@!()*".contains(&byte),
    }
}

/// Escapes what a part may not hold.
pub(super) fn escape(text: &[u8], part: Part) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match must_escape(*byte, part) {
            true => out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]),
            false => out.push(*byte),
        }
    }
    out
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    match pair {
        [high, low, ..] => Some((digit(*high)? << 4 | digit(*low)?) as u8),
        _ => None,
    }
}

/// Undoes escapes. The error is that of `url.Parse` without the text.
pub(super) fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        if *first != b'%' {
            if matches!(part, Part::Host | Part::Zone) && first.is_ascii() && must_escape(*first, part) {
                return Err(format!("invalid character {} in host name", strconv::quote(&[*first])));
            }
            out.push(*first);
            rest = tail;
            continue;
        }
        let escaped = &rest[..rest.len().min(3)];
        let wrong = || format!("invalid URL escape {}", strconv::quote(escaped));
        let byte = hex_pair(tail).ok_or_else(wrong)?;
        // Hosts escape only what is not ASCII; the zone of an address may also escape spaces and
        // what hosts need not escape.
        let allowed = escaped == b"%25"
            || match part {
                Part::Host => !byte.is_ascii(),
                Part::Zone => byte == b' ' || !must_escape(byte, Part::Host),
                _ => true,
            };
        if !allowed {
            return Err(wrong());
        }
        out.push(byte);
        rest = &rest[3..];
    }
    Ok(out)
}
