use super::{Planned, Reader, fabrikate, refused, strict};
use crate::diag::Severity;
use crate::value::Frozen;

const APP: &str = "name: root\nsubcomponents:\n- {name: app, type: helm, path: chart}\n";
const CHART: (&str, &str) = ("chart/Chart.yaml", "name: c\nversion: 1.0.0\n");

fn app(prod: &str, common: &str, planner: Reader) -> Planned {
    let indented = |text: &str| format!("subcomponents: {{app: {text}}}\n");
    let (prod, common) = (indented(prod), indented(common));
    planner(&[("component.yaml", APP), CHART, ("config/prod.yaml", &prod), ("config/common.yaml", &common)], &["prod"])
}

#[test]
fn a_parents_common_beats_a_childs_environment() {
    let layer = |name: &str, keys: &str| {
        let entries: Vec<String> = keys.chars().map(|key| format!("{key}: {name}")).collect();
        format!("config: {{{}}}\n", entries.join(", "))
    };
    let below = |name: &str, keys: &str| format!("subcomponents: {{mid: {{{}}}}}\n", layer(name, keys).trim());
    let planned = fabrikate(
        &[
            ("component.yaml", "name: root\nsubcomponents:\n- {name: mid, source: ./mid}\n"),
            ("mid/component.yaml", "name: mid-real\ntype: helm\npath: chart\n"),
            ("mid/chart/Chart.yaml", ""),
            ("config/prod.yaml", &below("root-prod", "a")),
            ("config/common.yaml", &below("root-common", "ab")),
            ("mid/config/prod.yaml", &layer("mid-prod", "abc")),
            ("mid/config/common.yaml", &layer("mid-common", "abcd")),
        ],
        &["prod"],
    );
    assert_eq!(planned.values("root/mid"), "map[a:root-prod b:root-common c:mid-prod d:mid-common]");
    let origin = planned.unit("root/mid").scope.origin_at(&["b"]).unwrap();
    assert_eq!(origin.to_string(), "config/common.yaml:1:51 (common)");
    assert_eq!(planned.unit("root/mid").scope.origin_at(&["c"]).unwrap().layer.as_ref(), "prod");
}

#[test]
fn lists_append_and_maps_merge() {
    let planned = app(
        "{config: {l: [a, b], m: {x: 1}, s: '', z: 0}}",
        "{config: {l: [b, c], m: {x: 2, y: 3}, s: low, z: 5}}",
        fabrikate,
    );
    assert_eq!(planned.values("root/app"), "map[l:[a b b c] m:map[x:1 y:3] s: z:0]");
}

#[test]
fn null_and_empty_values_change_nothing_with_fabrikate() {
    let planned = app(
        "{config: {a: null, n: {k: null, j: 1}, keep: null, m: {}, l: []}}",
        "{config: {a: common, n: {k: common}, m: {k: 1}, l: [1], gone: null, whole: {k: null}}}",
        fabrikate,
    );
    let expected = "map[a:common keep:<nil> l:[1] m:map[k:1] n:map[j:1 k:common] whole:map[k:<nil>]]";
    assert_eq!(planned.values("root/app"), expected);
}

#[test]
fn null_deletes_and_empty_clears_in_the_strict_reading() {
    let planned = app("{config: {a: null, m: {}, l: []}}", "{config: {a: common, m: {k: 1}, l: [1]}}", strict);
    assert_eq!(planned.values("root/app"), "map[a:<nil> l:[] m:map[]]");
    let notes = planned.of(Severity::Note);
    assert!(notes.len() == 3 && notes[0].contains("`null` deletes `a`"), "{notes:?}");
    let begun = app("{config: {}}", "{config: {a: 1}}", strict);
    assert_eq!(begun.values("root/app"), "map[a:1]");
}

#[test]
fn the_roots_own_nulls_are_dropped_with_fabrikate() {
    let files = [
        ("component.yaml", "name: root\ntype: helm\npath: chart\n"),
        CHART,
        ("config/common.yaml", "config: {a: null, m: {k: null}}\n"),
    ];
    assert_eq!(fabrikate(&files, &[]).values("root"), "map[m:map[k:<nil>]]");
    assert_eq!(strict(&files, &[]).values("root"), "map[a:<nil> m:map[k:<nil>]]");
}

