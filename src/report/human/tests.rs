use super::*;
use crate::diag::Code;
use crate::span::{Source, Span};

fn printed(diagnostic: &Diagnostic) -> String {
    let reporter = Reporter { quiet: false, verbose: false, color: false, terminal: false };
    let mut out = String::new();
    reporter.print(&mut out, diagnostic, &Texts::default());
    out
}

#[test]
fn an_error_shows_place_snippet_other_places_and_help() {
    let component = Source::new("component.yaml", "name: a\ntyp: helm\n");
    let layer = Source::new("config/prod.yaml", "config:\n  password: hunter2\n  x: 1\n");
    let diagnostic = Diagnostic::error(Code("component.unknown-key"), "unknown key `typ`")
        .at(Span::new(&component, 8..11), "not a key of a component")
        .at(Span::new(&layer, 31..32), "also here")
        .help("did you mean `type`?");
    let text = printed(&diagnostic);
    for part in [
        "component.unknown-key",
        "unknown key `typ`",
        "[component.yaml:2:1]",
        "typ: helm",
        "config/prod.yaml:3:",
        "did you mean `type`?",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_place_past_the_end_is_no_panic() {
    let source = Source::new("x", "a");
    let text = printed(&Diagnostic::error(Code("x.y"), "m").at(Span::new(&source, 7..9), "l"));
    assert!(text.contains("m"), "{text}");
}

fn at(text: &str, places: &[(usize, usize)]) -> String {
    let source = Source::new("x.json", text);
    let diagnostic = places.iter().fold(Diagnostic::error(Code("x.y"), "m"), |diagnostic, place| {
        diagnostic.at(Span::new(&source, place.0..place.1), "here")
    });
    printed(&diagnostic)
}

#[test]
fn of_long_lines_the_part_around_the_place_is_shown() {
    let text = format!("é{}BAD{}", "x".repeat(1_000_000), "y".repeat(1_000_000));
    let shown = at(&text, &[(1_000_002, 1_000_005), (10, 12)]);
    assert!(shown.contains("[x.json:1:1000002]") && shown.contains("[x.json:1:10]"), "{shown}");
    assert!(shown.contains("xxxBADyyy") && shown.len() < 4000, "{}", shown.len());
    let shown = at(&format!("{}\nBAD\n{}\n", "x".repeat(100_000), "y".repeat(100_000)), &[(100_001, 100_004)]);
    assert!(shown.contains("[x.json:2:1]") && shown.contains("2 | BAD") && shown.len() < 1000, "{shown}");
}

#[test]
fn a_place_that_is_a_whole_file_is_shown_by_its_beginning() {
    let shown = at(&"key: value\n".repeat(10_000), &[(0, 110_000)]);
    assert!(shown.contains("[x.json:1:1]") && shown.len() < 2000, "{shown}");
    let shown = at(&"x".repeat(1_000_000), &[(0, 1_000_000)]);
    assert!(shown.len() < 4000, "{}", shown.len());
}

#[test]
fn places_far_apart_do_not_show_what_stands_between() {
    let shown = at(&"a: 1\n".repeat(3_000), &[(5_000, 5_001), (5_500, 5_501)]);
    assert!(shown.contains("[x.json:1001:1]") && shown.contains("[x.json:1101:1]"), "{shown}");
    assert!(shown.len() < 2000, "{shown}");
}

#[test]
fn a_snippet_shows_lines_as_they_are() {
    let shown = at("a\nb\nc\nd\n", &[(4, 5)]);
    assert!(shown.contains(" 2 | b\n 3 | c\n   : |\n   : `-- here\n 4 | d\n"), "{shown}");
    let shown = at("a\nb\n\nd", &[(4, 4)]);
    assert!(shown.contains("[x.json:3:1]") && shown.contains(" 2 | b\n 3 | \n"), "{shown}");
    let shown = at("a\nb", &[(3, 3)]);
    assert!(shown.contains("[x.json:2:2]") && shown.contains(" 1 | a\n 2 | b\n"), "{shown}");
    assert!(at("", &[(0, 0)]).contains("[x.json:1:1]"));
}
