use std::fs;
use std::path::Path;
use std::process::Command;

use git2::{Oid, Repository};

use super::*;
use crate::source::fixture::{self, GitDaemon, WebServer, http_backend};
use crate::source::git::{create_bare, open_bare};
use crate::source::install::FetchOptions;

fn upstream(url: &str) -> Upstream {
    let mut options = FetchOptions::of_project("/nowhere");
    options.allow_insecure = vec!["127.0.0.1".to_owned()];
    Upstream::open(url, &options).unwrap()
}

/// A cache with the tip of `main`, and a commit on top of it that only the cache has.
fn next(upstream: &Upstream, cache: &Path, text: &str) -> (Repository, Oid, Oid) {
    let tip = upstream.refs().unwrap().get("refs/heads/main").unwrap();
    let repository = if cache.exists() { open_bare(cache).unwrap() } else { create_bare(cache).unwrap() };
    let have: Vec<Oid> =
        repository.find_reference("refs/kiln/tip").ok().and_then(|tip| tip.target()).into_iter().collect();
    upstream.take(&repository, &[tip], &have, true).unwrap();
    repository.reference("refs/kiln/tip", tip, true, "").unwrap();
    let new = {
        let commit = repository.find_commit(tip).unwrap();
        let mut tree = repository.treebuilder(Some(&commit.tree().unwrap())).unwrap();
        tree.insert("new.txt", repository.blob(text.as_bytes()).unwrap(), 0o100644).unwrap();
        let tree = repository.find_tree(tree.write().unwrap()).unwrap();
        let who = git2::Signature::new("t", "t@example.invalid", &git2::Time::new(1_700_000_000, 0)).unwrap();
        repository.commit(None, &who, &who, text, &tree, &[&commit]).unwrap()
    };
    (repository, tip, new)
}

fn pushed(upstream: &Upstream, from: &Repository, updates: &[RefUpdate]) -> PushOutcome {
    upstream.push(from, updates, &PushOptions::default()).unwrap()
}

/// What every way to a repository must do.
fn goes_to_and_fro(url: &str, folder: &Path) {
    let upstream = upstream(url);
    let cache = folder.join("cache");
    let (repository, tip, new) = next(&upstream, &cache, "one");
    let (other, _, late) = next(&upstream, &folder.join("other"), "two");
    let main = RefUpdate::set("refs/heads/main", Some(tip), new);
    let state = RefUpdate::set("refs/kiln/state/fleet/main", None, repository.blob(b"state").unwrap());
    assert_eq!(pushed(&upstream, &repository, &[main.clone(), state.clone()]), PushOutcome::Pushed, "{url}");
    // What was there before is not what is there now.
    let stale = RefUpdate::set("refs/heads/main", Some(tip), late);
    assert!(matches!(pushed(&upstream, &other, &[stale]), PushOutcome::Contended { .. }), "{url}");
    // Of two refs none is moved when one has moved already.
    let again = RefUpdate::set("refs/kiln/state/fleet/main", None, other.blob(b"other").unwrap());
    let next_main = RefUpdate::set("refs/heads/main", Some(new), late);
    upstream.take(&other, &[new], &[], true).unwrap();
    assert!(matches!(pushed(&upstream, &other, &[next_main, again]), PushOutcome::Contended { .. }), "{url}");
    let refs = upstream.refs().unwrap();
    assert_eq!(refs.get("refs/heads/main"), Some(new), "{url}");
    assert_eq!(refs.get("refs/kiln/state/fleet/main"), state.new, "{url}");
    // The blob that a ref points at can be taken, and what is new of a branch.
    let (repository, tip, _) = next(&upstream, &cache, "three");
    assert_eq!(tip, new, "{url}");
    upstream.take(&repository, &[state.new.unwrap()], &[], true).unwrap();
    assert_eq!(repository.find_blob(state.new.unwrap()).unwrap().content(), b"state", "{url}");
    // Refs go away too.
    let gone = RefUpdate { name: state.name, old: state.new, new: None };
    assert_eq!(pushed(&upstream, &repository, &[gone]), PushOutcome::Pushed, "{url}");
    assert_eq!(upstream.refs().unwrap().get("refs/kiln/state/fleet/main"), None, "{url}");
}

fn has_git() -> bool {
    let found = Command::new("git").arg("--version").output().is_ok();
    if !found {
        eprintln!("SKIPPED: no `git`");
    }
    found
}

