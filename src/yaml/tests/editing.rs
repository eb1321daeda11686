use super::edit::{Step, append, remove, set, show_path};
use super::*;
use crate::span::Source;
use crate::value::IntKind;

const TEXT: &str = r#"# head
name: web   # the name
image: {repo: "r/i", tag: 'v1'} # flow
list:
# before
- a # first

- name: b
  args: [x, y]
# after
empty:
text: |
  one
  two

anchored: &v 1
alias: *v
deep:
    odd:   "indent"
    seq:
        - - 1
          - 2
last: end"#;

fn path(text: &str) -> Vec<Step> {
    text.split('.').map(|step| step.parse::<usize>().map_or_else(|_| step.into(), Step::from)).collect()
}

fn document(text: &str) -> Document {
    parse_document(&Source::new("t.yaml", text)).unwrap()
}

/// The lines that an edit removes and adds.
fn diff(before: &str, after: &str) -> String {
    let (mut old, mut new): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    while !old.is_empty() && old.first() == new.first() {
        old.remove(0);
        new.remove(0);
    }
    while !old.is_empty() && old.last() == new.last() {
        old.pop();
        new.pop();
    }
    let lines = |sign: &str, lines: &[&str]| lines.iter().map(|line| format!("{sign}{line}|")).collect::<String>();
    lines("-", &old) + &lines("+", &new)
}

fn set_in(text: &str, at: &str, value: Frozen) -> String {
    match set(&document(text), &path(at), &value) {
        Ok(after) => diff(text, &after),
        Err(error) => error.to_string(),
    }
}

fn map(text: &str) -> Frozen {
    load_native(text.as_bytes()).unwrap()
}

#[test]
fn a_scalar_keeps_its_style_and_its_comment() {
    let set = |at: &str, value: &str| set_in(TEXT, at, Frozen::str(value));
    assert_eq!(set("name", "api"), "-name: web   # the name|+name: api   # the name|");
    assert_eq!(set("name", "yes"), "-name: web   # the name|+name: \"yes\"   # the name|");
    assert_eq!(
        set("image.tag", "v2"),
        "-image: {repo: \"r/i\", tag: 'v1'} # flow|+image: {repo: \"r/i\", tag: 'v2'} # flow|"
    );
    assert_eq!(set("image.repo", "a, b").matches("repo: \"a, b\"").count(), 1);
    assert_eq!(set("list.0", "c"), "-- a # first|+- c # first|");
    assert_eq!(set("deep.odd", "x"), "-    odd:   \"indent\"|+    odd:   \"x\"|");
    assert_eq!(set("deep.seq.0.1", "x"), "-          - 2|+          - x|");
    assert_eq!(set("deep.seq.0.0", "x"), "-        - - 1|+        - - x|");
    assert_eq!(set("empty", "x"), "-empty:|+empty: x|");
    assert_eq!(set("text", "new"), "-text: ||-  one|-  two|+text: new|");
    assert_eq!(set("text", "a\nb\n"), "-  one|-  two|+  a|+  b|");
    assert_eq!(set("last", "a\nb"), "-last: end|+last: |-|+  a|+  b|");
    assert_eq!(set_in(TEXT, "name", Frozen::Int(IntKind::Int, 5)), "-name: web   # the name|+name: 5   # the name|");
}

#[test]
fn missing_keys_and_parents_are_created() {
    let new = || Frozen::str("v");
    assert_eq!(set_in(TEXT, "new", new()), "+new: v|");
    assert_eq!(set_in(TEXT, "deep.new", new()), "+    new: v|");
    assert_eq!(set_in(TEXT, "list.1.new", new()), "+  new: v|");
    assert_eq!(set_in(TEXT, "image.new", new()).matches("tag: 'v1', new: v}").count(), 1);
    assert_eq!(set_in(TEXT, "empty.a.b", new()), "+  a:|+    b: v|");
    assert_eq!(set_in(TEXT, "x.w.z", new()), "+x:|+  w:|+    z: v|");
    assert_eq!(set_in("# only\n", "a.b", new()), "+a:|+  b: v|");
    assert_eq!(set_in("", "a", new()), "+a: v|");
    assert_eq!(set_in("a: {}\n", "a.b", new()), "-a: {}|+a: {b: v}|");
    assert_eq!(set_in("a: 1\r\n", "b", new()), "+b: v\r|");
    assert_eq!(set_in("a:\n  - 1\n", "b", map("[1, {c: d}]")), "+b:|+  - 1|+  - c: d|");
    assert_eq!(set_in("a:\n- 1\n", "b", map("[1, {c: d}]")), "+b:|+- 1|+- c: d|");
}

