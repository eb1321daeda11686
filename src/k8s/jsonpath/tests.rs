use serde_json::Value as Json;

use super::*;
use crate::value::Frozen;
use crate::yaml;

const VALUES: &str = include_str!("../../../testdata/k8s/jsonpath.yaml");
const ROWS: &str = include_str!("../../../testdata/k8s/jsonpath.jsonl");

fn execute(template: &str) -> Result<(Vec<u8>, Result<(), String>), String> {
    let values = Frozen::Map(yaml::load_map(VALUES.as_bytes()).unwrap());
    Ok(JsonPath::parse(template)?.execute(&Value::from(&values)))
}

/// Each row is what `helm show values --jsonpath` gives for a template.
#[test]
fn templates_give_what_helm_prints() {
    let mut wrong = Vec::new();
    for row in ROWS.lines() {
        let row: Json = serde_json::from_str(row).unwrap();
        let (template, gives) = (row["template"].as_str().unwrap(), row["stdout"].as_str());
        let found = execute(template).map(|(out, _)| String::from_utf8_lossy(&out).into_owned());
        let expected = gives.map(str::to_owned).ok_or_else(|| row["error"].as_str().unwrap().to_owned());
        if found != expected {
            wrong.push(format!("{template}\n  {expected:?}\n  {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), ROWS.lines().count(), wrong.join("\n"));
}

fn error_of(template: &str) -> String {
    execute(template).unwrap().1.unwrap_err()
}

#[test]
fn what_ends_an_execution_is_told() {
    assert_eq!(error_of("{.nope}"), "nope is not found");
    assert_eq!(error_of("{.a.b.d[3]}"), "array index out of bounds: index 3, length 3");
    assert_eq!(error_of("{.a.b.d[2:1]}"), "starting index 2 is greater than ending index 1");
    assert_eq!(error_of("{.s[0]}"), "string is not array or slice");
    assert_eq!(error_of("{.s[?(@.x)]}"), "text is not array or slice and cannot be filtered");
    assert_eq!(error_of("{.items[?(@.name==1)]}"), "incompatible types for comparison");
    assert_eq!(error_of("{.items[?(@.name===1)]}"), "unrecognized filter operator ===");
    assert_eq!(error_of("{foo}"), "unrecognized identifier foo");
    assert_eq!(error_of("{end}"), "not in range, nothing to end");
}

#[test]
fn entries_of_maps_come_by_key() {
    assert_eq!(execute("{.items[0].*}").unwrap().0, br#"{"app":"x"} one 1 true"#);
}

#[test]
fn what_is_found_is_bounded() {
    let nested = Value::list(vec![Value::list(vec![Value::list(vec![Value::list(vec![Value::Nil])])])]);
    let copies = format!("[{}]", vec!["*"; 200].join(","));
    let path = JsonPath::parse(&format!("{{{}}}", copies.repeat(4))).unwrap();
    assert_eq!(path.execute(&nested).1.unwrap_err(), "the template finds more than 1000000 items");
}
