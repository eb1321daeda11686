//! Reads the truth tables in `testdata/golang` (written by `testdata/gen/golang`) for the tests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::value::{IntKind, List, ListType, Map, MapType, Value};

/// The rows of a table.
pub fn rows(name: &str) -> Vec<Json> {
    let path = format!("{}/testdata/golang/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A string: plain, or `{"b": base64}` where it is not UTF-8.
pub fn text(json: &Json) -> Vec<u8> {
    match json {
        Json::String(text) => text.clone().into_bytes(),
        _ => STANDARD.decode(json["b"].as_str().unwrap()).unwrap(),
    }
}

/// A float from its bits in hexadecimal.
pub fn bits(json: &Json) -> f64 {
    f64::from_bits(u64::from_str_radix(json.as_str().unwrap(), 16).unwrap())
}

/// A Go value.
pub fn value(json: &Json) -> Value {
    let object = match json {
        Json::Null => return Value::Nil,
        Json::Bool(value) => return Value::Bool(*value),
        Json::String(text) => return Value::str(text.as_str()),
        Json::Object(object) => object,
        _ => panic!("no value: {json}"),
    };
    let (kind, data) = object.iter().next().unwrap();
    let items = || data.as_array().unwrap().iter();
    let entries = || items().map(|entry| (text(&entry[0]).into(), value(&entry[1]))).collect::<Map>();
    match kind.as_str() {
        "b" => Value::str(text(json)),
        "f" => Value::Float(bits(data)),
        "bytes" => byte_list(&STANDARD.decode(data.as_str().unwrap()).unwrap()),
        "list" => Value::list(items().map(value).collect()),
        "strings" => Value::strings(items().map(text)),
        "ints" => {
            let int = |item: &Json| Value::int(item.as_str().unwrap().parse().unwrap());
            Value::List(List::new(ListType::Int, items().map(int).collect()))
        }
        "map" => Value::Map(entries()),
        "strmap" => Value::Map(entries().with_type(MapType::Str)),
        "nil" => match data.as_str().unwrap() {
            "list" => Value::List(List::nil(ListType::Any)),
            "strings" => Value::List(List::nil(ListType::Str)),
            "bytes" => Value::List(List::nil(ListType::Bytes)),
            _ => Value::Map(Map::nil(MapType::Any)),
        },
        kind => {
            let number = data.as_str().unwrap();
            let bits = number.parse::<i64>().unwrap_or_else(|_| number.parse::<u64>().unwrap() as i64);
            Value::Int(int_kind(kind), bits)
        }
    }
}

/// A `[]byte`.
pub fn byte_list(bytes: &[u8]) -> Value {
    let item = |byte: &u8| Value::Int(IntKind::Uint8, i64::from(*byte));
    Value::List(List::new(ListType::Bytes, bytes.iter().map(item).collect()))
}

fn int_kind(name: &str) -> IntKind {
    use IntKind::*;
    let all = [Int, Int8, Int16, Int32, Int64, Uint, Uint8, Uint16, Uint32, Uint64];
    *all.iter().find(|kind| kind.name() == name).unwrap_or_else(|| panic!("no type {name}"))
}

/// Collects differences and reports the first ones together.
#[derive(Default)]
pub struct Differences {
    rows: usize,
    found: Vec<String>,
}

impl Differences {
    /// Compares what we give with what Go gives.
    pub fn compare<T: PartialEq + std::fmt::Debug>(&mut self, what: impl std::fmt::Display, ours: T, go: T) {
        self.rows += 1;
        if ours != go {
            self.found.push(format!("{what}\n   ours {ours:?}\n     go {go:?}"));
        }
    }

    /// Fails when something differed or nothing was compared.
    pub fn finish(self) {
        let Self { rows, found } = self;
        assert!(rows > 0, "empty table");
        assert!(found.is_empty(), "{} of {rows} differ:\n{}", found.len(), found[..found.len().min(25)].join("\n"));
    }
}

/// Bytes as readable text.
pub fn show(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
