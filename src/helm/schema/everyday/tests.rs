use proptest::prelude::*;

use super::super::{compile, json_of};
use super::*;
use crate::golang::json;

fn met(schema: &str, values: &str) -> bool {
    is_met(&json::unmarshal(schema.as_bytes()).unwrap(), &json::unmarshal(values.as_bytes()).unwrap())
}

/// What the validator says; `None` when the schema cannot be compiled.
fn validator(schema: &Frozen, values: &Frozen) -> Option<bool> {
    let (schemas, index) = compile(json_of(schema)).ok()?;
    Some(schemas.validate(&json_of(values), index).is_ok())
}

#[test]
fn values_that_meet_everyday_schemas_are_recognised() {
    for (schema, values) in [
        ("{}", "{}"),
        (
            r#"{"properties": {"a": {"$schema": "http://json-schema.org/schema#", "format": "date-time"}}}"#,
            r#"{"a": null}"#,
        ),
        (r#"{"$schema": "http://json-schema.org/schema#", "type": "object"}"#, r#"{"a": 1}"#),
        (
            r#"{"properties": {"a": {"type": ["string", "null"]}, "b": {"type": "integer", "form": true}}}"#,
            r#"{"a": null, "b": 3, "c": 1}"#,
        ),
        (
            r##"{"properties": {"a": {"$ref": "#/$defs/x"}}, "additionalProperties": false, "$defs": {"x": {"enum": ["y", 1]}}}"##,
            r#"{"a": 1}"#,
        ),
        (
            r#"{"required": ["a"], "properties": {"a": {"items": {"minLength": 1, "maximum": 3}, "minItems": 2, "uniqueItems": true}}}"#,
            r#"{"a": ["é", 3, {}]}"#,
        ),
        (
            r#"{"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "anyOf": [{"not": {"const": 1}}], "allOf": [true]}"#,
            r#"{"b": {}}"#,
        ),
    ] {
        assert!(met(schema, values), "{schema} {values}");
    }
}

#[test]
fn all_else_is_left_to_the_validator() {
    for (schema, values) in [
        ("true", "{}"),
        (r#"{"type": "strin"}"#, "{}"),
        (r#"{"properties": {"never": {"type": 1}}}"#, "{}"),
        (r#"{"$schema": "http://json-schema.org/draft-04/schema#"}"#, "{}"),
        (r#"{"$id": "x"}"#, "{}"),
        (r#"{"properties": {"a": {"$schema": "http://json-schema.org/draft-07/schema#"}}}"#, "{}"),
        (r#"{"properties": {"a": {"format": "uri"}}}"#, r#"{"a": "b"}"#),
        (r#"{"pattern": "("}"#, "{}"),
        (r##"{"$ref": "#/$defs/x"}"##, "{}"),
        (r##"{"anyOf": [true, {"$ref": "#/$defs/x"}]}"##, "{}"),
        (r##"{"properties": {"a": {"$ref": "#/$defs/x", "type": "string"}}, "$defs": {"x": {}}}"##, r#"{"a": 1}"#),
        (r##"{"$ref": "#/$defs/x", "$defs": {"x": {"$ref": "#/$defs/x"}}}"##, "{}"),
        (r##"{"$ref": "#/$defs/x", "$defs": {"x": {"$ref": "#/$defs/y"}, "y": {"$ref": "#/$defs/x"}}}"##, "{}"),
        (r#"{"required": ["a", "a"]}"#, r#"{"a": 1}"#),
        (r#"{"required": ["a"]}"#, "{}"),
        (r#"{"additionalProperties": false}"#, r#"{"a": 1}"#),
        (r#"{"maxProperties": 0}"#, r#"{"a": 1}"#),
        (r#"{"properties": {"a": {"type": "integer"}}}"#, r#"{"a": 1e300}"#),
    ] {
        assert!(!met(schema, values), "{schema} {values}");
    }
}

fn values() -> impl Strategy<Value = String> {
    let leaf =
        prop::sample::select(vec!["null", "true", "0", "1", "2.5", "-1", r#""""#, r#""a""#, r#""bb""#, "[]", "{}"]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(","))),
            (inner.clone(), inner).prop_map(|(a, b)| format!(r#"{{"a":{a},"b":{b}}}"#)),
        ]
    })
}

fn schemas() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "true",
        "false",
        "{}",
        r#"{"type":"string"}"#,
        r#"{"type":["integer","null"]}"#,
        r#"{"type":"number"}"#,
        r#"{"type":"object"}"#,
        r#"{"type":"array"}"#,
        r#"{"type":"boolean"}"#,
        r#"{"minimum":1}"#,
        r#"{"exclusiveMaximum":2}"#,
        r#"{"minLength":1}"#,
        r#"{"maxLength":1}"#,
        r#"{"minItems":1}"#,
        r#"{"maxItems":1}"#,
        r#"{"maxProperties":1}"#,
        r#"{"required":["a"]}"#,
        r#"{"required":["a","a"]}"#,
        r#"{"enum":["a",1,null]}"#,
        r#"{"const":{"a":1,"b":[]}}"#,
        r#"{"uniqueItems":true}"#,
        r#"{"type":"nothing"}"#,
        r##"{"$ref":"#/$defs/x"}"##,
        r##"{"$ref":"#/$defs/y"}"##,
        r##"{"$ref":"#/$defs/x","type":"null"}"##,
        r#"{"title":1}"#,
        r#"{"format":"int32"}"#,
        r#"{"minimum":"1"}"#,
    ]);
    let schema = leaf.prop_map(str::to_owned).prop_recursive(3, 16, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            pair.clone().prop_map(|(a, b)| format!(r#"{{"properties":{{"a":{a}}},"additionalProperties":{b}}}"#)),
            pair.clone().prop_map(|(a, b)| format!(r#"{{"allOf":[{a},{b}]}}"#)),
            pair.clone().prop_map(|(a, b)| format!(r#"{{"anyOf":[{a},{b}]}}"#)),
            pair.clone().prop_map(|(a, b)| format!(r#"{{"oneOf":[{a},{b}]}}"#)),
            pair.prop_map(|(a, b)| format!(r#"{{"items":{a},"not":{b}}}"#)),
        ]
    });
    let draft = prop::sample::select(vec!["draft/2020-12", "draft/2019-09", "draft-07"]);
    (draft, schema.clone(), schema).prop_map(|(draft, schema, x)| {
        format!(r#"{{"$schema":"https://json-schema.org/{draft}/schema","allOf":[{schema}],"$defs":{{"x":{x}}}}}"#)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_validator_agrees(schema in schemas(), values in values()) {
        let schema = json::unmarshal(schema.as_bytes()).unwrap();
        let values = json::unmarshal(values.as_bytes()).unwrap();
        if is_met(&schema, &values) {
            prop_assert_eq!(validator(&schema, &values), Some(true));
        }
    }
}
