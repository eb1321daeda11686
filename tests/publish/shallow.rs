//! Sources whose history is cut off, as continuous integration checks them out.

use std::path::PathBuf;
use std::process::Command;

use git2::Oid;

use crate::support::{Ended, Place, has};

impl Place {
    /// A clone of the source with so much history, at a commit that some branch points at.
    fn cut_off(&self, commit: Oid, depth: u32) -> PathBuf {
        let source = git2::Repository::open(self.source()).unwrap();
        let branch = format!("at-{}", &commit.to_string()[..12]);
        source.reference(&format!("refs/heads/{branch}"), commit, true, "").unwrap();
        let clone = self.folder.path().join(format!("{branch}-{depth}"));
        let _ = std::fs::remove_dir_all(&clone);
        self.git(
            &["clone", "-q", "--depth", &depth.to_string(), "--branch", &branch],
            &[&format!("file://{}", self.source().display()), &clone.display().to_string()],
        );
        clone
    }

    fn git(&self, words: &[&str], more: &[&str]) {
        let mut git = Command::new("git");
        let home = self.folder.path();
        let ended = git.args(words).args(more).env("HOME", home).env("GIT_CONFIG_NOSYSTEM", "1").output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }

    fn publish_in(&self, folder: &PathBuf, words: &[&str]) -> Ended {
        let words = [&["publish"], words].concat();
        Ended::of(&self.command(&words).current_dir(folder).output().unwrap())
    }
}

fn short(commit: Oid) -> String {
    commit.to_string()[..12].to_owned()
}

#[test]
fn a_history_that_is_cut_off_is_told_from_a_stale_source() {
    if !has("git") {
        return;
    }
    let place = Place::new();
    let first = place.bump(2);
    place.publish(&[]).expect(0);
    let tip = place.tip("main");
    let second = place.bump(3);
    let third = place.bump(4);

    // The very commit that was published needs no history.
    let same = place.cut_off(first, 1);
    place.publish_in(&same, &[]).expect(0).says("nothing changes");

    // A newer one whose history does not reach back far enough: nobody can tell, and the message says what helps.
    let newer = place.cut_off(third, 1);
    let ended = place.publish_in(&newer, &[]).expect(5);
    let wanted = format!(
        "publish.stale-source\n\n  x the branch `main` was published from {}, and nobody can tell whether {} comes after it: \
         the history of this checkout is cut off\n  help: fetch the whole history (`git fetch --unshallow`; in CI \
         `fetch-depth: 0` or `GIT_DEPTH: 0`)\n",
        short(first),
        short(third)
    );
    assert_eq!(ended.err, wanted);
    let deeper = place.cut_off(third, 2);
    place.publish_in(&deeper, &[]).expect(5).says("the history of this checkout is cut off");
    assert_eq!(place.tip("main"), tip);

    // One that reaches it is as good as a whole one.
    let enough = place.cut_off(third, 3);
    place.publish_in(&enough, &["--dry-run"]).expect(0);
    place.git(&["-C", &newer.display().to_string(), "fetch", "-q", "--unshallow"], &[]);
    place.publish_in(&newer, &[]).expect(0);
    assert_ne!(place.tip("main"), tip);
    let tip = place.tip("main");

    // An older one is refused either way, and where that can be told, it is.
    place.publish_in(&place.cut_off(second, 1), &[]).expect(5).says("the history of this checkout is cut off");
    place.checkout(second);
    let ended = place.publish(&[]).expect(5);
    let wanted = format!(
        "publish.stale-source\n\n  x stale source: the branch `main` was published from {} already, which comes after {}\n  \
         help: publish the newer commit, or go back to this one with `--allow-rollback`\n",
        short(third),
        short(second)
    );
    assert_eq!(ended.err, wanted);
    assert_eq!(place.tip("main"), tip);
}

/// The first publication of all needs no history, and neither does one into a folder.
#[test]
fn a_history_that_is_cut_off_is_enough_where_nothing_was_published() {
    if !has("git") {
        return;
    }
    let place = Place::new();
    let commit = place.bump(2);
    let clone = place.cut_off(commit, 1);
    place.publish_in(&clone, &[]).expect(0);
    place.publish_in(&clone, &["--to", "../out"]).expect(0);
    assert_eq!(place.names("main").len(), 6);
}
