use std::sync::Arc;

use super::*;
use crate::source::error::MISSING;
use crate::source::{Lock, Pin, SourceSpec, Store, Tree, pack_tgz};

fn tree(files: &[(&str, &str)]) -> Tree {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), Arc::from(text.as_bytes()))).collect();
    Tree::memory(files, "src")
}

const CHART: &str = "apiVersion: v2\nname: a\ndependencies:\n- {name: b, version: ^1, repository: 'https://c.io'}\n- {name: c, version: 2, repository: 'file://../c'}\n- {name: d, version: 1.x, repository: ''}\n";

#[test]
fn what_charts_lacks_is_needed() {
    let source = tree(&[("x/a/Chart.yaml", CHART), ("x/c/Chart.yaml", "name: c")]);
    let needed = needed_charts(&source, "x/a").unwrap().charts;
    assert_eq!(needed[0].from, NeededFrom::Repository(SourceSpec::chart("https://c.io", "b", "^1")));
    assert_eq!(needed[1].from, NeededFrom::Folder("x/c".to_owned()));
    assert_eq!(needed.len(), 2);

    let source = tree(&[("a/Chart.yaml", CHART), ("a/charts/b-1.2.3.tgz", ""), ("a/charts/c/Chart.yaml", "")]);
    assert_eq!(needed_charts(&source, "a").unwrap().charts, []);
    let source = tree(&[("a/Chart.yaml", CHART), ("a/charts/b-more-1.2.3.tgz", ""), ("a/charts/c/Chart.yaml", "")]);
    assert_eq!(needed_charts(&source, "a").unwrap().charts.len(), 1);
}

#[test]
fn requirements_are_read_and_wrong_repositories_refused() {
    let with = |repository: &str| {
        let text = format!("dependencies:\n- {{name: b, version: '1', repository: '{repository}'}}\n");
        needed_charts(&tree(&[("a/Chart.yaml", "name: a"), ("a/requirements.yaml", &text)]), "a")
    };
    assert_eq!(with("https://c.io").unwrap().charts.len(), 1);
    assert!(with("@stable").unwrap_err().message.contains("alias"));
    assert!(with("file://../../c").unwrap_err().message.contains("outside"));
    assert!(with("file:///c").unwrap_err().message.contains("outside"));
}

#[test]
fn local_folders_are_laid_into_charts() {
    let chart = "dependencies: [{name: c, version: '1', repository: 'file://../c'}]";
    let source = tree(&[("a/Chart.yaml", chart), ("c/Chart.yaml", "name: c"), ("c/templates/x", "x")]);
    let store = Store::at("/nonexistent");
    let tree = complete_chart(&source, "a", &Lock::default(), &store).unwrap();
    assert!(tree.is_file("charts/c/templates/x"));
    assert!(tree.is_file("Chart.yaml"));
}

#[test]
fn a_cycle_of_local_folders_ends() {
    let source = tree(&[("a/Chart.yaml", "dependencies: [{name: a, version: '1', repository: 'file://.'}]")]);
    let error = complete_chart(&source, "a", &Lock::default(), &Store::at("/nonexistent")).unwrap_err();
    assert!(error.message.contains("deeper than the limit"));
}

#[test]
fn an_unlocked_dependency_is_missing() {
    let source = tree(&[("a/Chart.yaml", CHART), ("c/Chart.yaml", "")]);
    let error = complete_chart(&source, "a", &Lock::default(), &Store::at("/nonexistent")).unwrap_err();
    assert_eq!(error.code, MISSING);
    assert!(error.message.contains("chart `b` ^1 of https://c.io"), "{}", error.message);
}

/// What is asked for, with the oddities.
fn asked(files: &[(&str, &str)]) -> (Vec<SourceSpec>, Vec<String>) {
    let needed = needed_charts(&tree(files), "a").unwrap();
    let specs = needed.charts.into_iter().map(|chart| match chart.from {
        NeededFrom::Repository(spec) => spec,
        NeededFrom::Folder(path) => panic!("{path}"),
    });
    (specs.collect(), needed.oddities)
}

