use std::fs;
use std::thread;

use crate::support::{Ended, Place, has, hook};

/// R-PB-5: eight selections of one owner, and eight owners, at once.
#[test]
fn eight_publishers_at_once_all_land() {
    let place = Place::new();
    let clusters: String = (0..8).map(|at| format!("- {{name: c{at}, labels: {{stage: s, ring: r{at}}}}}\n")).collect();
    place.write("clusters.yaml", &format!("clusters:\n{clusters}"));
    place.commit("Eight");
    place.publish(&[]).expect(0);
    place.bump(2);
    let at_once = |words: &(dyn Fn(usize) -> Vec<String> + Sync)| {
        thread::scope(|scope| {
            let runs: Vec<_> = (0..8)
                .map(|at| {
                    let place = &place;
                    scope.spawn(move || {
                        let words = words(at);
                        let words: Vec<&str> = words.iter().map(String::as_str).collect();
                        place.publish(&words)
                    })
                })
                .collect();
            for run in runs {
                run.join().unwrap().expect(0);
            }
        });
    };
    at_once(&|at| vec!["-l".to_owned(), format!("ring=r{at}")]);
    assert_eq!(place.count("main"), 9);
    let files = place.files("main");
    assert!((0..8).all(|at| files[&format!("clusters/c{at}/web.yaml")].contains("replicas: 2")));
    at_once(&|at| vec!["--owner".to_owned(), format!("o{at}"), "--path".to_owned(), format!("o{at}/{{name}}")]);
    assert_eq!(place.count("main"), 17);
    // A whole run has nothing left to do.
    place.publish(&[]).expect(0).says("nothing changes");
}

/// R-PB-5: the words of hosted servers when two pushes meet, with the other push landing.
#[cfg(unix)]
#[test]
fn pushes_that_meet_others_are_repeated() {
    if !has("git") {
        return;
    }
    for words in [
        "incorrect old value provided",
        "cannot lock ref 'refs/heads/main': is at 1 but expected 2",
        "Updates were rejected because the remote contains work (fetch first)",
        "something that no server has ever said",
    ] {
        let place = Place::new();
        place.publish(&[]).expect(0);
        let mark = place.folder.path().join("mark").display().to_string();
        hook(
            &place,
            "update",
            &format!(
                "[ \"$1\" = refs/heads/main ] || exit 0\n[ -e {mark} ] && exit 0\ntouch {mark}\n\
                 export GIT_AUTHOR_NAME=o GIT_AUTHOR_EMAIL=o@o GIT_COMMITTER_NAME=o GIT_COMMITTER_EMAIL=o@o\n\
                 unset GIT_QUARANTINE_PATH\n\
                 git update-ref refs/heads/main $(git commit-tree -p $2 -m other $2^{{tree}})\necho \"{words}\" >&2\nexit 1"
            ),
        );
        place.bump(2);
        let ended = place.publish(&["-o", "json"]).expect(0).json();
        assert_eq!((&ended["tries"], place.count("main")), (&2.into(), 3), "{words}");
    }
    // A lock of another push that has not landed yet.
    let place = Place::new();
    let mark = place.folder.path().join("mark").display().to_string();
    hook(
        &place,
        "update",
        &format!("[ -e {mark} ] && exit 0\ntouch {mark}\necho \"cannot lock ref '$1'\" >&2\nexit 1"),
    );
    place.publish(&[]).expect(0);
}

/// R-PB-5: a branch that is protected is tried once.
#[cfg(unix)]
#[test]
fn refusals_are_not_repeated() {
    if !has("git") {
        return;
    }
    let place = Place::new();
    place.publish(&[]).expect(0);
    let (tip, count) = (place.tip("main"), place.folder.path().join("count"));
    hook(
        &place,
        "pre-receive",
        &format!(
            "echo once >> {}\necho 'GitLab: You are not allowed to push code to protected branches.' >&2\nexit 1",
            count.display()
        ),
    );
    place.bump(2);
    place.publish(&[]).expect(5).says("publish.refused").says("protected branches");
    assert_eq!((fs::read_to_string(&count).unwrap().lines().count(), place.tip("main")), (1, tip));
}