#[test]
fn differing_types_name_both_places() {
    for planner in [fabrikate, strict] {
        let planned = app("{config: {a: {k: 1}}}", "{config: {a: text}}", planner);
        let error = refused(&planned);
        assert_eq!(
            error,
            "config/prod.yaml:1:35: error[config.type-conflict]: `a` is a map here, but a string in a lower layer"
        );
        assert_eq!(planned.problems[0].labels[1].span.to_string(), "config/common.yaml:1:35");
    }
    let scalar_over_map = |planner: Reader| app("{config: {a: text}}", "{config: {a: {k: 1}}}", planner);
    assert!(scalar_over_map(fabrikate).warnings().is_empty());
    assert_eq!(scalar_over_map(strict).values("root/app"), "map[a:text]");
    assert_eq!(scalar_over_map(strict).warnings().len(), 1);
}

#[test]
fn scalars_follow_yaml_1_1_and_strings_stay_strings() {
    let planned = app(
        "{}",
        "{config: {a: yes, b: 0777, c: \"1e3\", d: 1_000, e: 2019-01-01, f: 1e3, 5: x, true: word}}",
        fabrikate,
    );
    let app = |key| planned.value("root/app", key).unwrap();
    assert_eq!(app("a"), &Frozen::Bool(true));
    assert_eq!(app("b"), &Frozen::Float(511.0));
    assert_eq!(app("c"), &Frozen::str("1e3"));
    assert_eq!(app("d"), &Frozen::Float(1000.0));
    assert_eq!(app("e"), &Frozen::str("2019-01-01"));
    assert_eq!(app("f"), &Frozen::Float(1000.0));
    assert_eq!(app("5"), &Frozen::str("x"));
    assert_eq!(app("true"), &Frozen::str("word"));
}

#[test]
fn anchors_and_merge_keys() {
    let common =
        "base: &base {a: 1, b: 1}\nsubcomponents:\n  app:\n    config:\n      <<: *base\n      b: 2\n      c: *base\n";
    let planned = fabrikate(&[("component.yaml", APP), CHART, ("config/common.yaml", common)], &[]);
    assert_eq!(planned.values("root/app"), "map[a:1 b:2 c:map[a:1 b:1]]");
    assert!(planned.warnings()[0].contains("unknown key `base` in a layer"));
}

#[test]
fn duplicate_keys() {
    let common = "subcomponents:\n  app:\n    config:\n      a: 1\n      a: 2\n";
    let files = [("component.yaml", APP), CHART, ("config/common.yaml", common)];
    assert_eq!(fabrikate(&files, &[]).values("root/app"), "map[a:2]");
    assert_eq!(refused(&strict(&files, &[])), "config/common.yaml:5:7: error[config.duplicate-key]: duplicate key `a`");
}

#[test]
fn only_the_first_document_counts() {
    let common = "config: {a: 1}\n---\nconfig: {a: 2}\n";
    let files = [("component.yaml", "name: root\ntype: helm\npath: chart\n"), CHART, ("config/common.yaml", common)];
    assert_eq!(fabrikate(&files, &[]).values("root"), "map[a:1]");
    assert!(refused(&strict(&files, &[])).starts_with("config/common.yaml:2:1: error[file.second-document]"));
}

#[test]
fn yaml_shadows_json_and_env_names_may_have_slashes() {
    let planned = fabrikate(
        &[
            ("component.yaml", "name: root\ntype: helm\npath: chart\n"),
            CHART,
            ("config/a/b.yaml", "config: {a: yaml}\n"),
            ("config/a/b.json", "{\"config\": {\"a\": \"json\", \"b\": 1}}"),
            ("config/common.json", "{\"config\": {\"c\": 1000000}}"),
            ("config/common.yml", "config: {d: 1}\n"),
        ],
        &["a/b"],
    );
    assert_eq!(planned.values("root"), "map[a:yaml c:1e+06]");
}

#[test]
fn namespaces_and_injection() {
    let scope = |prod: &str, common: &str, planner| {
        let planned = app(prod, common, planner);
        let scope = &planned.unit("root/app").scope;
        (scope.namespace().map(str::to_owned), scope.inject_namespace().map(str::to_owned))
    };
    let (p, c) = (Some("p".to_owned()), Some("c".to_owned()));
    let n05 = ("{namespace: p}", "{namespace: c, injectNamespace: true}");
    assert_eq!(scope(n05.0, n05.1, fabrikate), (p.clone(), None));
    assert_eq!(scope(n05.0, n05.1, strict), (p.clone(), p));
    let n06 = ("{injectNamespace: true}", "{namespace: c}");
    assert_eq!(scope(n06.0, n06.1, fabrikate), (c.clone(), None));
    assert_eq!(scope(n06.0, n06.1, strict), (c.clone(), c));
}

