use super::Copying;

#[test]
fn suffixes_and_namespaces_end_names() {
    assert_eq!(Copying::new("-pr42", Some("pr-42")).unwrap().name_of("test-1"), "test-1-pr42");
    for (suffix, namespace) in
        [("", None), ("-", None), ("-PR", None), ("/x", None), ("-x", Some("")), ("-x", Some("-a"))]
    {
        assert!(Copying::new(suffix, namespace).is_err(), "{suffix} {namespace:?}");
    }
}
