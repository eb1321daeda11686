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
        ("", "{}", "EOF"),
        ("{", "{}", "unexpected EOF"),
        (r#"{"$schema":"draft7"}"#, "{}", r#"failing loading "draft7": no URLLoader registered for "draft7""#),
        (r#"{"allOf":[{"required":["x"]}]}"#, "{}", "- at '': 'allOf' failed\n  - at '': missing property 'x'\n"),
        (
            r#"{"properties":{"o":{"anyOf":[{"properties":{"p":{"type":"string"},"s":{"type":"number"}}}]}}}"#,
            "o: {p: 1, s: x}",
            "- at '/o': 'anyOf' failed\n  - at '/o': validation failed\n    - at '/o/p': got number, want string\n    \
             - at '/o/s': got string, want number\n",
        ),
        (
            r##"{"$ref":"#/$defs/a","$defs":{"a":{"items":{},"additionalProperties":{"oneOf":[{"$ref":"#/$defs/b"}]}},"b":{"required":["q"]}}}"##,
            "k: {}",
            "- at '/k': 'oneOf' failed, none matched\n  - at '/k': missing property 'q'\n",
        ),
        (r#"{"properties":{"a":{"pattern":"^\\d+$"}}}"#, "a: x", "- at '/a': 'x' does not match pattern '^\\\\d+$'\n"),
        (r#"{"properties":{"a":{"enum":[5.0,1.10]}}}"#, "a: 2", "- at '/a': value must be one of 5.0, 1.10\n"),
        (r#"{"properties":{"a~/b c":{"const":1.0}}}"#, "a~/b c: 2", "- at '/a~0~1b c': value must be 1.0\n"),
        (
            r#"{"properties":{"s":{"pattern":"["}}}"#,
            "{}",
            "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with \
             'https://json-schema.org/draft/2020-12/schema#'\n- at '': 'allOf' failed\n  - at '/properties/s': 'allOf' \
             failed\n    - at '/properties/s/pattern': '[' is not valid regex: error parsing regexp: missing closing ]: \
             `[`",
        ),
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
fn formats_are_worded_as_helms() {
    for (format, value, error) in [
        ("date", "2020-1-1", r#"parsing time "2020-1-1" as "2006-01-02": cannot parse "1-1" as "01""#),
        ("date-time", "2020-02-30T00:00:00Z", r#"invalid date element: parsing time "2020-02-30": day out of range"#),
        ("date-time", "2020-01-01T10:00:00+25:00", "invalid time element: hour/min in offset out of range"),
        ("ipv4", "1.2.3", "expected four decimals"),
        ("ipv4", "01.2.3.4", "leading zeros"),
        ("ipv6", "x", "missing colon"),
        ("ipv6", "fe80::1%eth0", "zone id is not a part of ipv6 address"),
        ("uri", "http://a b", r#"parse "http://a b": invalid character " " in host name"#),
        ("uri", "a", "relative url"),
        ("uuid", "x", "must have 5 elements"),
        ("json-pointer", "a", "not starting with /"),
        ("duration", "P1M1Y", "unit 'Y' out of order"),
        ("semver", "v1", "versionCore must have 3 numbers separated by dot"),
        ("regex", "(?=a)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"),
    ] {
        let schema = format!(
            r#"{{"$schema":"http://json-schema.org/draft-07/schema#","properties":{{"a":{{"format":"{format}"}}}}}}"#
        );
        let expected = format!("- at '/a': '{value}' is not valid {format}: {error}\n");
        assert_eq!(complaints(&schema, &format!("a: '{value}'")).unwrap_err(), expected);
    }
    for (format, value) in [("idn-email", "a"), ("semver", "1.2.3-rc.1+b"), ("date-time", "1998-12-31T23:59:60Z")] {
        let schema = format!(
            r#"{{"$schema":"http://json-schema.org/draft-07/schema#","properties":{{"a":{{"format":"{format}"}}}}}}"#
        );
        assert_eq!(complaints(&schema, &format!("a: '{value}'")), Ok(()));
    }
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
