//! kiln against Fabrikate with Helm, on one stack: `cargo bench --bench fabrikate -- FOLDER [CLUSTERS]`.
//!
//! FOLDER is a Fabrikate project with `clusters.yaml`. Fabrikate (`fab`, or the program that `KILN_BENCH_FAB`
//! names, with `helm` beside it or in `PATH`) compiles one cluster after the other, as its users do in a loop;
//! kiln compiles all of them, before and after that. The documents are compared. Says why and ends well where
//! one of the programs is missing.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kiln::diag::Sink;
use kiln::source::Tree;
use kiln::stack::{Cluster, load_clusters};
use serde_yaml::Value;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let Some(folder) = words.first() else {
        return println!("SKIPPED: name a Fabrikate project with clusters.yaml");
    };
    let fab = std::env::var_os("KILN_BENCH_FAB").unwrap_or_else(|| "fab".into());
    for (program, argument) in [(&fab, "version"), (&OsString::from("helm"), "version")] {
        let status = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !status.is_ok_and(|status| status.success()) {
            return println!("SKIPPED: `{}` cannot be started", program.display());
        }
    }
    let most = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(usize::MAX);
    measure(Path::new(folder), &fab, most);
}

fn measure(folder: &Path, fab: &OsString, most: usize) {
    let top = tempfile::tempdir().expect("a temporary folder");
    let project = top.path().join("project");
    copy(folder, &project);
    let file = load_clusters(&Tree::directory(&project, ""), &mut Sink::new()).ok().flatten();
    let clusters: Vec<Cluster> = file.map(|file| file.clusters).unwrap_or_default().into_iter().take(most).collect();
    if clusters.is_empty() {
        return println!("SKIPPED: {} has no clusters.yaml with clusters", folder.display());
    }
    let out = top.path().join("out");
    let kiln = || {
        let _ = fs::remove_dir_all(&out);
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
        command.arg("-C").arg(&project).args(["generate", "-q", "--clusters", "-O"]).arg(&out);
        let names = clusters.iter().flat_map(|cluster| ["--cluster", &cluster.name.value]);
        timed(command.args(names.take(if most == usize::MAX { 0 } else { usize::MAX })))
    };
    let before = kiln();
    let mut theirs = Duration::ZERO;
    for cluster in &clusters {
        let layers = cluster.layers.iter().map(|layer| &layer.value);
        theirs += timed(Command::new(fab).arg("generate").args(layers).current_dir(&project));
    }
    let ours = before.min(kiln());
    let (mut equal, mut other) = (0, Vec::new());
    for cluster in &clusters {
        let layers: Vec<&str> = cluster.layers.iter().map(|layer| layer.value.as_str()).collect();
        let expected = project.join("generated").join(layers.join("-"));
        for path in files(&expected) {
            let place = out.join(&cluster.output.value).join(&path);
            match documents(&expected.join(&path)) == documents(&place) {
                true => equal += 1,
                false => other.push(place),
            }
        }
    }
    println!(
        "{} clusters: fab with helm {:.2} s, kiln {:.3} s, {:.0} times faster; {equal} files with equal documents, {} others",
        clusters.len(),
        theirs.as_secs_f64(),
        ours.as_secs_f64(),
        theirs.as_secs_f64() / ours.as_secs_f64(),
        other.len()
    );
    other.iter().take(5).for_each(|path| println!("other: {}", path.display()));
}

fn timed(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("can be started");
    let took = started.elapsed();
    assert!(status.success(), "{command:?}");
    took
}

/// The documents of a file, in a fixed order; none where there is no file.
fn documents(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let parsed = serde_yaml::Deserializer::from_str(&text).map(<Value as serde::Deserialize>::deserialize);
    let mut texts: Vec<String> = parsed
        .map(|document| document.expect("is YAML"))
        .filter(|document| !document.is_null())
        .map(|document| format!("{:?}", sorted(document)))
        .collect();
    texts.sort();
    texts
}

/// A value whose maps are sorted.
fn sorted(value: Value) -> Value {
    match value {
        Value::Mapping(map) => {
            let mut entries: Vec<(Value, Value)> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by_key(|(key, _)| format!("{key:?}"));
            Value::Mapping(entries.into_iter().collect())
        }
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(sorted).collect()),
        value => value,
    }
}

/// The paths of all files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file());
    files.filter_map(|entry| entry.path().strip_prefix(folder).ok().map(Path::to_owned)).collect()
}

fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let place = to.join(&path);
        fs::create_dir_all(place.parent().expect("has a folder")).expect("can be made");
        fs::copy(from.join(&path), place).expect("can be copied");
    }
}
