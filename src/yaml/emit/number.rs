//! How numbers are written.

use crate::golang::float;
use crate::value::IntKind;

/// An integer of any kind.
pub(super) fn int(kind: IntKind, value: i64) -> String {
    if kind.is_signed() { value.to_string() } else { value.cast_unsigned().to_string() }
}

/// A finite float that came through JSON: integral ones that fit 64 bits read back as integers.
pub(super) fn json_float(value: f64) -> String {
    let text = float::format_json(value);
    match text.parse::<i64>() {
        Ok(integer) => return integer.to_string(),
        Err(_) if text.parse::<u64>().is_ok() => return text,
        Err(_) => {}
    }
    float::format(value, b'g', -1)
}

/// A float as go-yaml writes it.
pub(super) fn float(value: f64) -> String {
    if value.is_nan() {
        ".nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { ".inf".to_owned() } else { "-.inf".to_owned() }
    } else {
        float::format(value, b'g', -1)
    }
}
