use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::*;
use crate::source::address::Policy;
use crate::source::credentials::{Environment, Scope};
use crate::source::error::{NOT_ALLOWED, SourceError, TOKEN_MISSING, UNAUTHORIZED};
use crate::source::fixture::{ProxyServer, Say, WebServer, tls_file, tls_server, unauthorized};

const NO_HOME: [(&str, &str); 2] = [("HOME", "/nonexistent"), ("GIT_CONFIG_NOSYSTEM", "1")];

fn web_of(environment: Environment, ca_file: Option<PathBuf>) -> Web {
    let allow_insecure = ["127.0.0.1", "localhost", "charts.example.com"].map(str::to_owned).to_vec();
    let policy = Policy { allow_insecure, project: PathBuf::new() };
    Web::new(WebOptions { policy, timeout: Duration::from_secs(20), environment, ca_file })
}

/// A client that finds no credentials but these variables.
fn web(variables: &[(&str, &str)]) -> Web {
    web_of(Environment::of(NO_HOME.into_iter().chain(variables.iter().copied())), None)
}

fn download(web: &Web, url: &str, token: Option<&Token>) -> Result<String, SourceError> {
    let found = web.download(&Url::parse(url).unwrap(), token, 1000, "the file");
    found.map(|(_, bytes)| String::from_utf8(bytes).unwrap())
}

