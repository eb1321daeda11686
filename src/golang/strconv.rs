/// Go's `strconv.NumError` causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumError {
    /// Not a number.
    Syntax,
    /// Out of range.
    Range,
}
/// Go's `strconv.ParseInt(text, base, bits)`.
pub fn parse_int(text: &str, base: u32, bits: u32) -> Result<i64, NumError> {
    let _ = (text, base, bits);
    Err(NumError::Syntax)
}
/// Go's `strconv.ParseUint(text, base, bits)`.
pub fn parse_uint(text: &str, base: u32, bits: u32) -> Result<u64, NumError> {
    let _ = (text, base, bits);
    Err(NumError::Syntax)
}
/// Go's `strconv.ParseFloat(text, 64)`.
pub fn parse_float(text: &str) -> Result<f64, NumError> {
    let _ = text;
    Err(NumError::Syntax)
}
/// Go's `strconv.ParseBool`.
pub fn parse_bool(text: &str) -> Result<bool, NumError> {
    let _ = text;
    Err(NumError::Syntax)
}
/// Go's `strconv.Quote`.
pub fn quote(text: &[u8]) -> String {
    let _ = text;
    String::new()
}
/// Go's `strconv.Unquote` of a double-quoted, back-quoted or single-quoted literal.
pub fn unquote(literal: &str) -> Result<Vec<u8>, NumError> {
    let _ = literal;
    Err(NumError::Syntax)
}
