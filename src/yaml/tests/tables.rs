//! Compares with the tables in `testdata/yaml`, which `testdata/gen/yaml` writes.

use serde_json::Value as Json;

use super::*;
use crate::span::Source;

fn rows(name: &str) -> Vec<Json> {
    let path = format!("{}/testdata/yaml/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Collects differences and shows the first of them together.
#[derive(Default)]
struct Differences {
    rows: usize,
    found: Vec<String>,
}

impl Differences {
    fn compare(&mut self, what: &Json, ours: Json, go: &Json) {
        self.rows += 1;
        if ours != *go {
            self.found.push(format!("{what}\n   ours {ours}\n     go {go}"));
        }
    }
}

impl Drop for Differences {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let found = &self.found;
            let shown = found[..found.len().min(15)].join("\n");
            assert!(self.rows > 0 && found.is_empty(), "{} of {} differ:\n{shown}", found.len(), self.rows);
        }
    }
}

fn frozen(json: &Json) -> Frozen {
    match json {
        Json::Null => Frozen::Nil,
        Json::Bool(value) => Frozen::Bool(*value),
        Json::Number(number) => Frozen::Float(number.as_f64().unwrap()),
        Json::String(text) => Frozen::str(text.as_str()),
        Json::Array(items) => Frozen::list(items.iter().map(frozen).collect()),
        Json::Object(entries) => {
            Frozen::map(entries.iter().map(|(key, value)| (key.as_str().into(), frozen(value))).collect())
        }
    }
}

fn text(bytes: Vec<u8>) -> Json {
    Json::String(String::from_utf8(bytes).unwrap())
}

fn v2(value: &Frozen) -> Json {
    assert_eq!(to_yaml(&Value::from(value)).ok(), to_yaml_frozen(value).ok());
    to_yaml_frozen(value).map_or(Json::Null, text)
}

fn v3(value: &Frozen) -> Json {
    text(to_yaml_pretty(&Value::from(value)).unwrap())
}

#[test]
fn scalars() {
    let mut differences = Differences::default();
    for row in rows("scalars") {
        let (kind, value) = match resolve(row[0].as_str().unwrap()) {
            Scalar::Null => ("null", String::new()),
            Scalar::Bool(value) => ("bool", value.to_string()),
            Scalar::Int(value) => ("int", value.to_string()),
            Scalar::Uint(value) => ("uint", value.to_string()),
            // There are several NaNs.
            Scalar::Float(value) if value.is_nan() => ("float", row[2].as_str().unwrap().to_owned()),
            Scalar::Float(value) => ("float", format!("{:x}", value.to_bits())),
            Scalar::Timestamp | Scalar::Str => ("str", String::new()),
        };
        differences.compare(
            &row[0],
            Json::from(vec![kind.to_owned(), value]),
            &Json::from(&row.as_array().unwrap()[1..]),
        );
    }
}

#[test]
fn strings() {
    let mut differences = Differences::default();
    for row in rows("strings") {
        let string = frozen(&row[0]);
        let forms = [
            Frozen::map(vec![("k".into(), string.clone())]),
            Frozen::list(vec![string]),
            Frozen::map(vec![(row[0].as_str().unwrap().into(), Frozen::Int(crate::value::IntKind::Int, 1))]),
        ];
        for (at, form) in forms.iter().enumerate() {
            differences.compare(&row[0], v2(form), &row[1 + at]);
            differences.compare(&row[0], v3(form), &row[4 + at]);
        }
    }
}

#[test]
fn folding() {
    let mut differences = Differences::default();
    for row in rows("folding") {
        let value = match row[0].as_u64() {
            Some(depth) => (0..depth).fold(frozen(&row[1]), |value, level| match level % 2 {
                1 => Frozen::list(vec![value]),
                _ => Frozen::map(vec![("key".into(), value)]),
            }),
            None => Frozen::map(vec![(row[1].as_str().unwrap().into(), frozen(&row[0]))]),
        };
        differences.compare(&row[1], v2(&value), &row[2]);
        differences.compare(&row[1], v3(&value), &row[3]);
    }
}

#[test]
fn values() {
    let mut differences = Differences::default();
    for row in rows("values") {
        let value = crate::golang::json::unmarshal(row[0].as_str().unwrap().as_bytes()).unwrap();
        differences.compare(&row[0], v2(&value), &row[1]);
        differences.compare(&row[0], v3(&value), &row[2]);
    }
}

#[test]
fn documents() {
    let mut differences = Differences::default();
    for row in rows("documents") {
        let (value, problem) = (row[1].as_str().unwrap(), row[2].as_str().unwrap());
        let ours = match load(row[0].as_str().unwrap().as_bytes()) {
            Ok(value) => format!("{value:?}"),
            Err(error) => error.message.replace("error converting YAML to JSON: ", ""),
        };
        let go = match problem {
            "" => format!("{:?}", crate::golang::json::unmarshal(value.as_bytes()).unwrap()),
            problem => problem.to_owned(),
        };
        differences.compare(&row[0], Json::from(ours), &Json::from(go));
    }
}

#[test]
fn nodes() {
    let mut differences = Differences::default();
    for row in rows("nodes") {
        let document = parse_document(&Source::new("row", row[0].as_str().unwrap())).unwrap();
        differences.compare(&row[0], text(emit_node(&document.root, Dialect::GoV3)), &row[1]);
        differences.compare(&row[0], text(emit_node(&document.root, Dialect::GoV3Compact)), &row[2]);
    }
}

fn problem(text: &[u8]) -> Json {
    Json::from(
        load(text).map_or_else(|error| error.message.replace("error converting YAML to JSON: ", ""), |_| String::new()),
    )
}

#[test]
fn aliases() {
    let mut differences = Differences::default();
    for row in rows("aliases") {
        let number = |at: usize| usize::try_from(row[at].as_u64().unwrap()).unwrap();
        let mut text = format!("a0: &a0 [{}]\n", "x,".repeat(number(0)));
        for level in 1..=number(2) {
            let items = format!("*a{},", level - 1).repeat(number(1));
            text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        differences.compare(&row, problem(text.as_bytes()), &row[3]);
    }
}

#[test]
fn portions() {
    let mut differences = Differences::default();
    for row in rows("portions") {
        let columns = usize::try_from(row[1].as_u64().unwrap()).unwrap();
        let after = row[2].as_str().unwrap().as_bytes().chunks(2);
        let after = after.map(|digits| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap());
        let mut text = format!("{}#{}\n", row[0].as_str().unwrap(), "x".repeat(columns)).into_bytes();
        text.extend(after);
        differences.compare(&row, problem(&text), &row[3]);
    }
}
