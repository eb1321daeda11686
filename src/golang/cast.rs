use crate::value::Value;
/// spf13/cast `ToInt64` (0 on failure).
pub fn to_int64(value: &Value) -> i64 {
    let _ = value;
    0
}
/// spf13/cast `ToFloat64` (0 on failure).
pub fn to_float64(value: &Value) -> f64 {
    let _ = value;
    0.0
}
