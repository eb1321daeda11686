use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::golang;
use crate::helm::assembly::Assembly;
use crate::helm::chart;
use crate::source::Tree;
use crate::value::{Frozen, Map, Value};
use crate::yaml;

fn map(text: &str) -> Map {
    Map::frozen(yaml::load_map(text.as_bytes()).unwrap())
}

fn json(values: &Map) -> String {
    String::from_utf8(golang::json::marshal(&Value::Map(values.clone()), false).unwrap()).unwrap()
}

/// Coalesces user values with those of a chart `demo` and its subchart `sub`; also gives the warnings.
fn coalesced(defaults: &str, sub: Option<&str>, user: &str) -> Result<(String, Vec<String>), String> {
    let mut files: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
    let mut put = |path: &str, text: &str| files.insert(path.to_owned(), Arc::from(text.as_bytes()));
    put("Chart.yaml", "apiVersion: v2\nname: demo\nversion: 1.0.0\n");
    put("values.yaml", defaults);
    if let Some(sub) = sub {
        put("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n");
        put("charts/sub/values.yaml", sub);
    }
    let chart = chart::load(&Tree::memory(files, "demo")).unwrap();
    let charts = Assembly::new(&chart, &Frozen::of(&Value::Map(map(user))))?;
    let values = map(user);
    let mut warnings = Vec::new();
    let mut how = Coalescing { keep_nulls: false, warnings: &mut warnings };
    coalesce_chart(&charts, Assembly::ROOT, &values, &mut how)?;
    Ok((json(&values), warnings))
}

#[test]
fn sources_of_user_values_are_merged_with_nulls_kept() {
    let merged = merge_over(&map("{a: {b: 1, c: [1, 2]}, d: 1}"), &map("{a: {b: null, c: [3]}, e: {}}"));
    assert_eq!(json(&merged), r#"{"a":{"b":null,"c":[3]},"d":1,"e":{}}"#);
}

#[test]
fn user_values_stand_over_defaults() {
    for (defaults, user, expected) in [
        ("{a: 1, b: {c: 2, d: 3}}", "{b: {c: 5}}", r#"{"a":1,"b":{"c":5,"d":3}}"#),
        ("{a: [1, 2]}", "{a: [3]}", r#"{"a":[3]}"#),
        ("{a: 1, b: {c: 2}}", "{a: null, b: {c: null}}", r#"{"b":{}}"#),
        ("{}", "{a: null}", r#"{"a":null}"#),
        ("{a: null, b: {c: null}}", "{}", r#"{"a":null,"b":{"c":null}}"#),
        ("{a: {b: 1}}", "{a: x}", r#"{"a":"x"}"#),
    ] {
        assert_eq!(coalesced(defaults, None, user).unwrap().0, expected, "{defaults} {user}");
    }
    let (values, warnings) = coalesced("{a: x}", None, "{a: {b: 1}}").unwrap();
    assert_eq!(values, r#"{"a":{"b":1}}"#);
    assert_eq!(warnings, ["warning: skipped value for demo.a: Not a table."]);
}

#[test]
fn subcharts_have_a_section_and_globals() {
    for (defaults, sub, user, expected) in [
        ("{}", "{x: 1}", "{}", r#"{"sub":{"global":{},"x":1}}"#),
        ("{sub: {x: 2}}", "{x: 1, z: 1}", "{}", r#"{"sub":{"global":{},"x":2,"z":1}}"#),
        ("{sub: {x: null}}", "{x: 1}", "{}", r#"{"sub":{"global":{}}}"#),
        (
            "{global: {a: 1, m: {p: 1}}}",
            "{global: {a: 2, m: {q: 2}}}",
            "{}",
            r#"{"global":{"a":1,"m":{"p":1}},"sub":{"global":{"a":1,"m":{"p":1,"q":2}}}}"#,
        ),
    ] {
        assert_eq!(coalesced(defaults, Some(sub), user).unwrap().0, expected, "{defaults} {sub} {user}");
    }
    assert_eq!(coalesced("{sub: x}", Some("{}"), "{}").unwrap_err(), "type mismatch on sub: %!t(string=x)");
    assert_eq!(coalesced("{}", Some("{}"), "{sub: null}").unwrap_err(), "type mismatch on sub: %!t(<nil>)");
}

#[test]
fn paths_lead_through_tables_to_values() {
    let values = map("{a: {b: {c: true}}, d: 1}");
    assert!(matches!(path_value(&values, "a.b.c"), Some(Value::Bool(true))));
    assert!(path_value(&values, "a.b").is_none());
    assert!(path_value(&values, "d.e").is_none());
    assert_eq!(table(&values, "a.x").unwrap_err(), r#""x" is not a table"#);
    assert!(is_table(&Value::Map(table(&values, "a.b").unwrap())));
}
