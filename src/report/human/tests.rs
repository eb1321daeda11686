use super::*;
use crate::diag::Code;
use crate::span::Span;

fn printed(diagnostic: &Diagnostic) -> String {
    let reporter = Reporter { quiet: false, verbose: false, color: false, terminal: false };
    let mut out = String::new();
    reporter.print(&mut out, diagnostic);
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
