//! Bytes to characters: encoding, and the characters that YAML does not allow.

use std::borrow::Cow;

use super::YamlError;

/// How many raw bytes libyaml decodes in one go. A forbidden character is reported when its portion
/// is decoded, so a syntax error in an earlier portion comes first.
const PORTION: usize = 512;

const INCOMPLETE: &str = "incomplete UTF-8 octet sequence";

/// Text ready for the scanner.
pub(super) struct Input<'s> {
    /// The text without its byte order mark, or its readable beginning.
    pub text: Cow<'s, str>,
    /// Bytes that were cut off in front; add it to offsets.
    pub skipped: u32,
    /// What is wrong behind the end of `text`, and lies in wait for the scanner.
    pub trap: Option<YamlError>,
}

/// Checks the characters of a text and takes the byte order mark away.
pub(super) fn read(bytes: &[u8]) -> Result<Input<'_>, YamlError> {
    if bytes.len() > u32::MAX as usize - 16 {
        return Err(YamlError::plain("text is larger than 4 GiB", None));
    }
    if bytes.starts_with(b"\xFF\xFE") {
        return read_utf16(&bytes[2..], u16::from_le_bytes);
    }
    if bytes.starts_with(b"\xFE\xFF") {
        return read_utf16(&bytes[2..], u16::from_be_bytes);
    }
    let skipped = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let body = &bytes[skipped..];
    if let Ok(text) = std::str::from_utf8(body)
        && first_forbidden(body).is_none()
    {
        return Ok(Input { text: Cow::Borrowed(text), skipped: skipped as u32, trap: None });
    }
    Ok(cut_at_fault(bytes, skipped))
}

fn cut_at_fault(bytes: &[u8], skipped: usize) -> Input<'_> {
    let mut at = skipped;
    let mut readable = skipped;
    let mut portion_end = PORTION;
    let trap = loop {
        if at >= bytes.len() {
            break None;
        }
        match decode(bytes, at) {
            Ok(width) if at + width > portion_end => {
                readable = at;
                portion_end = at + PORTION;
            }
            Ok(width) => at += width,
            Err(problem) => {
                // What is incomplete shows only at the end of the text.
                if at >= portion_end || problem == INCOMPLETE {
                    readable = at;
                }
                break Some(YamlError::plain(problem, Some(at as u32)));
            }
        }
    };
    if trap.is_none() {
        readable = bytes.len();
    }
    let text = String::from_utf8_lossy(&bytes[skipped.min(readable)..readable]);
    Input { text, skipped: skipped as u32, trap }
}

/// The width of the character at a place, or why it is none.
fn decode(bytes: &[u8], at: usize) -> Result<usize, &'static str> {
    let first = bytes[at];
    let width = match first {
        0..0x80 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..0xF8 => 4,
        _ => return Err("invalid leading UTF-8 octet"),
    };
    let Some(all) = bytes.get(at..at + width) else { return Err(INCOMPLETE) };
    let mut value = match width {
        1 => u32::from(first),
        2 => u32::from(first & 0x1F),
        3 => u32::from(first & 0x0F),
        _ => u32::from(first & 0x07),
    };
    for octet in &all[1..] {
        if octet & 0xC0 != 0x80 {
            return Err("invalid trailing UTF-8 octet");
        }
        value = (value << 6) + u32::from(octet & 0x3F);
    }
    let shortest = match width {
        1 => 0,
        2 => 0x80,
        3 => 0x800,
        _ => 0x10000,
    };
    if value < shortest {
        return Err("invalid length of a UTF-8 sequence");
    }
    match char::from_u32(value) {
        None => Err("invalid Unicode character"),
        Some(letter) if !is_allowed(letter) => Err("control characters are not allowed"),
        Some(_) => Ok(width),
    }
}

/// Whether YAML allows the character anywhere.
pub(super) fn is_allowed(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{7E}' | '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The offset of the first character that YAML does not allow, in valid UTF-8.
pub(super) fn first_forbidden(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + next_suspicious(&bytes[from..])?;
        from = at + 1;
        let forbidden = match bytes[at] {
            0xC2 => matches!(bytes.get(at + 1), Some(second) if *second < 0xA0 && *second != 0x85),
            0xEF => matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])),
            _ => true,
        };
        if forbidden {
            return Some(at);
        }
    }
}

/// The first byte that may belong to a forbidden character. Blocks of innocent bytes are passed over in
/// steps that the compiler makes of the widest instructions there are.
fn next_suspicious(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 64;
    let innocent = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
    let mut at = 0;
    while at < bytes.len() {
        let blocks = bytes[at..].chunks_exact(BLOCK);
        at += BLOCK * blocks.take_while(|block| block.iter().fold(true, |clean, byte| clean & innocent(byte))).count();
        let block = &bytes[at..bytes.len().min(at + BLOCK)];
        if let Some(found) = block.iter().position(|byte| SUSPICIOUS[*byte as usize]) {
            return Some(at + found);
        }
        at += block.len();
    }
    None
}

static SUSPICIOUS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = !matches!(byte as u8, b'\t' | b'\n' | b'\r');
        byte += 1;
    }
    table[0x7F] = true;
    table[0xC2] = true;
    table[0xEF] = true;
    table
};

fn read_utf16(bytes: &[u8], join: fn([u8; 2]) -> u16) -> Result<Input<'_>, YamlError> {
    let fault = |problem: &str| Err(YamlError::plain(problem, None));
    let units = bytes.chunks_exact(2).map(|pair| join([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len());
    for unit in char::decode_utf16(units) {
        match unit {
            Ok(letter) if is_allowed(letter) => text.push(letter),
            Ok(_) => return fault("control characters are not allowed"),
            Err(error) if (0xDC00..0xE000).contains(&error.unpaired_surrogate()) => {
                return fault("unexpected low surrogate area");
            }
            Err(_) => return fault("expected low surrogate area"),
        }
    }
    if bytes.len() % 2 == 1 {
        return fault("incomplete UTF-16 character");
    }
    Ok(Input { text: Cow::Owned(text), skipped: 0, trap: None })
}
