use super::*;
use crate::span::Source;

fn error(text: &str) -> String {
    load(text.as_bytes()).unwrap_err().message.replace("error converting YAML to JSON: ", "")
}

#[test]
fn numbers_become_floats_and_keys_strings() {
    let value = load(b"a: 0644\n1: yes\n1.5: [0x1F, 1_000, ~]\non: 2001-01-01\n").unwrap();
    assert_eq!(value.get("a"), Some(&Frozen::Float(420.0)));
    assert_eq!(value.get("1"), Some(&Frozen::Bool(true)));
    assert_eq!(
        value.get("1.5").and_then(Frozen::as_list).unwrap(),
        [Frozen::Float(31.0), Frozen::Float(1000.0), Frozen::Nil]
    );
    assert_eq!(value.get("true").and_then(Frozen::as_str), Some("2001-01-01"));
}

#[test]
fn a_block_scalar_may_end_without_a_line_feed() {
    assert_eq!(load(b"a: |\n  x\n  y").unwrap().get("a").and_then(Frozen::as_str), Some("x\ny"));
    assert_eq!(load(b"a: >-\n  x\n  y").unwrap().get("a").and_then(Frozen::as_str), Some("x y"));
    assert_eq!(load(b"a: |").unwrap().get("a").and_then(Frozen::as_str), Some(""));
}

#[test]
fn merge_keys_replace_what_stands_before_them() {
    let value = load(b"b: &b {x: 1, y: 2}\nc: {<<: *b, x: 3}\nd: {x: 3, <<: *b}\n").unwrap();
    assert_eq!(value.get("c").and_then(|c| c.get("x")), Some(&Frozen::Float(3.0)));
    assert_eq!(value.get("d").and_then(|d| d.get("x")), Some(&Frozen::Float(1.0)));
}

#[test]
fn errors_are_worded_and_counted_as_go_does() {
    assert_eq!(error("a: b\nc\n"), "yaml: line 3: could not find expected ':'");
    assert_eq!(error("a: 1\n\tb: 2\n"), "yaml: line 2: found a tab character that violates indentation");
    assert_eq!(error("a: b: c\n"), "yaml: mapping values are not allowed in this context");
    assert_eq!(error("a:\n  - b\n c: d\n"), "yaml: line 2: did not find expected key");
    assert_eq!(error("a: *x\n"), "yaml: unknown anchor 'x' referenced");
    assert_eq!(
        error("{{ .x }}: 1\n"),
        "yaml: invalid map key: map[interface {}]interface {}{\".x\":interface {}(nil)}"
    );
    assert_eq!(error("~: 1\n"), "unsupported map key of type: %!s(<nil>), key: <nil>, value: 1");
    assert_eq!(error("a: .inf\n"), "json: unsupported value: +Inf");
    assert_eq!(
        load_map(b"- a\n").unwrap_err().message,
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}"
    );
}

#[test]
fn nodes_know_their_places() {
    let source = Source::new("a.yaml", "\u{FEFF}a: &x !!str 'b'\nc:\n- d\n- e # no\n\nf: |\n  g\n\n");
    let document = parse_document(&source).unwrap();
    let text = |node: &Node| source.text()[node.start as usize..node.end as usize].to_owned();
    assert_eq!(text(&document.root), source.text()["\u{FEFF}".len()..].trim_end());
    assert_eq!(text(document.root.get("a").unwrap()), "'b'");
    assert_eq!(
        source.text()[document.root.get("a").unwrap().outer() as usize..].split('\n').next(),
        Some("&x !!str 'b'")
    );
    assert_eq!(text(document.root.get("c").unwrap()), "- d\n- e");
    assert_eq!(text(document.root.get("f").unwrap()), "|\n  g");
}

#[test]
fn hostile_texts_end_in_errors() {
    assert!(error(&"[".repeat(100_000)).contains("exceeded max depth"));
    assert!(error(&"- ".repeat(100_000)).contains("exceeded max depth"));
    assert!(error(&"? ".repeat(100_000)).contains("exceeded max depth"));
    let deep = format!("{}{}", "[".repeat(900), "]".repeat(900));
    let value = load(deep.as_bytes()).unwrap();
    assert_eq!(yaml(&value), format!("{}[]\n", "- ".repeat(899)));
    let mut chain = String::from("a0: &a0 [x]\n");
    for at in 1..20_000 {
        chain.push_str(&format!("a{at}: &a{at} [*a{}]\n", at - 1));
    }
    assert!(error(&chain).contains("exceeded max depth"));
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for at in 1..12 {
        let item = format!("*a{}", at - 1);
        bomb.push_str(&format!("a{at}: &a{at} [{}]\n", [item.as_str(); 9].join(", ")));
    }
    assert_eq!(error(&bomb), "yaml: document contains excessive aliasing");
    assert_eq!(error("a: &a [*a]\n"), "yaml: anchor 'a' value contains itself");
}

#[test]
fn streams_have_all_documents() {
    let source = Source::new("s", "a: 1\n---\n---\n- b\n...\n# end\n");
    let documents = parse_stream(&source).unwrap();
    assert_eq!(documents.len(), 3);
    assert!(documents[1].root.is_null());
    assert_eq!(documents[2].root.as_seq().map(<[Node]>::len), Some(1));
    assert!(parse_document(&Source::new("s", "# nothing\n")).unwrap().root.is_null());
}