#[test]
fn versions_of_a_charts_own_lock_win_where_they_fit() {
    const DECLARED: &str = "dependencies:\n- {name: b, version: ^1, repository: 'https://c.io/'}\n- {name: b, version: ^2, repository: 'https://c.io', alias: d}\n";
    let spec = |version: &str| SourceSpec::chart("https://c.io/", "b", version);
    let other = |version: &str| SourceSpec::chart("https://c.io", "b", version);
    let lock = "dependencies:\n- {name: b, repository: 'https://c.io', version: 2.3.0}\n- {name: b, repository: 'https://c.io', version: 1.4.0}\n";
    for (file, locked) in [("a/Chart.yaml", "a/Chart.lock"), ("a/requirements.yaml", "a/requirements.lock")] {
        let (specs, oddities) = asked(&[("a/Chart.yaml", "name: a"), (file, DECLARED), (locked, lock)]);
        assert_eq!(specs, [spec("1.4.0"), other("2.3.0")]);
        assert!(oddities.is_empty(), "{oddities:?}");
    }
    let with = |lock: &str| asked(&[("a/Chart.yaml", DECLARED), ("a/Chart.lock", lock)]);
    assert_eq!(asked(&[("a/Chart.yaml", DECLARED)]), (vec![spec("^1"), other("^2")], Vec::new()));
    let (specs, oddities) = with("dependencies:\n- {name: b, repository: 'https://c.io', version: 1.4.0}\n");
    assert_eq!(specs, [spec("1.4.0"), other("^2")]);
    assert_eq!(oddities, ["src/a/Chart.lock is out of date: it locks `b` at 1.4.0, and the chart wants ^2"]);
    let (specs, oddities) = with("dependencies:\n- {name: b, repository: 'https://other.io', version: 1.4.0}\n");
    assert_eq!((specs, oddities.len()), (vec![spec("^1"), other("^2")], 2));
    let (specs, oddities) = with("dependencies: {");
    assert_eq!(specs, [spec("^1"), other("^2")]);
    assert!(oddities[0].contains("cannot be read"), "{oddities:?}");
}

/// A packed chart with the given files below its folder, put into a store and a lock.
fn stored(store: &Store, lock: &mut Lock, name: &str, chart_yaml: &str) -> SourceSpec {
    let members = [(format!("{name}/Chart.yaml"), chart_yaml.as_bytes())];
    let sha256 = store.put_chart(&pack_tgz(members, 0).unwrap()).unwrap();
    let (url, version) = ("https://c.io".to_owned(), "1.0.0".to_owned());
    let spec = SourceSpec::chart(&*url, name, "1");
    let archive = format!("https://c.io/{name}.tgz");
    let chart = name.to_owned();
    let pin = Pin::Chart { url, chart, version, archive, manifest: None, signed_by: None, sha256 };
    lock.insert(&spec, pin, "root");
    spec
}

fn needing(names: &[&str]) -> String {
    let items = names.iter().map(|name| format!("- {{name: {name}, version: 1, repository: 'https://c.io'}}\n"));
    format!("name: x\ndependencies:\n{}", items.collect::<String>())
}

#[test]
fn what_dependencies_lack_is_laid_too() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut lock) = (Store::at(folder.path()), Lock::default());
    stored(&store, &mut lock, "c", "name: c");
    stored(&store, &mut lock, "b", &needing(&["c"]));
    // Two charts need the same one, which is laid for each.
    let source = tree(&[("a/Chart.yaml", &needing(&["b", "c"]))]);
    let done = complete_chart(&source, "a", &lock, &store).unwrap();
    assert!(done.is_file("charts/b/Chart.yaml") && done.is_file("charts/b/charts/c-1.0.0.tgz"));
    assert!(done.is_file("charts/c-1.0.0.tgz"));
}

#[test]
fn endless_dependencies_end() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut lock) = (Store::at(folder.path()), Lock::default());
    stored(&store, &mut lock, "b", &needing(&["b"]));
    let source = tree(&[("a/Chart.yaml", &needing(&["b"]))]);
    let error = complete_chart(&source, "a", &lock, &store).unwrap_err();
    assert!(error.message.contains("needs itself"), "{}", error.message);

    // Each level needs the next one twice, under two names of one content.
    let mut lock = Lock::default();
    let names: Vec<String> = (0..20).flat_map(|level| [format!("l{level}"), format!("r{level}")]).collect();
    for (at, name) in names.iter().enumerate() {
        let below: Vec<&str> = names.iter().skip((at / 2 + 1) * 2).take(2).map(String::as_str).collect();
        stored(&store, &mut lock, name, &needing(&below));
    }
    let source = tree(&[("a/Chart.yaml", &needing(&["l0", "r0"]))]);
    let error = complete_chart(&source, "a", &lock, &store).unwrap_err();
    assert!(error.message.contains("more dependencies than the limit"), "{}", error.message);
}

#[test]
fn what_is_wrong_in_a_chart_has_a_place() {
    let place = |text: &str| {
        let error = needed_charts(&tree(&[("a/Chart.yaml", text)]), "a").unwrap_err();
        let at = error.at.unwrap();
        let (line, column) = at.source.line_col(at.start as usize);
        format!("{}:{line}:{column}", at.source.name())
    };
    let with = |repository: &str| format!("name: a\ndependencies:\n- name: b\n  repository: '{repository}'\n");
    assert_eq!(place(&with("@stable")), "src/a/Chart.yaml:4:15");
    assert_eq!(place(&with("file://../../../x")), "src/a/Chart.yaml:4:15");
    assert_eq!(place("dependencies: 1\n"), "src/a/Chart.yaml:1:15");
    assert_eq!(place("dependencies:\n- 1\n"), "src/a/Chart.yaml:2:3");
    assert_eq!(place("name: a\ndependencies: [\n"), "src/a/Chart.yaml:3:1");
}
