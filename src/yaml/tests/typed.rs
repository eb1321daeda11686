use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::*;
use crate::span::Source;

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct Component {
    name: Spanned<String>,
    version: Option<String>,
    generator: Option<Kind>,
    disabled: bool,
    replicas: u8,
    hooks: BTreeMap<String, Vec<String>>,
    subcomponents: Vec<Component>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Helm,
    Static,
}

fn read(text: &str) -> (Result<Component, String>, Notes, Arc<Source>) {
    let source = Source::new("c.yaml", text);
    let mut notes = Notes::default();
    let document = parse_document(&source).unwrap();
    let result = from_document(&document, &mut notes).map_err(|error| error.to_string());
    (result, notes, source)
}

#[test]
fn scalars_are_read_as_go_reads_them() {
    let (component, notes, source) = read(
        "name: web\nversion: 1.10\ngenerator: helm\ndisabled: yes\nreplicas: 0x10\nhooks: {1: [a, 2]}\nsubcomponents:\n- {name: x}\n",
    );
    let component = component.unwrap();
    assert_eq!(component.version.as_deref(), Some("1.10"));
    assert_eq!((component.disabled, component.replicas, component.generator), (true, 16, Some(Kind::Helm)));
    assert_eq!(component.hooks["1"], ["a", "2"]);
    assert_eq!(component.subcomponents[0].name.span(&source).to_string(), "c.yaml:8:10");
    assert!(notes.unknown.is_empty() && notes.duplicate.is_empty());
}

#[test]
fn unknown_and_duplicate_keys_are_noted() {
    let (component, notes, _) =
        read("name: a\nname: b\nsubcomponents:\n- sorce: x\n  base: &b {name: c}\n- <<: {name: d}\n  name: e\n");
    let component = component.unwrap();
    assert_eq!((component.name.as_str(), component.subcomponents[1].name.as_str()), ("b", "e"));
    let shown = |notes: &[KeyNote]| -> Vec<String> {
        notes.iter().map(|note| format!("{} {}", note.path, note.span)).collect()
    };
    assert_eq!(shown(&notes.unknown), ["subcomponents[0].sorce c.yaml:4:3", "subcomponents[0].base c.yaml:5:3"]);
    assert_eq!(shown(&notes.duplicate), ["name c.yaml:1:1"]);
    assert!(notes.unknown[0].known.contains(&"subcomponents"));
}

#[test]
fn errors_name_place_and_path() {
    let error = |text: &str| read(text).0.unwrap_err();
    assert_eq!(
        error("subcomponents:\n- name: a\n  disabled: maybe\n"),
        "c.yaml:3:13: error[yaml.type]: `subcomponents[0].disabled`: expected a boolean, found the text `maybe`"
    );
    assert_eq!(error("generator: halm\n"), "c.yaml:1:12: error[yaml.type]: `generator`: unknown value `halm`");
    assert_eq!(
        error("replicas: 300\n"),
        "c.yaml:1:11: error[yaml.type]: `replicas`: expected u8, found the number 300"
    );
    assert_eq!(error("hooks: []\n"), "c.yaml:1:8: error[yaml.type]: `hooks`: expected a map, found a list");
    assert_eq!(error("a: !!int x\n"), "c.yaml:1:10: error[yaml.syntax]: cannot decode !!str `x` as a !!int");
}

#[test]
fn json_reads_into_the_same_tree() {
    let source = Source::new("c.json", " {\"name\": \"a\\u00e9\\n\", \"hooks\": {\"x\": []}, \"replicas\": 2e0}\n");
    let document = parse_json_document(&source).unwrap();
    assert_eq!(document.root.get("name").and_then(Node::as_str), Some("aé\n"));
    assert_eq!(document.span(document.root.get("hooks").unwrap()).text(), "{\"x\": []}");
    assert_eq!(load_node(&document.root).unwrap().get("replicas"), Some(&Frozen::Float(2.0)));
}

#[test]
fn json_errors_are_worded_as_go_does() {
    let error = |text: &str| parse_json_document(&Source::new("c.json", text)).unwrap_err().message;
    for (text, wanted) in [
        ("", "unexpected end of JSON input"),
        ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("[1 2]", "invalid character '2' after array element"),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        ("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"),
        ("tru", "unexpected end of JSON input"),
        ("trx", "invalid character 'x' in literal true (expecting 'u')"),
        ("1 x", "invalid character 'x' after top-level value"),
        ("-a", "invalid character 'a' in numeric literal"),
        ("1.a", "invalid character 'a' after decimal point in numeric literal"),
        ("1ea", "invalid character 'a' in exponent of numeric literal"),
        ("\"\\q\"", "invalid character 'q' in string escape code"),
        ("\"\\u00g\"", "invalid character 'g' in \\u hexadecimal character escape"),
        ("\"a\nb\"", "invalid character '\\n' in string literal"),
        ("01", "invalid character '1' after top-level value"),
        ("'a'", "invalid character '\\'' looking for beginning of value"),
    ] {
        assert_eq!(error(text), wanted, "{text}");
    }
    assert!(error(&"[".repeat(5000)).contains("exceeded max depth"));
}
