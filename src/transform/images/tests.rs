use super::*;
use crate::span::Span;

fn rule(name: &str, new_name: Option<&str>, new_tag: Option<&str>, digest: Option<&str>) -> ImageOverride {
    ImageOverride {
        name: ImageRef::parse(name).unwrap(),
        new_name: new_name.map(str::to_owned),
        new_tag: new_tag.map(str::to_owned),
        digest: digest.map(str::to_owned),
        place: Span::new(&Source::new("images.yaml", ""), 0..0),
    }
}

fn overridden(text: &str, rules: &[ImageOverride]) -> (String, Vec<bool>) {
    let identity = crate::k8s::identify(text).unwrap();
    let mut objects = [Object { text: text.to_owned(), identity: Some(identity) }];
    let met = override_images(&mut objects, rules, "out.yaml").unwrap();
    let [object] = objects;
    (object.text, met)
}

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn every_container_of_every_pod_template_gets_it_and_nothing_else_changes() {
    let text = "# who\nkind: CronJob\nmetadata: {name: nginx, annotations: {image: \"nginx:1\"}}\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          initContainers:\n          - image: 'docker.io/library/nginx:1.0' # first\n            name: a\n          containers:\n            - {name: b, image: \"nginx:1.1\"}\n            -   name: c\n                image:   registry.example.com/nginx@sha256:0123456789abcdef0123456789abcdef\n            - {name: d, image: nginx-exporter:1}\n          ephemeralContainers: [{name: e, image: nginx}]\n";
    let (after, met) = overridden(text, &[rule("nginx", None, Some("1.27.2"), None)]);
    let expected = text
        .replace("'docker.io/library/nginx:1.0'", "'docker.io/library/nginx:1.27.2'")
        .replace("image: \"nginx:1.1\"", "image: \"nginx:1.27.2\"")
        .replace("nginx@sha256:0123456789abcdef0123456789abcdef", "nginx:1.27.2")
        .replace("name: e, image: nginx}", "name: e, image: nginx:1.27.2}");
    assert_eq!(after, expected);
    assert_eq!(met, [true]);
}

#[test]
fn lists_custom_resources_and_unknown_kinds_are_searched_and_definitions_are_not() {
    let pod = "spec: {containers: [{name: a, image: acme/web:1}]}";
    for head in ["kind: Pod\n", "kind: Prometheus\n"] {
        let (after, _) = overridden(&format!("{head}{pod}\n"), &[rule("acme/web", None, Some("2"), None)]);
        assert_eq!(after, format!("{head}{}\n", pod.replace(":1", ":2")));
    }
    let list = format!("kind: List\nitems:\n- kind: Pod\n  {pod}\n");
    assert!(overridden(&list, &[rule("acme/web", None, Some("2"), None)]).0.contains("acme/web:2"));
    let definition = format!("kind: CustomResourceDefinition\n{pod}\n");
    assert_eq!(overridden(&definition, &[rule("acme/web", None, Some("2"), None)]), (definition, vec![false]));
}

#[test]
fn names_and_versions_come_from_the_first_rule_that_has_them() {
    let text = "kind: Pod\nspec:\n  containers:\n  - image: acme/web:1\n";
    let image = |rules: &[ImageOverride]| {
        let (after, _) = overridden(text, rules);
        after.trim_end().rsplit("image: ").next().unwrap_or_default().to_owned()
    };
    let mirror = || rule("acme/web", Some("mirror.example.com/web"), None, None);
    assert_eq!(image(&[mirror()]), "mirror.example.com/web:1");
    assert_eq!(image(&[rule("acme/web", None, Some("3"), None), mirror()]), "mirror.example.com/web:3");
    assert_eq!(
        image(&[rule("acme/web", None, Some("3"), None), rule("acme/web", None, Some("4"), None)]),
        "acme/web:3"
    );
    assert_eq!(image(&[rule("acme/web", None, None, Some(DIGEST))]), format!("acme/web@{DIGEST}"));
    assert_eq!(image(&[rule("acme/web", None, Some("3"), Some(DIGEST))]), format!("acme/web:3@{DIGEST}"));
    assert_eq!(image(&[rule("other", None, Some("3"), None)]), "acme/web:1");
    assert_eq!(image(&[rule("docker.io/acme/web", None, Some("3"), None)]), "acme/web:3");
    assert_eq!(image(&[rule("quay.io/acme/web", None, Some("3"), None)]), "acme/web:1");
}

#[test]
fn aliases_and_merge_keys_change_where_a_container_uses_them() {
    let text = "kind: Pod\nnote: &image acme/web:1\nspec:\n  containers:\n  - {name: a, image: *image}\n  - &base\n    image: acme/web:1 # base\n    name: b\n  - <<: *base\n    name: c\nbase: &other {image: \"acme/web:1\"}\nmore:\n  containers:\n  - <<: *other\n    name: d\n";
    let (after, _) = overridden(text, &[rule("acme/web", None, Some("2"), None)]);
    assert!(after.contains("note: &image acme/web:1\n"), "{after}");
    assert!(after.contains("name: a, image: acme/web:2}"), "{after}");
    assert!(after.contains("image: acme/web:2 # base"), "{after}");
    assert!(after.contains("base: &other {image: \"acme/web:1\"}"), "{after}");
    let document = yaml::parse_document(&Source::new("t", after.as_str())).unwrap();
    let value = yaml::load_node_native(&document.root).unwrap();
    assert_eq!(format!("{value:?}").matches("acme/web:2").count(), 4, "{after}");
}
