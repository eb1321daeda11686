//! spf13/cast 1.7.0, as far as template functions use it: numbers out of any value, zero where
//! there is none.

use crate::value::{IntKind, Kind, ObjectRef, Value};

use super::strconv::{parse_float, parse_int};
use super::time;

/// `cast.ToInt64`: floats are truncated, strings read with Go's base prefixes, all else is 0.
pub fn to_int64(value: &Value) -> i64 {
    match value {
        Value::Bool(value) => i64::from(*value),
        Value::Int(_, bits) => *bits,
        Value::Float(value) => float_to_int64(*value),
        Value::Object(object) => named_integer(object).unwrap_or(0),
        Value::Str(text) => {
            text.as_str().and_then(|text| parse_int(without_zero_fraction(text), 0, 64).ok()).unwrap_or(0)
        }
        _ => 0,
    }
}

/// `cast.ToInt`; Go's `int` has 64 bits.
pub fn to_int(value: &Value) -> i64 {
    to_int64(value)
}

/// `cast.ToFloat64`.
pub fn to_float64(value: &Value) -> f64 {
    match value {
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Int(IntKind::Uint | IntKind::Uint64, bits) => *bits as u64 as f64,
        Value::Int(_, bits) => *bits as f64,
        Value::Float(value) => *value,
        Value::Object(object) => named_integer(object).unwrap_or(0) as f64,
        Value::Str(text) => text.as_str().and_then(|text| parse_float(text).ok()).unwrap_or(0.0),
        _ => 0.0,
    }
}

/// Months and days of the week are known by type, durations are not.
fn named_integer(object: &ObjectRef) -> Option<i64> {
    time::integer_of(object).filter(|_| object.kind() == Kind::Int)
}

/// Go's `int64(f)` on amd64: what does not fit, NaN too, is the smallest integer.
pub fn float_to_int64(value: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&value) { value as i64 } else { i64::MIN }
}

/// `5.00` without its fraction; other fractions, and a point without zeros, stay.
fn without_zero_fraction(text: &str) -> &str {
    match text.trim_end_matches('0').strip_suffix('.') {
        Some(whole) if text.ends_with('0') => whole,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::{Differences, bits, rows, value};
    use super::*;

    #[test]
    fn numbers_are_cast_as_go_casts_them() {
        let mut differences = Differences::default();
        for row in rows("cast") {
            let input = value(&row[0]);
            differences.compare(
                format_args!("{} to int64", row[0]),
                to_int64(&input).to_string().as_str(),
                row[1].as_str().unwrap(),
            );
            let (ours, go) = (to_float64(&input), bits(&row[2]));
            let same = ours.to_bits() == go.to_bits() || (ours.is_nan() && go.is_nan());
            differences.compare(format_args!("{} to float64 {ours} {go}", row[0]), same, true);
            differences.compare("int", to_int(&input).to_string().as_str(), row[3].as_str().unwrap());
        }
        differences.finish();
    }
}
