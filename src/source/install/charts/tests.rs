use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::tests::Project;
use super::super::{Asked, Fetcher, Pins};
use crate::diag::Blame;
use crate::source::credentials::Environment;
use crate::source::digest::sha256_hex;
use crate::source::error::{CORRUPT, MALFORMED};
use crate::source::fixture::{DockerRegistry, Say, WebServer, chart};
use crate::source::{Asker, Keyring, Pin, Request, Signatures, SourceSpec, Trust};

const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

#[test]
fn seven_charts_of_one_repository_cost_one_index_and_one_archive_each() {
    let project = Project::new();
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let entries: String =
        names.map(|name| format!("  {name}:\n  - version: 1.0.0\n    urls: [{name}-1.0.0.tgz]\n")).concat();
    let index = format!("apiVersion: v1\nentries:\n{entries}");
    let server = WebServer::start(move |request| match request.path.trim_start_matches('/') {
        "index.yaml" => Say::ok(index.clone()),
        file => Say::ok(chart(&file[..1], "1.0.0")),
    });
    // Each is asked for by two components in different words.
    let specs: Vec<SourceSpec> = ["^1", "1.0.0"]
        .iter()
        .flat_map(|version| names.map(|name| SourceSpec::chart(&*server.url, name, *version)))
        .collect();
    let (lock, pins, sink) = project.run(None, Pins::Keep, &specs);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    assert!(pins.iter().all(Option::is_some));
    assert_eq!(server.count("/index.yaml"), 1);
    for name in names {
        assert_eq!(server.count(&format!("/{name}-1.0.0.tgz")), 1);
    }
    assert_eq!(server.heard().len(), 8);

    project.run(Some(lock), Pins::Keep, &specs);
    assert_eq!(server.heard().len(), 8, "what is locked and in the store is not asked for");
}

#[test]
fn what_the_store_has_by_the_digest_of_the_index_is_not_fetched() {
    let project = Project::new();
    let archive = chart("web", "1.0.0");
    let text = format!(
        "apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n    urls: [web.tgz]\n    digest: sha256:{}\n",
        sha256_hex(&archive)
    );
    let server = WebServer::start(move |request| match &*request.path {
        "/index.yaml" => Say::ok(text.clone()),
        _ => Say::ok(archive.clone()),
    });
    let spec = SourceSpec::chart(&*server.url, "web", "");
    let (_, first) = project.install(&spec);
    let (_, again) = project.install(&spec);
    assert_eq!(first, again);
    assert_eq!((server.count("/index.yaml"), server.count("/web.tgz")), (2, 1));
}

#[test]
fn another_url_is_tried_when_one_fails_but_not_when_one_lies() {
    let project = Project::new();
    let archive = chart("web", "1.0.0");
    let (digest, wrong) = (sha256_hex(&archive), "0a".repeat(32));
    let text = format!(
        "apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n    urls: ['http://127.0.0.1:1/web.tgz', gone.tgz, 'web.tgz?x=1']\n    \
         digest: {digest}\n  lost:\n  - version: 1.0.0\n    urls: ['http://127.0.0.1:1/x.tgz', gone.tgz]\n  \
         bad:\n  - version: 1.0.0\n    urls: [other.tgz, web.tgz]\n    digest: {wrong}\n"
    );
    let server = WebServer::start(move |request| match &*request.path {
        "/index.yaml" => Say::ok(text.clone()),
        "/web.tgz?x=1" => Say::ok(archive.clone()),
        "/other.tgz" => Say::ok(chart("web", "1.0.1")),
        _ => Say::not_found(),
    });
    let (_, pin) = project.install(&SourceSpec::chart(&*server.url, "web", ""));
    let Pin::Chart { archive, .. } = &pin else { panic!("{pin:?}") };
    assert_eq!(*archive, format!("{}/web.tgz?x=1", server.url));

    let (message, blame) = project.refusal(SourceSpec::chart(&*server.url, "lost", ""));
    assert!(message.contains("127.0.0.1:1") && message.contains("gone.tgz"), "{message}");
    assert_eq!(blame, Blame::World);

    let (_, _, sink) = project.run(None, Pins::Keep, &[SourceSpec::chart(&*server.url, "bad", "")]);
    let diagnostic = &sink.diagnostics()[0];
    assert_eq!((diagnostic.code, diagnostic.blame), (CORRUPT, Blame::Policy));
    let place = &diagnostic.labels[0].span;
    assert_eq!(
        (place.source.name(), place.source.line_col(place.start as usize).0),
        (&*format!("{}/index.yaml", server.url), 11)
    );
    assert!(diagnostic.message.contains(&wrong) && diagnostic.message.contains(&sha256_hex(&chart("web", "1.0.1"))));
}

