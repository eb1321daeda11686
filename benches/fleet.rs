//! Many clusters against copying what they give: `cargo bench --bench fleet [-- FOLDER [RUNS]]`.
//!
//! FOLDER is a project with `clusters.yaml`, which is copied; without one the bench makes fleets of 100 and of
//! 1,000 clusters with twenty charts each. Prints the least of RUNS (5) alternating runs: from nothing, again
//! with nothing changed, with one key of one cluster changed, and `cp -r` of the output. Files are in the page
//! cache, and everything is in the temporary folder (`TMPDIR=/dev/shm` for memory).

#[path = "fleet/project.rs"]
mod project;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kiln::diag::Sink;
use kiln::source::Tree;
use kiln::stack::load_clusters;

fn timed(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).status().expect("can be started");
    let took = started.elapsed();
    assert!(status.success(), "{command:?}");
    took
}

fn measure(name: &str, project: &Path, runs: usize) {
    let top = tempfile::tempdir().expect("a temporary folder");
    let (out, copy) = (top.path().join("out"), top.path().join("copy"));
    let generate = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
        timed(command.arg("-C").arg(project).args(["generate", "-q", "-O"]).arg(&out))
    };
    let layer = highest_layer(project);
    let mut least = [Duration::MAX; 4];
    for _ in 0..runs {
        let (cold, again) = (generate(), generate());
        change_last_value(&layer);
        let took = [cold, again, generate(), timed(Command::new("cp").arg("-r").arg(&out).arg(&copy))];
        for (least, took) in least.iter_mut().zip(took) {
            *least = took.min(*least);
        }
        for folder in [&out, &copy] {
            fs::remove_dir_all(folder).expect("can be removed");
        }
    }
    let [cold, again, one_key, copied] = least.map(|time| time.as_secs_f64());
    println!(
        "{name}: from nothing {cold:.3} s, unchanged {again:.3} s, one key {one_key:.3} s, cp -r {copied:.3} s; ratio {:.1}",
        cold / copied
    );
}

/// The file of the first cluster's own layer.
fn highest_layer(project: &Path) -> PathBuf {
    let file = load_clusters(&Tree::directory(project, ""), &mut Sink::new()).ok().flatten();
    let layer = file.and_then(|file| Some(file.clusters.first()?.layers.first()?.value.clone()));
    project.join("config").join(layer.expect("clusters.yaml has a cluster with a layer") + ".yaml")
}

/// Makes the last value of a file longer, be it in braces, in quotes or neither.
fn change_last_value(file: &Path) {
    let mut text = fs::read_to_string(file).expect("can be read");
    text.insert(text.trim_end_matches(['}', '\n', ' ', '"', '\'']).len(), 'x');
    fs::write(file, text).expect("can be written");
}

/// Copies a project but for what is made from it.
fn copy(from: &Path, to: &Path) {
    let is_input = |entry: &walkdir::DirEntry| entry.depth() != 1 || entry.file_name() != "generated";
    for entry in walkdir::WalkDir::new(from).into_iter().filter_entry(is_input).flatten() {
        let place = to.join(entry.path().strip_prefix(from).expect("is below"));
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(place).expect("can be made"),
            false => drop(fs::copy(entry.path(), place).expect("can be copied")),
        }
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let runs = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(5);
    let top = tempfile::tempdir().expect("a temporary folder");
    if let Some(folder) = words.first() {
        let project = top.path().join("project");
        copy(Path::new(folder), &project);
        return measure(folder, &project, runs);
    }
    for clusters in [100, 1000] {
        let name = format!("{clusters} clusters");
        let project = top.path().join(&name);
        project::make_fleet(&project, clusters, 20);
        measure(&name, &project, runs);
    }
}
