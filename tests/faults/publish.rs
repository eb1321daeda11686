//! Kills, signals and calls that fail while `kiln publish` writes into a repository: the branch points at the
//! old commit or at the new one, whose every file is there, and the next run gets through.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use git2::{IndexAddOption, ObjectType, Repository, Signature, Time, TreeWalkMode, TreeWalkResult};
use rustix::process::Signal;

use crate::calls::{CHANGES, FAILURES, can_trace, count, moments, traced};
use crate::kills::{end_after, ended};
use crate::project::{kiln, succeeds};
use crate::rounds::{Random, rounds};

const SIGNALS: [Signal; 4] = [Signal::KILL, Signal::INT, Signal::TERM, Signal::HUP];

const CLUSTERS: usize = 4;
const COMPONENTS: usize = 5;

/// A source repository whose every commit changes every manifest, and a repository to publish to.
struct Site {
    top: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { top: tempfile::tempdir().unwrap() };
        Repository::init_bare(site.target()).unwrap();
        let source = site.source();
        Repository::init(&source).unwrap();
        let write = |path: &str, text: String| {
            let place = source.join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, text).unwrap();
        };
        let components = (0..COMPONENTS).map(|at| format!("- {{name: s{at}, type: static, path: ./m}}\n"));
        write("component.yaml", format!("name: root\nsubcomponents:\n{}", components.collect::<String>()));
        let clusters = (0..CLUSTERS).map(|at| format!("- {{name: c{at}, layers: []}}\n"));
        write("clusters.yaml", format!("clusters:\n{}", clusters.collect::<String>()));
        write("kiln.yaml", String::new());
        write(".gitignore", ".kiln/\ngenerated/\n".to_owned());
        write("publish.yaml", format!("target: {{repo: '{}', branch: main}}\nowner: fleet\n", site.target().display()));
        site.commit(0);
        succeeds(&mut site.publish());
        assert_eq!(site.published(), 0);
        site
    }

    fn source(&self) -> PathBuf {
        self.top.path().join("source")
    }

    fn target(&self) -> PathBuf {
        self.top.path().join("target.git")
    }

    /// Commits the next state of the source.
    fn commit(&self, round: usize) {
        let manifest = format!("kind: ConfigMap\nmetadata: {{name: c}}\ndata: {{round: '{round}'}}\n");
        fs::create_dir_all(self.source().join("m")).unwrap();
        fs::write(self.source().join("m/cm.yaml"), manifest).unwrap();
        let repository = Repository::open(self.source()).unwrap();
        let mut index = repository.index().unwrap();
        index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
        index.write().unwrap();
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        let time = 1_700_000_000 + i64::try_from(round).unwrap();
        let author = Signature::new("a", "a@example.com", &Time::new(time, 0)).unwrap();
        let parent = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        repository.commit(Some("HEAD"), &author, &author, &format!("round {round}"), &tree, &parents).unwrap();
    }

    fn publish(&self) -> Command {
        let mut command = self.command();
        command.args(["publish", "--quiet", "-C"]).arg(self.source());
        command
    }

    fn command(&self) -> Command {
        let mut command = kiln();
        command.env("HOME", self.top.path()).env_remove("XDG_CONFIG_HOME").env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }

    /// The round whose files the branch has, read from a fresh look at the repository. All of them are of one.
    fn published(&self) -> usize {
        let repository = Repository::open_bare(self.target()).unwrap();
        let tip = repository.find_reference("refs/heads/main").unwrap().peel_to_commit().unwrap();
        let mut found: Vec<usize> = Vec::new();
        let tree = tip.tree().unwrap();
        tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
            if entry.kind() == Some(ObjectType::Blob) {
                let blob = repository.find_blob(entry.id()).unwrap_or_else(|error| panic!("{folder}: {error}"));
                let text = String::from_utf8(blob.content().to_vec()).unwrap();
                let round = text.split_once("{round: '").and_then(|(_, rest)| rest.split_once('\''));
                found.extend(round.map(|(round, _)| round.parse::<usize>().unwrap()));
            }
            TreeWalkResult::Ok
        })
        .unwrap();
        assert_eq!(found.len(), CLUSTERS * COMPONENTS, "files are missing on the branch");
        assert!(found.iter().all(|round| *round == found[0]), "the branch is torn: {found:?}");
        found[0]
    }

    /// Publishes in peace.
    fn heal(&self, round: usize) {
        succeeds(&mut self.publish());
        assert_eq!(self.published(), round);
    }
}

#[test]
fn publish_ended_leaves_the_old_or_the_new_commit() {
    let site = Site::new();
    let mut random = Random::new("publish ended");
    let started = Instant::now();
    site.commit(1);
    site.heal(1);
    let (whole, count) = (started.elapsed(), rounds(24));
    let mut done = 0;
    for round in 2..count + 2 {
        site.commit(round);
        let signal = SIGNALS[round % SIGNALS.len()];
        let output = ended(&mut site.publish(), signal, random.moment(whole));
        let (status, told) = (output.status, String::from_utf8_lossy(&output.stderr).into_owned());
        let found = site.published();
        assert!(found == round || found == round - 1, "round {round}: {found}");
        assert!(!status.success() || found == round, "round {round}: it said that it had published");
        let is_denied = told.contains("nothing was changed");
        assert!(!is_denied || found == round - 1, "round {round}: it had published: {told}");
        done += usize::from(found == round);
        site.heal(round);
    }
    eprintln!("publish ended: {count} signals in runs of {whole:?}: {done} new, {} old", count - done);
}

