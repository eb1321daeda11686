use super::super::json;
use super::super::table::{Differences, rows, show, text, value};
use super::super::time::{Duration, Time};
use super::*;
use crate::value::{Map, Value};

#[test]
fn values_are_encoded_as_burntsushi_encodes_them() {
    let mut differences = Differences::default();
    for row in rows("toml_encode") {
        let go = match row[2].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(show(&text(&row[1]))),
        };
        differences.compare(&row[0], marshal(&value(&row[0])).map(|out| show(&out)), go);
    }
    differences.finish();
}

#[test]
fn texts_are_decoded_as_burntsushi_decodes_them() {
    let mut differences = Differences::default();
    for row in rows("toml_decode") {
        let input = text(&row[0]);
        let ours = unmarshal(&input).map(|data| json::marshal(&data, true).map(|out| show(&out)));
        let what = show(&input);
        let go = match row[2].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(Ok(show(&text(&row[1])))),
        };
        differences.compare(what, ours, go);
    }
    differences.finish();
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels| format!("a = {}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(unmarshal(nested(100).as_bytes()).is_ok());
    assert!(unmarshal(nested(100_000).as_bytes()).is_err());
    assert!(unmarshal(format!("{} = 1", ["a"; 10_000].join(".")).as_bytes()).is_err());
    assert!(unmarshal(format!("[{}]", ["a"; 10_000].join(".")).as_bytes()).is_err());
    assert!(unmarshal("a = {b = ".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn times_are_plain_and_durations_text() {
    let map = Value::map([("d", Duration(1500).into()), ("t", Time::unix(0).into())]);
    assert_eq!(String::from_utf8(marshal(&map).unwrap()).unwrap(), "d = \"1.5µs\"\nt = 1970-01-01T00:00:00Z\n");
}

#[test]
fn a_map_inside_itself_is_an_error() {
    let map = Map::new();
    map.insert("self", Value::Map(map.clone()));
    assert!(marshal(&Value::Map(map)).is_err());
}
