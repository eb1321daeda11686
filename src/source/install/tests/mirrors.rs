//! Mirrors: what is fetched elsewhere is locked as if it had come from where it was asked for.

use std::fs;

use super::super::{Fetcher, Pins};
use super::Project;
use crate::source::address::Address;
use crate::source::digest::sha256_hex;
use crate::source::fixture::{self, Say, WebServer, chart};
use crate::source::{Asker, Lock, Pin, Request, Rewrites, SourceSpec, Trust};

const LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/// A lock with a seed and a date, so that others can be compared with it.
fn seeded() -> Lock {
    let mut lock = Lock::default();
    (lock.seed, lock.created) = ("00".repeat(16), "2026-01-01".to_owned());
    lock
}

fn locked(project: &Project, specs: &[SourceSpec]) -> String {
    let (lock, _, sink) = project.run(Some(seeded()), Pins::Renew, specs);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    lock.text().unwrap()
}

#[test]
fn the_lock_has_the_same_bytes_with_and_without_a_mirror() {
    if !fixture::git_serves() {
        return;
    }
    let mut project = Project::new();
    let root = project.path().join("mirror");
    fixture::repository(project.path(), "mirror/org/r.git", &[("a", "1")]);
    fs::create_dir_all(root.join("charts")).unwrap();
    fs::create_dir_all(root.join("cdn")).unwrap();
    fs::write(root.join("ns.yaml"), "kind: Namespace\n").unwrap();
    fs::write(root.join("charts/near-1.0.0.tgz"), chart("near", "1.0.0")).unwrap();
    fs::write(root.join("cdn/far-1.0.0.tgz"), chart("far", "1.0.0")).unwrap();
    let files = root.clone();
    let origin = WebServer::start(move |request| {
        let path = request.path.split('?').next().unwrap_or_default();
        match fs::read(files.join(path.trim_start_matches('/'))) {
            Ok(bytes) => Say::ok(bytes),
            Err(_) => fixture::smart_answer(&files, request),
        }
    });
    let url = &origin.url;
    let index = format!(
        "apiVersion: v1\nentries:\n  near:\n  - {{name: near, version: 1.0.0, urls: [near-1.0.0.tgz]}}\n  \
         far:\n  - {{name: far, version: 1.0.0, urls: ['{url}/cdn/far-1.0.0.tgz']}}\n"
    );
    fs::write(root.join("charts/index.yaml"), index).unwrap();
    let specs = [
        SourceSpec::git(format!("{url}/org/r.git"), "", ""),
        SourceSpec::chart(format!("{url}/charts"), "near", ""),
        SourceSpec::chart(format!("{url}/charts"), "far", "^1"),
        SourceSpec::http(format!("{url}/ns.yaml")),
    ];
    let plain = locked(&project, &specs);
    let asked = origin.heard().len();
    assert!(asked > 0);

    project.options.rewrites = Rewrites::parse([&*format!("{url}/=file://{}/", root.display())]).unwrap();
    fs::remove_dir_all(project.path().join(".kiln/store")).unwrap();
    assert_eq!(locked(&project, &specs), plain);
    assert_eq!(origin.heard().len(), asked, "nobody went to the original");

    // Another protocol, another host.
    let root = root.clone();
    let mirror = WebServer::start(move |request| {
        let path = request.path.split('?').next().unwrap_or_default();
        match path.strip_prefix("/proxy/").and_then(|path| fs::read(root.join(path)).ok()) {
            Some(bytes) => Say::ok(bytes),
            None => {
                let mut inner = request.clone();
                inner.path = request.path.replacen("/proxy", "", 1);
                fixture::smart_answer(&root, &inner)
            }
        }
    });
    project.options.rewrites = Rewrites::parse([&*format!("{url}/={}/proxy/", mirror.url)]).unwrap();
    fs::remove_dir_all(project.path().join(".kiln/store")).unwrap();
    assert_eq!(locked(&project, &specs), plain);
    assert_eq!(origin.heard().len(), asked, "nobody went to the original");
}

