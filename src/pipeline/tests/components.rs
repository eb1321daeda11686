use super::{fabrikate, refused, strict, tree};
use crate::diag::Sink;
use crate::jinja::expression::Variables;
use crate::render::Engine;
use crate::source::SourceSpec;
use crate::stack::{NoMaterials, Reach, Reading, StackInput, resolve};

#[test]
fn loaded_and_inlined_components() {
    let planned = fabrikate(
        &[
            (
                "component.yaml",
                "name: root\nsubcomponents:\n- name: mid\n  source: ./mid\n- name: app\n  type: helm\n  path: charts/x\n  subcomponents:\n  - {name: deep, type: static, path: m}\n",
            ),
            ("mid/component.yaml", "name: mid-real\nsubcomponents:\n- {name: leaf, source: ., path: leaf}\n"),
            ("mid/leaf/component.yaml", "name: leaf\ntype: static\npath: m\n"),
            ("mid/leaf/m/a.yaml", ""),
            ("charts/x/Chart.yaml", ""),
            ("m/a.yaml", ""),
        ],
        &[],
    );
    assert_eq!(planned.outputs(), ["root.yaml", "mid/mid-real.yaml", "mid/leaf/leaf.yaml", "app.yaml", "deep.yaml"]);
    let addresses: Vec<&str> = planned.units().iter().map(|unit| &*unit.address).collect();
    assert_eq!(addresses, ["root", "root/mid", "root/mid/leaf", "root/app", "root/app/deep"]);
    assert!(matches!(&planned.unit("root/app").engine, Engine::Helm { chart } if chart.is_file("Chart.yaml")));
    assert!(
        matches!(&planned.unit("root/app/deep").engine, Engine::Static { tree, http: false } if tree.is_file("a.yaml"))
    );
}

#[test]
fn an_old_install_is_read() {
    let planned = fabrikate(
        &[
            (
                "component.yaml",
                "name: root\nsubcomponents:\n- {name: mid, method: git, source: 'https://example.com/mid', path: sub}\n- {name: app, type: helm, method: helm, source: 'https://example.com/charts', path: app}\n- {name: web, type: static, method: HTTP, source: 'https://example.com/a.yaml'}\n",
            ),
            (
                "components/mid/sub/component.yaml",
                "name: mid\nsubcomponents:\n- {name: g, type: helm, method: git, source: 'https://example.com/g', path: c}\n",
            ),
            ("components/mid/sub/helm_repos/g/c/Chart.yaml", ""),
            ("components/web/web.yaml", ""),
            ("helm_repos/app/Chart.yaml", ""),
        ],
        &[],
    );
    assert_eq!(planned.outputs(), ["root.yaml", "mid/mid.yaml", "mid/g.yaml", "app.yaml", "web.yaml"]);
    assert!(planned.unit("root/mid/g").remote && !planned.unit("root/app").remote);
    assert!(matches!(&planned.unit("root/web").engine, Engine::Static { http: true, .. }));
}

#[test]
fn what_is_not_installed_is_named() {
    let text = "name: root\nsubcomponents:\n- name: mid\n  method: git\n  source: https://example.com/mid\n";
    let error = refused(&fabrikate(&[("component.yaml", text)], &[]));
    assert_eq!(error, "component.yaml:5:11: error[source.not-installed]: https://example.com/mid is not installed");
}

#[test]
fn cycles_show_the_chain() {
    let planned = strict(
        &[
            ("component.yaml", "name: root\nsubcomponents:\n  - name: a\n    source: ./a\n"),
            ("a/component.yaml", "name: a\nsubcomponents:\n  - name: b\n    source: ../b\n"),
            ("b/component.yaml", "name: b\nsubcomponents:\n  - name: a\n    source: ./x/../../a/\n"),
        ],
        &[],
    );
    let expected = "b/component.yaml:4:13: error[component.cycle]: the components form a cycle: root > a > b > a";
    assert_eq!(refused(&planned), expected);
    let own_parent = refused(&fabrikate(&[("component.yaml", "name: root\nsubcomponents:\n- name: foo\n")], &[]));
    assert_eq!(own_parent, "component.yaml:3:3: error[component.cycle]: the components form a cycle: root > foo");
}

