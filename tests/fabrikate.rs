//! Runs the rule cases of `testdata/fabrikate/rules` with kiln under the name `fab`.

#[path = "harness/settings.rs"]
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value as Json;

use settings::without_settings;

const BINARY: &str = env!("CARGO_BIN_EXE_kiln");

fn rules() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/fabrikate/rules")
}

fn main() {
    let breaks = breaks();
    let mut names: Vec<String> = fs::read_dir(rules())
        .expect("the cases are there")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let trials = names
        .into_iter()
        .map(|name| {
            let deliberate = name.split('-').next().and_then(|id| breaks.get(id)).cloned();
            Trial::test(name.clone(), move || run(&name, deliberate.as_deref()))
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Rule → what is demanded instead of Fabrikate's behaviour.
fn breaks() -> BTreeMap<String, String> {
    let text = fs::read_to_string(rules().with_file_name("breaks.txt")).expect("the list is there");
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        })
        .collect()
}

fn run(name: &str, deliberate: Option<&str>) -> Result<(), Failed> {
    let case: Json = serde_json::from_slice(&fs::read(rules().join(name).join("case.json"))?)?;
    let top = tempfile::tempdir()?;
    let (bin, fixtures, work) =
        (top.path().join("bin"), top.path().join("fixtures"), top.path().join("work").join(name));
    fs::create_dir_all(&bin)?;
    std::os::unix::fs::symlink(BINARY, bin.join("fab"))?;
    std::os::unix::fs::symlink(BINARY, bin.join("helm"))?;
    make_repositories(&fixtures)?;
    let fill = |text: &str| {
        text.replace("@FIXTURES@", &fixtures.to_string_lossy())
            .replace("@WORK@", &work.to_string_lossy())
            .replace("@BIN@", &bin.to_string_lossy())
    };
    fs::create_dir_all(&work)?;
    copy(&rules().join(name).join("input"), &work, &fill)?;

    let mut problems = Vec::new();
    let mut codes = Vec::new();
    for command in case["commands"].as_array().into_iter().flatten() {
        let line = fill(command["cmd"].as_str().unwrap_or_default());
        if line.contains("python3") && !exists_on_path("python3") {
            eprintln!("{name}: skipped, it serves files with python3, which is not installed");
            return Ok(());
        }
        let output = without_settings(&mut Command::new("sh"))
            .args(["-c", &line])
            .current_dir(&work)
            .env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default()))
            .env("HOME", top.path())
            .env("KILN_ALLOW_HOOKS", "1")
            .env("KILN_ALLOW_INSECURE", "127.0.0.1")
            .output()?;
        let code = output.status.code().unwrap_or(-1);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if said.contains("internal error") {
            return Err(format!("`{line}` hit a bug: {said}").into());
        }
        codes.push(code);
        if (code == 0) != (command["rc"] == 0) {
            problems.push(format!("`{line}` gave exit code {code}, expected {}:\n{said}", command["rc"]));
        }
    }
    let exit_problems = problems.len();
    compare(&rules().join(name).join("expected"), &work, &fill, &mut problems)?;

    let succeeded = codes.iter().all(|code| *code == 0);
    let verdict = match deliberate {
        None => problems.is_empty(),
        Some("any") => true,
        Some("error") => codes.iter().any(|code| *code != 0),
        Some("works") => succeeded,
        Some("differs") => exit_problems == 0,
        Some(other) => return Err(format!("breaks.txt says `{other}`").into()),
    };
    if verdict { Ok(()) } else { Err(format!("{}\n{}", case["note"], problems.join("\n")).into()) }
}

fn exists_on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn copy(from: &Path, to: &Path, fill: &dyn Fn(&str) -> String) -> Result<(), Failed> {
    let Ok(entries) = fs::read_dir(from) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&place)?;
            copy(&entry.path(), &place, fill)?;
            continue;
        }
        match String::from_utf8(fs::read(entry.path())?) {
            Ok(text) => fs::write(&place, fill(&text))?,
            Err(bytes) => fs::write(&place, bytes.as_bytes())?,
        }
        fs::set_permissions(&place, entry.metadata()?.permissions())?;
    }
    Ok(())
}