#[test]
fn collections_take_the_place_of_scalars_and_back() {
    assert_eq!(set_in(TEXT, "last", map("{a: [1], b: {}}")), "-last: end|+last:|+  a:|+  - 1|+  b: {}|");
    assert_eq!(set_in("a:\n  b: 1 # c\nd: 2\n", "a", Frozen::str("x")), "-a:|-  b: 1 # c|+a: x # c|");
    assert_eq!(set_in("a: # c\n  b: 1\nd: 2\n", "a", Frozen::str("x")), "-a: # c|-  b: 1|+a: x # c|");
    assert_eq!(set_in("a:\n# why\n- b\nd: 2\n", "a", map("[c, d]")), "-- b|+- c|+- d|");
    assert_eq!(set_in("- a: 1\n  b: 2\n- c\n", "0", Frozen::Bool(true)), "-- a: 1|-  b: 2|+- true|");
}

#[test]
fn parts_are_removed_with_their_lines() {
    let remove = |text: &str, at: &str| match remove(&document(text), &path(at)) {
        Ok(after) => diff(text, &after),
        Err(error) => error.to_string(),
    };
    assert_eq!(remove(TEXT, "name"), "-name: web   # the name|");
    assert_eq!(remove(TEXT, "text"), "-text: ||-  one|-  two|");
    assert_eq!(remove(TEXT, "list.0"), "-- a # first|");
    assert_eq!(remove(TEXT, "list.1"), "-- name: b|-  args: [x, y]|");
    assert_eq!(remove(TEXT, "list.1.name"), "-- name: b|-  args: [x, y]|+- args: [x, y]|");
    assert_eq!(remove(TEXT, "image.repo"), "-image: {repo: \"r/i\", tag: 'v1'} # flow|+image: {tag: 'v1'} # flow|");
    assert_eq!(remove(TEXT, "image.tag"), "-image: {repo: \"r/i\", tag: 'v1'} # flow|+image: {repo: \"r/i\"} # flow|");
    assert_eq!(remove(TEXT, "last"), "-last: end|");
    assert_eq!(remove("a:\n  b: 1\nc: 2\n", "a.b"), "-a:|-  b: 1|+a: {}|");
    assert_eq!(remove("a:\n- 1\n", "a.0"), "-a:|-- 1|+a: []|");
    assert_eq!(remove(TEXT, "nothing"), "`nothing` does not exist");
}

#[test]
fn items_are_appended() {
    let append = |text: &str, at: &str, value: &str| match append(&document(text), &path(at), &map(value)) {
        Ok(after) => diff(text, &after),
        Err(error) => error.to_string(),
    };
    assert_eq!(append(TEXT, "list", "{name: c, x: [1]}"), "+- name: c|+  x:|+  - 1|");
    assert_eq!(append(TEXT, "list.1.args", "z"), "-  args: [x, y]|+  args: [x, y, z]|");
    assert_eq!(append(TEXT, "empty", "z"), "+- z|");
    assert_eq!(append(TEXT, "fresh", "z"), "+fresh:|+- z|");
    assert_eq!(append("a: []\n", "a", "z"), "-a: []|+a: [z]|");
    assert_eq!(append(TEXT, "name", "z"), "`name` is not a list");
}

#[test]
fn what_would_change_other_values_is_refused() {
    assert!(set_in(TEXT, "anchored", Frozen::str("x")).contains("also change other values"));
    assert_eq!(set_in("b: &b {x: 1}\nc: *b\n", "c.x", Frozen::str("y")), "`c` is an alias of the anchor `b`");
    assert_eq!(set_in(TEXT, "alias", Frozen::str("x")), "-alias: *v|+alias: x|");
    assert_eq!(set_in(TEXT, "name.x", Frozen::str("y")), "`name` is not a map");
    assert_eq!(set_in(TEXT, "list.9", Frozen::str("y")), "`list` is not a list with an item 9");
    assert_eq!(show_path(&path("a.0.b")), "a[0].b");
}

#[test]
fn other_documents_stay() {
    let source = Source::new("s", "a: 1\n---\n# two\nb: 2\n---\nc: 3\n");
    let documents = parse_stream(&source).unwrap();
    let after = set(&documents[1], &path("b"), &Frozen::str("x")).unwrap();
    assert_eq!(diff(source.text(), &after), "-b: 2|+b: x|");
    let after = set(&documents[2], &path("d"), &Frozen::str("x")).unwrap();
    assert_eq!(diff(source.text(), &after), "+d: x|");
}
