use serde_json::{Map, Number, Value};

use crate::value::{Frozen, IntKind};
use crate::yaml::edit::Step;

/// The place at a path; keys on the way are created. `None` when something else is in the way.
pub(super) fn reach<'v>(root: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    let mut value = root;
    for step in path {
        value = match step {
            Step::Key(key) => {
                if value.is_null() {
                    *value = Value::Object(Map::new());
                }
                value.as_object_mut()?.entry(key.as_str()).or_insert(Value::Null)
            }
            Step::Index(index) => value.as_array_mut()?.get_mut(*index)?,
        };
    }
    Some(value)
}

/// The value as JSON; numbers that JSON does not have become null.
pub(super) fn of(value: &Frozen) -> Value {
    match value {
        Frozen::Nil => Value::Null,
        Frozen::Bool(value) => Value::Bool(*value),
        Frozen::Int(IntKind::Uint64, value) => Value::Number(Number::from(value.cast_unsigned())),
        Frozen::Int(_, value) => Value::Number(Number::from(*value)),
        Frozen::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
        Frozen::Str(value) => Value::String(value.to_str_lossy().into_owned()),
        Frozen::List(items) => Value::Array(items.iter().map(of).collect()),
        Frozen::Map(map) => Value::Object(map.iter().map(|(key, value)| (key.to_string(), of(value))).collect()),
    }
}