#[test]
fn a_locked_version_survives_as_long_as_somebody_has_its_archive() {
    let project = Project::new();
    let moved = Arc::new(AtomicBool::new(false));
    let gone = Arc::new(AtomicBool::new(false));
    let (is_moved, is_gone) = (Arc::clone(&moved), Arc::clone(&gone));
    let server = WebServer::start(move |request| {
        let (moved, gone) = (is_moved.load(Ordering::Relaxed), is_gone.load(Ordering::Relaxed));
        let place = if moved { "new" } else { "old" };
        match &*request.path {
            "/index.yaml" if gone => Say::ok("apiVersion: v1\nentries:\n  web: []\n"),
            "/index.yaml" => {
                Say::ok(format!("apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n    urls: [{place}.tgz]\n"))
            }
            path if !gone && path == format!("/{place}.tgz") => Say::ok(chart("web", "1.0.0")),
            _ => Say::not_found(),
        }
    });
    let spec = [SourceSpec::chart(&*server.url, "web", "")];
    let (lock, pin) = project.install(&spec[0]);
    let again = || {
        fs::remove_dir_all(project.path().join(".kiln/store")).unwrap();
        project.run(Some(lock.clone()), Pins::Locked, &spec)
    };
    assert_eq!(again().1, [Some(pin.clone())]);
    assert_eq!(server.count("/index.yaml"), 1, "the archive's own URL is enough");
    moved.store(true, Ordering::Relaxed);
    let (after, pins, sink) = again();
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    assert_eq!((pins, after), (vec![Some(pin.clone())], lock.clone()), "found elsewhere, the lock stays");
    gone.store(true, Ordering::Relaxed);
    let (_, _, sink) = again();
    let message = &sink.diagnostics()[0].message;
    assert!(message.contains(pin.sha256()) && message.contains("404"), "{message}");
    assert_eq!(sink.diagnostics()[0].blame, Blame::World);
}

/// A registry that everybody may read: paths below `/v2/org/web/` and what they answer.
fn registry(answers: Vec<(String, Vec<u8>)>) -> WebServer {
    WebServer::start(move |request| {
        let path = request.path.strip_prefix("/v2/org/web/").unwrap_or_default();
        match answers.iter().find(|(own, _)| own == path) {
            Some((own, body)) if own.starts_with("tags/list") && !own.contains("last=") => {
                let link = "Link: </v2/org/web/tags/list?last=1.1.0&n=2>; rel=\"next\"".to_owned();
                Say("200 OK", vec![link], body.clone())
            }
            Some((_, body)) => Say::ok(body.clone()),
            None => Say::not_found(),
        }
    })
}

fn manifest(archive: &[u8]) -> Vec<u8> {
    let digest = sha256_hex(archive);
    format!(
        r#"{{"config": {{"mediaType": "{CONFIG}"}}, "layers": [{{"mediaType": "{LAYER}", "digest": "sha256:{digest}"}}]}}"#
    )
    .into_bytes()
}

