use proptest::prelude::*;

use super::super::decode::{self, Build, Check, Json, Native};
use super::super::load::first_document;
use super::super::read;
use super::*;
use crate::value::Frozen;
use crate::yaml::Node;

/// The value that the full reader gives.
fn full<B: Build>(text: &str) -> Option<B::Value> {
    let input = read::read(text.as_bytes()).ok()?;
    let root: Node<Cow<'_, str>> = first_document(&input).ok()??;
    decode::decode::<B, _>(&root).ok()
}

fn json(text: &str) -> Option<Frozen> {
    super::read::<Json>(text)
}

const EVERYDAY: &[&str] = &[
    "a: 1\n",
    "a: 1",
    "---\na: b\n",
    "# comment\n\na: b # comment\n  # comment\nc: d#e\n",
    "a:\nb:\n  c: ~\n  d:\n",
    "a:\n- 1\n- b: 2\n  c: 3\n-\n- - x\n  - y\nb: 4\n",
    "a:\n  - b:\n    - c\n    d: e\n  -\n    f: g\n",
    "- a\n-   b: c\n    d: e\n-\n",
    "\"a b\": \"c\\n\\\"d\\\" \\\\\" # x\n'it''s': 'it''s'\n",
    "443: x\nyes: y\n2001-01-01: z\n-5: a\n",
    "a : b\nc: d : e\n".split_at(6).0,
    "u: http://x:80/?a=b#c\nt: 10:30\nv: a:b\n",
    "a: {}\nb: []\nc: [ ]\nd: [1, b, 'c', \"d\\te\", -1, --x=y, [], {}]\ne: {cpu: 1, \"m\": 2.5, n: {o: [p]}}\n",
    "a: |\n  line\n\n    more\n  end\n\nb: |-\n  x\nc: |+\n  y\n\n\nd: >\n  fold\n  ed\n\n  new\n    deep\n  end\ne: >-\n  x\n",
    "a: |\n\n  x\n # comment\nb: 1\n",
    "a:\n  - |\n    x\n  - >-\n    y\n    z",
    "a: 1.5\nb: 0x10\nc: 1_000\nd: 0o7\ne: null\nf: Off\ng: 2020-01-01T00:00:00Z\nh: .5\ni: +1\nj: -x\n",
    "  a: 1\n  b: 2\n",
    "ä: ö\nb: \"ü\"\nc: |\n  é\n",
    "a: b\na: c\n",
];

#[test]
fn everyday_texts_are_read_without_the_full_reader() {
    for text in EVERYDAY {
        let value = json(text);
        assert!(value.is_some(), "{text:?}");
        assert_eq!(value, full::<Json>(text), "{text:?}");
        assert_eq!(super::read::<Native>(text), full::<Native>(text), "{text:?}");
        assert_eq!(super::read::<Check<true>>(text), full::<Check<true>>(text), "{text:?}");
    }
}

#[test]
fn the_rest_is_left_to_the_full_reader() {
    for text in [
        "",
        "# nothing\n",
        "a",
        "[a: b]",
        "a: &x b\n",
        "a: *x\n",
        "a: !!str 1\n",
        "<<: {a: b}\n",
        "a: b\n  c\n",
        "a: \"b\n  c\"\n",
        "a: 'b\n  c'\n",
        "a: b: c\n",
        "a: - b\n",
        "? a\n: b\n",
        "a: b\n c: d\n",
        "a:\n  b: c\n d: e\n",
        "a: b\n- c\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\n",
        "a: .inf\n",
        "~: b\n",
        "1.5: b\n",
        "a:\tb\n",
        "a: b\t# c\n",
        "\ta: b\n",
        "a: |2\n  b\n",
        "a: | # comment\n  b\n",
        "a: |\n    \n  b\n",
        "a: |\n  b\n ",
        "a: |\n",
        "a: [b\n",
        "a: [b, ]\n",
        "a: [b c]\n",
        "a: {b}\n",
        "a: {b:c}\n",
        "a: \"\\x41\"\n",
        "a: \"\\/\"\n",
        "a: @b\n",
        "a: %b\n",
        "a: ]\n",
        "a: b\r\n",
        "a: b\u{2028}\n",
        "\"a\":b\n",
        "a: \"b\" c\n",
    ] {
        assert_eq!(json(text), None, "{text:?}");
        assert_eq!(super::read::<Check<true>>(text), None, "{text:?}");
    }
}

/// Texts put together from what matters in YAML.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b",
        "key: ",
        "k:",
        ": ",
        ":",
        "- ",
        "-",
        "\n",
        "\n",
        "\n",
        "\n  ",
        "\n  ",
        "\n    ",
        " ",
        "  ",
        "# c",
        "#",
        "|",
        "|-",
        "|+",
        ">",
        ">-",
        "'",
        "\"",
        "''",
        "\\n",
        "\\",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ",",
        "1",
        ".5",
        "~",
        "null",
        "true",
        "\t",
        "é",
        "---\n",
        "...",
        "&x ",
        "*x",
        "!t ",
        "<<: ",
        "? ",
        "0x1f",
        "1e3",
        "-1",
        "2001-01-01",
        "'q'",
        "\"q\"",
        "[a, b]",
        "{a: b}",
        "x: y\n",
        "- z\n",
        "%",
        "@",
        "\u{2028}",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Everyday texts with one piece cut out and another put in.
fn nearly_everyday() -> impl Strategy<Value = String> {
    let text = prop::sample::select(EVERYDAY);
    (text, 0..1000usize, 0..3usize, texts()).prop_map(|(text, at, cut, mut piece)| {
        let chars: Vec<char> = text.chars().collect();
        let at = at % (chars.len() + 1);
        piece.truncate(piece.char_indices().nth(6).map_or(piece.len(), |(at, _)| at));
        let end = (at + cut).min(chars.len());
        chars[..at].iter().copied().chain(piece.chars()).chain(chars[end..].iter().copied()).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn both_readers_agree(text in prop_oneof![texts(), nearly_everyday()]) {
        if let Some(value) = json(&text) {
            prop_assert_eq!(Some(value), full::<Json>(&text));
        }
        if let Some(value) = super::read::<Native>(&text) {
            prop_assert_eq!(Some(value), full::<Native>(&text));
        }
        prop_assert_eq!(super::read::<Check<true>>(&text).is_some(), json(&text).is_some());
    }
}