fn git_get(web: &Web, url: &str) -> Result<String, SourceError> {
    let mut answer = web.get(&Url::parse(url).unwrap(), None, Redirects::SameHost, web.deadline())?;
    let mut text = String::new();
    answer.body.read_to_string(&mut text).unwrap();
    Ok(text)
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

/// A server that tells what it was sent to log in.
fn echo() -> WebServer {
    WebServer::start(|request| match request.path.as_str() {
        path if path.starts_with("/private") && request.header("authorization").is_none() => unauthorized(),
        _ => Say::ok(request.header("authorization").unwrap_or("nobody")),
    })
}

#[test]
fn variables_are_bound_to_scheme_host_and_path() {
    let server = echo();
    let other = echo();
    let inline = format!("{}/org/ one:s3cret", server.url);
    let place = format!("{}/org/deep", server.url);
    let web = web(&[("KILN_TOKEN_A", &inline), ("KILN_TOKEN_B", "t0ken"), ("KILN_TOKEN_B_URL", &place)]);
    let get = |base: &str, path: &str| download(&web, &format!("{base}{path}"), None).unwrap();
    assert_eq!(get(&server.url, "/org/x"), basic("one:s3cret"));
    assert_eq!(get(&server.url, "/org/deep/x"), basic("t0ken:"), "the longest path wins");
    assert_eq!(get(&server.url, "/organisation"), "nobody");
    assert_eq!(get(&other.url, "/org/x"), "nobody", "another port is another server");
    assert_eq!(get(&server.url.replace("127.0.0.1", "localhost"), "/org/x"), "nobody");
    for secret in ["s3cret", "t0ken"] {
        assert!(!format!("{:?}", web.registry_login(&Url::parse(&place).unwrap()).unwrap().1).contains(secret));
    }
}

#[test]
fn variables_without_a_place_or_a_token_are_errors_that_name_them() {
    let server = echo();
    for (name, value) in
        [("KILN_TOKEN_A", "s3cret"), ("KILN_TOKEN_A", "ftp://x s3cret"), ("KILN_TOKEN_A_URL", "nowhere")]
    {
        let error = download(&web(&[(name, value)]), &server.url, None).unwrap_err();
        assert!(error.message.contains("`KILN_TOKEN_A`") && !error.message.contains("s3cret"), "{error}");
    }
    for variables in [[("KILN_TOKEN_A_URL", &*server.url)].as_slice(), &[("KILN_TOKEN_A", &server.url)]] {
        let error = download(&web(variables), &format!("{}/x", server.url), None).unwrap_err();
        assert_eq!(error.code, TOKEN_MISSING);
        assert!(error.message.contains("`KILN_TOKEN_A`"), "{error}");
    }
    assert_eq!(download(&web(&[("KILN_TOKEN_A", "")]), &server.url, None).unwrap(), "nobody");
}

#[test]
fn a_token_stays_at_its_host_and_below_its_path() {
    let thief = echo();
    let away = thief.url.clone();
    let server = WebServer::start(move |request| match request.path.as_str() {
        "/org/away" => Say("302 Found", vec![format!("Location: {away}/stolen")], Vec::new()),
        "/org/up" => Say("302 Found", vec!["Location: /other".to_owned()], Vec::new()),
        "/org/r/down" => Say("302 Found", vec!["Location: /org/r.git/down".to_owned()], Vec::new()),
        _ => Say::ok(request.header("authorization").unwrap_or("nobody")),
    });
    let scope = |path: &str| Scope::parse(&format!("{}{path}", server.url)).unwrap();
    let token = Token::basic("s3cret").within(scope("/org"));
    let thief_login = format!("{} mine", thief.url);
    let web = web(&[("KILN_TOKEN_THIEF", &thief_login)]);
    let get = |path: &str| download(&web, &format!("{}{path}", server.url), Some(&token)).unwrap();
    assert_eq!(get("/org/x"), basic("s3cret:"));
    assert_eq!(get("/other"), "nobody");
    assert_eq!(get("/org/up"), "nobody");
    assert_eq!(get("/org/r/down"), basic("s3cret:"));
    assert_eq!(get("/org/away"), "nobody", "after a redirect to another host nothing is sent at all");
    assert!(!format!("{token:?}").contains("s3cret"));
}

#[test]
fn plain_http_carries_nothing_to_hosts_that_were_not_allowed() {
    let environment = Environment::of([("KILN_TOKEN_A", "http://plain.example.com/ s3cret")]);
    let error = download(&web_of(environment, None), "http://plain.example.com/x", None).unwrap_err();
    assert_eq!(error.code, NOT_ALLOWED);
}

#[test]
fn netrc_and_helm_log_in_where_they_say() {
    let server = echo();
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join(".config/helm")).unwrap();
    let helm = format!(
        "apiVersion: \"\"\nrepositories:\n- {{name: r, url: {}/charts, username: h, password: elm}}\n- {{name: p, url: x}}\n",
        server.url
    );
    fs::write(home.path().join(".config/helm/repositories.yaml"), helm).unwrap();
    fs::write(home.path().join(".netrc"), "machine 127.0.0.1 login me password s3cret\n").unwrap();
    let variables = [("HOME", home.path().to_str().unwrap())];
    let web = web_of(Environment::of(variables), None);
    let get = |path: &str| download(&web, &format!("{}{path}", server.url), None).unwrap();
    assert_eq!(get("/charts/index.yaml"), basic("h:elm"));
    assert_eq!(get("/x"), basic("me:s3cret"));
    assert_eq!(git_get(&web, &format!("{}/open/info/refs", server.url)).unwrap(), "nobody", "git asks first");
    assert_eq!(git_get(&web, &format!("{}/private/info/refs", server.url)).unwrap(), basic("me:s3cret"));

    let other = home.path().join("other");
    fs::write(&other, "default login any password one\n").unwrap();
    let web = web_of(Environment::of([("NETRC", other.to_str().unwrap())]), None);
    assert_eq!(download(&web, &format!("{}/x", server.url), None).unwrap(), "nobody");
    assert_eq!(download(&web, &format!("{}/private", server.url), None).unwrap(), basic("any:one"));
}

#[test]
fn git_asks_its_helpers_after_a_refusal_only_and_never_stores() {
    let server = echo();
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("log");
    let helper = home.path().join("helper");
    let script =
        format!("#!/bin/sh\necho \"$@\" >> {0}\ncat >> {0}\necho username=u\necho password=p4ss\n", log.display());
    fs::write(&helper, script).unwrap();
    let config = format!(
        "[credential]\n\thelper = !sh {0} wrong; exit 1;\n\thelper = !sh {0}\n[credential \"{1}/private/named\"]\n\tuseHttpPath = true\n",
        helper.display(),
        server.url
    );
    fs::write(home.path().join(".gitconfig"), config).unwrap();
    let path = std::env::var("PATH").unwrap();
    let variables = [("HOME", home.path().to_str().unwrap()), ("PATH", &path), ("GIT_CONFIG_NOSYSTEM", "1")];
    let web = web_of(Environment::of(variables), None);
    let get = |path: &str| git_get(&web, &format!("{}{path}", server.url)).unwrap();
    assert_eq!(get("/open/info/refs"), "nobody");
    assert!(!log.exists(), "nobody was asked");
    assert_eq!(get("/private/r/info/refs"), basic("u:p4ss"));
    assert_eq!(get("/private/r/git-upload-pack"), basic("u:p4ss"), "what was answered is sent at once");
    assert_eq!(get("/private/named/info/refs"), basic("u:p4ss"));
    let told = fs::read_to_string(&log).unwrap();
    let host = server.url.trim_start_matches("http://");
    let question = format!("get\nprotocol=http\nhost={host}\n\n");
    assert!(told.contains(&question), "{told}");
    assert!(told.contains("path=private/named\n"), "{told}");
    assert!(!told.contains("store") && !told.contains("erase"), "{told}");
}

