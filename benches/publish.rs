//! Publishing a large fleet: `cargo bench --bench publish [-- CLUSTERS [RUNS]]`.
//!
//! Makes a fleet of 1,000 clusters with 21 files each and publishes it to a bare repository on this machine. Prints the
//! least of RUNS (5) alternating runs, and of the processor time that they took where the system tells: all files
//! unchanged, one cluster changed, and `generate --dry-run` of the same, which renders and compares and has nobody to
//! push to. A run with nothing changed must leave the target as it was, to the last file of it.

#[path = "fleet/project.rs"]
mod project;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Instant, SystemTime};

use git2::{IndexAddOption, Repository, RepositoryInitOptions, Signature, Time};
use serde_json::Value;

const SERVICES: usize = 20;
/// One for each service of a cluster, and one for the stack itself.
const FILES: usize = SERVICES + 1;

/// Seconds on the clock and of the processors.
#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    processor: Option<f64>,
}

impl Took {
    const NEVER: Self = Self { wall: f64::INFINITY, processor: None };

    fn least(self, other: Self) -> Self {
        let processor = self.processor.into_iter().chain(other.processor).reduce(f64::min);
        Self { wall: self.wall.min(other.wall), processor }
    }

    fn text(self) -> String {
        let processor = self.processor.map(|seconds| format!(" ({seconds:.2} s of processors)"));
        format!("{:.3} s{}", self.wall, processor.unwrap_or_default())
    }
}

/// Processor time of all children that have ended, where Linux tells it: in hundredths of a second.
fn children() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(13);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / 100.0)
}

/// Runs kiln in the project, and gives what it printed and how long that took.
fn kiln(project: &Path, words: &[&str]) -> (Vec<u8>, Took) {
    let (started, before) = (Instant::now(), children());
    let output = Command::new(env!("CARGO_BIN_EXE_kiln")).arg("-C").arg(project).args(words).output();
    let wall = started.elapsed().as_secs_f64();
    let output = output.expect("can be started");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    let processor = before.and_then(|before| Some(children()? - before));
    (output.stdout, Took { wall, processor })
}

/// Publishes, and gives what is told of the branch.
fn publish(project: &Path) -> (Value, Took) {
    let (out, took) = kiln(project, &["publish", "-q", "-o", "json"]);
    let told: Value = serde_json::from_slice(&out).expect("is JSON");
    (told["branches"][0].clone(), took)
}

/// Commits everything.
fn commit(repository: &Repository, number: i64) {
    let mut index = repository.index().expect("has an index");
    index.add_all(["*"], IndexAddOption::DEFAULT, None).expect("can be added");
    index.write().expect("can be written");
    let tree = repository.find_tree(index.write_tree().expect("can be written")).expect("is there");
    let who = Signature::new("dev", "dev@example.invalid", &Time::new(1_700_000_000 + number, 0)).expect("is valid");
    let parent = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
    let parents: Vec<_> = parent.iter().collect();
    repository.commit(Some("HEAD"), &who, &who, "Change", &tree, &parents).expect("can be committed");
}

/// Every file below a folder with its size and when it was written.
fn files(folder: &Path, found: &mut BTreeMap<PathBuf, (u64, SystemTime)>) {
    for entry in fs::read_dir(folder).expect("is a folder") {
        let entry = entry.expect("can be read");
        let about = entry.metadata().expect("can be read");
        if about.is_dir() {
            files(&entry.path(), found);
        } else {
            found.insert(entry.path(), (about.len(), about.modified().expect("is known")));
        }
    }
}

fn state(folder: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let mut found = BTreeMap::new();
    files(folder, &mut found);
    found
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let number = |at: usize, default: usize| words.get(at).and_then(|word| word.parse().ok()).unwrap_or(default);
    let (clusters, runs) = (number(0, 1000), number(1, 5));
    let top = tempfile::tempdir().expect("a temporary folder");
    let (source, target) = (top.path().join("source"), top.path().join("target.git"));
    let [source_repository, _] = [(&source, false), (&target, true)].map(|(folder, bare)| {
        let mut options = RepositoryInitOptions::new();
        options.bare(bare).initial_head("main").external_template(false);
        Repository::init_opts(folder, &options).expect("can be made")
    });
    project::make_fleet(&source, clusters, SERVICES);
    for (name, text) in [
        ("publish.yaml", "target: {repo: ../target.git, branch: main}\nowner: fleet\n"),
        (".gitignore", ".kiln/\ngenerated/\n"),
    ] {
        fs::write(source.join(name), text).expect("can be written");
    }
    commit(&source_repository, 0);

    let (_, generated) = kiln(&source, &["generate", "-q"]);
    let (told, first) = publish(&source);
    assert_eq!(told["files"]["added"], clusters * FILES);
    println!("{clusters} clusters, {} files", clusters * FILES);
    println!("from nothing: generate {}, publish {}", generated.text(), first.text());

    let mut least = [Took::NEVER; 4];
    for run in 0..runs {
        let before = state(&target);
        let (told, unchanged) = publish(&source);
        assert_eq!((&told["changed"], &told["files"]["unchanged"]), (&false.into(), &(clusters * FILES).into()));
        assert!(before == state(&target), "a run with nothing changed wrote to the target");
        let (listed, compared) = kiln(&source, &["generate", "-q", "--dry-run", "--no-cache"]);
        assert!(listed.is_empty(), "{}", String::from_utf8_lossy(&listed));

        project::set_domain(&source, 0, SERVICES, &format!("run-{run}.example.com"));
        commit(&source_repository, 1 + i64::try_from(run).expect("is small"));
        let (told, changed) = publish(&source);
        assert_eq!((&told["files"]["changed"], &told["clusters"]["changed"]), (&SERVICES.into(), &1.into()));
        let (listed, compared_changed) = kiln(&source, &["generate", "-q", "--dry-run", "--no-cache"]);
        assert_eq!(listed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), SERVICES);
        kiln(&source, &["generate", "-q"]);

        let took = [unchanged, compared, changed, compared_changed];
        least.iter_mut().zip(took).for_each(|(least, took)| *least = least.least(took));
    }
    for (what, [published, compared]) in
        ["unchanged", "one cluster changed"].iter().zip([[least[0], least[1]], [least[2], least[3]]])
    {
        println!("{what}: publish {}, generate --dry-run {}", published.text(), compared.text());
    }
}