/// Servers that refuse refs of our own get the state as a note.
#[cfg(unix)]
#[test]
fn the_state_is_kept_as_a_note_where_it_must() {
    if !has("git") {
        return;
    }
    let place = Place::new();
    hook(&place, "update", "case $1 in refs/kiln/*) echo no such refs here >&2; exit 1;; esac");
    place.publish(&[]).expect(0);
    let target = place.target();
    assert!(target.find_reference("refs/notes/kiln-state/fleet/main").is_ok());
    assert!(target.find_reference("refs/kiln/state/fleet/main").is_err());
    let old = place.bump(2);
    place.bump(3);
    place.publish(&[]).expect(0);
    place.publish(&[]).expect(0).says("nothing changes");
    place.checkout(old);
    place.publish(&[]).expect(5).says("stale source");
    // Neither refs nor notes: the trailers are left.
    let place = Place::new();
    hook(&place, "update", "case $1 in refs/heads/*) ;; *) echo branches only >&2; exit 1;; esac");
    let old = place.bump(2);
    place.bump(3);
    place.publish(&[]).expect(0).says("publish.state");
    place.checkout(old);
    place.publish(&[]).expect(5).says("stale source");
}

fn promote(place: &Place) -> Ended {
    place.kiln(&["promote", "--from", "main", "--to", "production"])
}

/// A place whose `main` is a publication ahead of `production`.
fn with_something_to_promote() -> Place {
    let place = Place::new();
    place.publish(&[]).expect(0);
    promote(&place).expect(0);
    place.bump(2);
    place.publish(&[]).expect(0);
    place
}

/// A branch that others move while it is promoted: looked at again, and moved on from there.
#[cfg(unix)]
#[test]
fn promotions_that_meet_others_are_repeated() {
    if !has("git") {
        return;
    }
    for words in ["incorrect old value provided", "cannot lock ref 'refs/heads/production'", "something new"] {
        let place = with_something_to_promote();
        let between = place.tip("main").unwrap();
        place.bump(3);
        place.publish(&[]).expect(0);
        // Another promotion of what was there a moment ago lands first.
        let count = place.folder.path().join("count").display().to_string();
        hook(
            &place,
            "update",
            &format!(
                "[ \"$1\" = refs/heads/production ] || exit 0\necho once >> {count}\n[ $(wc -l < {count}) = 1 ] || exit 0\n\
                 unset GIT_QUARANTINE_PATH\ngit update-ref refs/heads/production {between}\necho \"{words}\" >&2\nexit 1"
            ),
        );
        let said = promote(&place).expect(0);
        assert_eq!(place.tip("production"), place.tip("main"), "{words}");
        assert_eq!(fs::read_to_string(&count).unwrap().lines().count(), 2, "{words}");
        // One commit is left to move over, not two.
        said.says("over 1 commit");
    }
}

/// Somebody's own commit lands on the branch while it is promoted: then there is nothing to repeat.
#[cfg(unix)]
#[test]
fn a_promotion_that_meets_a_foreign_commit_is_refused() {
    if !has("git") {
        return;
    }
    let place = with_something_to_promote();
    let mark = place.folder.path().join("mark").display().to_string();
    hook(
        &place,
        "update",
        &format!(
            "[ -e {mark} ] && exit 0\ntouch {mark}\nunset GIT_QUARANTINE_PATH\n\
             export GIT_AUTHOR_NAME=o GIT_AUTHOR_EMAIL=o@o GIT_COMMITTER_NAME=o GIT_COMMITTER_EMAIL=o@o\n\
             git update-ref $1 $(git commit-tree -p $2 -m 'A hot fix' $2^{{tree}})\necho 'fetch first' >&2\nexit 1"
        ),
    );
    promote(&place).expect(5).says("promote.not-fast-forward").says("A hot fix");
    let target = place.target();
    let tip = target.find_commit(place.tip("production").unwrap()).unwrap();
    assert_eq!(tip.message().unwrap().trim(), "A hot fix");
}

#[test]
fn eight_promotions_at_once_all_end_well() {
    let place = Place::new();
    place.publish(&[]).expect(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| place.kiln(&["promote", "--from", "main", "--to", "production"]).expect(0));
        }
    });
    assert_eq!(place.tip("production"), place.tip("main"));
}
