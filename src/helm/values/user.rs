use crate::value::{Map, Value};

/// Merges one source of user values over what earlier sources gave: maps are merged, all else is
/// replaced, null is a value like any other. Neither input changes.
pub fn merge_over(base: &Map, upper: &Map) -> Map {
    let out = base.shallow_copy();
    for (key, value) in upper.entries() {
        let merged = match (&value, out.get_bytes(key.as_bytes())) {
            (Value::Map(upper), Some(Value::Map(lower))) => Value::Map(merge_over(&lower, upper)),
            _ => value,
        };
        out.insert(key, merged);
    }
    out
}
