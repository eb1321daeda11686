use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::jinja::{Limits, Renderer};
use crate::source::Tree;
use crate::value::{Frozen, IntKind};

fn renderer(files: &[(&str, &str)]) -> Renderer {
    let files: BTreeMap<String, Arc<[u8]>> =
        files.iter().map(|(name, text)| ((*name).to_owned(), Arc::from(text.as_bytes()))).collect();
    let config = Frozen::map(vec![
        ("replicas".into(), Frozen::Int(IntKind::Int, 3)),
        ("labels".into(), Frozen::map(vec![("app".into(), Frozen::str("web")), ("on".into(), Frozen::Bool(true))])),
        ("ports".into(), Frozen::list(vec![Frozen::Int(IntKind::Int, 80), Frozen::Int(IntKind::Int, 443)])),
    ]);
    let limits = Limits { fuel: 10_000, output_bytes: 10_000, depth: 50 };
    Renderer::new(Tree::memory(files, "t"), IndexMap::from([("config".to_owned(), config)]), limits)
}

fn failure(files: &[(&str, &str)]) -> (String, Vec<String>, String) {
    let error = renderer(files).render("a.j2").expect_err("fails");
    let places = error.labels.iter().map(|label| label.span.to_string()).collect();
    (error.to_string(), places, error.help.unwrap_or_default())
}

#[test]
fn values_keep_their_types() {
    let text = "{{ config.replicas }} {% for p in config.ports %}{{ p }},{% endfor %} {{ config.labels.app }} {{ config.labels | items | length }}\n";
    assert_eq!(renderer(&[("a.j2", text)]).render("a.j2").unwrap(), "3 80,443, web 2");
}

#[test]
fn includes_stay_in_the_folder() {
    let text = "{% include 'parts/b.j2' %}{% include '../secret' %}";
    let (message, places, _) = failure(&[("a.j2", text), ("parts/b.j2", "x"), ("../secret", "s")]);
    assert!(message.contains("outside the template folder"), "{message}");
    assert!(places[0].starts_with("t/a.j2:1:"), "{places:?}");
}

#[test]
fn undefined_names_the_nearest_key() {
    let (message, places, help) = failure(&[("a.j2", "x: 1\ny: {{ config.replcias }}\n")]);
    assert!(message.contains("template.undefined"), "{message}");
    assert!(places[0].starts_with("t/a.j2:2:"), "{places:?}");
    assert!(help.contains("`replicas`"), "{help}");
}

#[test]
fn an_error_in_an_include_shows_both_places() {
    let (message, places, _) =
        failure(&[("a.j2", "x\n{% include 'b.j2' %}\n"), ("b.j2", "\n\n{{ config.replicas / 0 }}\n")]);
    assert!(message.contains("zero"), "{message}");
    assert!(places[0].starts_with("t/b.j2:3:"), "{places:?}");
    assert!(places[1].starts_with("t/a.j2:2:"), "{places:?}");
}

#[test]
fn work_output_and_depth_are_bounded() {
    let (message, _, _) =
        failure(&[("a.j2", "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}")]);
    assert!(message.contains("limit"), "{message}");
    let (message, places, _) = failure(&[("a.j2", "{% for i in range(10) %}{{ 'a' * 9000 }}{% endfor %}")]);
    assert!(message.contains("larger than the limit"), "{message}");
    assert!(places[0].starts_with("t/a.j2:1:"), "{places:?}");
    let (message, _, _) = failure(&[("a.j2", "{% include 'a.j2' %}")]);
    assert!(message.contains("recurs"), "{message}");
    let (message, _, _) = failure(&[("a.j2", "{{ ('a' * 9000) | replace('a', 'b' * 9000) }}")]);
    assert!(message.contains("larger than the limit"), "{message}");
}
