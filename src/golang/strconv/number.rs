use super::NumError;

/// Go's `strconv.ParseInt(text, base, bits)`: base 0 reads prefixes and underscores, `bits` 0 is 64.
pub fn parse_int(text: &str, base: u32, bits: u32) -> Result<i64, NumError> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'+') => (false, &text[1..]),
        Some(b'-') => (true, &text[1..]),
        _ => (false, text),
    };
    let bits = if bits == 0 { 64 } else { bits };
    let size = parse_uint(digits, base, bits)?;
    let limit = 1u64 << (bits - 1);
    match negative {
        false if size < limit => Ok(size as i64),
        true if size <= limit => Ok((size as i64).wrapping_neg()),
        _ => Err(NumError::Range),
    }
}

/// Go's `strconv.ParseUint(text, base, bits)`; no sign is allowed.
pub fn parse_uint(text: &str, base: u32, bits: u32) -> Result<u64, NumError> {
    let bytes = text.as_bytes();
    let (radix, digits) = match (base, bytes) {
        (0, [b'0', prefix, _, ..]) if prefix.eq_ignore_ascii_case(&b'b') => (2, &bytes[2..]),
        (0, [b'0', prefix, _, ..]) if prefix.eq_ignore_ascii_case(&b'o') => (8, &bytes[2..]),
        (0, [b'0', prefix, _, ..]) if prefix.eq_ignore_ascii_case(&b'x') => (16, &bytes[2..]),
        (0, [b'0', ..]) => (8, &bytes[1..]),
        (0, _) => (10, bytes),
        (base, _) => (base, bytes),
    };
    if bytes.is_empty() || !(2..=36).contains(&radix) {
        return Err(NumError::Syntax);
    }
    let largest = if bits == 0 || bits >= 64 { u64::MAX } else { (1 << bits) - 1 };
    let mut value = 0u64;
    let mut underscores = false;
    for byte in digits {
        if *byte == b'_' && base == 0 {
            underscores = true;
            continue;
        }
        let digit = char::from(*byte).to_digit(radix).ok_or(NumError::Syntax)?;
        // Go stops here too: what follows the overflow is not looked at.
        value = value
            .checked_mul(u64::from(radix))
            .and_then(|value| value.checked_add(u64::from(digit)))
            .filter(|value| *value <= largest)
            .ok_or(NumError::Range)?;
    }
    if underscores && !underscores_separate_digits(bytes) { Err(NumError::Syntax) } else { Ok(value) }
}

/// Go's `strconv.Atoi`.
pub fn atoi(text: &str) -> Result<i64, NumError> {
    parse_int(text, 10, 0)
}

/// Go's `strconv.ParseBool`.
pub fn parse_bool(text: &str) -> Result<bool, NumError> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(NumError::Syntax),
    }
}

/// Whether each underscore stands between digits, or between a base prefix and a digit.
pub(super) fn underscores_separate_digits(number: &[u8]) -> bool {
    let number = match number {
        [b'+' | b'-', rest @ ..] => rest,
        _ => number,
    };
    let (hex, digits, mut after_digit) = match number {
        [b'0', b'x' | b'X', rest @ ..] => (true, rest, true),
        [b'0', b'b' | b'B' | b'o' | b'O', rest @ ..] => (false, rest, true),
        _ => (false, number, false),
    };
    let mut after_underscore = false;
    for byte in digits {
        let digit = if hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
        let underscore = *byte == b'_';
        if (underscore && !after_digit) || (after_underscore && !digit) {
            return false;
        }
        after_digit = digit;
        after_underscore = underscore;
    }
    !after_underscore
}
