use serde_json::{Map, Value};

use crate::yaml::{Dialect, emit_frozen, load};

/// Writes an object as YAML, keys in their usual order: `apiVersion`, `kind`, `metadata`, `spec`.
pub(super) fn yaml(object: &Value) -> Vec<u8> {
    let text = serde_json::to_vec(object).expect("values of JSON are written without errors");
    let value = load(&text).expect("JSON is YAML");
    emit_frozen(&value, Dialect::GoV2).expect("it does not nest deeply")
}

/// Writes a value as JSON for people.
pub(super) fn json(value: &Value) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("values of JSON are written without errors");
    text.push(b'\n');
    text
}

/// Adds an entry where there is a value for it.
pub(super) fn put(map: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}
