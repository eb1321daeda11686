use super::{Planned, Reader, fabrikate, refused, strict};

const STACK: &str =
    "name: root\nsubcomponents:\n- {name: app, type: helm, path: chart}\n- {name: own, source: ./own}\n";

fn planned(files: &[(&str, &str)], environments: &[&str], reader: Reader) -> Planned {
    let stack = [
        ("component.yaml", STACK),
        ("own/component.yaml", "name: own\ntype: helm\npath: ../chart\n"),
        ("chart/Chart.yaml", "name: c\nversion: 1.0.0\n"),
    ];
    reader(&[&stack, files].concat(), environments)
}

fn own(patch: &str, values: &str) -> Planned {
    let layer = format!("config: {values}\n");
    planned(&[("own/config/common.yaml", &layer), ("own/config/common.patch.yaml", patch)], &[], strict)
}

#[test]
fn a_patch_counts_between_its_layer_and_the_higher_ones() {
    for reader in [strict, fabrikate] {
        let files = [
            ("own/config/common.yaml", "config: {a: {b: {old: 1, list: [1]}, c: 1}}\n"),
            ("own/config/stage.patch.yaml", "- {op: remove, path: /a/b}\n"),
            ("own/config/prod.yaml", "config: {a: {b: {new: 1}}}\n"),
        ];
        assert_eq!(planned(&files, &["prod", "stage"], reader).values("root/own"), "map[a:map[b:map[new:1] c:1]]");
        // Above all layers it takes away what they say too.
        assert_eq!(planned(&files, &["stage", "prod"], reader).values("root/own"), "map[a:map[c:1]]");
        assert_eq!(
            planned(&files, &["prod"], reader).values("root/own"),
            "map[a:map[b:map[list:[1] new:1 old:1] c:1]]"
        );
    }
}

#[test]
fn components_below_are_patched_with_their_own_layers() {
    let files = [
        (
            "config/common.patch.yaml",
            "subcomponents:\n  app:\n    config:\n    - {op: add, path: /x, value: {y: 1}}\n  own:\n  - {op: remove, path: /deep}\n",
        ),
        ("own/config/common.yaml", "config: {deep: 1, kept: 1}\n"),
        ("config/prod.yaml", "subcomponents: {own: {config: {deep: 2}}}\n"),
    ];
    let common = planned(&files, &[], strict);
    assert_eq!(
        (common.values("root/app"), common.values("root/own")),
        ("map[x:map[y:1]]".into(), "map[kept:1]".into())
    );
    let origin = common.unit("root/app").scope.origin_at(&["x", "y"]).unwrap();
    assert_eq!(origin.to_string(), "config/common.patch.yaml:4:38 (common)");
    assert_eq!(planned(&files, &["prod"], strict).values("root/own"), "map[deep:2 kept:1]");
}

#[test]
fn all_operations() {
    let patch = "- {op: test, path: /n, value: 1.0}\n- {op: add, path: /list/1, value: b}\n- {op: add, path: /list/-, value: d}\n- {op: replace, path: /m/x~1y, value: [1]}\n- {op: move, from: /m, path: /moved}\n- {op: copy, from: /moved, path: /copied}\n- {op: remove, path: /copied/z}\n- {op: add, path: /null, value: null}\n- {op: remove, path: /list/0}\n";
    let planned = own(patch, "{n: 1, list: [a, c], m: {x/y: 0, z: 1}}");
    assert_eq!(
        planned.values("root/own"),
        "map[copied:map[x/y:[1]] list:[b c d] moved:map[x/y:[1] z:1] n:1 null:<nil>]"
    );
    let whole = own("- {op: replace, path: '', value: {a: 1}}\n", "{b: 1}");
    assert_eq!(whole.values("root/own"), "map[a:1]");
    assert_eq!(own("- {op: remove, path: ''}\n", "{b: 1}").values("root/own"), "map[]");
}

