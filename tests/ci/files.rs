//! Each file has what its reader needs and nothing that its reader does not know.

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize as _;
use serde_yaml::Value;

use crate::place::root;

const FIELDS: &str = include_str!("../../testdata/ci/fields.txt");

/// The documents of a file. Keys that are there twice are errors.
pub fn documents(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(!text.contains('\t'), "{path} has tabs");
    let documents = serde_yaml::Deserializer::from_str(&text);
    documents.map(|document| Value::deserialize(document).unwrap_or_else(|error| panic!("{path}: {error}"))).collect()
}

/// Holds a document against a table: `path type`, with `!` after what is required, `[]` for the items of a
/// list and `*` for any key.
fn check(document: &Value, table: &str, file: &str) {
    let mut lines = FIELDS.lines().skip_while(|line| *line != format!("# {table}")).skip(1).peekable();
    assert!(lines.peek().is_some(), "no table for {table}");
    let fields: Vec<(&str, &str)> = lines
        .take_while(|line| !line.starts_with('#'))
        .filter(|line| !line.is_empty())
        .map(|line| line.split_once(' ').unwrap())
        .collect();
    let mut seen: Vec<(Vec<String>, &Value)> = Vec::new();
    walk(document, &mut Vec::new(), &mut seen);
    let matches = |pattern: &str, path: &[String]| {
        let parts: Vec<&str> = pattern.split('.').collect();
        parts.len() == path.len()
            && parts.iter().zip(path).all(|(part, own)| *part == "*" || part == own || is_item(part, own))
    };
    for (path, value) in &seen {
        let shown = path.join(".");
        let (_, kind) = fields
            .iter()
            .find(|(pattern, _)| matches(pattern, path))
            .unwrap_or_else(|| panic!("{file}: {shown} is unknown"));
        let is_right = match kind.trim_end_matches('!') {
            "string" => value.is_string(),
            "bool" => value.is_bool(),
            "number" => value.is_number(),
            "map" => value.is_mapping(),
            "list" => value.is_sequence(),
            exact => value.as_str() == Some(exact),
        };
        assert!(is_right, "{file}: {shown} is not {kind}");
    }
    // What is required is in every map that may have it.
    for (pattern, _) in fields.iter().filter(|(_, kind)| kind.ends_with('!')) {
        let (parent, key) = pattern.rsplit_once('.').unwrap_or(("", pattern));
        let parents: Vec<Vec<String>> = match parent {
            "" => vec![Vec::new()],
            parent => seen.iter().map(|(path, _)| path.clone()).filter(|path| matches(parent, path)).collect(),
        };
        for path in parents {
            let mut own = path.clone();
            own.push(key.to_owned());
            assert!(seen.iter().any(|(path, _)| *path == own), "{file}: {} lacks {key}", path.join("."));
        }
    }
}

/// Items are numbered in paths and `[]` in patterns.
fn is_item(part: &str, own: &str) -> bool {
    part == "[]" && own.starts_with('[')
}

fn walk<'v>(value: &'v Value, path: &mut Vec<String>, seen: &mut Vec<(Vec<String>, &'v Value)>) {
    if !path.is_empty() {
        seen.push((path.clone(), value));
    }
    let mut below = |key: String, value: &'v Value| {
        path.push(key);
        walk(value, path, seen);
        path.pop();
    };
    match value {
        Value::Mapping(map) => map.iter().for_each(|(key, value)| below(key.as_str().unwrap().to_owned(), value)),
        Value::Sequence(items) => items.iter().enumerate().for_each(|(at, item)| below(format!("[{at}]"), item)),
        _ => {}
    }
}

#[test]
fn files_have_what_their_readers_know() {
    let files = [
        "action.yml",
        ".pre-commit-hooks.yaml",
        "ci/argocd/plugin.yaml",
        "ci/argocd/repo-server-patch.yaml",
        "ci/kargo/step.yaml",
        "ci/kargo/stage.yaml",
    ];
    for file in files {
        let documents = documents(file);
        assert_eq!(documents.len(), 1, "{file}");
        check(&documents[0], file, file);
    }
    let template = "templates/kiln/template.yml";
    let documents_of_template = documents(template);
    assert_eq!(documents_of_template.len(), 2);
    for (at, document) in documents_of_template.iter().enumerate() {
        check(document, &format!("{template} {}", at + 1), template);
    }
    for file in [".github/workflows/ci.yml", ".github/workflows/release.yml"] {
        check(&documents(file)[0], ".github/workflows", file);
    }
}

#[test]
fn every_input_is_used_and_every_used_input_is_there() {
    for (file, open, close) in
        [("action.yml", "${{ inputs.", " }}"), ("templates/kiln/template.yml", "$[[ inputs.", " ]]")]
    {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let used: BTreeSet<&str> = text.split(open).skip(1).map(|rest| rest.split_once(close).unwrap().0).collect();
        let document = &documents(file)[0];
        let inputs = document.get("inputs").or_else(|| document.get("spec")?.get("inputs")).unwrap();
        let declared: BTreeSet<&str> = inputs.as_mapping().unwrap().keys().map(|key| key.as_str().unwrap()).collect();
        assert_eq!(used, declared, "{file}");
    }
}

#[test]
fn expressions_never_stand_in_scripts() {
    // Who can choose an input or the name of a branch would choose commands: they go by variables.
    for file in ["action.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml"] {
        let mut seen = Vec::new();
        let documents = documents(file);
        walk(&documents[0], &mut Vec::new(), &mut seen);
        for (path, value) in seen {
            if path.last().is_some_and(|key| key == "run") {
                assert!(!value.as_str().unwrap().contains("${{"), "{file}: {}", path.join("."));
            }
        }
    }
}

#[test]
fn scripts_are_ones_that_the_shell_can_read() {
    let mut scripts = vec![];
    for file in ["ci/image.sh", "ci/release/build.sh", "ci/release/bundle.sh", "ci/release/reproduce.sh", ".ci/run"] {
        scripts.push((file.to_owned(), fs::read_to_string(root().join(file)).unwrap()));
    }
    for file in ["action.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml"] {
        let mut seen = Vec::new();
        let documents = documents(file);
        walk(&documents[0], &mut Vec::new(), &mut seen);
        let runs = seen.iter().filter(|(path, _)| path.last().is_some_and(|key| key == "run"));
        scripts.extend(
            runs.map(|(path, value)| (format!("{file}: {}", path.join(".")), value.as_str().unwrap().to_owned())),
        );
    }
    for (name, script) in scripts {
        let shell = if script.contains("pipefail") { "bash" } else { "sh" };
        let output = std::process::Command::new(shell).args(["-n", "-c", &script]).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