#[test]
fn charts_of_registries_are_had_by_digest_by_range_and_out_of_an_index() {
    let project = Project::new();
    let archive = chart("web", "1.2.0+b");
    let manifest = manifest(&archive);
    let (hex, blob) = (sha256_hex(&manifest), sha256_hex(&archive));
    let index =
        format!(r#"{{"manifests": [{{"digest": "sha256:{}"}}, {{"digest": "sha256:{hex}"}}]}}"#, sha256_hex(b"{}"));
    let server = registry(vec![
        ("tags/list?n=1000".to_owned(), br#"{"tags": ["1.0.0", "1.1.0"]}"#.to_vec()),
        ("tags/list?last=1.1.0&n=2".to_owned(), br#"{"tags": ["1.2.0_b", "latest"]}"#.to_vec()),
        ("manifests/1.2.0_b".to_owned(), index.clone().into_bytes()),
        (format!("manifests/sha256:{hex}"), manifest.clone()),
        (format!("manifests/sha256:{}", sha256_hex(b"{}")), b"{}".to_vec()),
        (format!("manifests/sha256:{}", sha256_hex(index.as_bytes())), index.clone().into_bytes()),
        (format!("manifests/sha256:{}", "0".repeat(64)), manifest.clone()),
        (format!("blobs/sha256:{blob}"), archive),
    ]);
    let url = format!("{}/org", server.url.replace("http://", "oci://"));
    let resolved = |chart: &str, version: &str| {
        let (_, pin) = project.install(&SourceSpec::chart(&*url, chart, version));
        let Pin::Chart { manifest, version, sha256, .. } = pin else { panic!("no chart") };
        assert_eq!(sha256, blob);
        (version, manifest.unwrap())
    };
    let of_index = ("1.2.0+b".to_owned(), sha256_hex(index.as_bytes()));
    assert_eq!(resolved("web", "^1"), of_index, "the last page of tags counts too");
    assert_eq!(resolved("web", "1.2.0+b"), of_index);
    let of_manifest = ("1.2.0+b".to_owned(), hex.clone());
    assert_eq!(resolved("web", &format!("sha256:{hex}")), of_manifest);
    assert_eq!(resolved(&format!("web@sha256:{hex}"), "~1.2"), of_manifest);

    // A digest stays where it is, while there may be something newer.
    let spec = SourceSpec::chart(&*url, "web", format!("sha256:{hex}"));
    let (_, pin) = project.install(&spec);
    let fetcher = Fetcher::new(project.store(), project.options.clone());
    let request = Request { spec, asker: Asker::named("root.app", Trust::Project) };
    let seen = fetcher.look(&[Asked { request, locked: Some(pin.clone()) }]).remove(0).unwrap();
    assert!(seen.agrees(&pin), "{seen:?}");
    assert_eq!(seen.newest.as_deref(), Some("1.2.0+b"));

    let refusal = |version: &str| project.refusal(SourceSpec::chart(&*url, "web", version));
    let (message, blame) = refusal(&format!("1.3.0@sha256:{hex}"));
    assert!(message.contains("is version `1.2.0+b`, not `1.3.0`"), "{message}");
    assert_eq!(blame, Blame::Policy);
    let (message, blame) = refusal(&format!("sha256:{}", "0".repeat(64)));
    assert!(message.contains("differs from its digest") && message.contains(&hex), "{message}");
    assert_eq!(blame, Blame::Policy);
    let (message, _) = refusal("1.3.0");
    assert!(message.contains("no version `1.3.0`"), "{message}");

    // The store is lost: the lock's manifest and archive are what is fetched, and nothing is chosen.
    let spec = [SourceSpec::chart(&*url, "web", "^1")];
    let (lock, pin) = project.install(&spec[0]);
    fs::remove_dir_all(project.path().join(".kiln/store")).unwrap();
    let before = server.count("/v2/org/web/tags/list?n=1000");
    let (_, pins, sink) = project.run(Some(lock), Pins::Locked, &spec);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    assert_eq!(pins, [Some(pin)]);
    assert_eq!(server.count("/v2/org/web/tags/list?n=1000"), before);
}

#[test]
fn a_manifest_that_leads_elsewhere_than_the_lock_says_is_refused() {
    let project = Project::new();
    let (one, other) = (chart("web", "1.0.0"), chart("web", "1.0.1"));
    let text = manifest(&one);
    let server = registry(vec![
        ("manifests/1.0.0".to_owned(), text.clone()),
        (format!("manifests/sha256:{}", sha256_hex(&text)), text.clone()),
        (format!("blobs/sha256:{}", sha256_hex(&one)), one),
        (format!("blobs/sha256:{}", sha256_hex(&other)), other.clone()),
        ("manifests/2.0.0".to_owned(), b"{\"layers\": []}".to_vec()),
    ]);
    let url = format!("{}/org", server.url.replace("http://", "oci://"));
    let spec = SourceSpec::chart(&*url, "web", "1.0.0");
    let (mut lock, pin) = project.install(&spec);
    let Pin::Chart { url: asked, chart, version, manifest, .. } = pin else { panic!("no chart") };
    let sha256 = sha256_hex(&other);
    let archive = format!("{url}/web@sha256:{sha256}");
    lock.insert(&spec, Pin::Chart { url: asked, chart, version, archive, manifest, signed_by: None, sha256 }, "root");
    let (_, _, sink) = project.run(Some(lock), Pins::Locked, &[spec]);
    let diagnostic = &sink.diagnostics()[0];
    assert!(diagnostic.message.contains("leads to another archive than the lock says"), "{}", diagnostic.message);
    assert_eq!(diagnostic.blame, Blame::Policy);
    let (_, _, sink) = project.run(None, Pins::Keep, &[SourceSpec::chart(&*url, "web", "2.0.0")]);
    assert_eq!(sink.diagnostics()[0].code, MALFORMED);
}

const KEY: &str = "F7D06F9C488609BD7C15B1508AC4F8BB82FF8205";

/// A chart that Helm 3.21 packed and signed, its statement, and the keys.
fn signed(name: &str) -> Vec<u8> {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/helm-cli/signed");
    fs::read(folder.join(name)).unwrap()
}

fn must_be_signed(source: &str, keyring: &[u8]) -> Signatures {
    let mut signatures = Signatures::default();
    signatures.require(source, Keyring::parse(keyring).unwrap(), "keys.gpg");
    signatures
}

fn signed_by(pin: &Pin) -> Option<&str> {
    let Pin::Chart { signed_by, .. } = pin else { panic!("no chart") };
    signed_by.as_deref()
}

#[test]
fn charts_that_must_be_signed_are_checked_once_and_marked_in_the_lock() {
    let mut project = Project::new();
    let statement = Arc::new(std::sync::Mutex::new(Some("web-1.0.0.tgz.prov")));
    let given = Arc::clone(&statement);
    let server = WebServer::start(move |request| match &*request.path {
        "/charts/index.yaml" => {
            Say::ok("apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n    urls: ['web-1.0.0.tgz?x=1']\n")
        }
        "/charts/web-1.0.0.tgz?x=1" => Say::ok(signed("web-1.0.0.tgz")),
        "/charts/web-1.0.0.tgz.prov?x=1" => {
            given.lock().unwrap().map_or_else(Say::not_found, |name| Say::ok(signed(name)))
        }
        _ => Say::not_found(),
    });
    let spec = SourceSpec::chart(format!("{}/charts", server.url), "web", "");
    let (unsigned, pin) = project.install(&spec);
    assert_eq!((signed_by(&pin), server.heard().len()), (None, 2), "nobody asked");

    // What is locked and in the store is checked when it has to be signed from now on.
    project.options.signatures = must_be_signed(&server.url, &signed("pubring.gpg"));
    assert_eq!(project.options.signatures.lacking(&unsigned).len(), 1);
    let (lock, pins, sink) = project.run(Some(unsigned), Pins::Keep, std::slice::from_ref(&spec));
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    assert_eq!(signed_by(pins[0].as_ref().unwrap()), Some(KEY));
    assert_eq!(server.count("/charts/web-1.0.0.tgz?x=1"), 1);
    assert!(lock.text().unwrap().contains(&format!("signed_by: {KEY}\n")));
    assert!(project.options.signatures.lacking(&lock).is_empty());
    let asked = server.heard().len();
    project.run(Some(lock.clone()), Pins::Locked, std::slice::from_ref(&spec));
    assert_eq!(server.heard().len(), asked, "the lock remembers");
    assert_eq!(signed_by(&project.install(&spec).1), Some(KEY), "resolved afresh, it is checked afresh");

    for (name, why) in [(Some("changed.prov"), "RSA verification failure"), (None, "no provenance file")] {
        *statement.lock().unwrap() = name;
        let other = Project { folder: tempfile::tempdir().unwrap(), options: project.options.clone() };
        let (message, blame) = other.refusal(spec.clone());
        assert!(message.contains("must be signed by a key of `keys.gpg`") && message.contains(why), "{message}");
        assert_eq!(blame, Blame::Policy);
    }
    *statement.lock().unwrap() = Some("web-1.0.0.tgz.prov");
    let ed25519 = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/source/openpgp/ed25519.gpg")).unwrap();
    project.options.signatures = must_be_signed(&server.url, &ed25519);
    let (_, _, sink) = project.run(Some(lock), Pins::Keep, &[spec]);
    assert!(sink.diagnostics()[0].message.contains("unknown entity"), "{:?}", sink.diagnostics());
}

#[test]
fn statements_of_registries_are_layers() {
    let mut project = Project::new();
    let (archive, statement) = (signed("web-1.0.0.tgz"), signed("web-1.0.0.tgz.prov"));
    let (blob, layer) = (sha256_hex(&archive), sha256_hex(&statement));
    let text = format!(
        r#"{{"config": {{"mediaType": "{CONFIG}"}}, "layers": [{{"mediaType": "{LAYER}", "digest": "sha256:{blob}"}},
        {{"mediaType": "application/vnd.cncf.helm.chart.provenance.v1.prov", "digest": "sha256:{layer}"}}]}}"#
    );
    let server = registry(vec![
        ("manifests/1.0.0".to_owned(), text.into_bytes()),
        ("manifests/0.9.0".to_owned(), manifest(&archive)),
        (format!("blobs/sha256:{blob}"), archive),
        (format!("blobs/sha256:{layer}"), statement),
    ]);
    let url = format!("{}/org", server.url.replace("http://", "oci://"));
    project.options.signatures = must_be_signed(&url, &signed("pubring.gpg"));
    let (_, pin) = project.install(&SourceSpec::chart(&*url, "web", "1.0.0"));
    assert_eq!(signed_by(&pin), Some(KEY));
    let (message, blame) = project.refusal(SourceSpec::chart(&*url, "web", "0.9.0"));
    assert!(message.contains("the registry names none"), "{message}");
    assert_eq!(blame, Blame::Policy);
}

