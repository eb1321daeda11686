//! Character classes of libyaml. All functions look at bytes of valid UTF-8; past the end they see 0.

const BREAK: u8 = 1;
const BLANK: u8 = 2;
const END: u8 = 4;
const ALPHA: u8 = 8;
const MAYBE_BREAK: u8 = 16;
const FLOW: u8 = 32;
const COLON: u8 = 64;

static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    table[0] = END;
    table[b'\n' as usize] = BREAK;
    table[b'\r' as usize] = BREAK;
    table[b' ' as usize] = BLANK;
    table[b'\t' as usize] = BLANK;
    table[0xC2] = MAYBE_BREAK;
    table[0xE2] = MAYBE_BREAK;
    let mut byte = 0;
    while byte < 128 {
        let letter = byte as u8;
        if letter.is_ascii_alphanumeric() || letter == b'_' || letter == b'-' {
            table[byte] |= ALPHA;
        }
        byte += 1;
    }
    table[b',' as usize] |= FLOW;
    table[b'?' as usize] |= FLOW;
    table[b'[' as usize] |= FLOW;
    table[b']' as usize] |= FLOW;
    table[b'{' as usize] |= FLOW;
    table[b'}' as usize] |= FLOW;
    table[b':' as usize] |= COLON;
    table
}

fn class(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).map_or(END, |byte| CLASS[*byte as usize])
}

/// The byte at a place, 0 past the end.
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// Length in bytes of the line break at a place, 0 when there is none. CR LF counts as one.
pub(super) fn break_len(bytes: &[u8], at: usize) -> usize {
    match byte(bytes, at) {
        b'\n' => 1,
        b'\r' => 1 + usize::from(byte(bytes, at + 1) == b'\n'),
        0xC2 if byte(bytes, at + 1) == 0x85 => 2,
        0xE2 if byte(bytes, at + 1) == 0x80 && matches!(byte(bytes, at + 2), 0xA8 | 0xA9) => 3,
        _ => 0,
    }
}

pub(super) fn is_break(bytes: &[u8], at: usize) -> bool {
    match class(bytes, at) {
        class if class & BREAK != 0 => true,
        MAYBE_BREAK => break_len(bytes, at) > 0,
        _ => false,
    }
}

pub(super) fn is_blank(bytes: &[u8], at: usize) -> bool {
    class(bytes, at) & BLANK != 0
}

pub(super) fn is_end(bytes: &[u8], at: usize) -> bool {
    at >= bytes.len()
}

pub(super) fn is_break_or_end(bytes: &[u8], at: usize) -> bool {
    match class(bytes, at) {
        class if class & (BREAK | END) != 0 => true,
        MAYBE_BREAK => break_len(bytes, at) > 0,
        _ => false,
    }
}

pub(super) fn is_blank_or_end(bytes: &[u8], at: usize) -> bool {
    match class(bytes, at) {
        class if class & (BREAK | BLANK | END) != 0 => true,
        MAYBE_BREAK => break_len(bytes, at) > 0,
        _ => false,
    }
}

/// Letters, digits, `_` and `-`.
pub(super) fn is_alpha(bytes: &[u8], at: usize) -> bool {
    class(bytes, at) & ALPHA != 0
}

/// Whether a plain scalar surely goes on with this byte: it neither ends nor interrupts one.
pub(super) fn goes_on_plain(byte: u8) -> bool {
    CLASS[byte as usize] & (BREAK | BLANK | END | MAYBE_BREAK | FLOW | COLON) == 0
}

/// Whether the byte is one of `,?[]{}`.
pub(super) fn is_flow_indicator(byte: u8) -> bool {
    CLASS[byte as usize] & FLOW != 0
}

/// Length in bytes of the character that a byte starts.
pub(super) fn width(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}
