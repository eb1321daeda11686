use super::*;

#[test]
fn field_names_match_in_any_case_and_scalars_become_strings() {
    let text =
        "kind: 1.10\nmetadata: {NAME: 0x10, namespace: ns, annotations: {d: 2001-01-01, a: yes, b: ~, c: 1e400}}";
    let head = skim(text.as_bytes()).unwrap();
    assert_eq!((head.kind.as_str(), head.name.as_str(), head.namespace.as_str()), ("1.1", "16", "ns"));
    let annotations: Vec<(&str, &str)> = head.annotations.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(annotations, [("a", "true"), ("b", ""), ("c", "1e400"), ("d", "2001-01-01")]);
    assert_eq!(skim(b"Kind: a\nkind: b\nkinD: c").unwrap().kind, "b");
    assert_eq!(skim(b"# nothing\n").unwrap(), Skim::default());
    assert_eq!(skim(b"metadata: ~\nkind: ~").unwrap(), Skim::default());
}

#[test]
fn errors_are_those_of_the_json_decoder() {
    let error = |text: &str| skim(text.as_bytes()).unwrap_err().message;
    let json = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ";
    assert_eq!(error("- x"), format!("{json}array into Go value of type releaseutil.SimpleHead"));
    assert_eq!(error("kind: [a]"), format!("{json}array into Go struct field SimpleHead.kind of type string"));
    assert_eq!(
        error("metadata: x"),
        format!(
            "{json}string into Go struct field SimpleHead.metadata of type struct {{ Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }}"
        )
    );
    assert_eq!(
        error("metadata: {annotations: {a: {b: c}}}"),
        format!("{json}object into Go struct field .metadata.annotations of type string")
    );
    assert_eq!(error("metadata: {annotations: x, name: []}\nkind: []"), error("kind: []"));
    assert_eq!(error("x: .inf"), "error converting YAML to JSON: json: unsupported value: +Inf");
    assert_eq!(error("x: }"), "error converting YAML to JSON: yaml: did not find expected node content");
}