#[test]
fn a_real_registry_gives_charts_to_those_who_are_logged_in() {
    let mut project = Project::new();
    let Some(registry) = DockerRegistry::start(project.path()) else { return };
    let (archive, statement) = (signed("web-1.0.0.tgz"), signed("web-1.0.0.tgz.prov"));
    let prov = "application/vnd.cncf.helm.chart.provenance.v1.prov";
    let first = registry.push("org/web", "1.0.0", &[(LAYER, &archive), (prov, &statement)]);
    for version in ["1.1.0", "1.2.0+b", "2.0.0-rc.1"] {
        registry.push("org/web", &version.replace('+', "_"), &[(LAYER, &chart("web", version))]);
    }
    let url = format!("oci://{}/org", registry.host);
    let (message, _) = project.refusal(SourceSpec::chart(&*url, "web", "^1"));
    assert!(message.contains("401"), "{message}");

    let docker = project.path().join("docker");
    fs::create_dir(&docker).unwrap();
    fs::write(docker.join("config.json"), registry.docker_config()).unwrap();
    project.options.environment = Environment::of([("DOCKER_CONFIG", docker.to_str().unwrap())]);
    let resolved = |version: &str| {
        let (lock, pin) = project.install(&SourceSpec::chart(&*url, "web", version));
        assert!(!lock.text().unwrap().contains("secret"));
        let Pin::Chart { version, manifest, .. } = pin else { panic!("no chart") };
        (version, manifest.unwrap())
    };
    assert_eq!(resolved("^1").0, "1.2.0+b");
    assert_eq!(resolved(">=1-0").0, "2.0.0-rc.1");
    assert_eq!(resolved("1.0.0"), ("1.0.0".to_owned(), first.clone()));
    assert_eq!(resolved(&format!("sha256:{first}")), ("1.0.0".to_owned(), first));
    let (message, _) = project.refusal(SourceSpec::chart(&*url, "web", "3.0.0"));
    assert!(message.contains("no version `3.0.0`"), "{message}");

    project.options.signatures = must_be_signed(&url, &signed("pubring.gpg"));
    assert_eq!(signed_by(&project.install(&SourceSpec::chart(&*url, "web", "1.0.0")).1), Some(KEY));
    let (_, blame) = project.refusal(SourceSpec::chart(&*url, "web", "1.1.0"));
    assert_eq!(blame, Blame::Policy);
}