#[test]
fn what_fails_names_the_operation_and_what_is_there() {
    let cases = [
        ("{op: remove, path: /a/x}", "`remove` of `/a/x`: `/a` has no key `x`"),
        ("{op: remove, path: /l/7}", "`remove` of `/l/7`: `/l` has no item `7`: it has 2"),
        ("{op: remove, path: /l/01}", "`/l` has no item `01`: it has 2"),
        ("{op: add, path: /l/3, value: 1}", "`/l` has no item `3`: it has 2"),
        ("{op: add, path: /s/x, value: 1}", "`/s` is a string, and has nothing below it"),
        ("{op: add, path: /gone/x, value: 1}", "the values has no key `gone`"),
        ("{op: replace, path: /gone, value: 1}", "no key `gone`"),
        ("{op: move, from: /a, path: /a/b}", "`/a` cannot be moved into itself"),
        ("{op: test, path: /s, value: other}", "`test` of `/s`: it is `text`, not `other`"),
        ("{op: replace, path: '', value: [1]}", "the values of a component are a map, not a list"),
    ];
    for (operation, expected) in cases {
        let planned = own(&format!("- {operation}\n"), "{a: {b: 1}, l: [1, 2], s: text}");
        let message = refused(&planned);
        assert!(message.starts_with("own/config/common.patch.yaml:1:3: error[config.patch]:"), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    let planned = own("- {op: remove, path: /a/bb}\n", "{a: {bx: 1}}");
    let problem = &planned.problems[0];
    assert_eq!(problem.help.as_deref(), Some("did you mean `bx`?"));
    assert_eq!(problem.labels[1].span.to_string(), "own/config/common.yaml:1:13");
}

#[test]
fn values_of_operations_may_be_expressions_where_the_file_asks_for_them() {
    let operations = "[{op: add, path: /a, value: {x: \"${{ layers | length }}\", y: [\"n-${{ layers[0] }}\"]}}]";
    let asked = format!("expressions: true\nsubcomponents: {{app: {operations}}}\n");
    let plain = format!("subcomponents: {{app: {operations}}}\n");
    let values = |text: &str, layer: &str| {
        let files = [("config/prod.patch.yaml", text), ("config/prod.yaml", layer)];
        planned(&files, &["prod"], strict).values("root/app")
    };
    assert_eq!(values(&asked, ""), "map[a:map[x:2 y:[n-prod]]]");
    // What the layer's own file asks for is its own affair.
    assert_eq!(values(&plain, "expressions: true\n"), "map[a:map[x:${{ layers | length }} y:[n-${{ layers[0] }}]]]");
    let unknown = asked.replace("layers[0]", "region");
    let message = refused(&planned(&[("config/prod.patch.yaml", &unknown)], &["prod"], strict));
    assert!(message.starts_with("config/prod.patch.yaml:2:") && message.contains("expression"), "{message}");
    let below = "subcomponents: {app: {expressions: true}}\n";
    let message = refused(&planned(&[("config/prod.patch.yaml", below)], &["prod"], strict));
    assert!(message.contains("unknown key `expressions` in a patch file"), "{message}");
}

#[test]
fn what_is_no_operation() {
    let cases = [
        ("- {op: remov, path: /a}", "1:8: error[config.patch]: unknown operation `remov`"),
        ("- {path: /a}", "1:3: error[config.patch]: an operation needs `op`"),
        ("- {op: remove}", "1:3: error[config.patch]: a `remove` operation needs `path`"),
        ("- {op: add, path: /a}", "1:3: error[config.patch]: a `add` operation needs `value`"),
        ("- {op: copy, path: /a}", "1:3: error[config.patch]: a `copy` operation needs `from`"),
        ("- {op: remove, path: a}", "1:22: error[config.patch]: `a` is no JSON pointer"),
        ("values: []", "1:1: error[config.patch]: unknown key `values` in a patch file"),
        ("- {op: remove, path: /a, value: 1}", "1:26: error[config.unknown-key]: unknown key `value`"),
        ("subcomponents: {x: []}", "1:17: error[config.unknown-component]: `root/own` has no component named `x`"),
        ("text", "1:1: error[config.wrong-type]"),
    ];
    for (patch, expected) in cases {
        let message = refused(&own(patch, "{a: 1}"));
        assert!(message.starts_with(&format!("own/config/common.patch.yaml:{expected}")), "{message}");
    }
}

#[test]
fn a_patch_file_is_no_layer_but_makes_one() {
    let files = [("config/prod.patch.yaml", "subcomponents: {app: [{op: add, path: /a, value: 1}]}\n")];
    assert_eq!(planned(&files, &["prod"], strict).values("root/app"), "map[a:1]");
    let message = refused(&planned(&files, &["prod.patch"], strict));
    assert!(message.contains("`prod.patch` is not a layer's name"), "{message}");
    assert!(
        planned(&files, &["pord"], strict)
            .problems
            .iter()
            .any(|problem| problem.help.as_deref() == Some("did you mean `prod`?"))
    );
    let json = [("config/prod.patch.json", r#"[{"op":"add","path":"/a","value":1}]"#)];
    assert_eq!(planned(&json, &["prod"], strict).values("root"), "map[a:1]");
}
