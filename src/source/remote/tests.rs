use std::sync::Arc;

use crate::source::digest::sha256_hex;
use crate::source::fixture::{Heard, Say, WebServer, chart};

use super::{Asking, Credentials, Login, Registry, Remote, Tls};

/// `me:secret`.
const BASIC: &str = "Basic bWU6c2VjcmV0";

fn login() -> Login {
    Login { username: "me".to_owned(), password: "secret".to_owned() }
}

#[test]
fn files_come_and_refusals_are_told_in_helms_words() {
    let server = WebServer::start(|heard| match heard.path.as_str() {
        "/file" => Say::ok("content"),
        "/moved" => Say("302 Found", vec!["Location: /file".to_owned()], Vec::new()),
        "/loop" => Say("302 Found", vec!["Location: /loop".to_owned()], Vec::new()),
        _ => Say::not_found(),
    });
    let (remote, url) = (Remote::default(), &server.url);
    let get = |href: &str| remote.get(href, &Asking::default());
    assert_eq!(get(&format!("{url}/file")).unwrap(), b"content");
    assert_eq!(get(&format!("{url}/moved")).unwrap(), b"content");
    assert_eq!(get(&format!("{url}/x")).unwrap_err(), format!("failed to fetch {url}/x : 404 Not Found"));
    assert_eq!(get(&format!("{url}/loop")).unwrap_err(), "Get \"/loop\": stopped after 10 redirects");
    let refused = get("http://127.0.0.1:1/x").unwrap_err();
    assert_eq!(refused, "Get \"http://127.0.0.1:1/x\": dial tcp 127.0.0.1:1: connect: connection refused");
    let hidden = get("http://me:secret@127.0.0.1:1/x").unwrap_err();
    assert!(hidden.contains("me:***@") && !hidden.contains("secret"), "{hidden}");
}

#[test]
fn logins_stay_with_their_host() {
    let other = WebServer::start(|_| Say::ok("other"));
    let there = other.url.replace("127.0.0.1", "localhost");
    let elsewhere = format!("{there}/file");
    let server = WebServer::start(move |heard| match heard.path.as_str() {
        "/moved" => Say("302 Found", vec![format!("Location: {elsewhere}")], Vec::new()),
        _ => Say::ok("own"),
    });
    let remote = Remote::default();
    let asking = Asking { login: login(), login_for: server.url.clone(), ..Asking::default() };
    remote.get(&format!("{}/file", server.url), &asking).unwrap();
    remote.get(&format!("{}/moved", server.url), &asking).unwrap();
    remote.get(&format!("{}/direct", other.url), &asking).unwrap();
    assert!(server.heard().iter().all(|heard| heard.header("authorization") == Some(BASIC)));
    assert!(other.heard().iter().all(|heard| heard.header("authorization").is_none()));
    remote.get(&format!("{}/all", other.url), &Asking { login_for_all: true, ..asking }).unwrap();
    assert_eq!(other.heard().last().unwrap().header("authorization"), Some(BASIC));
}

#[test]
fn certificates_that_cannot_be_used_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    let tls = |file: &str| Tls { ca_file: file.to_owned(), ..Tls::default() };
    let begin = "can't create TLS config for client";
    assert_eq!(tls("/no/file").check().unwrap_err(), format!("{begin}: can't read CA file: /no/file"));
    let shown = empty.display().to_string();
    let expected = format!("{begin}: failed to append certificates from file: {shown}");
    assert_eq!(tls(&shown).check().unwrap_err(), expected);
}

