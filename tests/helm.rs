//! Runs the cases of `testdata/helm` with `kiln template`.

#[path = "harness/settings.rs"]
mod settings;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value as Json;

use settings::without_settings;

const BINARY: &str = env!("CARGO_BIN_EXE_kiln");

/// The folders of cases below `testdata/helm`, and the Helm whose results they hold.
const SUITES: [(&str, &str); 3] = [("template", "3"), ("template4", "4"), ("differences", "3")];

fn main() {
    let mut trials = vec![Trial::test("every numbered difference has a case", every_difference_has_a_case)];
    for (suite, compat) in SUITES {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/helm").join(suite);
        let mut topics: Vec<PathBuf> =
            fs::read_dir(folder).expect("the cases are there").map(|entry| entry.expect("readable").path()).collect();
        topics.sort();
        for topic in topics {
            let cases = fs::read_to_string(&topic).expect("text");
            for line in cases.lines() {
                let case: Json = serde_json::from_str(line).expect("one JSON object a line");
                let name = case["id"].as_str().expect("a name").to_owned();
                trials.push(Trial::test(name, move || run(&case, compat)));
            }
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// The rows `| H… |` of the page on compatibility, and the cases whose names begin with their numbers.
fn every_difference_has_a_case() -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/compatibility.md"))?;
    let rows = page.lines().filter_map(|line| line.strip_prefix("| H")?.split_once(" |"));
    let numbers: Vec<String> = rows.map(|(number, _)| format!("H{number}")).collect();
    let cases = fs::read_to_string(root.join("testdata/helm/differences/helm3.jsonl"))?;
    let mut named = Vec::new();
    for line in cases.lines() {
        let case: Json = serde_json::from_str(line)?;
        named.extend(case["id"].as_str().and_then(|id| id.split(' ').next()).map(str::to_owned));
    }
    let lacking: Vec<&String> = numbers.iter().filter(|number| !named.contains(number)).collect();
    let unknown: Vec<&String> = named.iter().filter(|number| !numbers.contains(number)).collect();
    if numbers.is_empty() || !lacking.is_empty() || !unknown.is_empty() {
        return Err(format!("without a case: {lacking:?}; cases without a row: {unknown:?}").into());
    }
    Ok(())
}

fn run(case: &Json, compat: &str) -> Result<(), Failed> {
    let top = tempfile::tempdir()?;
    let work = top.path().canonicalize()?.join("work");
    write_tree(&work.join("chart"), &case["chart"])?;
    write_tree(&work, &case["files"])?;
    let mut command = Command::new(BINARY);
    without_settings(&mut command)
        .arg("template")
        .current_dir(&work)
        .env("HOME", top.path())
        .env("TZ", "UTC")
        .env_remove("HELM_NAMESPACE");
    command.env("KILN_HELM_COMPAT", compat);
    match case.get("release") {
        Some(Json::Null) => {}
        Some(name) => {
            command.arg(name.as_str().unwrap_or_default());
        }
        None => {
            command.arg("rel");
        }
    }
    command.arg("chart").args(case["args"].as_array().into_iter().flatten().filter_map(Json::as_str));
    let output = command.output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&*work.to_string_lossy(), "<CWD>");
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    match case.get("error").and_then(Json::as_str) {
        Some(expected) => {
            same("exit code", "1", &output.status.code().unwrap_or(-1).to_string())?;
            same("standard output", "", &stdout)?;
            let error = stderr.find("Error:").map_or("", |at| &stderr[at..]);
            same("error", expected.trim_end(), error.trim_end())?;
        }
        None => {
            same("standard output", case["stdout"].as_str().unwrap_or_default(), &stdout)
                .map_err(|failed| Failed::from(format!("{}\n{stderr}", failed.message().unwrap_or_default())))?;
        }
    }
    for (path, expected) in case["outfiles"].as_object().into_iter().flatten() {
        let written = fs::read(work.join(path))?;
        same(path, expected.as_str().unwrap_or_default(), &text(&written))?;
    }
    Ok(())
}

fn same(what: &str, expected: &str, found: &str) -> Result<(), Failed> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what}\n--- expected\n{expected}\n--- found\n{found}").into())
}

fn write_tree(root: &Path, tree: &Json) -> Result<(), Failed> {
    fs::create_dir_all(root)?;
    for (path, content) in tree.as_object().into_iter().flatten() {
        let file = root.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        match content {
            Json::String(text) => fs::write(file, text)?,
            Json::Object(other) => match (other.get("b64"), other.get("symlink")) {
                (Some(Json::String(text)), _) => fs::write(file, STANDARD.decode(text)?)?,
                (_, Some(Json::String(target))) => symlink(target, file)?,
                _ => return Err(format!("{path}: neither text nor b64 nor symlink").into()),
            },
            _ => return Err(format!("{path}: no content").into()),
        }
    }
    Ok(())
}
