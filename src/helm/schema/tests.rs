use super::*;
use crate::yaml;

fn complaints(schema: &str, values: &str) -> Result<(), String> {
    check_values(schema.as_bytes(), &Map::frozen(yaml::load_map(values.as_bytes()).unwrap()))
        .map_err(|unfit| unfit.text)
}

#[test]
fn the_value_at_fault_is_named_as_deep_as_there_is_one() {
    let schema = r##"{"properties": {"a": {"$ref": "#/$defs/a"}, "l": {"items": {"type": "string"}}},
        "additionalProperties": false, "$defs": {"a": {"required": ["b"]}}}"##;
    let places = |values: &str| {
        let values = Map::frozen(yaml::load_map(values.as_bytes()).unwrap());
        check_values(schema.as_bytes(), &values).unwrap_err().places
    };
    assert_eq!(places("a: {}"), [["a"]]);
    assert_eq!(places("l: [x, 1]"), [["l", "1"]]);
    assert_eq!(places("zz: 1\nbb: 1"), [["bb"]]);
    assert_eq!(places("a: {}\nl: [1]").len(), 2);
}

#[test]
fn words_are_helms() {
    for (schema, values, expected) in [
        (r#"{"properties":{"a":{"type":"string"}}}"#, "a: 1", "- at '/a': got number, want string\n"),
        (
            r#"{"required":["r"],"properties":{"k":{"type":["null","string"]}}}"#,
            "k: 1",
            "- at '': missing property 'r'\n- at '/k': got number, want null or string\n",
        ),
        (
            r#"{"properties":{"a":{"maximum":1000.25}}}"#,
            "a: 1234567.5",
            "- at '/a': maximum: got 1.2345675×10⁰⁶, want 1,000.25\n",
        ),
        (r#"{"properties":{"a":{"minItems":2000}}}"#, "a: []", "- at '/a': minItems: got 0, want 2,000\n"),
        (
            r#"{"properties":{"a":{"enum":["x'y",1,null]}}}"#,
            "a: 2",
            "- at '/a': value must be one of 'x\\'y', 1, <nil>\n",
        ),
        (
            r#"{"allOf":[{"required":["r"]},{"anyOf":[{"required":["s"]},{"required":["t"]}]}]}"#,
            "{}",
            "- at '': 'allOf' failed\n  - at '': 'anyOf' failed\n    - at '': missing property 's'\n    \
             - at '': missing property 't'\n  - at '': missing property 'r'\n",
        ),
        (r##"{"$ref":"#/$defs/z","$defs":{"z":{"required":["p"]}}}"##, "{}", "- at '': missing property 'p'\n"),
        ("{bad", "{}", "invalid character 'b' looking for beginning of object key string"),
    ] {
        assert_eq!(complaints(schema, values).unwrap_err(), expected, "{schema}");
    }
}

#[test]
fn multiples_are_exact() {
    assert_eq!(complaints(r#"{"properties":{"a":{"multipleOf":0.1}}}"#, "a: 0.3"), Ok(()));
    assert_eq!(
        complaints(r#"{"properties":{"a":{"multipleOf":0.1}}}"#, "a: 0.35").unwrap_err(),
        "- at '/a': multipleOf: got 0.35, want 0.1\n"
    );
}

#[test]
fn nothing_outside_is_read() {
    assert_eq!(
        complaints(r#"{"$ref":"other.json"}"#, "{}").unwrap_err(),
        r#"failing loading "file:///other.json": open /other.json: no such file or directory"#
    );
    assert_eq!(
        complaints(r#"{"$ref":"https://example.com/s.json"}"#, "{}").unwrap_err(),
        r#"failing loading "https://example.com/s.json": schemas are not fetched while rendering"#
    );
    assert_eq!(complaints(r#"{"$ref":"urn:example:x"}"#, "{}"), Ok(()));
}
