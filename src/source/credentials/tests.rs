//! Logins from end to end: what a server is sent when sources are installed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use super::Environment;
use crate::diag::Sink;
use crate::source::digest::sha256_hex;
use crate::source::fixture::{self, Say, WebServer, unauthorized};
use crate::source::{Asker, FetchOptions, Fetcher, Install, Pins, Request, Rewrites, SourceSpec, Store, Trust};

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

/// Installs a source with this environment and line of `access.yaml`; gives all that was told.
fn install(
    spec: SourceSpec,
    variables: &[(&str, &str)],
    access: Option<(&str, &str)>,
    rewrite: &str,
) -> Result<String, String> {
    let folder = TempDir::new().unwrap();
    let mut options = FetchOptions::of_project(folder.path());
    options.allow_insecure = vec!["127.0.0.1".to_owned()];
    options.timeout = Duration::from_secs(20);
    options.rewrites = Rewrites::parse([rewrite]).unwrap();
    let path = std::env::var("PATH").unwrap();
    let own = [("PATH", &*path), ("GIT_CONFIG_NOSYSTEM", "1")];
    options.environment = Environment::of(own.into_iter().chain(variables.iter().copied()));
    if let Some((source, variable)) = access {
        options.access.add(source, variable);
    }
    let shown = format!("{options:?}", options = options.environment);
    let fetcher = Fetcher::new(Store::at(folder.path().join("store")), options);
    let mut sink = Sink::new();
    let mut session = Install::begin(&fetcher, None, Pins::Keep);
    session.ask(&[Request { spec, asker: Asker::named("root/app", Trust::Project) }], &mut sink);
    let text = format!("{:?}{shown}{}", sink.diagnostics(), session.finish().text().unwrap());
    for secret in variables.iter().map(|(_, value)| *value).filter(|value| value.contains("s3cret")) {
        assert!(!text.contains(secret), "{text}");
        assert!(!holds(folder.path(), secret.as_bytes()), "the secret is in a file");
    }
    if sink.has_errors() { Err(text) } else { Ok(text) }
}

fn holds(folder: &Path, secret: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holds(&path, secret);
        }
        fs::read(path).unwrap_or_default().windows(secret.len()).any(|window| window == secret)
    })
}

#[test]
fn a_mirror_does_not_get_the_token_of_what_it_stands_for() {
    let server = WebServer::start(|request| Say::ok(format!("sent: {:?}\n", request.header("authorization"))));
    let mirror = format!("https://files.example.com={}", server.url);
    let spec = || SourceSpec::http("https://files.example.com/a.yaml");
    let access = Some(("https://files.example.com/a.yaml", "FILES_TOKEN"));
    install(spec(), &[("FILES_TOKEN", "s3cret")], access, &mirror).unwrap();
    // What is not sent need not be set.
    install(spec(), &[], access, &mirror).unwrap();
    let own = format!("{} other:s3cret", server.url);
    install(spec(), &[("KILN_TOKEN_MIRROR", &own)], access, &mirror).unwrap();
    let sent: Vec<Option<String>> =
        server.heard().iter().map(|heard| heard.header("authorization").map(str::to_owned)).collect();
    assert_eq!(sent, [None, None, Some(basic("other:s3cret"))]);
}

#[test]
fn chart_repositories_take_every_kind_of_login() {
    let archive = fixture::chart("web", "1.0.0");
    let server = WebServer::start(move |request| match (request.header("authorization"), request.path.as_str()) {
        (None, _) => unauthorized(),
        (_, "/charts/index.yaml") => {
            Say::ok("apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n    urls: [web.tgz]\n")
        }
        (_, "/charts/web.tgz") => Say::ok(archive.clone()),
        _ => Say::not_found(),
    });
    let url = format!("{}/charts", server.url);
    let spec = || SourceSpec::chart(&*url, "web", "1.0.0");
    let home = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let netrc = file("netrc", "machine 127.0.0.1 login me password s3cret-netrc");
    let helm = file(
        "repositories.yaml",
        &format!("repositories: [{{name: r, url: '{url}', username: me, password: s3cret}}]"),
    );
    let inline = format!("{url} me:s3cret");
    let none: [(&str, &str); 0] = [];
    assert!(install(spec(), &none, None, "").unwrap_err().contains("401"));
    install(spec(), &[("CHARTS", "me:s3cret")], Some((&url, "CHARTS")), "").unwrap();
    install(spec(), &[("KILN_TOKEN_CHARTS", &inline)], None, "").unwrap();
    install(spec(), &[("NETRC", &netrc)], None, "").unwrap();
    install(spec(), &[("HELM_REPOSITORY_CONFIG", &helm)], None, "").unwrap();
    let unset = install(spec(), &none, Some((&url, "CHARTS")), "").unwrap_err();
    assert!(unset.contains("`CHARTS`"), "{unset}");
}

