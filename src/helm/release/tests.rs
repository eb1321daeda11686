use std::collections::BTreeMap;

use super::*;
use crate::helm::{chart, print};
use crate::source::Tree;
use crate::yaml;

fn chart_of(files: &[(&str, &str)]) -> Arc<Chart> {
    let mut tree: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
    tree.insert("Chart.yaml".to_owned(), Arc::from(&b"apiVersion: v2\nname: demo\nversion: 0.1.0\n"[..]));
    tree.extend(files.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes()))));
    chart::load(&Tree::memory(tree, "demo")).unwrap()
}

fn options() -> ReleaseOptions {
    let entropy = Entropy::Seeded { seed: Arc::from(&b"seed"[..]), address: Arc::from("demo"), time: (86_400, 0) };
    ReleaseOptions { entropy, ..ReleaseOptions::new("rel") }
}

fn rendered(chart: &Arc<Chart>, values: &str, options: &ReleaseOptions) -> Result<String, String> {
    let values = Frozen::Map(yaml::load_map(values.as_bytes()).unwrap());
    let release = render(chart, &values, options).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(print::whole(&release, print::manifests(&release))).unwrap())
}

#[test]
fn charts_are_shared_by_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Chart>();
}

#[test]
fn deeper_files_come_first_and_the_end_of_the_alphabet_before_its_beginning() {
    let log = "{{ $_ := set .Values \"log\" (append (.Values.log | default list) .Template.Name) }}";
    let last = format!("{log}\nseen: {{{{ join \" \" .Values.log }}}}\n");
    let chart = chart_of(&[("templates/b.yaml", log), ("templates/sub/c.yaml", log), ("templates/a.yaml", &last)]);
    assert_eq!(
        rendered(&chart, "{}", &options()).unwrap(),
        "---\n# Source: demo/templates/a.yaml\nseen: demo/templates/sub/c.yaml demo/templates/b.yaml demo/templates/a.yaml\n"
    );
}

#[test]
fn releases_of_one_chart_do_not_see_each_other() {
    let chart = chart_of(&[
        ("values.yaml", "m: {a: 1}"),
        ("templates/a.yaml", "{{ $_ := set .Values.m (print \"k\" .Values.id) true }}keys: {{ keys .Values.m }}\n"),
    ]);
    for id in [1, 2] {
        let text = rendered(&chart, &format!("id: {id}"), &options()).unwrap();
        assert_eq!(text, format!("---\n# Source: demo/templates/a.yaml\nkeys: [a k{id}]\n"));
    }
}

#[test]
fn aliases_conditions_and_imports() {
    let chart = chart_of(&[
        (
            "Chart.yaml",
            "apiVersion: v2\nname: demo\nversion: 0.1.0\ndependencies:\n\
             - {name: a, version: 1.x, alias: one, condition: one.enabled, import-values: [data]}\n\
             - {name: a, version: 1.x, alias: two, condition: two.enabled}\n",
        ),
        ("values.yaml", "two: {enabled: false}"),
        ("templates/a.yaml", "v: {{ .Values.imported }} {{ .Chart.Dependencies | len }}\n"),
        ("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.2.3\n"),
        ("charts/a/values.yaml", "exports: {data: {imported: yes}}"),
        ("charts/a/templates/x.yaml", "n: {{ .Chart.Name }}\n"),
    ]);
    assert_eq!(
        rendered(&chart, "{}", &options()).unwrap(),
        "---\n# Source: demo/charts/one/templates/x.yaml\nn: one\n---\n# Source: demo/templates/a.yaml\nv: true 1\n"
    );
    let both = rendered(&chart, "two: {enabled: true}", &options()).unwrap();
    assert!(both.contains("# Source: demo/charts/two/templates/x.yaml\nn: two"), "{both}");
}

