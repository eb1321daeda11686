use crate::value::{Frozen, Value};
/// Go's `json.Marshal`; `escape_html` false is an encoder with `SetEscapeHTML(false)` (no final newline). The error is Go's text.
pub fn marshal(value: &Value, escape_html: bool) -> Result<Vec<u8>, String> {
    let _ = (value, escape_html);
    Ok(Vec::new())
}
/// Go's `json.MarshalIndent(value, "", "  ")`.
pub fn marshal_indent(value: &Value) -> Result<Vec<u8>, String> {
    let _ = value;
    Ok(Vec::new())
}
/// Go's `json.Unmarshal` into `interface {}` (numbers are float64). The error is Go's text.
pub fn unmarshal(text: &[u8]) -> Result<Frozen, String> {
    let _ = text;
    Ok(Frozen::Nil)
}