/// A registry that wants a token for everything, with one chart in two versions.
fn registry(archive: Vec<u8>) -> WebServer {
    let digest = format!("sha256:{}", sha256_hex(&archive));
    let manifest = format!(
        r#"{{"config": {{"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": "sha256:00"}},
        "layers": [{{"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "digest": "{digest}"}}]}}"#
    );
    WebServer::start(move |heard: &Heard| {
        if heard.path.starts_with("/token") {
            return match heard.header("authorization") {
                Some(BASIC) => Say::ok(r#"{"token": "T"}"#),
                _ => Say("401 Unauthorized", Vec::new(), b"{}".to_vec()),
            };
        }
        if heard.header("authorization") != Some("Bearer T") {
            let host = heard.header("host").unwrap_or_default();
            let challenge = format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"s\"");
            return Say("401 Unauthorized", vec![challenge], Vec::new());
        }
        match heard.path.strip_prefix("/v2/a/web/").unwrap_or(&heard.path) {
            "tags/list" => Say::ok(r#"{"tags": ["1.0.0", "latest", "1.1.0_b", "2.0.0-rc.1"]}"#),
            "manifests/1.0.0" | "manifests/1.1.0_b" => Say::ok(manifest.clone()),
            path if path == format!("blobs/{digest}") => Say::ok(archive.clone()),
            path if path.starts_with("/v2/a/broken/manifests/") => Say::ok(manifest.replace("sha256:", "sha256:0")),
            _ => Say(
                "404 Not Found",
                Vec::new(),
                br#"{"errors": [{"code": "NAME_UNKNOWN", "message": "gone"}]}"#.to_vec(),
            ),
        }
    })
}

fn access(login: Login) -> Registry {
    let nowhere = std::path::Path::new("/no/config.json");
    let credentials = Credentials::read(login, nowhere, None).unwrap();
    Registry::new(Arc::new(Remote::default()), Tls::default(), true, credentials)
}

#[test]
fn charts_come_from_registries_by_tag_or_range() {
    let archive = chart("web", "1.0.0");
    let server = registry(archive.clone());
    let place = server.url.replace("http://", "oci://");
    let access = access(login());
    let resolved = |wanted: &str| access.resolve(&format!("{place}/a/web"), wanted);
    assert_eq!(resolved("").unwrap(), format!("{place}/a/web:1.1.0+b"));
    assert_eq!(resolved("~1.0").unwrap(), format!("{place}/a/web:1.0.0"));
    assert_eq!(resolved(">0-0").unwrap(), format!("{place}/a/web:2.0.0-rc.1"));
    let pulled = access.pull(&resolved("").unwrap()).unwrap();
    assert_eq!(pulled.chart, archive);
    let host = place.replace("oci://", "");
    assert_eq!(pulled.notes[0], format!("Pulled: {host}/a/web:1.1.0_b"));
    // One token serves them all.
    assert_eq!(server.heard().iter().filter(|heard| heard.path.starts_with("/token")).count(), 1);
}

#[test]
fn refusals_of_registries_are_told_in_the_words_of_helms_library() {
    let server = registry(chart("web", "1.0.0"));
    let (place, url) = (server.url.replace("http://", "oci://"), &server.url);
    let host = place.replace("oci://", "");
    let access = access(login());
    for (reference, wanted, error) in [
        ("a/web", ">9", "Could not locate a version matching provided version string >9".to_owned()),
        ("a/web:1.0.0", "2.0.0", "chart reference and version mismatch: 2.0.0 is not 1.0.0".to_owned()),
        ("a/x", "", format!("GET \"{url}/v2/a/x/tags/list\": response status code 404: name unknown: gone")),
    ] {
        assert_eq!(access.resolve(&format!("{place}/{reference}"), wanted).unwrap_err(), error);
    }
    let pull = |reference: &str| access.pull(&format!("{place}/{reference}")).err().unwrap();
    let begin = "failed to perform \"FetchReference\" on source";
    assert_eq!(pull("a/web:9.0.0"), format!("{begin}: {host}/a/web:9.0.0: not found"));
    assert!(pull("a/broken:1.0.0").contains("invalid digest"));
    assert!(pull(&format!("a/web@sha256:{}", "0".repeat(64))).starts_with(begin));
}

#[test]
fn registries_that_want_a_login_say_so() {
    let server = registry(chart("web", "1.0.0"));
    let place = server.url.replace("http://", "oci://");
    let error = access(Login::default()).resolve(&format!("{place}/a/web"), "").unwrap_err();
    let url = &server.url;
    assert_eq!(
        error,
        format!(
            "GET \"{url}/v2/a/web/tags/list\": GET \"{url}/token?scope=repository%3Aa%2Fweb%3Apull&service=s\": \
             response status code 401: Unauthorized"
        )
    );
}
