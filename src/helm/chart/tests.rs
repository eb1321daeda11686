use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::source::Tree;

fn chart_of(files: &[(&str, &str)]) -> Result<Arc<Chart>, String> {
    let files: BTreeMap<String, Arc<[u8]>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes()))).collect();
    load(&Tree::memory(files, "demo")).map_err(|error| error.to_string())
}

const CHART: (&str, &str) = ("Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.1.0\n");

#[test]
fn scalars_become_texts_as_go_turns_them() {
    let text = "NAME: demo\nversion: 1.2\nappVersion: 1.10\ndescription: yes\nicon: 12345678901\nhome: 0x1F\n";
    let chart = chart_of(&[("Chart.yaml", text)]).unwrap();
    let metadata = &chart.metadata;
    assert_eq!(metadata.name, "demo");
    assert_eq!(metadata.version, "1.2");
    assert_eq!(metadata.app_version, "1.1");
    assert_eq!(metadata.description, "true");
    assert_eq!(metadata.icon, "12345678901");
    assert_eq!(metadata.home, "31");
    assert_eq!(metadata.api_version, "v1");
}

#[test]
fn metadata_that_helm_refuses() {
    let decoding = "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
    for (text, expected) in [
        ("name: [x]", format!("{decoding} array into Go struct field Metadata.name of type string")),
        ("[]", format!("{decoding} array into Go value of type chart.Metadata")),
        (
            "dependencies: x",
            format!("{decoding} string into Go struct field Metadata.dependencies of type []*chart.Dependency"),
        ),
        (
            "dependencies: [a]",
            format!("{decoding} string into Go struct field Metadata.dependencies of type chart.Dependency"),
        ),
        (
            "dependencies: [{tags: x}]",
            format!("{decoding} string into Go struct field Dependency.dependencies.tags of type []string"),
        ),
        ("name: x", "validation: chart.metadata.version is required".to_owned()),
        ("version: 1.0.0", "validation: chart.metadata.name is required".to_owned()),
        ("name: a/b\nversion: 1.0.0", "validation: chart.metadata.name \"a/b\" is invalid".to_owned()),
        ("name: x\nversion: nope", "validation: chart.metadata.version \"nope\" is invalid".to_owned()),
        (
            "name: x\nversion: 1.0.0\nmaintainers: [null]",
            "validation: maintainers must not contain empty or null nodes".to_owned(),
        ),
        (
            "name: x\nversion: 1.0.0\ndependencies: [{name: a}, {name: b, alias: a}]",
            "validation: more than one dependency with name or alias \"a\"".to_owned(),
        ),
        (
            "a: [",
            "cannot load Chart.yaml: error converting YAML to JSON: yaml: line 1: did not find expected node content"
                .to_owned(),
        ),
    ] {
        assert_eq!(chart_of(&[("Chart.yaml", text)]).unwrap_err(), expected, "{text}");
    }
    assert_eq!(chart_of(&[("chart.yaml", "name: x")]).unwrap_err(), "Chart.yaml file is missing");
}

#[test]
fn faults_name_the_field() {
    let at = |files: &[(&str, &str)]| {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes())));
        let error = load(&Tree::memory(files.collect(), "demo")).unwrap_err();
        format!("{} {}", error.file.unwrap(), error.at.join("."))
    };
    let chart = |rest: &str| format!("name: demo\nversion: 1.0.0\n{rest}");
    assert_eq!(at(&[("Chart.yaml", "name: demo\nversion: latest\n")]), "Chart.yaml version");
    assert_eq!(at(&[("Chart.yaml", &chart("maintainers: [{name: a}, null]"))]), "Chart.yaml maintainers.1");
    assert_eq!(at(&[("Chart.yaml", &chart("dependencies: [{name: a}, null]"))]), "Chart.yaml dependencies.1");
    let twice = chart("dependencies: [{name: a}, {name: b, alias: a}]");
    assert_eq!(at(&[("Chart.yaml", &twice)]), "Chart.yaml dependencies.1.alias");
    assert_eq!(
        at(&[("Chart.yaml", &chart("dependencies: [{name: a, tags: [[]]}]"))]),
        "Chart.yaml dependencies.0.tags.0"
    );
    let old = [
        ("Chart.yaml", "name: old\nversion: 1.0.0\n"),
        ("requirements.yaml", "dependencies: [{name: a, alias: ../b}]"),
    ];
    assert_eq!(at(&old), "requirements.yaml dependencies.0.alias");
    assert_eq!(at(&[CHART, ("values.yaml", "- a\n")]), "values.yaml ");
}

#[test]
fn files_have_roles() {
    let chart = chart_of(&[
        CHART,
        (".helmignore", "*.bak\n"),
        ("values.yaml", "a: 1\n"),
        ("values.schema.json", "{}"),
        ("templates/a.yaml", "a: 1"),
        ("templates/.hidden", ""),
        ("crds/c.YAML", "{}"),
        ("crds/readme.md", ""),
        ("x.bak", ""),
        ("charts/sub/Chart.yaml", "name: sub\nversion: 1.0.0\n"),
        ("charts/_off/x", ""),
    ])
    .unwrap();
    let files: Vec<&str> = chart.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(files, [".helmignore", "crds/c.YAML", "crds/readme.md"]);
    let templates: Vec<&str> = chart.templates.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(templates, ["templates/a.yaml"]);
    assert_eq!(chart.crds().count(), 1);
    assert!(chart.schema.is_some());
    assert_eq!(chart.charts.len(), 1);
    assert_eq!(chart.charts[0].name(), "sub");
}

#[test]
fn faults_of_subcharts_name_them() {
    let stray = chart_of(&[CHART, ("charts/README.md", "x")]);
    assert_eq!(stray.unwrap_err(), "error unpacking subchart README.md in demo: Chart.yaml file is missing");
    let error = load(&Tree::memory(
        [CHART, ("charts/a/Chart.yaml", "name: a\nversion: 1.0.0\n"), ("charts/a/values.yaml", "a: [")]
            .map(|(path, text)| (path.to_owned(), Arc::from(text.as_bytes())))
            .into(),
        "demo",
    ))
    .unwrap_err();
    assert_eq!(error.file.as_deref(), Some("charts/a/values.yaml"));
    assert!(error.yaml.is_some());
}

#[test]
fn requirements_of_old_charts_count() {
    let files = [
        ("Chart.yaml", "name: old\nversion: 1.0.0\n"),
        ("requirements.yaml", "dependencies: [{name: a, version: 1.x}]"),
    ];
    let chart = chart_of(&files).unwrap();
    assert_eq!(chart.metadata.dependencies.as_ref().map(Vec::len), Some(1));
    assert_eq!(chart.files[0].name, "requirements.yaml");
    let tree = Tree::memory(files.map(|(path, text)| (path.to_owned(), Arc::from(text.as_bytes()))).into(), "old");
    assert_eq!(dependencies_of(&tree).unwrap()[0].name, "a");
}