#[test]
fn a_repository_behind_a_login_is_read_with_it() {
    let mut project = Project::new();
    let server = WebServer::start(|request| {
        if request.header("authorization") != Some("Basic bWU6c2VjcmV0") {
            return Say("401 Unauthorized", vec!["WWW-Authenticate: Basic realm=\"charts\"".to_owned()], Vec::new());
        }
        match &*request.path {
            "/index.yaml" => Say::ok("apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n    urls: [web.tgz]\n"),
            _ => Say::ok(chart("web", "1.0.0")),
        }
    });
    let spec = SourceSpec::chart(&*server.url, "web", "");
    assert!(project.refusal(spec.clone()).0.contains("401"));
    project.options.access.add(&*server.url, "CHARTS_TOKEN");
    project.options.environment = Environment::of([("CHARTS_TOKEN", "me:secret")]);
    let (lock, _) = project.install(&spec);
    assert!(!lock.text().unwrap().contains("secret"));
}

#[test]
fn secrets_of_an_index_do_not_reach_the_lock() {
    let project = Project::new();
    let server = WebServer::start(|request| match &*request.path {
        "/index.yaml" => Say::ok(
            "apiVersion: v1\nentries:\n  signed:\n  - {version: 1.0.0, urls: ['a.tgz?x=1&X-Amz-Signature=SECRET']}\n  \
             login:\n  - {version: 1.0.0, urls: ['https://me:SECRET@c.io/a.tgz']}\n  \
             odd:\n  - {version: ../1.0.0, urls: [a.tgz]}\n",
        ),
        "/a.tgz?x=1&X-Amz-Signature=SECRET" => Say::ok(chart("signed", "1.0.0")),
        _ => Say("403 Forbidden", Vec::new(), Vec::new()),
    });
    let spec = SourceSpec::chart(&*server.url, "signed", "");
    let (lock, pin) = project.install(&spec);
    let text = lock.text().unwrap();
    assert!(text.contains(&format!("archive: {}/a.tgz\n", server.url)) && !text.contains("SECRET"), "{text}");
    // The index has the rest of the URL.
    fs::remove_dir_all(project.path().join(".kiln/store")).unwrap();
    let (_, pins, sink) = project.run(Some(lock), Pins::Locked, &[spec]);
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics());
    assert_eq!(pins, [Some(pin)]);

    for (chart, version, words) in [("login", "", "credential"), ("odd", "../1.0.0", "is not a version")] {
        let (message, blame) = project.refusal(SourceSpec::chart(&*server.url, chart, version));
        assert!(message.contains(words) && !message.contains("SECRET"), "{message}");
        assert_eq!(blame, Blame::Policy);
    }
}

