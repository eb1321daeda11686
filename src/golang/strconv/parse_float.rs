use super::NumError;
use super::number::underscores_separate_digits;

/// Go's `strconv.ParseFloat(text, 64)`: decimal and hexadecimal numbers with underscores, `inf`,
/// `infinity` and `nan` in any case.
pub fn parse_float(text: &str) -> Result<f64, NumError> {
    let (negative, unsigned) = match text.as_bytes() {
        [b'+', rest @ ..] => (false, rest),
        [b'-', rest @ ..] => (true, rest),
        all => (false, all),
    };
    let size = if unsigned.eq_ignore_ascii_case(b"inf") || unsigned.eq_ignore_ascii_case(b"infinity") {
        f64::INFINITY
    } else if text.eq_ignore_ascii_case("nan") {
        f64::NAN
    } else {
        let size = match unsigned {
            [b'0', b'x' | b'X', _, ..] => hexadecimal(&unsigned[2..])?,
            _ => decimal(unsigned)?,
        };
        if unsigned.contains(&b'_') && !underscores_separate_digits(unsigned) {
            return Err(NumError::Syntax);
        }
        if size.is_infinite() {
            return Err(NumError::Range);
        }
        size
    };
    Ok(if negative { -size } else { size })
}

fn decimal(unsigned: &[u8]) -> Result<f64, NumError> {
    let plain: Vec<u8> = unsigned.iter().copied().filter(|byte| *byte != b'_').collect();
    let is_number = plain.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'))
        && !matches!(plain.first(), Some(b'+' | b'-'));
    let text = std::str::from_utf8(&plain).map_err(|_| NumError::Syntax)?;
    if !is_number {
        return Err(NumError::Syntax);
    }
    text.parse().map_err(|_| NumError::Syntax)
}

/// The number behind `0x`: the mantissa is exact or sticky in its last bit, the exponent obligatory.
fn hexadecimal(text: &[u8]) -> Result<f64, NumError> {
    let mut mantissa = 0u64;
    let mut exponent = 0i64;
    let (mut digits, mut point) = (false, false);
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'_' => {}
            b'.' if !point => point = true,
            byte if byte.is_ascii_hexdigit() => {
                digits = true;
                let digit = u64::from(char::from(*byte).to_digit(16).unwrap_or(0));
                if mantissa >> 58 == 0 {
                    mantissa = mantissa << 4 | digit;
                    exponent -= if point { 4 } else { 0 };
                } else {
                    mantissa |= u64::from(digit != 0);
                    exponent += if point { 0 } else { 4 };
                }
            }
            _ => break,
        }
        at += 1;
    }
    if !digits || !matches!(text.get(at), Some(b'p' | b'P')) {
        return Err(NumError::Syntax);
    }
    exponent += decimal_exponent(&text[at + 1..])?;
    Ok(assemble(mantissa, exponent))
}

fn decimal_exponent(text: &[u8]) -> Result<i64, NumError> {
    let (negative, digits) = match text {
        [b'+', rest @ ..] => (false, rest),
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if !digits.first().is_some_and(u8::is_ascii_digit) {
        return Err(NumError::Syntax);
    }
    let mut size = 0i64;
    for byte in digits {
        match byte {
            b'_' => {}
            b'0'..=b'9' if size < 1_000_000 => size = size * 10 + i64::from(byte - b'0'),
            b'0'..=b'9' => {}
            _ => return Err(NumError::Syntax),
        }
    }
    Ok(if negative { -size } else { size })
}

/// `mantissa × 2^exponent`, rounded once to nearest even.
fn assemble(mantissa: u64, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let shift = i64::from(mantissa.leading_zeros());
    let mantissa = mantissa << shift;
    // The value lies in [2^top, 2^(top+1)).
    let top = exponent - shift + 63;
    if top > 1023 {
        return f64::INFINITY;
    }
    let kept = if top >= -1022 { 53 } else { 53 - (-1022 - top) };
    if kept < 0 {
        return 0.0;
    }
    let drop = (64 - kept) as u32;
    let (whole, rest) = if drop == 64 { (0, mantissa) } else { (mantissa >> drop, mantissa << (64 - drop)) };
    let half = 1u64 << 63;
    let whole = whole + u64::from(rest > half || (rest == half && whole & 1 == 1));
    // A carry out of the mantissa moves into the exponent field, which is what rounding up means.
    let biased = if top >= -1022 { ((top + 1022) as u64) << 52 } else { 0 };
    f64::from_bits(biased + whole)
}
