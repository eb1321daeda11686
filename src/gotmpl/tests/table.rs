//! What Go prints or complains about, case by case (`testdata/gotmpl`, written by
//! `testdata/gen/gotmpl`).

use std::sync::Arc;

use serde_json::Value as Json;

use super::{NoHost, library};
use crate::golang::json;
use crate::golang::table::{Differences, text};
use crate::gotmpl::{FuncTable, MissingKey, Options, TemplateSet};
use crate::value::{Frozen, Value};

fn read(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/testdata/gotmpl/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn run(row: &Json, data: &Frozen, functions: &Arc<FuncTable>) -> Result<Vec<u8>, String> {
    let mut set = TemplateSet::new("gotpl", Arc::clone(functions));
    let mut main = String::new();
    for template in row["templates"].as_array().unwrap() {
        main = template[0].as_str().unwrap().to_owned();
        set.parse(&main, text(&template[1])).map_err(|error| error.to_string())?;
    }
    let missing_key = match row["missing"].as_str() {
        Some("zero") => MissingKey::Zero,
        Some("error") => MissingKey::Error,
        _ => MissingKey::Default,
    };
    let options = Options { missing_key, ..Options::default() };
    set.execute(&main, &Value::from(data), &mut NoHost, &options).map_err(|error| error.to_string())
}

fn check(topic: &str) {
    let functions = Arc::new(FuncTable::new(&[library::TABLE]));
    let data = json::unmarshal(&read("data")).unwrap();
    let rows: Vec<Json> = serde_json::from_slice(&read(topic)).unwrap();
    let mut differences = Differences::default();
    for row in &rows {
        let go = match row.get("error") {
            Some(error) => Err(String::from_utf8_lossy(&text(error)).into_owned()),
            None => Ok(row.get("out").map(text).unwrap_or_default()),
        };
        let show = |result: Result<Vec<u8>, String>| match result {
            Ok(out) => format!("prints {}", out.escape_ascii()),
            Err(error) => format!("fails  {error}"),
        };
        let what = format!("{} {}", row["missing"].as_str().unwrap_or_default(), row["templates"]);
        differences.compare(what, show(run(row, &data, &functions)), show(go));
    }
    differences.finish();
}

macro_rules! topics {
    ($($topic:ident)*) => {
        $(#[test]
        fn $topic() {
            check(stringify!($topic));
        })*
    };
}

topics!(lex numbers control variables fields calls compare index print nodes sets);