/// A registry with its token service at another port; the service hands out tokens to whoever sends
/// what it wants. Gives both servers.
fn registry(wanted: impl Fn(&fixture::Heard) -> bool + Send + Sync + 'static) -> (WebServer, WebServer) {
    let service = WebServer::start(move |request| match wanted(request) {
        true => Say::ok(r#"{"access_token": "granted"}"#),
        false => unauthorized(),
    });
    let realm = format!("{}/token", service.url);
    let archive = fixture::chart("web", "1.0.0");
    let digest = sha256_hex(&archive);
    let layer = format!(
        r#"{{"schemaVersion": 2, "config": {{"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": "sha256:{digest}", "size": 1}},
            "layers": [{{"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "digest": "sha256:{digest}", "size": {}}}]}}"#,
        archive.len()
    );
    let registry = WebServer::start(move |request| {
        if request.header("authorization") != Some("Bearer granted") {
            let challenge = format!("WWW-Authenticate: Bearer realm=\"{realm}\",service=\"r\",scope=\"s\"");
            return Say("401 Unauthorized", vec![challenge], Vec::new());
        }
        match request.path.as_str() {
            "/v2/org/web/manifests/1.0.0" => Say::ok(layer.clone()),
            path if path.starts_with("/v2/org/web/blobs/") => Say::ok(archive.clone()),
            _ => Say::not_found(),
        }
    });
    (registry, service)
}

#[test]
fn registries_get_what_docker_helm_and_variables_know() {
    let wants = |request: &fixture::Heard| request.header("authorization") == Some(&*basic("me:s3cret"));
    let (registry, _service) = registry(wants);
    let host = registry.url.trim_start_matches("http://").to_owned();
    let url = format!("oci://{host}/org");
    let spec = || SourceSpec::chart(&*url, "web", "1.0.0");
    let home = TempDir::new().unwrap();
    let config = |text: &str| {
        let folder = TempDir::new_in(home.path()).unwrap().keep();
        fs::write(folder.join("config.json"), text).unwrap();
        folder.display().to_string()
    };
    let pair = STANDARD.encode("me:s3cret");
    let docker = config(&format!(r#"{{"auths": {{"{host}": {{"auth": "{pair}"}}}}}}"#));
    install(spec(), &[("DOCKER_CONFIG", &docker)], None, "").unwrap();
    let helm = format!("{docker}/config.json");
    install(spec(), &[("HELM_REGISTRY_CONFIG", &helm)], None, "").unwrap();

    let program = home.path().join("docker-credential-kept");
    fs::write(&program, "#!/bin/sh\necho '{\"Username\": \"me\", \"Secret\": \"s3cret\"}'\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", home.path().display(), std::env::var("PATH").unwrap());
    let kept = config(&format!(r#"{{"credHelpers": {{"{host}": "kept"}}}}"#));
    install(spec(), &[("PATH", &path), ("DOCKER_CONFIG", &kept)], None, "").unwrap();
    let lost = config(r#"{"credsStore": "there-is-none"}"#);
    let error = install(spec(), &[("DOCKER_CONFIG", &lost)], None, "").unwrap_err();
    assert!(error.contains("`docker-credential-there-is-none`"), "{error}");

    install(spec(), &[("KILN_TOKEN_R", "me:s3cret"), ("KILN_TOKEN_R_URL", &url)], None, "").unwrap();
    install(spec(), &[("REGISTRY", "me:s3cret")], Some((&url, "REGISTRY")), "").unwrap();
    assert!(
        install(
            spec(),
            &[("KILN_TOKEN_R", "me:s3cret"), ("KILN_TOKEN_R_URL", &format!("oci://{host}/other"))],
            None,
            ""
        )
        .is_err()
    );
}

#[test]
fn identity_tokens_are_traded() {
    let wants = |request: &fixture::Heard| {
        request.method == "POST" && String::from_utf8_lossy(&request.body).contains("refresh_token=s3cret-identity")
    };
    let (registry, service) = registry(wants);
    let host = registry.url.trim_start_matches("http://").to_owned();
    let home = TempDir::new().unwrap();
    fs::write(
        home.path().join("config.json"),
        format!(r#"{{"auths": {{"{host}": {{"identitytoken": "s3cret-identity"}}}}}}"#),
    )
    .unwrap();
    let spec = SourceSpec::chart(format!("oci://{host}/org"), "web", "1.0.0");
    install(spec, &[("DOCKER_CONFIG", home.path().to_str().unwrap())], None, "").unwrap();
    let asked = service.heard().pop().unwrap();
    assert!(!asked.path.contains("s3cret") && registry.heard().iter().all(|heard| heard.body.is_empty()));
}

#[test]
fn a_registry_cannot_have_the_logins_of_others_turned_into_tokens() {
    let (registry, service) = registry(|request| request.header("authorization").is_some());
    let host = registry.url.trim_start_matches("http://").to_owned();
    let spec = SourceSpec::chart(format!("oci://{host}/org"), "web", "1.0.0");
    let other = format!("{} me:s3cret", service.url);
    assert!(install(spec, &[("KILN_TOKEN_SERVICE", &other)], None, "").is_err());
    assert!(service.heard().iter().all(|heard| heard.header("authorization").is_none()));
}
