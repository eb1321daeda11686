use super::*;
use crate::diag::Sink;
use crate::source::Tree;
use crate::span::Source;
use crate::stack::Text;
use std::collections::BTreeMap;
use std::sync::Arc;

fn load(text: &str) -> Result<ImageFile, Vec<String>> {
    let files = BTreeMap::from([(IMAGES_FILE.to_owned(), Arc::from(text.as_bytes()))]);
    let mut sink = Sink::new();
    let told = |sink: &Sink| sink.diagnostics().iter().map(|problem| problem.message.clone()).collect();
    match load_images(&Tree::memory(files, ""), &mut sink) {
        Ok(file) => Ok(file.unwrap()),
        Err(_) => Err(told(&sink)),
    }
}

#[test]
fn the_whole_file_is_read() {
    let file = load(
        "kind: Images\nimages:\n- name: acme/auth\n  channels: {develop: registry.example.com/acme/auth:develop-1, release: \":v1\"}\n- name: ops/agent\nbind:\n- {component: auth, image: acme/auth, values: {repository: image.repository, tag: image.\"the.tag\"}}\n- {component: side, image: ops/agent, values: {ref: agent.image}}\noverride: [{name: nginx, newTag: \"1.27.2\"}]\n",
    )
    .unwrap();
    assert_eq!(file.channels(), ["develop", "release"]);
    let auth = &file.images[0];
    assert_eq!(auth.channels["develop"].image.name(), "registry.example.com/acme/auth");
    assert!(auth.channels["develop"].is_named && !auth.channels["release"].is_named);
    assert_eq!(file.bindings[0].values.tag.as_deref(), Some(["image".to_owned(), "the.tag".to_owned()].as_slice()));
    assert!(file.bindings[0].is_of("shop/auth") && file.bindings[0].is_of("auth"));
    assert!(!file.bindings[0].is_of("shop/my-auth"));
    assert_eq!(file.overrides[0].new_tag.as_deref(), Some("1.27.2"));
    assert!(load("").unwrap().images.is_empty());
}

#[test]
fn what_is_questionable_is_an_error() {
    for (text, message) in [
        ("images: [{name: acme/auth:1}]", "is not the name of an image"),
        ("images: [{channels: {}}]", "needs a `name`"),
        ("images: [{name: a}, {name: docker.io/library/a}]", "two entries"),
        ("images: [{name: a, channels: {x: a}}]", "neither a tag nor a digest"),
        ("images: [{name: a, channels: {x: \"A b\"}}]", "no image reference"),
        ("bind: [{component: c, image: a, values: {ref: r}}]", "no entry of `images` is named `a`"),
        ("images: [{name: a}]\nbind: [{component: c, image: a}]", "needs `values`"),
        ("images: [{name: a}]\nbind: [{component: c, image: a, values: {repository: r}}]", "value of the version"),
        ("images: [{name: a}]\nbind: [{component: c, image: a, values: {ref: a..b}}]", "not a path"),
        ("images: [{name: a}]\nbind: [{image: a, values: {ref: b}}]", "needs a `component`"),
        ("override: [{name: nginx}]", "needs `newName`"),
        ("override: [{name: nginx, newTag: 1.27}]", "must be a string"),
        ("override: [{name: nginx, newTag: \"1 2\"}]", "cannot be the `newTag`"),
        ("override: [{name: nginx, tagSuffix: x}]", "unknown key"),
    ] {
        let problems = load(text).expect_err(text);
        assert!(problems.iter().any(|problem| problem.contains(message)), "{text}: {problems:?}");
    }
}

#[test]
fn a_choice_is_a_reference_or_a_version() {
    let read = |value: &str| {
        let place = crate::span::Span::new(&Source::new("t", value), 0..value.len());
        ImageChoice::read(&Text { value: value.to_owned(), place })
    };
    assert_eq!(read(":v1").unwrap().image.tag.as_deref(), Some("v1"));
    assert!(read("@sha256:0123456789abcdef0123456789abcdef").unwrap().image.digest.is_some());
    assert!(read(":").is_err() && read("").is_err() && read("acme/web").is_err());
}
