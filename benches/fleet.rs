//! Many clusters against copying what they give: `cargo bench --bench fleet [-- FOLDER [RUNS]]`.
//!
//! FOLDER is a project with `clusters.yaml`; without one the bench makes fleets of 100 and of 1,000
//! clusters with twenty charts each. Prints the least of RUNS (5) alternating runs: from nothing, again
//! with nothing changed, and `cp -r` of the output.

#[path = "fleet/project.rs"]
mod project;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn timed(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).status().expect("can be started");
    let took = started.elapsed();
    assert!(status.success(), "{command:?}");
    took
}

fn measure(project: &Path, runs: usize) {
    let top = tempfile::tempdir().expect("a temporary folder");
    let (out, copy) = (top.path().join("out"), top.path().join("copy"));
    let mut least = [Duration::MAX; 3];
    for _ in 0..runs {
        let generate = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
            timed(command.arg("-C").arg(project).args(["generate", "-q", "-O"]).arg(&out))
        };
        let took = [generate(), generate(), timed(Command::new("cp").arg("-r").arg(&out).arg(&copy))];
        for (least, took) in least.iter_mut().zip(took) {
            *least = took.min(*least);
        }
        for folder in [&out, &copy] {
            fs::remove_dir_all(folder).expect("can be removed");
        }
    }
    let [cold, again, copied] = least.map(|time| time.as_secs_f64());
    println!(
        "{}: from nothing {cold:.3} s, unchanged {again:.3} s, cp -r {copied:.3} s; ratio {:.1}",
        project.file_name().unwrap_or_default().to_string_lossy(),
        cold / copied
    );
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let runs = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(5);
    if let Some(folder) = words.first() {
        return measure(Path::new(folder), runs);
    }
    let top = tempfile::tempdir().expect("a temporary folder");
    for clusters in [100, 1000] {
        let project = top.path().join(format!("{clusters} clusters"));
        project::make_fleet(&project, clusters, 20);
        measure(&project, runs);
    }
}
