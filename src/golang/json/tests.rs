use super::super::table::{Differences, rows, show, text, value};
use super::*;
use crate::value::{Map, Value};

#[test]
fn values_are_marshalled_as_go_marshals_them() {
    let mut differences = Differences::default();
    for row in rows("json_encode") {
        let input = value(&row[0]);
        let go = |at: usize| match &row[at] {
            serde_json::Value::Null => Err(row[4].as_str().unwrap().to_owned()),
            out => Ok(show(&text(out))),
        };
        let what = &row[0];
        differences.compare(what, marshal(&input, true).map(|out| show(&out)), go(1));
        differences.compare(what, marshal(&input, false).map(|out| show(&out)), go(2));
        differences.compare(what, marshal_indent(&input).map(|out| show(&out)), go(3));
    }
    differences.finish();
}

#[test]
fn texts_are_unmarshalled_as_go_unmarshals_them() {
    let mut differences = Differences::default();
    for row in rows("json_decode") {
        let input = text(&row[0]);
        let go = match row[2].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(format!("{:?}", value(&row[1]))),
        };
        let ours = unmarshal(&input).map(|frozen| Value::from(&frozen));
        let same = match (&ours, &go) {
            (Ok(ours), Ok(_)) => crate::value::deep_equal(ours, &value(&row[1])),
            (Err(ours), Err(go)) => ours == go,
            _ => false,
        };
        differences.compare(format_args!("{}\n {ours:?}\n {go:?}", show(&input)), same, true);
    }
    differences.finish();
}

#[test]
fn a_map_inside_itself_is_gos_error() {
    let map = Map::new();
    map.insert("list", Value::list(vec![Value::Map(map.clone())]));
    let error = marshal(&Value::Map(map.clone()), true).unwrap_err();
    assert_eq!(error, "json: unsupported value: encountered a cycle via map[string]interface {}");
    map.remove("list");
    map.insert("self", Value::Map(map.clone()));
    assert_eq!(marshal_indent(&Value::Map(map)).unwrap_err(), error);
}

#[test]
fn nesting_is_bounded() {
    let deep = |levels: usize| [vec![b'['; levels], vec![b']'; levels]].concat();
    assert!(unmarshal(&deep(1000)).is_ok());
    assert_eq!(unmarshal(&deep(1001)).unwrap_err(), "exceeded max depth");
    assert_eq!(
        unmarshal(&vec![b'{'; 1 << 20]).unwrap_err(),
        "invalid character '{' looking for beginning of object key string"
    );
    let mut value = Value::Nil;
    for _ in 0..1201 {
        value = Value::list(vec![value]);
    }
    assert_eq!(marshal(&value, true).unwrap_err(), "json: unsupported value: exceeded max depth");
}
