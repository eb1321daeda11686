//! Runs the cases of `testdata/helm` with `kiln template`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value as Json;

const BINARY: &str = env!("CARGO_BIN_EXE_kiln");

/// The folders of cases below `testdata/helm`, and the Helm whose results they hold.
const SUITES: [(&str, &str); 2] = [("template", "3"), ("template4", "4")];

fn main() {
    let mut trials = Vec::new();
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

fn run(case: &Json, compat: &str) -> Result<(), Failed> {
    let top = tempfile::tempdir()?;
    let work = top.path().canonicalize()?.join("work");
    write_tree(&work.join("chart"), &case["chart"])?;
    write_tree(&work, &case["files"])?;
    let mut command = Command::new(BINARY);
    command.arg("template").current_dir(&work).env("HOME", top.path()).env("TZ", "UTC").env_remove("HELM_NAMESPACE");
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
