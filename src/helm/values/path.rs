use crate::golang::strconv;
use crate::value::{Map, Value};

/// Whether a value is a table in Helm's words: a map.
pub fn is_table(value: &Value) -> bool {
    matches!(value, Value::Map(_))
}

/// The table at a dotted path. The error is Helm's text (`"x" is not a table`).
pub fn table(values: &Map, path: &str) -> Result<Map, String> {
    let mut table = values.clone();
    for name in path.split('.') {
        table = match table.get(name) {
            Some(Value::Map(inner)) => inner,
            _ => return Err(format!("{} is not a table", strconv::quote(name.as_bytes()))),
        };
    }
    Ok(table)
}

/// The value at a dotted path, unless there is none or a table.
pub fn path_value(values: &Map, path: &str) -> Option<Value> {
    let found = match path.rsplit_once('.') {
        None => values.get(path),
        Some((tables, key)) => table(values, tables).ok()?.get(key),
    };
    found.filter(|value| !is_table(value))
}
