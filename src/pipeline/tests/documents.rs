use super::{Planned, Reader, fabrikate, refused, strict};

const OBJECT: &str = "# from the cluster\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata:\n  other: text\n  values: |\n    Installation:\n      V1:\n        Address: from-cm\n        Port: 9090\n";
// Installation: {V1: {Address: from-secret}}
const SECRET: &str = "kind: Secret\ndata:\n  values: SW5zdGFsbGF0aW9uOiB7VjE6IHtBZGRyZXNzOiBmcm9tLXNlY3JldH19Cg==\n";

fn app(layer: &str, more: &[(&str, &str)], reader: Reader) -> Planned {
    let files = [
        ("component.yaml", "name: root\nsubcomponents:\n- {name: app, type: helm, path: chart}\n"),
        ("chart/Chart.yaml", "name: c\nversion: 1.0.0\n"),
        ("config/common.yaml", layer),
        ("config/cm.yaml", OBJECT),
        ("config/s.yaml", SECRET),
    ];
    reader(&[&files, more].concat(), &[])
}

fn layer(items: &str) -> String {
    format!("subcomponents: {{app: {{valuesFrom: [{items}]}}}}\n")
}

#[test]
fn later_documents_win_and_secrets_are_decoded() {
    for reader in [strict, fabrikate] {
        let planned = app(&layer("{configMap: cm.yaml, key: values}, {secret: s.yaml, key: values}"), &[], reader);
        assert_eq!(planned.values("root/app"), "map[Installation:map[V1:map[Address:from-secret Port:9090]]]");
        let scope = &planned.unit("root/app").scope;
        let at = |key| scope.origin_at(&["Installation", "V1", key]).unwrap().to_string();
        assert_eq!(at("Port"), "config/cm.yaml:11:15 (common)");
        assert_eq!(at("Address"), "config/s.yaml:3:3 (common)");
    }
}

#[test]
fn the_layers_own_values_win() {
    let text =
        "subcomponents:\n  app:\n    valuesFrom: [{configMap: cm.yaml}]\n    config: {Installation: {V1: {Port: 1}}}\n";
    let planned = app(text, &[], strict);
    assert_eq!(planned.values("root/app"), "map[Installation:map[V1:map[Address:from-cm Port:1]]]");
}

#[test]
fn string_data_and_names() {
    let several = "kind: Secret\nmetadata: {name: one}\nstringData: {v: 'a: one'}\n---\nkind: ConfigMap\ndata: {v: 'a: cm'}\n---\nkind: Secret\nmetadata: {name: two}\nstringData: {v: 'a: two'}\ndata: {v: YTogMw==}\n";
    let more = [("values/several.yaml", several)];
    let of = |item: &str| app(&layer(item), &more, strict);
    let two = of("{secret: ../values/several.yaml, key: v, name: two, at: x.y}");
    assert_eq!(two.values("root/app"), "map[x:map[y:map[a:two]]]");
    assert_eq!(of("{configMap: ../values/several.yaml, key: v}").values("root/app"), "map[a:cm]");
    let unclear = refused(&of("{secret: ../values/several.yaml, key: v}"));
    assert!(unclear.contains("`values/several.yaml` has 2 objects of the kind Secret"), "{unclear}");
    let unknown = of("{secret: ../values/several.yaml, key: v, name: twoo}");
    assert_eq!(unknown.problems[0].help.as_deref(), Some("did you mean `two`?"));
}

#[test]
fn the_definition_may_name_documents_too() {
    let files = [
        ("component.yaml", "name: root\ntype: helm\npath: chart\nvaluesFrom: [{configMap: cm.yaml}]\n"),
        ("chart/Chart.yaml", "name: c\nversion: 1.0.0\n"),
        ("cm.yaml", "kind: ConfigMap\ndata:\n  values: |-\n    a: 1\n    b: 1\n"),
        ("config/common.yaml", "config: {b: 2}\n"),
    ];
    let planned = strict(&files, &[]);
    assert_eq!(planned.values("root"), "map[a:1 b:2]");
    assert_eq!(planned.unit("root").scope.origin_at(&["a"]).unwrap().to_string(), "cm.yaml:4:8 (component.yaml)");
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let error = |item: &str, more: &[(&str, &str)]| {
        for reader in [strict, fabrikate] {
            refused(&app(&layer(item), more, reader));
        }
        refused(&app(&layer(item), more, strict))
    };
    let cases: [(&str, &str, &str); 9] = [
        ("{configMap: cm.yaml, key: value}", "", "the ConfigMap in `config/cm.yaml` has no key `value`"),
        ("{configMap: gone.yaml}", "", "`config/gone.yaml` was not found"),
        ("{configMap: ../../x.yaml}", "", "leads out of the fetched source"),
        ("{secret: cm.yaml}", "", "`config/cm.yaml` has no Secret"),
        ("{key: x}", "", "an item of `valuesFrom` needs one of `configMap` and `secret`"),
        ("{configMap: x.yaml}", "kind: ConfigMap\ndata:\n  values: {a: 1}\n", "`values` must be text"),
        (
            "{configMap: x.yaml}",
            "kind: ConfigMap\ndata:\n  values: '[1]'\n",
            "`values` must be a map of values, not a list",
        ),
        ("{secret: x.yaml}", "kind: Secret\ndata: {values: '*'}\n", "`data.values` is no text in base64"),
        ("{secret: x.yaml}", "kind: Secret\ndata: {values: x}\nsops: {}\n", "is encrypted"),
    ];
    for (item, file, expected) in cases {
        let message = error(item, &[("config/x.yaml", file)]);
        assert!(message.contains(expected), "{item}: {message}");
    }
    let broken = "kind: ConfigMap\ndata:\n  values: |\n    a: 1\n    b: [1\n";
    let message = error("{configMap: x.yaml}", &[("config/x.yaml", broken)]);
    assert!(message.starts_with("config/x.yaml:5:") || message.starts_with("config/x.yaml:6:"), "{message}");
    let twice = "kind: ConfigMap\ndata:\n  values: |\n    a: 1\n    a: 2\n";
    let message = refused(&app(&layer("{configMap: x.yaml}"), &[("config/x.yaml", twice)], strict));
    assert_eq!(message, "config/x.yaml:5:5: error[config.duplicate-key]: duplicate key `a`");
}