#[test]
fn fan_out_is_bounded() {
    let mut files: Vec<(String, String)> = Vec::new();
    let twice = |below: usize| {
        format!("name: k\nsubcomponents:\n- {{name: a, source: ../l{below}}}\n- {{name: b, source: ../l{below}}}\n")
    };
    files.push(("component.yaml".to_owned(), "name: k\nsubcomponents:\n- {name: a, source: l1}\n".to_owned()));
    for level in 1..30 {
        files.push((format!("l{level}/component.yaml"), twice(level + 1)));
    }
    files.push(("l30/component.yaml".to_owned(), "name: k\n".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let error = refused(&strict(&files, &[]));
    assert!(error.contains("too many components"), "{error}");
}

#[test]
fn component_files_by_precedence() {
    let yaml = ("component.yaml", "name: y\n");
    let json = ("component.json", "{\"Name\": \"j\"}");
    assert_eq!(fabrikate(&[yaml, json, ("component.yml", "name: no\n")], &[]).outputs(), ["y.yaml"]);
    assert_eq!(fabrikate(&[json], &[]).outputs(), ["j.yaml"]);
    assert!(strict(&[json], &[]).errors()[0].contains("unknown key `Name`"));
    assert!(refused(&fabrikate(&[("component.yaml", "a: [\n"), json], &[])).contains("yaml.syntax"));
    assert!(refused(&fabrikate(&[("component.yml", "name: no\n")], &[])).contains("no component.yaml"));
}

#[test]
fn questionable_words_name_the_nearest() {
    let check = |text: &str, place: &str, near: &str| {
        let planned = strict(&[("component.yaml", text), ("m/a.yaml", "")], &[]);
        let error = refused(&planned);
        assert!(error.starts_with(&format!("component.yaml:{place}: ")), "{error}");
        assert_eq!(planned.problems[0].help.as_deref(), Some(near), "{error}");
        let planned = fabrikate(&[("component.yaml", text), ("m/a.yaml", "")], &[]);
        assert_eq!((planned.units().len(), planned.warnings().len()), (1, 1));
    };
    check("name: r\ntype: hlem\npath: m\n", "2:7", "did you mean `helm`?");
    check("name: r\nsubcomponent: []\n", "2:1", "did you mean `subcomponents`?");
    check("name: r\nmethod: gti\n", "2:9", "did you mean `git`?");
    check("name: r\nhooks:\n  before-instal: [x]\n", "3:3", "did you mean `before-install`?");
}

#[test]
fn wrong_types_are_errors_with_places() {
    let error = |text: &str| refused(&fabrikate(&[("component.yaml", text)], &[]));
    assert!(error("name: {a: b}\n").starts_with("component.yaml:1:7: error[component.wrong-type]"));
    assert!(error("name: r\ntype: static\npath: [1]\n").starts_with("component.yaml:3:7: "));
    assert!(error("name: r\nsubcomponents: text\n").starts_with("component.yaml:2:16: "));
    assert!(error("- a\n").starts_with("component.yaml:1:1: "));
    assert!(refused(&strict(&[("component.yaml", "name: no\n")], &[])).contains("not a boolean"));
    assert_eq!(fabrikate(&[("component.yaml", "name: no\n")], &[]).outputs(), ["no.yaml"]);
}

#[test]
fn the_old_alias_wins() {
    let text = "name: r\ntype: helm\ngenerator: static\npath: m\n";
    let planned = fabrikate(&[("component.yaml", text), ("m/a.yaml", "")], &[]);
    assert!(matches!(planned.units()[0].engine, Engine::Static { .. }));
    assert!(planned.warnings()[0].contains("component.deprecated"));
}

#[test]
fn static_components_need_a_path_that_is_there() {
    let none = refused(&fabrikate(&[("component.yaml", "name: r\ntype: static\n")], &[]));
    assert!(none.contains("component.no-path"));
    let missing = [("component.yaml", "name: r\ntype: static\npath: ./nope\n")];
    assert_eq!(
        refused(&fabrikate(&missing, &[])),
        "component.yaml:3:7: error[component.path-not-found]: `nope` was not found"
    );
    let hooked = "name: r\ntype: static\npath: nope\nhooks: {before-generate: [mkdir nope]}\n";
    assert_eq!(fabrikate(&[("component.yaml", hooked)], &[]).units().len(), 1);
    let absolute = [("component.yaml", "name: r\ntype: static\npath: /m\n"), ("m/a.yaml", "")];
    assert_eq!(fabrikate(&absolute, &[]).units().len(), 1);
    assert!(refused(&strict(&absolute, &[])).contains("absolute"));
}

#[test]
fn nothing_leads_outside() {
    let up = "name: r\nsubcomponents:\n  - name: a\n    source: ../outside/comp\n";
    assert!(refused(&strict(&[("component.yaml", up)], &[])).starts_with("component.yaml:4:13: "));
    let url = "name: r\nsubcomponents:\n- {name: a, source: 'https://example.com/x'}\n";
    let planned = fabrikate(&[("component.yaml", url)], &[]);
    assert_eq!(planned.problems[0].help.as_deref(), Some("add `method: git`"), "{:?}", planned.problems);
}

#[test]
fn an_empty_item() {
    let text = "name: r\nsubcomponents:\n  -\n  - {name: b, type: static, path: m}\n";
    let files = [("component.yaml", text), ("m/a.yaml", "")];
    assert!(refused(&strict(&files, &[])).contains("empty item"));
}

#[test]
fn a_key_may_be_there_again_in_a_map_that_is_merged_in() {
    let entries = "- &b {name: b, type: static, path: m}\n- {<<: *b, name: c}\n";
    let layer = "subcomponents:\n  b: &b {namespace: low}\n  c: {<<: *b, namespace: high}\n";
    let planned = strict(
        &[
            ("component.yaml", &format!("name: root\nsubcomponents:\n{entries}")),
            ("config/common.yaml", layer),
            ("m/a.yaml", "kind: A\n"),
        ],
        &[],
    );
    assert_eq!(planned.unit("root/b").scope.namespace(), Some("low"));
    assert_eq!(planned.unit("root/c").scope.namespace(), Some("high"));
    let twice = "name: root\nsubcomponents:\n- {name: b, type: static, path: m, path: m}\n";
    let problem = refused(&strict(&[("component.yaml", twice), ("m/a.yaml", "kind: A\n")], &[]));
    assert!(problem.contains("component.duplicate-key"), "{problem}");
}

#[test]
fn a_chart_of_a_registry_may_be_named_by_its_whole_reference() {
    let asked = |source: &str| {
        let text = format!("name: web\ntype: helm\nmethod: helm\nsource: '{source}'\nversion: ^1\n");
        let root = tree(&[("component.yaml", &text)]);
        let input = StackInput {
            root,
            reading: Reading::Strict,
            reach: Reach::Tree,
            materials: &NoMaterials,
            variables: Variables::default(),
        };
        let graph = resolve(&input, &mut Sink::new()).unwrap();
        graph.root().fetches.first().map(|fetch| fetch.request.spec.clone())
    };
    let spec = SourceSpec::chart("oci://r.example.com/charts", "web", "^1");
    assert_eq!(asked("oci://r.example.com/charts/web"), Some(spec));
    assert_eq!(asked("oci://r.example.com"), None, "that is no chart");
    assert_eq!(asked("https://r.example.com/charts/web"), None);
}