fn compare(
    expected: &Path,
    work: &Path,
    fill: &dyn Fn(&str) -> String,
    problems: &mut Vec<String>,
) -> Result<(), Failed> {
    let mut files = BTreeSet::new();
    collect(expected, expected, &mut files)?;
    for file in files {
        let want = fill(&String::from_utf8_lossy(&fs::read(expected.join(&file))?));
        let Ok(got) = fs::read(work.join(&file)) else {
            // Container components leave empty files behind, which nobody misses.
            if !documents(&want).is_empty() || !file.starts_with("generated") {
                problems.push(format!("{} is missing", file.display()));
            }
            continue;
        };
        let got = String::from_utf8_lossy(&got).into_owned();
        let is_yaml = file.starts_with("generated")
            || file.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
        if want != got && (!is_yaml || documents(&want) != documents(&got)) {
            problems.push(format!("{} differs, expected:\n{want}\ngot:\n{got}", file.display()));
        }
    }
    Ok(())
}

fn collect(top: &Path, folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), Failed> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(top, &path, files)?;
        } else {
            files.insert(path.strip_prefix(top).expect("found below").to_owned());
        }
    }
    Ok(())
}

/// The documents of a text, sorted, so that kind order and key order do not count.
fn documents(text: &str) -> Vec<String> {
    let mut found: Vec<String> = format!("\n{text}")
        .split("\n---")
        .filter(|part| !part.trim().starts_with("WARNING: "))
        .filter_map(|part| match serde_yaml::from_str::<serde_yaml::Value>(part) {
            Ok(serde_yaml::Value::Null) => None,
            Ok(value) => Some(plain(&value)),
            Err(_) => Some("unparsable".to_owned()),
        })
        .filter(|document| document != "{}" && document != "[]" && document != "\"\"")
        .collect();
    found.sort();
    found
}

fn plain(value: &serde_yaml::Value) -> String {
    match value {
        serde_yaml::Value::Mapping(map) => {
            let entries: BTreeMap<String, String> = map.iter().map(|(key, item)| (plain(key), plain(item))).collect();
            let entries: Vec<String> = entries.iter().map(|(key, item)| format!("{key}: {item}")).collect();
            format!("{{{}}}", entries.join(", "))
        }
        serde_yaml::Value::Sequence(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        serde_yaml::Value::Tagged(tagged) => plain(&tagged.value),
        other => format!("{other:?}"),
    }
}

/// The two repositories that the cases clone: a stack with a tag and a branch, and a chart.
fn make_repositories(folder: &Path) -> Result<(), Failed> {
    let stack = folder.join("stack");
    let repository = git2::Repository::init_opts(&stack, git2::RepositoryInitOptions::new().initial_head("master"))?;
    let first = commit(
        &repository,
        "1",
        &[
            ("component.yaml", "name: stack\ntype: static\npath: m\nhooks:\n  before-install: [\"echo stack-bi\"]\n"),
            ("m/v.yaml", "v: 1\n"),
            ("sub/component.yaml", "name: sub\ntype: static\npath: m\n"),
            ("sub/m/s.yaml", "s: 1\n"),
        ],
    )?;
    let first = repository.find_commit(first)?;
    repository.tag_lightweight("v1", first.as_object(), false)?;
    repository.branch("dev", &first, false)?;
    repository.set_head("refs/heads/dev")?;
    commit(&repository, "dev", &[("m/v.yaml", "v: dev\n")])?;
    repository.set_head("refs/heads/master")?;
    repository.checkout_head(Some(git2::build::CheckoutBuilder::new().force()))?;
    commit(&repository, "2", &[("m/v.yaml", "v: 2\n")])?;
    let chart =
        git2::Repository::init_opts(folder.join("chart"), git2::RepositoryInitOptions::new().initial_head("master"))?;
    commit(
        &chart,
        "1",
        &[
            ("mychart/Chart.yaml", "apiVersion: v1\nname: mychart\nversion: 0.1.0\n"),
            ("mychart/values.yaml", "a: 1\n"),
            ("mychart/templates/a.yaml", "kind: A\n"),
        ],
    )?;
    Ok(())
}

fn commit(repository: &git2::Repository, message: &str, files: &[(&str, &str)]) -> Result<git2::Oid, Failed> {
    let work = repository.workdir().ok_or("has a work tree")?;
    let mut index = repository.index()?;
    for (path, text) in files {
        let place = work.join(path);
        fs::create_dir_all(place.parent().ok_or("has a folder")?)?;
        fs::write(&place, text)?;
        index.add_path(Path::new(path))?;
    }
    index.write()?;
    let tree = repository.find_tree(index.write_tree()?)?;
    let author = git2::Signature::now("kiln", "kiln@example.com")?;
    let parent = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    Ok(repository.commit(Some("HEAD"), &author, &author, message, &tree, &parents)?)
}
