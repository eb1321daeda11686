use super::{parse, same};

fn resolved(base: &str, reference: &str) -> String {
    let url = parse(base.as_bytes()).unwrap().resolve(&parse(reference.as_bytes()).unwrap());
    String::from_utf8(url.print()).unwrap()
}

#[test]
fn references_resolve_as_in_go() {
    let cases = [
        ("http://h/a/b", "c", "http://h/a/c"),
        ("http://h/a/b/", "c?x=1", "http://h/a/b/c?x=1"),
        ("http://h/a/b/?q", "../c", "http://h/a/c"),
        ("http://h/a/", "../../../etc", "http://h/etc"),
        ("http://h/a/", "/root", "http://h/root"),
        ("http://h/a/", "//other/x", "http://other/x"),
        ("http://h", "x", "http://h/x"),
        ("http://h/a%2Fb/", "c%2Fd", "http://h/a%2Fb/c%2Fd"),
        ("http://h/a/b", "..", "http://h/"),
        ("http://h/a/b/c", ".", "http://h/a/b/"),
        ("http://h/a?q#f", "", "http://h/a?q#f"),
        ("http://h/a", "ftp://z/./y", "ftp://z/y"),
    ];
    for (base, reference, expected) in cases {
        assert_eq!(resolved(base, reference), expected, "{base} + {reference}");
    }
}

#[test]
fn equal_urls_are_told() {
    assert!(same("http://h/a", "http://h/a/"));
    assert!(same("http://h", "http://h/"));
    assert!(same("HTTP://h/a//b/../c", "http://h/a/c"));
    assert!(!same("http://h/a", "https://h/a"));
    assert!(!same("http://h/a", "http://H/a"));
    assert!(same(":x/", ":x"));
}