#[test]
fn tokens_stay_at_the_registry_that_sends_its_blobs_elsewhere() {
    let mut project = Project::new();
    project.options.allow_insecure.push("localhost".to_owned());
    let archive = chart("web", "1.0.0");
    let blob = format!("/v2/org/web/blobs/sha256:{}", sha256_hex(&archive));
    let storage = WebServer::start(move |_| Say::ok(archive.clone()));
    let elsewhere = storage.url.replace("127.0.0.1", "localhost");
    let text = manifest(&chart("web", "1.0.0"));
    let server = WebServer::start(move |request| match &*request.path {
        path if path.starts_with("/token") => Say::ok(r#"{"access_token": "granted"}"#),
        _ if request.header("authorization") != Some("Bearer granted") => {
            let realm = format!("http://{}/token", request.header("host").unwrap());
            let challenge = format!("WWW-Authenticate: Bearer realm=\"{realm}\",service=\"r\"");
            Say("401 Unauthorized", vec![challenge], Vec::new())
        }
        "/v2/org/web/manifests/1.0.0" => Say::ok(text.clone()),
        path if path == blob => {
            Say("307 Temporary Redirect", vec![format!("Location: {elsewhere}/blob?sig=SECRET")], Vec::new())
        }
        _ => Say::not_found(),
    });
    let url = format!("{}/org", server.url.replace("http://", "oci://"));
    let (lock, _) = project.install(&SourceSpec::chart(&*url, "web", "1.0.0"));
    assert!(!lock.text().unwrap().contains("SECRET"));
    let heard = storage.heard();
    assert_eq!((heard.len(), heard[0].header("authorization")), (1, None));
}
