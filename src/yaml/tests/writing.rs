use super::*;

#[test]
fn layout_of_the_two_dialects() {
    let value = load(b"b: [1, {x: k, z: []}, [a, [b]]]\na10: {}\na2: ~\n").unwrap();
    assert_eq!(yaml(&value), "a2: null\na10: {}\nb:\n- 1\n- x: k\n  z: []\n- - a\n  - - b\n");
    let pretty = to_yaml_pretty(&Value::from(&value)).unwrap();
    assert_eq!(
        String::from_utf8(pretty).unwrap(),
        "a2: null\na10: {}\nb:\n  - 1\n  - x: k\n    z: []\n  - - a\n    - - b\n"
    );
}

#[test]
fn numbers_that_fit_integers_are_integers() {
    let value = Frozen::list([1e6, 0.1, 1e20, 9.3e18, -0.0, 1e21, 123456789.5].map(Frozen::Float).to_vec());
    assert_eq!(yaml(&value), "- 1000000\n- 0.1\n- 1e+20\n- 9300000000000000000\n- 0\n- 1e+21\n- 1.234567895e+08\n");
}

#[test]
fn strings_that_would_read_as_something_else_are_quoted() {
    let words = ["yes", "1", "", "1:30", "a: b", "x\ty", "- x", "a\n", "a\nb", "\na", "😀", "=", "2001-01-01"];
    let value = Frozen::list(words.map(Frozen::str).to_vec());
    assert_eq!(
        yaml(&value),
        "- \"yes\"\n- \"1\"\n- \"\"\n- \"1:30\"\n- 'a: b'\n- \"x\\ty\"\n- '- x'\n- |\n  a\n- |-\n  a\n  b\n- |2-\n\n  a\n- \"\\U0001F600\"\n- =\n- \"2001-01-01\"\n"
    );
}

#[test]
fn values_without_a_yaml_form_are_errors() {
    let marshal = "error marshaling into JSON: json: unsupported value: ";
    assert_eq!(to_yaml(&Value::Float(f64::NAN)), Err(format!("{marshal}NaN")));
    assert_eq!(to_yaml(&Value::str("\u{7F}")), Err("yaml: control characters are not allowed".to_owned()));
    let map = crate::value::Map::new();
    map.insert("a", Value::Map(map.clone()));
    map.insert("b", Value::Map(map.clone()));
    assert_eq!(
        to_yaml(&Value::Map(map.clone())),
        Err(format!("{marshal}encountered a cycle via map[string]interface {{}}"))
    );
    assert!(to_yaml_pretty(&Value::Map(map.clone())).is_err());
    map.remove("a");
    map.remove("b");
}

#[test]
fn what_json_does_to_strings_shows() {
    let of = |value: Value| String::from_utf8(to_yaml(&value).unwrap()).unwrap();
    assert_eq!(of(Value::str(&b"a\xFFb"[..])), "a\u{FFFD}b\n");
    assert_eq!(of(Value::str("<a> & b")), "<a> & b\n");
    assert_eq!(of(Value::str("a \u{85} b")), "a b\n");
    assert_eq!(of(Value::List(crate::value::List::bytes([1_u8, 2].into()))), "AQI=\n");
    assert_eq!(of(Value::List(crate::value::List::nil(crate::value::ListType::Any))), "null\n");
    assert_eq!(to_yaml_pretty(&Value::str(&b"a\xFFb"[..])).unwrap(), b"!!binary Yf9i\n");
    assert_eq!(to_yaml_pretty(&Value::Float(1e6)).unwrap(), b"1e+06\n");
}