#[test]
fn a_refusal_says_what_was_tried() {
    let server = WebServer::start(|_| unauthorized());
    let git = web(&[
        ("PATH", "/nonexistent"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "credential.helper"),
        ("GIT_CONFIG_VALUE_0", "none-of-that-name --secret x"),
    ]);
    let error = git_get(&git, &format!("{}/r/info/refs", server.url)).unwrap_err();
    assert_eq!(error.code, UNAUTHORIZED);
    let help = error.help.unwrap();
    assert!(help.contains("KILN_TOKEN_NAME") && help.contains("git's credential helper `none-of-that-name`"), "{help}");
    let login = format!("{} s3cret", server.url);
    let error = download(&web(&[("KILN_TOKEN_X", &login)]), &server.url, None).unwrap_err();
    assert_eq!(error.help.unwrap(), "check that the variable `KILN_TOKEN_X` is valid and may read there");
    assert_eq!(server.heard().len(), 2, "what is refused is not tried again");
}

/// A server whose answers are given one after the other, the last one for ever.
fn in_turn(answers: Vec<(&'static str, Vec<&'static str>)>) -> WebServer {
    let turn = AtomicUsize::new(0);
    WebServer::start(move |_| {
        let (status, headers) = &answers[turn.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1)];
        Say(status, headers.iter().map(|header| (*header).to_owned()).collect(), b"body".to_vec())
    })
}

#[test]
fn what_may_pass_is_tried_again_a_few_times() {
    let now = vec!["Retry-After: 0"];
    let passing = in_turn(vec![("503 Busy", now.clone()), ("429 Slow", now.clone()), ("200 OK", vec![])]);
    assert_eq!(download(&web(&[]), &passing.url, None).unwrap(), "body");
    assert_eq!(passing.heard().len(), 3);
    let lasting = in_turn(vec![("504 Gone", now)]);
    assert!(download(&web(&[]), &lasting.url, None).unwrap_err().message.contains("504"));
    assert_eq!(lasting.heard().len(), 4);
    let later = in_turn(vec![("429 Slow", vec!["Retry-After: 3600"])]);
    let error = download(&web(&[]), &later.url, None).unwrap_err();
    assert_eq!(
        (later.heard().len(), error.help.unwrap()),
        (1, "the server asks to come back in 3600 seconds".to_owned())
    );
    for status in ["400 Bad", "401 No", "403 No", "404 No", "410 Gone", "500 Broken"] {
        let server = in_turn(vec![(status, vec!["Retry-After: 0"])]);
        assert!(download(&web(&[]), &server.url, None).is_err());
        assert_eq!(server.heard().len(), 1, "{status}");
    }
}