#[test]
fn publish_survives_calls_that_fail() {
    if !can_trace() {
        return;
    }
    let mut random = Random::new("calls of publish");
    for (calls, error) in FAILURES {
        for onwards in ["", "+"] {
            // Every publication leaves a pack, and with them grow the calls.
            let site = Site::new();
            let mut round = 1;
            site.commit(round);
            let most = count(&site.publish(), calls);
            let tried = moments(&mut random, most, 3);
            let mut failed = 0;
            for nth in &tried {
                round += 1;
                site.commit(round);
                let what = format!("error={error}:when={nth}{onwards}");
                let output = traced(&site.publish(), calls, &what).output().unwrap();
                let told = format!("{calls} {what}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
                assert!(!told.contains("internal error"), "{told}");
                // The exit code says which commit the branch points at.
                let wanted = if output.status.success() { round } else { round - 1 };
                assert_eq!(site.published(), wanted, "{told}");
                failed += usize::from(!output.status.success());
                site.heal(round);
            }
            eprintln!("publish: {calls} {error}{onwards}: {failed} of {} runs failed, none torn", tried.len());
        }
    }
}

#[test]
fn publish_survives_a_kill_at_every_call() {
    if !can_trace() {
        return;
    }
    let site = Site::new();
    let mut random = Random::new("kills at calls of publish");
    site.commit(1);
    let most = count(&site.publish(), CHANGES);
    let tried = moments(&mut random, most, 12);
    for (at, nth) in tried.iter().enumerate() {
        let round = at + 2;
        site.commit(round);
        traced(&site.publish(), CHANGES, &format!("signal=KILL:when={nth}")).output().unwrap();
        let found = site.published();
        assert!(found == round || found == round - 1, "killed at call {nth}: {found}");
        site.heal(round);
    }
    eprintln!("publish: killed at {} of {most} calls, never torn", tried.len());
}

#[test]
fn promote_ended_leaves_the_branch_where_it_was_or_where_it_shall_be() {
    let site = Site::new();
    let mut random = Random::new("promote ended");
    let promote = || {
        let mut command = site.command();
        command.args(["promote", "--quiet", "--from", "main", "--to", "production", "-C"]).arg(site.source());
        command
    };
    let tips = || {
        let repository = Repository::open_bare(site.target()).unwrap();
        ["main", "production"].map(|name| repository.find_reference(&format!("refs/heads/{name}")).unwrap().target())
    };
    let started = Instant::now();
    succeeds(&mut promote());
    let (whole, count) = (started.elapsed(), rounds(16));
    let mut done = 0;
    for round in 1..=count {
        let [before, _] = tips();
        site.commit(round);
        site.heal(round);
        let signal = SIGNALS[round % SIGNALS.len()];
        let status = end_after(&mut promote(), signal, random.moment(whole));
        let [main, production] = tips();
        assert!(production == main || production == before, "round {round}: {production:?}");
        assert!(!status.success() || production == main, "round {round}: it said that it had moved the branch");
        done += usize::from(production == main);
        succeeds(&mut promote());
        assert_eq!(tips(), [main; 2]);
    }
    eprintln!("promote ended: {count} signals in runs of {whole:?}: {done} new, {} old", count - done);
}

#[test]
fn promote_survives_calls_that_fail() {
    if !can_trace() {
        return;
    }
    let site = Site::new();
    let mut random = Random::new("calls of promote");
    let promote = || {
        let mut command = site.command();
        command.args(["promote", "--quiet", "--from", "main", "--to", "production", "-C"]).arg(site.source());
        command
    };
    let tip = |name: &str| {
        let repository = Repository::open_bare(site.target()).unwrap();
        repository.find_reference(&format!("refs/heads/{name}")).unwrap().target()
    };
    succeeds(&mut promote());
    let mut round = 0;
    let mut next = || {
        round += 1;
        site.commit(round);
        site.heal(round);
    };
    for (calls, error) in FAILURES {
        next();
        let most = count(&promote(), calls);
        let tried = moments(&mut random, most, 2);
        let mut failed = 0;
        for nth in &tried {
            let before = tip("production");
            next();
            let what = format!("error={error}:when={nth}");
            let output = traced(&promote(), calls, &what).output().unwrap();
            let told = format!("{calls} {what}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
            assert!(!told.contains("internal error"), "{told}");
            let wanted = if output.status.success() { tip("main") } else { before };
            assert_eq!(tip("production"), wanted, "{told}");
            failed += usize::from(!output.status.success());
            succeeds(&mut promote());
        }
        eprintln!("promote: {calls} {error}: {failed} of {} runs failed, none torn", tried.len());
    }
}

#[test]
fn two_publications_of_one_commit_make_one_commit() {
    let site = Site::new();
    for round in 1..=rounds(6) {
        site.commit(round);
        let both = [(), ()].map(|()| site.publish().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
        for child in both {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(site.published(), round);
    }
}
