use std::fmt;

/// `time.Duration`: nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub i64);

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

impl Duration {
    /// A number of seconds; wraps on overflow as Go's multiplication does.
    pub fn seconds(seconds: i64) -> Self {
        Duration(seconds.wrapping_mul(SECOND as i64))
    }

    /// `time.ParseDuration`: `1h15m30.5s`. The error is Go's text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let error = |what: &str| format!("time: {what} {}", quote(text));
        let invalid = || error("invalid duration");
        let (negative, mut rest) = match text.as_bytes().first() {
            Some(sign @ (b'-' | b'+')) => (*sign == b'-', &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Ok(Duration(0));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total = 0u64;
        while !rest.is_empty() {
            let whole_digits = digits(rest);
            let (whole, after) = rest.split_at(whole_digits);
            let whole = leading_integer(whole).ok_or_else(invalid)?;
            let (fraction, after) = match after.strip_prefix('.') {
                Some(after) => after.split_at(digits(after)),
                None => ("", after),
            };
            if whole_digits == 0 && fraction.is_empty() {
                return Err(invalid());
            }
            let unit_end = after.find(|char: char| char == '.' || char.is_ascii_digit()).unwrap_or(after.len());
            let (unit, after) = after.split_at(unit_end);
            rest = after;
            let unit = match unit {
                "" => return Err(error("missing unit in duration")),
                "ns" => 1,
                "us" | "µs" | "μs" => MICROSECOND,
                "ms" => MILLISECOND,
                "s" => SECOND,
                "m" => MINUTE,
                "h" => HOUR,
                _ => return Err(error(&format!("unknown unit {} in duration", quote(unit)))),
            };
            let part = whole.checked_mul(unit).filter(|part| *part <= 1 << 63).ok_or_else(invalid)?;
            total = part
                .checked_add(scaled_fraction(fraction, unit))
                .filter(|part| *part <= 1 << 63)
                .and_then(|part| total.checked_add(part))
                .filter(|total| *total <= 1 << 63)
                .ok_or_else(invalid)?;
        }
        match negative {
            true => Ok(Duration((total as i64).wrapping_neg())),
            false => i64::try_from(total).map(Duration).map_err(|_| invalid()),
        }
    }

    /// `Round`: to the nearest multiple, halves away from zero; overflow gives the extreme value.
    pub fn round(self, unit: Duration) -> Self {
        if unit.0 <= 0 {
            return self;
        }
        let rest = (self.0 % unit.0).unsigned_abs();
        let half_or_more = rest.wrapping_mul(2) >= unit.0 as u64;
        let towards_zero = self.0 - self.0 % unit.0;
        match (half_or_more, self.0 < 0) {
            (false, _) => Duration(towards_zero),
            (true, false) => Duration(towards_zero.saturating_add(unit.0)),
            (true, true) => Duration(towards_zero.saturating_sub(unit.0)),
        }
    }

    /// `Truncate`: to a multiple, towards zero.
    pub fn truncate(self, unit: Duration) -> Self {
        if unit.0 <= 0 { self } else { Duration(self.0 - self.0 % unit.0) }
    }

    /// `Hours`, `Minutes` or `Seconds`, by the unit's nanoseconds.
    pub(super) fn in_units(self, unit: i64) -> f64 {
        (self.0 / unit) as f64 + (self.0 % unit) as f64 / unit as f64
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The value of digits up to 2^63.
fn leading_integer(digits: &str) -> Option<u64> {
    digits.bytes().try_fold(0u64, |value, digit| {
        value.checked_mul(10)?.checked_add(u64::from(digit - b'0')).filter(|value| *value <= 1 << 63)
    })
}

/// Digits behind a point times a unit, computed in floating point as Go does.
fn scaled_fraction(digits: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0u64, 1f64);
    for digit in digits.bytes() {
        if value > ((1 << 63) - 1) / 10 {
            break;
        }
        let next = value * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

/// `1h15m30.5s`, `1.5µs`, `0s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        match size {
            0 => f.write_str("0s"),
            1..MICROSECOND => write!(f, "{size}ns"),
            MICROSECOND..MILLISECOND => write!(f, "{}µs", Decimal(size, 3)),
            MILLISECOND..SECOND => write!(f, "{}ms", Decimal(size, 6)),
            _ => {
                let (hours, minutes) = (size / HOUR, size / MINUTE % 60);
                if hours > 0 {
                    write!(f, "{hours}h")?;
                }
                if hours > 0 || minutes > 0 {
                    write!(f, "{minutes}m")?;
                }
                write!(f, "{}s", Decimal(size % MINUTE, 9))
            }
        }
    }
}

/// A number with its last digits behind a point, without trailing zeros.
struct Decimal(u64, usize);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Decimal(number, places) = *self;
        let text = format!("{number:0width$}", width = places + 1);
        let (whole, fraction) = text.split_at(text.len() - places);
        let fraction = fraction.trim_end_matches('0');
        f.write_str(whole)?;
        if !fraction.is_empty() {
            write!(f, ".{fraction}")?;
        }
        Ok(())
    }
}

/// How package time quotes texts in its errors: other than ASCII by bytes.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=0x7F => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}
