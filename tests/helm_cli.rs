//! Runs the cases of `testdata/helm-cli` with the binary under the name `helm`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value as Json;

const BINARY: &str = env!("CARGO_BIN_EXE_kiln");

fn main() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/helm-cli");
    let entries = fs::read_dir(folder).expect("the cases are there").map(|entry| entry.expect("readable").path());
    let mut topics: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    topics.sort();
    let mut trials = Vec::new();
    for topic in topics {
        let cases = fs::read_to_string(&topic).expect("text");
        for line in cases.lines() {
            let case: Json = serde_json::from_str(line).expect("one JSON object a line");
            let name = case["id"].as_str().expect("a name").to_owned();
            trials.push(Trial::test(name, move || run(&case)));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn run(case: &Json) -> Result<(), Failed> {
    let top = tempfile::tempdir()?;
    let home = top.path().canonicalize()?;
    let (work, helm) = (home.join("work"), home.join("helm"));
    fs::create_dir(&work)?;
    symlink(BINARY, &helm)?;
    for (path, content) in case["files"].as_object().into_iter().flatten() {
        let file = work.join(path);
        fs::create_dir_all(file.parent().expect("below a folder"))?;
        fs::write(file, content.as_str().unwrap_or_default())?;
    }
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/helm-cli");
    for (path, from) in case["copies"].as_object().into_iter().flatten() {
        fs::copy(data.join(from.as_str().unwrap_or_default()), work.join(path))?;
    }
    let mut command = Command::new(helm);
    command.args(case["args"].as_array().into_iter().flatten().filter_map(Json::as_str));
    let output = command.current_dir(&work).env_clear().env("HOME", &home).env("TZ", "UTC").output()?;
    let text = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes)
            .replace(&*work.to_string_lossy(), "<CWD>")
            .replace(&*home.to_string_lossy(), "<HOME>")
    };
    same("exit code", &case["code"].to_string(), &output.status.code().unwrap_or(-1).to_string())?;
    same("standard output", case["stdout"].as_str().unwrap_or_default(), &text(&output.stdout))?;
    // Before its message kiln may name the place of a cause.
    let stderr: String = text(&output.stderr).split_inclusive('\n').filter(|line| !line.starts_with("at ")).collect();
    same("standard error", case["stderr"].as_str().unwrap_or_default().trim_end(), stderr.trim_end())?;
    for (name, members) in case["archives"].as_object().into_iter().flatten() {
        let expected: BTreeMap<String, String> = serde_json::from_value(members.clone())?;
        let found = read_archive(&work.join("out").join(name))?;
        same(name, &format!("{expected:#?}"), &format!("{found:#?}"))?;
    }
    Ok(())
}

/// The members of a packed chart, by path.
fn read_archive(path: &Path) -> Result<BTreeMap<String, String>, Failed> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(fs::File::open(path)?));
    let mut members = BTreeMap::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let mut content = String::new();
        let name = entry.path()?.to_string_lossy().into_owned();
        entry.read_to_string(&mut content)?;
        members.insert(name, content);
    }
    Ok(members)
}

fn same(what: &str, expected: &str, found: &str) -> Result<(), Failed> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what}\n--- expected\n{expected}\n--- found\n{found}").into())
}