#[test]
fn connections_that_break_are_tried_again_within_the_time_that_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if counted.fetch_add(1, Ordering::SeqCst) < 2 {
                continue;
            }
            let mut stream = stream;
            let _ = stream.read(&mut [0; 1024]);
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.0 200 OK\r\n\r\nuntil the end");
        }
    });
    assert_eq!(download(&web(&[]), &format!("http://127.0.0.1:{port}/"), None).unwrap(), "until the end");
    assert_eq!(count.load(Ordering::SeqCst), 3);

    let policy = Policy { allow_insecure: vec!["127.0.0.1".to_owned()], project: PathBuf::new() };
    let (timeout, environment) = (Duration::from_millis(100), Environment::of(NO_HOME));
    let hasty = Web::new(WebOptions { policy, timeout, environment, ca_file: None });
    let started = Instant::now();
    assert!(download(&hasty, "http://127.0.0.1:1/", None).is_err());
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn authorities_of_ones_own_are_trusted_when_named() {
    let port = tls_server("hello");
    let url = format!("https://localhost:{port}/");
    let ca = tls_file("ca.pem");
    let ca = ca.to_str().unwrap();
    let untrusting = download(&web(&[]), &url, None).unwrap_err();
    assert!(untrusting.message.contains("TLS"), "{untrusting}");
    assert!(untrusting.help.unwrap().contains("--ca-file"));
    assert_eq!(download(&web_of(Environment::of(NO_HOME), Some(ca.into())), &url, None).unwrap(), "hello");
    for name in ["SSL_CERT_FILE", "GIT_SSL_CAINFO"] {
        assert_eq!(download(&web(&[(name, ca)]), &url, None).unwrap(), "hello", "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("README"), "no certificate").unwrap();
    fs::copy(ca, folder.path().join("0123abcd.0")).unwrap();
    assert_eq!(download(&web(&[("SSL_CERT_DIR", folder.path().to_str().unwrap())]), &url, None).unwrap(), "hello");
    for file in ["/nonexistent/ca.pem", tls_file("make.sh").to_str().unwrap()] {
        let error = download(&web_of(Environment::of(NO_HOME), Some(file.into())), &url, None).unwrap_err();
        assert!(error.message.contains("`--ca-file`") && error.message.contains(file), "{error}");
    }
    let other_name = url.replace("localhost", "127.0.0.1");
    assert_eq!(download(&web(&[("SSL_CERT_FILE", ca)]), &other_name, None).unwrap(), "hello");
}

#[test]
fn https_goes_through_a_tunnel_and_http_is_forwarded() {
    let login = "Proxy-Authorization: Basic bWU6czNjcmV0";
    let secure = ProxyServer::start(tls_server("hello"), Some(login));
    let server = echo();
    let port = Url::parse(&server.url).unwrap().port().unwrap();
    let plain = ProxyServer::start(port, Some(login));
    let (https, http) =
        (format!("http://me:s3cret@127.0.0.1:{}", secure.port), format!("http://me:s3cret@127.0.0.1:{}/", plain.port));
    let ca = tls_file("ca.pem");
    let variables = [
        ("https_proxy", &*https),
        ("HTTP_PROXY", &*http),
        ("no_proxy", "127.0.0.1"),
        ("SSL_CERT_FILE", ca.to_str().unwrap()),
        ("KILN_TOKEN_X", "http://charts.example.com/ t0ken"),
    ];
    let web = web(&variables);
    assert_eq!(download(&web, "https://charts.example.com/x", None).unwrap(), "hello");
    assert_eq!(download(&web, "http://charts.example.com/x?a=b", None).unwrap(), basic("t0ken:"));
    assert_eq!(download(&web, &format!("{}/x", server.url), None).unwrap(), "nobody");
    assert!(secure.heads()[0].starts_with("CONNECT charts.example.com:443 "), "{:?}", secure.heads());
    assert!(!secure.heads()[0].to_ascii_lowercase().contains("\nauthorization"));
    assert!(plain.heads()[0].starts_with("GET http://charts.example.com/x?a=b HTTP/1.1\r\n"), "{:?}", plain.heads());
    assert!(plain.heads()[0].to_ascii_lowercase().contains("host: charts.example.com\r\n"));
    assert_eq!((secure.heads().len(), plain.heads().len()), (1, 1));
}

#[test]
fn a_proxy_that_wants_a_login_is_told_without_its_secret() {
    let secure = ProxyServer::start(1, Some("Proxy-Authorization: Basic other"));
    let proxy = format!("http://me:s3cret@127.0.0.1:{}", secure.port);
    let web = web(&[("ALL_PROXY", &proxy)]);
    for url in ["https://charts.example.com/x", "http://charts.example.com/x"] {
        let error = download(&web, url, None).unwrap_err();
        let text = format!("{error:?}");
        assert!(text.contains("proxy") && text.contains("407") && !text.contains("s3cret"), "{text}");
    }
}
