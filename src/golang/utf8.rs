//! UTF-8 as Go's `unicode/utf8` decodes it: a byte that starts no valid character counts alone.

/// Decodes the first character: it and its width, or `None` and 1 for a byte that starts none.
/// `text` must not be empty.
pub fn decode(text: &[u8]) -> (Option<char>, usize) {
    let first = text[0];
    if first < 0x80 {
        return (Some(char::from(first)), 1);
    }
    let (width, low, high) = match first {
        0xC2..=0xDF => (2, 0x80, 0xBF),
        0xE0 => (3, 0xA0, 0xBF),
        0xED => (3, 0x80, 0x9F),
        0xE1..=0xEF => (3, 0x80, 0xBF),
        0xF0 => (4, 0x90, 0xBF),
        0xF1..=0xF3 => (4, 0x80, 0xBF),
        0xF4 => (4, 0x80, 0x8F),
        _ => return (None, 1),
    };
    let Some(tail) = text.get(1..width) else { return (None, 1) };
    if !(low..=high).contains(&tail[0]) || tail[1..].iter().any(|byte| byte & 0xC0 != 0x80) {
        return (None, 1);
    }
    let lead = u32::from(first) & (0x7F >> width);
    let code = tail.iter().fold(lead, |code, byte| code << 6 | u32::from(byte & 0x3F));
    match char::from_u32(code) {
        Some(decoded) => (Some(decoded), width),
        None => (None, 1),
    }
}

/// Decodes the last character of a text, as [`decode`] does the first.
pub fn decode_last(text: &[u8]) -> (Option<char>, usize) {
    let end = text.len();
    for width in 1..=4.min(end) {
        if text[end - width] & 0xC0 != 0x80 {
            return match decode(&text[end - width..]) {
                (Some(decoded), own) if own == width => (Some(decoded), width),
                _ => (None, 1),
            };
        }
    }
    (None, 1)
}

/// The characters of a text with their places; invalid bytes are U+FFFD, as Go's `range` has them.
pub fn chars(text: &[u8]) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let (decoded, width) = decode(rest);
        let place = at;
        at += width;
        Some((place, decoded.unwrap_or(char::REPLACEMENT_CHARACTER)))
    })
}

/// Number of characters, each invalid byte counting as one.
pub fn count(text: &[u8]) -> usize {
    if text.is_ascii() { text.len() } else { chars(text).count() }
}

/// Appends a character.
pub fn push(out: &mut Vec<u8>, char: char) {
    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
}