#[test]
fn archives_may_have_a_rule_of_their_own() {
    let mut project = Project::new();
    let index = "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: [big/web.tgz]}\n";
    for (path, content) in [("one/index.yaml", index.as_bytes()), ("two/web.tgz", &chart("web", "1.0.0"))] {
        let path = project.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let place = project.path().display().to_string();
    let rules = [
        format!("https://charts.invalid/=file://{place}/one/"),
        format!("https://charts.invalid/big/=file://{place}/two/"),
    ];
    project.options.rewrites = Rewrites::parse(rules.iter().map(String::as_str)).unwrap();
    let (_, pin) = project.install(&SourceSpec::chart("https://charts.invalid/", "web", ""));
    let Pin::Chart { archive, .. } = pin else { panic!("a chart") };
    assert_eq!(archive, "https://charts.invalid/big/web.tgz");
}

/// A registry with one chart below `/v2/proxy/org/web/`.
fn registry(archive: Vec<u8>) -> WebServer {
    let digest = sha256_hex(&archive);
    let manifest = format!(r#"{{"layers": [{{"mediaType": "{LAYER}", "digest": "sha256:{digest}"}}]}}"#);
    WebServer::start(move |request| {
        let path = request.path.split('?').next().unwrap_or_default();
        match path.strip_prefix("/v2/proxy/org/web/") {
            Some("tags/list") => Say::ok(r#"{"tags": ["1.0.0"]}"#),
            Some("manifests/1.0.0") => Say::ok(manifest.clone()),
            Some(path) if path == format!("manifests/sha256:{}", sha256_hex(manifest.as_bytes())) => {
                Say::ok(manifest.clone())
            }
            Some(path) if path == format!("blobs/sha256:{digest}") => Say::ok(archive.clone()),
            _ => Say::not_found(),
        }
    })
}

#[test]
fn registries_are_mirrored_by_registries_and_so_are_chart_repositories() {
    let mut project = Project::new();
    let archive = chart("web", "1.0.0");
    let server = registry(archive.clone());
    let mirror = server.url.replace("http://", "oci://");
    project.options.rewrites = Rewrites::parse([&*format!("oci://registry.invalid/={mirror}/proxy/")]).unwrap();
    let spec = SourceSpec::chart("oci://registry.invalid/org", "web", "^1");
    let (lock, pin) = project.install(&spec);
    let text = lock.text().unwrap();
    assert!(text.contains("source: oci://registry.invalid/org\n"), "{text}");
    assert!(!text.contains("127.0.0.1") && !text.contains("proxy"), "{text}");
    fs::remove_dir_all(project.path().join(".kiln/store")).unwrap();
    let (_, pins, sink) = project.run(Some(lock), Pins::Locked, &[spec]);
    assert_eq!(pins, [Some(pin)], "{:?}", sink.diagnostics());

    // What was locked from a chart repository is found in a registry by its digest.
    let folder = project.path().join("charts");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("web.tgz"), archive).unwrap();
    let index = "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: [web.tgz]}\n";
    fs::write(folder.join("index.yaml"), index).unwrap();
    let rule = format!("https://charts.invalid/org=file://{}", folder.display());
    project.options.rewrites = Rewrites::parse([&*rule]).unwrap();
    let spec = SourceSpec::chart("https://charts.invalid/org", "web", "");
    let (lock, pin) = project.install(&spec);
    fs::remove_dir_all(project.path().join(".kiln/store")).unwrap();
    project.options.rewrites = Rewrites::parse([&*format!("https://charts.invalid/={mirror}/proxy/")]).unwrap();
    let (_, pins, sink) = project.run(Some(lock), Pins::Locked, &[spec]);
    assert_eq!(pins, [Some(pin)], "{:?}", sink.diagnostics());
}

#[test]
fn a_mirror_does_not_get_the_token_of_the_original() {
    let mut project = Project::new();
    let mirror = WebServer::start(|_| Say::ok("kind: Namespace\n"));
    let asked = "https://private.invalid/ns.yaml";
    // Any variable that is surely set serves as a token.
    project.options.access.add(asked, "CARGO_MANIFEST_DIR");
    project.options.rewrites = Rewrites::parse([&*format!("https://private.invalid/={}/", mirror.url)]).unwrap();
    project.install(&SourceSpec::http(asked));
    let heard = mirror.heard();
    assert!(!heard.is_empty() && heard.iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn repositories_may_be_mirrored_behind_ssh() {
    let mut project = Project::new();
    project.options.rewrites = Rewrites::parse(["https://github.com/=git@mirror.local:github/"]).unwrap();
    let fetcher = Fetcher::new(project.store(), project.options.clone());
    let spec = SourceSpec::git("https://github.com/org/r.git", "", "");
    // Also what a fetched component asks for: the operator decides where it comes from.
    let asker = Asker::named("root.dep", Trust::Fetched);
    let place = fetcher.place(&Request { spec, asker }).unwrap();
    let Address::Ssh(ssh) = place else { panic!("{place:?}") };
    assert_eq!((ssh.user.as_deref(), &*ssh.host, &*ssh.path), (Some("git"), "mirror.local", "github/org/r.git"));
}
