use super::{fabrikate, refused, strict};
use crate::render::Engine;

fn static_named(name: &str) -> String {
    format!("name: root\nsubcomponents:\n- type: static\n  path: m\n  name: {name}\n")
}

#[test]
fn a_name_is_never_a_path() {
    let long = "n".repeat(300);
    let bad = ["../../../x", "a/b", "a\\b", "..", ".git", ".GIT", "\"a\\u200b\"", "\"a\\e[2J\"", "a:b", long.as_str()];
    for name in bad {
        for planner in [fabrikate, strict] {
            let planned = planner(&[("component.yaml", &static_named(name)), ("m/a.yaml", "")], &[]);
            assert!(refused(&planned).starts_with("component.yaml:5:9: error[component.invalid-name]"), "{name}");
        }
    }
}

#[test]
fn a_name_should_suit_kubernetes() {
    for name in ["My_App", "ECK", "a-"] {
        let text = static_named(name);
        let files = [("component.yaml", text.as_str()), ("m/a.yaml", "")];
        assert!(refused(&strict(&files, &[])).contains("component.invalid-name"));
        assert_eq!(fabrikate(&files, &[]).outputs(), ["root.yaml", &format!("{name}.yaml")]);
    }
    let unnamed = [("component.yaml", "type: static\npath: m\n"), ("m/a.yaml", "")];
    assert!(refused(&strict(&unnamed, &[])).starts_with("component.yaml:1:1: "));
    assert_eq!(fabrikate(&unnamed, &[]).outputs(), [".yaml"]);
}

#[test]
fn colliding_files_name_both_components() {
    let text = "name: root\nsubcomponents:\n  - name: app\n    type: static\n    path: m\n  - name: app\n    type: static\n    path: m\n";
    for planner in [fabrikate, strict] {
        let planned = planner(&[("component.yaml", text), ("m/a.yaml", "")], &[]);
        assert!(
            refused(&planned).starts_with("component.yaml:6:11: error[output.collision]: `root/app` and `root/app~2`")
        );
        assert_eq!(planned.problems[0].labels[1].span.to_string(), "component.yaml:3:11");
    }
    let root = "name: root\ntype: static\npath: m\nsubcomponents:\n- {name: root, type: static, path: m}\n";
    assert!(refused(&fabrikate(&[("component.yaml", root), ("m/a.yaml", "")], &[])).contains("collide"));
}

#[test]
fn a_container_gives_way() {
    let text = "name: keda\nsubcomponents:\n- {name: keda, type: static, path: m}\n";
    let planned = strict(&[("component.yaml", text), ("m/a.yaml", "")], &[]);
    assert_eq!(planned.outputs(), ["keda.yaml", "keda.yaml"]);
    assert!(planned.units()[0].shadowed && matches!(planned.units()[0].engine, Engine::Container));
    assert!(!planned.units()[1].shadowed);
}

#[test]
fn twin_entries_share_their_configuration() {
    let text = "name: root\nsubcomponents:\n- {name: a, source: p}\n- {name: a, source: q}\n";
    let files = [("component.yaml", text), ("p/component.yaml", "name: p\n"), ("q/component.yaml", "name: q\n")];
    assert_eq!(fabrikate(&files, &[]).outputs(), ["root.yaml", "a/p.yaml", "a/q.yaml"]);
    let error = refused(&strict(&files, &[]));
    assert!(error.contains("component.duplicate-name"), "{error}");
}
