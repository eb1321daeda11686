/// `%v` of a float64 (shortest digits, exponent from 21 or below -4 as `%v` has it in Go's fmt; see tests).
pub fn format_v(value: f64) -> String {
    value.to_string()
}
/// How encoding/json writes a float64.
pub fn format_json(value: f64) -> String {
    value.to_string()
}
/// Go's `strconv.FormatFloat(value, verb, precision, 64)`; precision -1 is the shortest.
pub fn format(value: f64, verb: u8, precision: i32) -> String {
    let _ = (verb, precision);
    value.to_string()
}
