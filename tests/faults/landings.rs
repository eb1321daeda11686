//! Kills, signals and calls that fail while an edit is committed and pushed: the remote's branch is old or new,
//! the file on disk is old or new, and the next edit gets through.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use git2::{FileMode, Repository, RepositoryInitOptions, Signature, Time};
use rustix::process::Signal;

use crate::calls::{FAILURES, can_trace, count, moments, traced};
use crate::kills::end_after;
use crate::project::{kiln, succeeds};
use crate::rounds::{Random, rounds};

const FILE: &str = "config/common.yaml";
const SIGNALS: [Signal; 4] = [Signal::KILL, Signal::INT, Signal::TERM, Signal::HUP];

/// A repository, and a clone of it that edits are made in.
struct Site {
    top: tempfile::TempDir,
}

fn text(replicas: usize) -> String {
    format!("# kept\nconfig:\n  replicas: {replicas}\n")
}

impl Site {
    fn new() -> Self {
        let site = Self { top: tempfile::tempdir().unwrap() };
        let mut options = RepositoryInitOptions::new();
        options.bare(true).initial_head("main").external_template(false);
        let repository = Repository::init_opts(site.remote(), &options).unwrap();
        let mut tree = git2::build::TreeUpdateBuilder::new();
        for (path, text) in [("component.yaml", "name: shop\n"), (FILE, &text(0))] {
            tree.upsert(path, repository.blob(text.as_bytes()).unwrap(), FileMode::Blob);
        }
        let empty = repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let tree = repository.find_tree(tree.create_updated(&repository, &empty).unwrap()).unwrap();
        let who = Signature::new("a", "a@example.com", &Time::new(1_700_000_000, 0)).unwrap();
        repository.commit(Some("refs/heads/main"), &who, &who, "first", &tree, &[]).unwrap();
        site.clone_again();
        site
    }

    fn remote(&self) -> PathBuf {
        self.top.path().join("remote.git")
    }

    fn clone(&self) -> PathBuf {
        self.top.path().join("clone")
    }

    fn clone_again(&self) {
        let _ = fs::remove_dir_all(self.clone());
        Repository::clone(&format!("file://{}", self.remote().display()), self.clone()).unwrap();
    }

    fn edit(&self, replicas: usize) -> Command {
        let mut command = kiln();
        command.args(["set", "--quiet", &format!("replicas={replicas}"), "--push", "-C"]).arg(self.clone());
        command.env("HOME", self.top.path()).env_remove("XDG_CONFIG_HOME").env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }

    /// What the branch says, which must be one of two.
    fn pushed(&self, one: usize, other: usize) -> usize {
        let repository = Repository::open_bare(self.remote()).unwrap();
        let tree = repository.find_reference("refs/heads/main").unwrap().peel_to_tree().unwrap();
        let blob = tree.get_path(Path::new(FILE)).unwrap().to_object(&repository).unwrap().peel_to_blob().unwrap();
        one_of(blob.content(), one, other)
    }

    /// Edits in peace. The clone is as a killed git could have left it, so a new one is taken for the next round
    /// unless this one has followed.
    fn heal(&self, replicas: usize) {
        succeeds(&mut self.edit(replicas));
        assert_eq!(self.pushed(replicas, replicas), replicas);
        if fs::read(self.clone().join(FILE)).unwrap() != text(replicas).as_bytes() {
            self.clone_again();
        }
    }
}

fn one_of(found: &[u8], one: usize, other: usize) -> usize {
    let wanted = [one, other].into_iter().find(|replicas| text(*replicas).as_bytes() == found);
    wanted.unwrap_or_else(|| panic!("neither {one} nor {other}: {}", String::from_utf8_lossy(found)))
}

#[test]
fn an_edit_that_is_pushed_and_ended_is_old_or_new() {
    let site = Site::new();
    let mut random = Random::new("pushed edit ended");
    let started = Instant::now();
    site.heal(1);
    let (whole, count) = (started.elapsed(), rounds(24));
    let mut done = 0;
    for round in 2..count + 2 {
        let signal = SIGNALS[round % SIGNALS.len()];
        let status = end_after(&mut site.edit(round), signal, random.moment(whole));
        let found = site.pushed(round - 1, round);
        one_of(&fs::read(site.clone().join(FILE)).unwrap(), round - 1, round);
        assert!(!status.success() || found == round, "round {round}: it said that it had pushed");
        done += usize::from(found == round);
        site.heal(round);
    }
    eprintln!("pushed edit ended: {count} signals in runs of {whole:?}: {done} new, {} old", count - done);
}

#[test]
fn an_edit_that_is_pushed_survives_calls_that_fail() {
    if !can_trace() {
        return;
    }
    let site = Site::new();
    let mut random = Random::new("calls of a pushed edit");
    let mut round = 1;
    site.heal(round);
    for (calls, error) in FAILURES {
        round += 1;
        let most = count(&site.edit(round), calls);
        let tried = moments(&mut random, most, 3);
        let mut failed = 0;
        for nth in &tried {
            round += 1;
            let what = format!("error={error}:when={nth}");
            let output = traced(&site.edit(round), calls, &what).output().unwrap();
            let told = format!("{calls} {what}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
            assert!(!told.contains("internal error"), "{told}");
            let wanted = if output.status.success() { round } else { round - 1 };
            assert_eq!(site.pushed(round - 1, round), wanted, "{told}");
            one_of(&fs::read(site.clone().join(FILE)).unwrap(), round - 1, round);
            failed += usize::from(!output.status.success());
            site.heal(round);
        }
        eprintln!("pushed edit: {calls} {error}: {failed} of {} runs failed, none torn", tried.len());
    }
}
