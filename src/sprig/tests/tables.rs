//! Templates with what Sprig itself makes of them (`testdata/sprig`, written by
//! `testdata/gen/sprig`), executed by our engine.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Fixed;
use crate::golang::json;
use crate::gotmpl::{FuncTable, MissingKey, Options, TemplateSet};
use crate::sprig::tables;
use crate::value::Value;

fn read(name: &str) -> Vec<u8> {
    let path = format!("{}/testdata/sprig/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A string: plain, or `{"b": base64}` where it is not UTF-8.
fn text(json: &serde_json::Value) -> Vec<u8> {
    match json {
        serde_json::Value::String(text) => text.clone().into_bytes(),
        _ => STANDARD.decode(json["b"].as_str().unwrap()).unwrap(),
    }
}

/// Executes every template of a table and reports the first differences together.
fn check(family: &str) {
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&read(family)).unwrap();
    let data = json::unmarshal(&read("data")).unwrap();
    let functions = Arc::new(FuncTable::new(tables()));
    let options = Options { missing_key: MissingKey::Zero, ..Options::default() };
    let mut differences = Vec::new();
    for row in &rows {
        let template = row[0].as_str().unwrap();
        let mut set = TemplateSet::new("t", functions.clone());
        let result = match set.parse("t", template) {
            Err(error) => Err(error.to_string()),
            Ok(()) => set.execute("t", &Value::from(&data), &mut Fixed, &options).map_err(|error| error.to_string()),
        };
        let expected = match row.get(2) {
            Some(error) => Err(String::from_utf8(text(error)).unwrap()),
            None => Ok(text(&row[1])),
        };
        if result != expected {
            let show = |result: &Result<Vec<u8>, String>| match result {
                Ok(output) => output.escape_ascii().to_string(),
                Err(error) => format!("error {error}"),
            };
            differences.push(format!("{template}\n   ours {}\n     go {}", show(&result), show(&expected)));
        }
    }
    assert!(!rows.is_empty());
    let first = &differences[..differences.len().min(20)];
    assert!(differences.is_empty(), "{} of {} differ:\n{}", differences.len(), rows.len(), first.join("\n"));
}

macro_rules! families {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })*
    };
}

families! { case crypto cut dates dicts encode json lists merge numbers parts regex semver urls }
