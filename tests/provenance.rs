//! `--provenance`: an in-toto statement whose every subject and every file among the materials has the digest
//! that it says, the same for the same build, without secrets.

#[path = "harness/settings.rs"]
mod settings;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use sha2::{Digest, Sha256};

use settings::without_settings;

fn kiln(project: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
    without_settings(&mut command);
    command.args(words).current_dir(project).output().unwrap()
}

fn succeeds(project: &Path, words: &[&str]) {
    let output = kiln(project, words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn write(folder: &Path, path: &str, text: &str) {
    let place = folder.join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, text).unwrap();
}

/// A project with a chart, manifests, layers and clusters.
fn project() -> (tempfile::TempDir, PathBuf) {
    let top = tempfile::tempdir().unwrap();
    let project = top.path().join("project");
    let text = "name: shop\nsubcomponents:\n- {name: web, type: helm, path: charts/web}\n- {name: space, type: static, path: m}\n";
    write(&project, "component.yaml", text);
    write(&project, "charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    write(
        &project,
        "charts/web/templates/a.yaml",
        "kind: ConfigMap\nmetadata: {name: a}\ndata: {stage: {{ .Values.stage | quote }}}\n",
    );
    write(&project, "m/space.yaml", "kind: Namespace\nmetadata: {name: shop}\n");
    write(&project, "config/common.yaml", "config: {}\n");
    for stage in ["prod", "staging", "unused"] {
        write(
            &project,
            &format!("config/{stage}.yaml"),
            &format!("subcomponents:\n  web:\n    config: {{stage: {stage}}}\n"),
        );
    }
    write(&project, "kiln.yaml", "");
    write(&project, "secret.env", "TOKEN=hunter2\n");
    (top, project)
}

fn sha256(path: &Path) -> String {
    let digest = Sha256::digest(fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn statement(path: &Path) -> Value {
    let statement: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<String>>();
    assert_eq!(keys(&statement), ["_type", "predicate", "predicateType", "subject"].map(str::to_owned).into());
    let definition = &statement["predicate"]["buildDefinition"];
    let wanted = ["buildType", "externalParameters", "internalParameters", "resolvedDependencies"];
    assert_eq!(keys(definition), wanted.map(str::to_owned).into());
    assert!(statement["predicate"]["runDetails"]["builder"]["id"].as_str().unwrap().contains(':'));
    statement
}

/// Digests again what a statement names, and gives the names of subjects and of files among the materials.
fn check(statement: &Value, out: &Path, project: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut subjects, mut files) = (BTreeSet::new(), BTreeSet::new());
    for subject in statement["subject"].as_array().unwrap() {
        let name = subject["name"].as_str().unwrap();
        assert_eq!(subject["digest"]["sha256"], sha256(&out.join(name)), "{name}");
        assert!(subjects.insert(name.to_owned()), "{name} is there twice");
    }
    for material in statement["predicate"]["buildDefinition"]["resolvedDependencies"].as_array().unwrap() {
        assert!(!material["digest"].as_object().unwrap().is_empty(), "{material}");
        if material.get("uri").is_none() {
            let name = material["name"].as_str().unwrap();
            assert_eq!(material["digest"]["sha256"], sha256(&project.join(name)), "{name}");
            assert!(files.insert(name.to_owned()), "{name} is there twice");
        }
    }
    (subjects, files)
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_statement_names_what_was_made_and_from_what() {
    let (top, project) = project();
    let file = top.path().join("statement.json");
    let words =
        ["generate", "prod", "--provenance", file.to_str().unwrap(), "--builder-id", "https://ci.example.com/1"];
    succeeds(&project, &words);
    let first = statement(&file);
    let (subjects, files) = check(&first, &project.join("generated"), &project);
    assert_eq!(subjects, set(&["prod/space.yaml", "prod/web.yaml"]));
    let wanted = [
        "charts/web/Chart.yaml",
        "charts/web/templates/a.yaml",
        "component.yaml",
        "config/common.yaml",
        "config/prod.yaml",
        "kiln.yaml",
        "m/space.yaml",
    ];
    assert_eq!(files, set(&wanted));
    let predicate = &first["predicate"];
    assert_eq!(predicate["runDetails"]["builder"]["id"], "https://ci.example.com/1");
    assert_eq!(
        predicate["buildDefinition"]["externalParameters"],
        serde_json::json!({"command": "generate", "environments": ["prod"]})
    );
    // The same build, when nothing is written and from elsewhere: the same statement.
    let before = fs::read(&file).unwrap();
    succeeds(&project, &words);
    assert_eq!(fs::read(&file).unwrap(), before);
    let copy = top.path().join("copy");
    fs::rename(&project, &copy).unwrap();
    succeeds(&copy, &words);
    assert!(fs::read(&file).unwrap() == before, "the statement depends on the place");
    let text = String::from_utf8(before).unwrap();
    assert!(!text.contains("hunter2") && !text.contains(top.path().to_str().unwrap()), "{text}");
}

#[test]
fn a_statement_about_clusters_names_all_of_them() {
    let (top, project) = project();
    write(
        &project,
        "clusters.yaml",
        "clusters:\n- {name: a, layers: [prod]}\n- {name: b, layers: [staging]}\n- {name: c, layers: [prod], disabled: true}\n",
    );
    let file = top.path().join("statement.json");
    succeeds(&project, &["generate", "--provenance", file.to_str().unwrap(), "-O", "out"]);
    let all = statement(&file);
    let (subjects, files) = check(&all, &project.join("out"), &project);
    assert_eq!(subjects, set(&["a/space.yaml", "a/web.yaml", "b/space.yaml", "b/web.yaml"]));
    assert!(
        files.contains("clusters.yaml")
            && files.contains("config/staging.yaml")
            && !files.contains("config/unused.yaml")
    );
    assert_eq!(all["predicate"]["buildDefinition"]["externalParameters"]["clusters"], serde_json::json!(["a", "b"]));
    succeeds(&project, &["generate", "--cluster", "a", "--provenance", file.to_str().unwrap(), "-O", "out"]);
    let (subjects, files) = check(&statement(&file), &project.join("out"), &project);
    assert_eq!(subjects, set(&["a/space.yaml", "a/web.yaml"]));
    assert!(!files.contains("config/staging.yaml"));
}

#[test]
fn what_a_lock_pins_is_a_material_with_its_digest() {
    let (top, project) = project();
    let archive = top.path().join("remote/space.yaml");
    write(top.path(), "remote/space.yaml", "kind: Namespace\nmetadata: {name: far}\n");
    let rule = format!("https://files.example.com=file://{}/remote", top.path().display());
    let with_rule = |words: &[&str]| {
        let output = without_settings(&mut Command::new(env!("CARGO_BIN_EXE_kiln")))
            .args(words)
            .current_dir(&project)
            .env("KILN_REWRITE", &rule)
            .output()
            .unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    };
    write(
        &project,
        "component.yaml",
        "name: shop\nsubcomponents:\n- {name: far, type: static, method: http, source: 'https://files.example.com/space.yaml'}\n",
    );
    with_rule(&["install"]);
    let output = with_rule(&["generate", "--provenance", "-"]);
    let statement: Value = serde_json::from_slice(&output.stdout).unwrap();
    let materials = statement["predicate"]["buildDefinition"]["resolvedDependencies"].as_array().unwrap();
    let pinned = materials.iter().find(|material| material.get("uri").is_some()).unwrap();
    assert_eq!(pinned["uri"], "https://files.example.com/space.yaml");
    assert_eq!(pinned["digest"]["sha256"], sha256(&archive));
    assert!(materials.iter().any(|material| material["name"] == "kiln.lock"));
}

#[test]
fn runs_that_write_nothing_have_no_statement() {
    let (top, project) = project();
    let file = top.path().join("statement.json");
    for flag in ["--dry-run", "--check"] {
        let output = kiln(&project, &["generate", "prod", flag, "--provenance", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    }
    write(&project, "charts/web/templates/a.yaml", "{{ fail \"no\" }}");
    let output = kiln(&project, &["generate", "prod", "--provenance", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!file.exists());
    write(&project, "charts/web/templates/a.yaml", "kind: A\n");
    let output = kiln(&project, &["generate", "prod", "--provenance", "/dev/null/x"]);
    assert_eq!(output.status.code(), Some(6), "{}", String::from_utf8_lossy(&output.stderr));
}
