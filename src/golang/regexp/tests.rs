use serde_json::Value as Json;

use super::super::table::{Differences, rows, show, text};
use super::*;

fn texts(json: &Json) -> Vec<String> {
    json.as_array().unwrap().iter().map(|item| show(&text(item))).collect()
}

#[test]
fn patterns_are_read_as_go_reads_them() {
    let mut differences = Differences::default();
    for row in rows("regexp_syntax") {
        let pattern = row[0].as_str().unwrap();
        let go = row[1].as_str().map(str::to_owned);
        differences.compare(format_args!("{pattern:?}"), Regexp::compile(pattern).err(), go);
    }
    differences.finish();
}

#[test]
fn patterns_match_as_go_matches_them() {
    let mut differences = Differences::default();
    for row in rows("regexp_match") {
        let pattern = row[0].as_str().unwrap();
        let regexp = match Regexp::compile(pattern) {
            Ok(regexp) => regexp,
            Err(error) => {
                differences.compare(format_args!("{pattern:?}"), error.as_str(), "");
                continue;
            }
        };
        let (input, template) = (text(&row[1]), text(&row[2]));
        let what = format!("{pattern:?} in {}", show(&input));
        differences.compare(&what, regexp.is_match(&input), !row[3].as_array().unwrap().is_empty());
        let found = |limit| -> Vec<String> {
            regexp
                .find_all(&input, limit, &mut { Bounds::NONE })
                .unwrap()
                .into_iter()
                .map(|place| format!("{} {}", place.start, place.end))
                .collect()
        };
        differences.compare(format_args!("all {what}"), found(-1), texts(&row[3]));
        differences.compare(format_args!("two {what}"), found(2), texts(&row[3]).into_iter().take(2).collect());
        let first = regexp.find(&input).map(|place| format!("{} {}", place.start, place.end));
        differences.compare(&what, first, texts(&row[3]).into_iter().next());
        let replaced = regexp.replace_all(&input, &template, &mut { Bounds::NONE }).unwrap();
        differences.compare(format_args!("{what} by {}", show(&template)), show(&replaced), show(&text(&row[4])));
        let replaced = regexp.replace_all_literal(&input, &template, &mut { Bounds::NONE }).unwrap();
        differences.compare(format_args!("{what} literally"), show(&replaced), show(&text(&row[5])));
        for (limit, column) in [(-1, 6), (2, 7)] {
            let pieces: Vec<String> =
                regexp.split(&input, limit, &mut { Bounds::NONE }).unwrap().into_iter().map(show).collect();
            differences.compare(format_args!("split {limit} {what}"), pieces, texts(&row[column]));
        }
        differences.compare("quoted", show(&quote_meta(pattern.as_bytes())), show(&text(&row[8])));
    }
    differences.finish();
}

#[test]
fn bounds_hold() {
    let nested = format!("{}a{}", "(".repeat(20_000), ")".repeat(20_000));
    assert!(Regexp::compile(&nested).unwrap_err().starts_with("error parsing regexp: expression nests too deeply"));
    let regexp = Regexp::compile("").unwrap();
    let mut bounds = Bounds { bytes: 50, ..Bounds::NONE };
    assert_eq!(regexp.replace_all(&[b'a'; 100], b"$0xxxxxxxx", &mut bounds), None);
    let mut bounds = Bounds { matches: 50, ..Bounds::NONE };
    assert_eq!(regexp.find_all(&[b'a'; 100], -1, &mut bounds), None);
    assert_eq!(regexp.split(b"abc", 0, &mut { Bounds::NONE }), Some(Vec::new()));
    // Each match of this one is found by looking at the whole rest of the text.
    let mut bounds = Bounds { scan: 1_000_000, ..Bounds::NONE };
    let regexp = Regexp::compile("a+b|a").unwrap();
    assert_eq!(regexp.find_all(&[b'a'; 10_000], -1, &mut bounds), None);
    let mut bounds = Bounds { scan: 1_000_000, ..Bounds::NONE };
    let regexp = Regexp::compile("b|a+").unwrap();
    assert!(regexp.find_all(&[b'a'; 10_000], -1, &mut bounds).is_some());
}