#[test]
fn seeded_releases_repeat_and_name_what_they_made_up() {
    let chart = chart_of(&[("templates/a.yaml", "p: {{ randAlphaNum 8 }}\nq: {{ randAlphaNum 8 }}\n")]);
    let first = rendered(&chart, "{}", &options()).unwrap();
    assert_eq!(first, rendered(&chart, "{}", &options()).unwrap());
    let release = render(&chart, &Frozen::Nil, &options()).unwrap();
    let uses: Vec<_> = release.nondeterministic.iter().map(|made| (made.function, made.line)).collect();
    assert_eq!(uses, [("randAlphaNum", 1), ("randAlphaNum", 2)]);
}

#[test]
fn failures_have_helms_text_and_a_place() {
    for (template, expected) in [
        ("{{ bad }}", "parse error at (demo/templates/a.yaml:1): function \"bad\" not defined"),
        ("a: {{ fail \"no: way\" }}", "execution error at (demo/templates/a.yaml:1:6): no: way"),
        ("a: {{ tpl \"{{ required `gone` .x }}\" . }}", "execution error at (demo/templates/a.yaml:1:6): gone"),
        (
            "a: {{ .Values.x.y }}",
            "template: demo/templates/a.yaml:1:13: executing \"demo/templates/a.yaml\" at <.Values.x.y>: \
             nil pointer evaluating interface {}.y",
        ),
        (
            "- 1",
            "YAML parse error on demo/templates/a.yaml: error unmarshaling JSON: while decoding JSON: json: cannot \
             unmarshal array into Go value of type releaseutil.SimpleHead",
        ),
    ] {
        let chart = chart_of(&[("templates/a.yaml", template)]);
        assert_eq!(rendered(&chart, "{}", &options()).unwrap_err(), expected);
    }
    let chart = chart_of(&[("templates/a.yaml", "a: 1\nb: {{ .Values.x.y.z }}")]);
    let error = render(&chart, &Frozen::Nil, &options()).unwrap_err();
    assert!(error.has_begun());
    let RenderCause::Exec(exec) = error.cause() else { panic!("{error}") };
    assert_eq!((exec.line, &*exec.template), (2, "demo/templates/a.yaml"));
    assert_eq!(exec.reads, ["Values", "x", "y", "z"]);
}

#[test]
fn charts_and_names_that_cannot_be_rendered() {
    let library = chart_of(&[("Chart.yaml", "name: l\nversion: 1.0.0\ntype: library\n")]);
    assert_eq!(rendered(&library, "{}", &options()).unwrap_err(), "library charts are not installable");
    let lacking = chart_of(&[("Chart.yaml", "name: l\nversion: 1.0.0\ndependencies: [{name: gone}]\n")]);
    assert!(rendered(&lacking, "{}", &options()).unwrap_err().ends_with("missing in charts/ directory: gone"));
    let bad_name = ReleaseOptions::new("Not_A_Name");
    assert!(rendered(&chart_of(&[]), "{}", &bad_name).unwrap_err().starts_with("release name \"Not_A_Name\": invalid"));
}

#[test]
fn hooks_and_definitions_can_be_left_out() {
    let chart = chart_of(&[
        ("crds/c.yaml", "kind: CustomResourceDefinition\n"),
        ("templates/t.yaml", "kind: Pod\nmetadata: {annotations: {helm.sh/hook: test}}\n"),
        ("templates/NOTES.txt", "hello {{ .Release.Name }}"),
    ]);
    let all = ReleaseOptions { include_crds: true, ..options() };
    let release = render(&chart, &Frozen::Nil, &all).unwrap();
    assert_eq!((release.crds.len(), release.hooks.len()), (1, 1));
    assert_eq!(release.notes.as_deref(), Some(&b"hello rel"[..]));
    let none = ReleaseOptions { skip_tests: true, ..options() };
    let release = render(&chart, &Frozen::Nil, &none).unwrap();
    assert_eq!((release.crds.len(), release.hooks.len()), (0, 0));
}

#[test]
fn release_names_can_come_from_templates() {
    assert_eq!(name_from_template("{{ upper \"a\" | lower }}-1", Entropy::System), Ok("a-1".to_owned()));
    assert!(name_from_template("{{ nope }}", Entropy::System).is_err());
}