#[cfg(unix)]
fn hook(repository: &Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let file = repository.join("hooks").join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_repository_on_this_machine() {
    let folder = tempfile::TempDir::new().unwrap();
    let (path, _) = fixture::repository(folder.path(), "r.git", &[("a.txt", "a"), ("d/b.txt", "b")]);
    goes_to_and_fro(&format!("file://{}", path.display()), folder.path());
}

#[test]
fn a_git_daemon() {
    let folder = tempfile::TempDir::new().unwrap();
    fixture::repository(folder.path(), "r.git", &[("a.txt", "a"), ("d/b.txt", "b")]);
    let Some(daemon) = GitDaemon::start(folder.path()) else { return };
    goes_to_and_fro(&format!("{}/r.git", daemon.url), folder.path());
}

#[test]
fn smart_http() {
    if !has_git() {
        return;
    }
    let folder = tempfile::TempDir::new().unwrap();
    fixture::repository(folder.path(), "r.git", &[("a.txt", "a"), ("d/b.txt", "b")]);
    let root = folder.path().to_owned();
    let server = WebServer::start(move |request| http_backend(&root, &[], request));
    goes_to_and_fro(&format!("{}/r.git", server.url), folder.path());
}

#[cfg(unix)]
#[test]
fn hooks_have_their_say() {
    if !has_git() {
        return;
    }
    let folder = tempfile::TempDir::new().unwrap();
    let (path, _) = fixture::repository(folder.path(), "r.git", &[("a.txt", "a")]);
    hook(&path, "pre-receive", "echo main is a protected branch >&2; exit 1");
    let upstream = upstream(&path.display().to_string());
    let (repository, tip, new) = next(&upstream, &folder.path().join("cache"), "one");
    let update = RefUpdate::set("refs/heads/main", Some(tip), new);
    let PushOutcome::Refused(refusal) = pushed(&upstream, &repository, std::slice::from_ref(&update)) else {
        panic!("not refused")
    };
    assert!(refusal.said.contains("main is a protected branch"), "{}", refusal.said);
    assert!(refusal.is_only(|name| name == "refs/heads/main"));
    // A server that is cut off after it moved the ref did move it.
    hook(&path, "pre-receive", "exit 0");
    hook(&path, "post-receive", "kill -9 $PPID");
    assert_eq!(pushed(&upstream, &repository, &[update]), PushOutcome::Pushed);
}

#[test]
fn a_branch_that_is_checked_out_is_left_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("work");
    let repository = Repository::init(&path).unwrap();
    repository.set_head("refs/heads/main").unwrap();
    let tip = fixture::commit(&repository, "refs/heads/main", &[("a.txt", "a")]);
    let upstream = upstream(&path.display().to_string());
    let (cache, _, new) = next(&upstream, &folder.path().join("cache"), "one");
    let outcome = pushed(&upstream, &cache, &[RefUpdate::set("refs/heads/main", Some(tip), new)]);
    assert!(matches!(outcome, PushOutcome::Refused(refusal) if refusal.said.contains("checked out")));
    let other = RefUpdate::set("refs/heads/other", None, new);
    assert_eq!(pushed(&upstream, &cache, &[other]), PushOutcome::Pushed);
}

#[test]
fn eight_at_once_all_land() {
    let folder = tempfile::TempDir::new().unwrap();
    let (path, _) = fixture::repository(folder.path(), "r.git", &[("a.txt", "a")]);
    let url = path.display().to_string();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (url, folder) = (&url, folder.path());
            scope.spawn(move || {
                let upstream = upstream(url);
                let cache = folder.join(format!("cache-{number}"));
                retried(Retries::default(), |_| -> Result<_, crate::source::SourceError> {
                    let (repository, tip, new) = next(&upstream, &cache, &number.to_string());
                    let updates = [RefUpdate::set("refs/heads/main", Some(tip), new)];
                    Ok(match upstream.push(&repository, &updates, &PushOptions::default())? {
                        PushOutcome::Pushed => Attempt::Done(()),
                        PushOutcome::Contended { said } => Attempt::Contended(said),
                        PushOutcome::Refused(refusal) => panic!("{}", refusal.said),
                    })
                })
                .unwrap();
            });
        }
    });
    let repository = open_bare(&path).unwrap();
    let mut walk = repository.revwalk().unwrap();
    walk.push_ref("refs/heads/main").unwrap();
    assert_eq!(walk.count(), 9);
}