#[test]
fn disabled_components() {
    let is_there = |prod: &str, common: &str, planner| app(prod, common, planner).units().len() == 2;
    assert!(!is_there("{}", "{disabled: true}", strict));
    assert!(is_there("{config: {a: 1}}", "{disabled: true}", fabrikate), "lost by mention");
    assert!(!is_there("{config: {a: 1}}", "{disabled: true}", strict));
    assert!(is_there("{disabled: false}", "{disabled: true}", fabrikate));
    assert!(is_there("{disabled: false}", "{disabled: true}", strict));
}

#[test]
fn own_disabled_counts_only_in_the_strict_reading() {
    let files = [
        ("component.yaml", "name: root\nsubcomponents:\n- {name: mid, source: ./mid}\n"),
        ("mid/component.yaml", "name: mid\n"),
        ("mid/config/common.yaml", "disabled: true\n"),
    ];
    assert_eq!(fabrikate(&files, &[]).outputs(), ["root.yaml", "mid/mid.yaml"]);
    assert_eq!(strict(&files, &[]).outputs(), ["root.yaml"]);
}

#[test]
fn a_disabled_component_needs_nothing() {
    let planned = strict(
        &[
            ("component.yaml", "name: root\nsubcomponents:\n- {name: mid, source: ./nowhere}\n"),
            ("config/common.yaml", "subcomponents: {mid: {disabled: true}}\n"),
        ],
        &[],
    );
    assert_eq!(planned.outputs(), ["root.yaml"]);
}

#[test]
fn dead_settings_and_unknown_layers() {
    let files = [("component.yaml", APP), CHART, ("config/prod.yaml", "subcomponents:\n  ap:\n    config: {a: 1}\n")];
    let message = "config/prod.yaml:2:3: error[config.unknown-component]: `root` has no component named `ap`";
    let planned = strict(&files, &["prod"]);
    assert_eq!(refused(&planned), message);
    assert_eq!(planned.problems[0].help.as_deref(), Some("did you mean `app`?"));
    assert_eq!(fabrikate(&files, &["prod"]).warnings(), [message.replace("error", "warning")]);
    let typo = strict(&files, &["prdo"]);
    assert!(refused(&typo).contains("no component has a layer `prdo`"));
    assert_eq!(typo.problems[0].help.as_deref(), Some("did you mean `prod`?"));
    assert_eq!(fabrikate(&files, &["prdo"]).warnings().len(), 1);
    assert_eq!(strict(&files[..2], &["prod"]).warnings().len(), 1, "there is no layer to confuse it with");
}

#[test]
fn a_layer_that_is_named_twice() {
    let files = [
        ("component.yaml", "name: root\ntype: helm\npath: chart\n"),
        CHART,
        ("config/prod.yaml", "config: {l: [a]}\n"),
        ("config/common.yaml", "config: {l: [b]}\n"),
    ];
    let environments = ["prod", "prod", "common"];
    assert_eq!(strict(&files, &environments).values("root"), "map[l:[a b]]");
    assert_eq!(fabrikate(&files, &environments).values("root"), "map[l:[a a b b]]");
    for planner in [fabrikate, strict] {
        assert_eq!(planner(&files, &environments).warnings().len(), 2);
    }
    assert!(refused(&fabrikate(&files, &["--output"])).contains("config.invalid-layer-name"));
    assert!(refused(&fabrikate(&files, &["../prod"])).contains("config.invalid-layer-name"));
}

#[test]
fn wrong_types_point_at_the_value() {
    let files = |text| [("component.yaml", APP), CHART, ("config/common.yaml", text)];
    let message = |text| refused(&fabrikate(&files(text), &[]));
    assert_eq!(
        message("config: [a]\n"),
        "config/common.yaml:1:9: error[config.wrong-type]: `config` must be a map, not a list"
    );
    assert_eq!(
        message("injectNamespace: \"yes\"\n"),
        "config/common.yaml:1:18: error[config.wrong-type]: `injectNamespace` must be a boolean, not a string"
    );
    assert!(message("config:\n\ta: 1\n").starts_with("config/common.yaml:2:1: error[yaml.syntax]"));
    for empty in ["", "subcomponents:\n", "subcomponents: {app: }\n", "config:\n"] {
        assert_eq!(strict(&files(empty), &[]).values("root/app"), "map[]", "{empty:?}");
    }
}
