use crate::value::{Frozen, Value};
/// BurntSushi's encoder. The error is its text.
pub fn marshal(value: &Value) -> Result<Vec<u8>, String> {
    let _ = value;
    Ok(Vec::new())
}
/// BurntSushi's decoder into `map[string]interface {}`: int64, float64, times as objects of `golang::time`... The error is its text.
pub fn unmarshal(text: &[u8]) -> Result<Frozen, String> {
    let _ = text;
    Ok(Frozen::Nil)
}