#[test]
fn values_that_a_schema_refuses_are_named_from_the_root() {
    let schema = r#"{"properties": {"port": {"type": "integer"}}, "additionalProperties": false}"#;
    let chart = chart_of(&[
        ("charts/sub/Chart.yaml", "name: sub\nversion: 1.0.0\n"),
        ("charts/sub/values.schema.json", schema),
    ]);
    let values = Frozen::Map(yaml::load_map(b"sub: {port: x, prot: 1}").unwrap());
    let error = render(&chart, &values, &options()).unwrap_err();
    let RenderCause::Schema(misfits) = error.cause() else { panic!("{error}") };
    let misfit = |at: &str| crate::helm::Misfit { subcharts: vec!["sub".to_owned()], at: vec![at.to_owned()] };
    // The chart adds `global` to the values of its subcharts.
    assert!(misfits.contains(&misfit("port")), "{misfits:?}");
}

#[test]
fn charts_that_cannot_be_rendered_say_which_field_is_why() {
    let at = |text: &str| {
        let chart = chart_of(&[("Chart.yaml", &format!("apiVersion: v2\nname: demo\nversion: 0.1.0\n{text}"))]);
        let error = render(&chart, &Frozen::map(Vec::new()), &options()).unwrap_err();
        let RenderCause::Chart(at) = error.cause() else { panic!("{error}") };
        at.join(".")
    };
    assert_eq!(at("type: library\n"), "type");
    assert_eq!(at("dependencies:\n- {name: a, version: 1}\n"), "dependencies.0.name");
}

mod reads;

#[test]
fn what_is_no_yaml_can_be_shown() {
    let chart = chart_of(&[("templates/a.yaml", "a: b"), ("templates/b.yaml", "x: ["), ("templates/NOTES.txt", "no")]);
    let error = render(&chart, &Frozen::map(Vec::new()), &options()).unwrap_err();
    assert!(error.has_begun());
    let shown = String::from_utf8(print::faulty(&error)).unwrap();
    assert_eq!(shown, "---\n# Source: demo/templates/a.yaml\na: b\n---\n# Source: demo/templates/b.yaml\nx: [\n");
}

#[test]
fn values_have_the_methods_of_their_go_type() {
    let values = ("values.yaml", "a: 1\nb: {c: {d: x}}\nTable: q\n");
    for (template, expected) in [
        ("{{ typeOf . }} {{ typeOf .Values.AsMap }}", "chartutil.Values map[string]interface {}"),
        ("{{ .Values.AsMap.b.c.d }}{{ (.Values.Table \"b.c\").d }}{{ \"b.c.d\" | .Values.PathValue }}", "xxx"),
        ("{{ $_ := set .Values.AsMap \"n\" 1 }}{{ .Values.n }}{{ .PathValue \"Release.Name\" }}", "1rel"),
        ("{{ .Values.YAML | sha1sum | trunc 4 }}{{ .Values.b.AsMap }}{{ .Release.AsMap }}", "0fbf"),
    ] {
        let chart = chart_of(&[values, ("templates/a.yaml", &format!("v: {template}"))]);
        assert_eq!(
            rendered(&chart, "{}", &options()).unwrap(),
            format!("---\n# Source: demo/templates/a.yaml\nv: {expected}\n")
        );
    }
    for (template, expected) in [
        ("{{ .Values.Table }}", "at <.Values.Table>: wrong number of args for Table: want 1 got 0"),
        ("{{ .Values.Table \"a\" }}", "at <.Values.Table>: error calling Table: \"a\" is not a table"),
        ("{{ .Values.PathValue \"b.c\" }}", "at <.Values.PathValue>: error calling PathValue: \"c\" is not a value"),
    ] {
        let chart = chart_of(&[values, ("templates/a.yaml", template)]);
        let error = rendered(&chart, "{}", &options()).unwrap_err();
        assert!(error.ends_with(expected), "{error}");
    }
}
