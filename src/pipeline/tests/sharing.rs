use super::{Planned, Reader, fabrikate, refused, strict};

const STACK: &str = "name: fleet\nsubcomponents:\n- {name: a, type: helm, path: chart}\n- {name: mid, source: ./mid}\n- {name: plain, type: static, path: chart}\n";
const MID: &str = "name: mid\nsubcomponents:\n- {name: b, type: template, path: ../chart}\n";

fn planned(files: &[(&str, &str)], environments: &[&str], reader: Reader) -> Planned {
    let stack =
        [("component.yaml", STACK), ("mid/component.yaml", MID), ("chart/Chart.yaml", "name: c\nversion: 1.0.0\n")];
    reader(&[&stack, files].concat(), environments)
}

#[test]
fn shared_values_reach_all_charts_and_templates_below() {
    for reader in [strict, fabrikate] {
        let planned = planned(&[("config/common.yaml", "sharedConfig: {domain: example.com}\n")], &[], reader);
        assert_eq!(planned.values("fleet/a"), "map[domain:example.com]");
        assert_eq!(planned.values("fleet/mid/b"), "map[domain:example.com]");
        assert_eq!(planned.values("fleet/plain"), "map[]");
        assert_eq!(planned.values("fleet"), "map[]");
        let origin = planned.unit("fleet/mid/b").scope.origin_at(&["domain"]).unwrap();
        assert_eq!(origin.to_string(), "config/common.yaml:1:24 (common)");
    }
}

#[test]
fn in_a_layer_the_own_key_wins_and_the_nearer_one() {
    let layer = "sharedConfig: {k: far, m: far, n: far}\nsubcomponents:\n  a: {config: {k: own}}\n  mid:\n    sharedConfig: {m: near, n: near}\n    subcomponents: {b: {config: {n: own}}}\n";
    let planned = planned(&[("config/common.yaml", layer)], &[], strict);
    assert_eq!(planned.values("fleet/a"), "map[k:own m:far n:far]");
    assert_eq!(planned.values("fleet/mid/b"), "map[k:far m:near n:own]");
}

#[test]
fn across_layers_the_layer_wins() {
    let files = [
        ("config/prod.yaml", "sharedConfig: {k: shared/prod}\n"),
        (
            "config/common.yaml",
            "sharedConfig: {k: shared/common}\nsubcomponents: {a: {config: {k: own/common, l: own/common}}}\n",
        ),
        ("mid/config/prod.yaml", "subcomponents: {b: {config: {k: mid/prod, l: mid/prod}}}\n"),
    ];
    let prod = planned(&files, &["prod"], strict);
    assert_eq!(prod.values("fleet/a"), "map[k:shared/prod l:own/common]");
    assert_eq!(prod.values("fleet/mid/b"), "map[k:shared/prod l:mid/prod]");
    // What stands above a component beats all of its own layers, shared or not.
    assert_eq!(planned(&files, &[], strict).values("fleet/mid/b"), "map[k:shared/common]");
}

#[test]
fn a_file_of_a_component_shares_among_those_below_it() {
    let files = [
        ("mid/config/common.yaml", "sharedConfig: {k: mid}\n"),
        ("config/common.yaml", "subcomponents: {mid: {subcomponents: {b: {config: {l: 1}}}}}\n"),
    ];
    let planned = planned(&files, &[], strict);
    assert_eq!(
        (planned.values("fleet/a"), planned.values("fleet/mid/b")),
        ("map[]".to_owned(), "map[k:mid l:1]".to_owned())
    );
}

#[test]
fn shared_documents_are_nested() {
    let object = "kind: ConfigMap\ndata:\n  values: |\n    V1: {Name: amber, Region: eu}\n";
    let secret = "kind: Secret\nstringData: {values: 'V1: {Name: secret}'}\n";
    let layer = "sharedConfig:\n  from: [{configMap: cm.yaml, key: values}, {secret: s.yaml}]\n  at: Installation\n  config: {Installation: {V1: {Zone: z}}}\n";
    let files = [("config/inst/x.yaml", layer), ("config/inst/cm.yaml", object), ("config/inst/s.yaml", secret)];
    let planned = planned(&files, &["inst/x"], strict);
    assert_eq!(planned.values("fleet/a"), "map[Installation:map[V1:map[Name:secret Region:eu Zone:z]]]");
    let origin = planned.unit("fleet/a").scope.origin_at(&["Installation", "V1", "Region"]).unwrap();
    assert_eq!(origin.to_string(), "config/inst/cm.yaml:4:31 (inst/x)");
}

#[test]
fn a_disabled_component_is_not_asked() {
    let layer =
        "sharedConfig: {from: [{configMap: gone.yaml}]}\nsubcomponents: {a: {disabled: true}, mid: {disabled: true}}\n";
    let planned = planned(&[("config/common.yaml", layer)], &[], strict);
    assert_eq!(planned.units().len(), 2);
}

#[test]
fn shared_among_none() {
    let files = [
        ("component.yaml", "name: one\ntype: helm\npath: chart\n"),
        ("chart/Chart.yaml", "name: c\nversion: 1.0.0\n"),
        ("config/common.yaml", "sharedConfig: {k: 1}\n"),
    ];
    assert_eq!(
        refused(&strict(&files, &[])),
        "config/common.yaml:1:15: error[config.no-effect]: `sharedConfig` has no effect: no chart or template is below `one`"
    );
    assert_eq!(fabrikate(&files, &[]).values("one"), "map[]");
}
