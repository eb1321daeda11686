//! Several installs at the same time, with one store.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::super::{FetchOptions, Fetcher, Install, Pins};
use crate::diag::Sink;
use crate::source::fixture::{self, Say, WebServer};
use crate::source::{Asker, Pin, Request, SourceSpec, Store, Trust};

/// Runs so many installs of one source at once; gives the pin that all agree on.
fn at_once(folder: &TempDir, count: usize, spec: &SourceSpec) -> Pin {
    let barrier = Barrier::new(count);
    let install = || {
        let mut options = FetchOptions::of_project(folder.path());
        options.allow_insecure = vec!["127.0.0.1".to_owned()];
        options.timeout = Duration::from_secs(60);
        let fetcher = Fetcher::new(Store::at(folder.path().join("store")), options);
        let request = Request { spec: spec.clone(), asker: Asker::named("root.app", Trust::Project) };
        let mut sink = Sink::new();
        let mut session = Install::begin(&fetcher, None, Pins::Keep);
        barrier.wait();
        let pins = session.ask(&[request], &mut sink);
        assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
        let pin = pins.into_iter().next().flatten().unwrap();
        fetcher.store().open(&pin).unwrap();
        pin
    };
    let pins: Vec<Pin> = thread::scope(|scope| {
        let running: Vec<_> = (0..count).map(|_| scope.spawn(install)).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(pins.iter().all(|pin| *pin == pins[0]), "{pins:?}");
    pins.into_iter().next().unwrap()
}

#[test]
fn a_file_is_downloaded_once() {
    let folder = TempDir::new().unwrap();
    let server = WebServer::start(|_| Say::ok("kind: A\n"));
    at_once(&folder, 4, &SourceSpec::http(format!("{}/m.yaml", server.url)));
    assert_eq!(server.heard().len(), 1);
    // Who asks later gets an answer of its own.
    at_once(&folder, 1, &SourceSpec::http(format!("{}/m.yaml", server.url)));
    assert_eq!(server.heard().len(), 2);
}

#[test]
fn a_chart_is_downloaded_once() {
    let folder = TempDir::new().unwrap();
    let server = WebServer::start(|request| match &*request.path {
        "/index.yaml" => Say::ok("apiVersion: v1\nentries:\n  web: [{version: 1.0.0, urls: [web-1.0.0.tgz]}]\n"),
        "/web-1.0.0.tgz" => Say::ok(fixture::chart("web", "1.0.0")),
        _ => Say::not_found(),
    });
    at_once(&folder, 4, &SourceSpec::chart(&*server.url, "web", "^1"));
    let mut paths: Vec<String> = server.heard().into_iter().map(|request| request.path).collect();
    paths.sort();
    assert_eq!(paths, ["/index.yaml", "/web-1.0.0.tgz"]);
}

#[test]
fn a_repository_is_fetched_once() {
    if !fixture::git_serves() {
        return;
    }
    let folder = TempDir::new().unwrap();
    fixture::repository(folder.path(), "r.git", &[("a", "1")]);
    let root = folder.path().to_owned();
    let server = WebServer::start(move |request| fixture::smart_answer(&root, request));
    let spec = SourceSpec::git(format!("{}/r.git", server.url), "", "");
    at_once(&TempDir::new().unwrap(), 1, &spec);
    let alone = server.heard().len();
    at_once(&folder, 4, &spec);
    assert_eq!(server.heard().len(), 2 * alone);
}

#[test]
fn different_questions_to_one_repository_all_get_their_answers() {
    let folder = TempDir::new().unwrap();
    let (path, first) = fixture::repository(folder.path(), "r.git", &[("a", "1")]);
    let second = fixture::commit(&git2::Repository::open(&path).unwrap(), "refs/heads/next", &[("a", "2")]);
    let url = path.display().to_string();
    let asked = [("main", first), ("next", second)];
    thread::scope(|scope| {
        for (branch, commit) in asked {
            let (folder, url) = (&folder, &url);
            scope.spawn(move || {
                assert_eq!(at_once(folder, 4, &SourceSpec::git(url, "", branch)).resolved(), commit.to_string());
            });
        }
    });
}
