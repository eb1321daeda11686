use std::collections::HashMap;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::action::{Entry, INLINE};
use super::*;
use crate::source::credentials::Environment;
use crate::source::digest::{Digest, sha256_hex};
use crate::source::fixture::{Heard, Say, WebServer, free_port, unauthorized};

type Kept = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// A cache that checks as bazel-remote does: a content must hash to its name, an entry must be an
/// `ActionResult`, and one whose content is gone is not given.
fn answer(kept: &Kept, heard: &Heard) -> Say {
    let mut kept = kept.lock().unwrap();
    let path = heard.path.trim_start_matches("/cache");
    let bad = |why: &str| Say("400 Bad Request", Vec::new(), why.as_bytes().to_vec());
    let Some((kind, name)) = path.trim_start_matches('/').split_once('/') else { return bad("path") };
    if !matches!(kind, "ac" | "cas") || name.len() != 64 {
        return bad("path");
    }
    let entry = |bytes: &[u8]| action_result(bytes).ok_or(());
    match heard.method.as_str() {
        "PUT" if kind == "cas" && sha256_hex(&heard.body) != name => bad("the content does not hash to its name"),
        "PUT" if kind == "ac" && entry(&heard.body).is_err() => bad("no ActionResult"),
        "PUT" => {
            kept.insert(path.to_owned(), heard.body.clone());
            Say("200 OK", Vec::new(), Vec::new())
        }
        _ => match kept.get(path) {
            Some(bytes) if kind == "ac" => match action_result(bytes) {
                Some((digest, false)) if !kept.contains_key(&format!("/cas/{digest}")) => Say::not_found(),
                Some(_) => Say::ok(bytes.clone()),
                None => bad("no ActionResult"),
            },
            Some(bytes) => Say::ok(bytes.clone()),
            None => Say::not_found(),
        },
    }
}

/// The digest of the only output file, and whether its contents stand beside it: read by a second decoder.
fn action_result(bytes: &[u8]) -> Option<(String, bool)> {
    fn field(bytes: &[u8], wanted: u8) -> Option<&[u8]> {
        let mut rest = bytes;
        while let Some((tag, after)) = rest.split_first() {
            let (mut length, mut shift, mut after) = (0_usize, 0, after);
            loop {
                let (byte, next) = after.split_first()?;
                (length, shift, after) = (length | usize::from(byte & 127) << shift, shift + 7, next);
                if byte & 128 == 0 {
                    break;
                }
            }
            if tag & 7 == 0 {
                rest = after;
                continue;
            }
            let (value, next) = after.split_at_checked(length)?;
            if tag >> 3 == wanted {
                return Some(value);
            }
            rest = next;
        }
        None
    }
    let file = field(bytes, 2)?;
    let hash = String::from_utf8(field(field(file, 2)?, 1)?.to_vec()).ok()?;
    (hash.len() == 64 && !field(file, 1)?.is_empty()).then(|| (hash, field(file, 5).is_some()))
}

fn server() -> (WebServer, Kept) {
    let kept = Kept::default();
    let own = Arc::clone(&kept);
    (WebServer::start(move |heard| answer(&own, heard)), kept)
}

fn cache(url: &str, mode: CacheMode) -> RemoteCache {
    let environment = Environment::of([("HOME", "/nonexistent")]);
    RemoteCache::new(CacheOptions { url: url.to_owned(), mode, environment, ..CacheOptions::default() }).unwrap()
}

fn key(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

#[test]
fn what_one_puts_there_another_gets() {
    let (server, kept) = server();
    let writer = cache(&format!("{}/cache", server.url), CacheMode::ReadWrite);
    let large = vec![b'x'; INLINE + 1];
    assert_eq!(writer.get(&key("small")), None);
    writer.put(&key("small"), b"result");
    writer.put(&key("large"), &large);
    writer.put(&key("empty"), b"");
    assert_eq!(writer.report(), CacheReport { found: 0, missed: 1, written: 3, problems: Vec::new() });
    assert_eq!(kept.lock().unwrap().keys().filter(|path| path.starts_with("/cas/")).count(), 1);

    let reader = cache(&format!("{}/cache/", server.url), CacheMode::Read);
    assert_eq!(reader.get(&key("small")).unwrap(), b"result");
    assert_eq!(reader.get(&key("large")).unwrap(), large);
    assert_eq!(reader.get(&key("empty")).unwrap(), b"");
    assert_eq!(reader.get(&key("other")), None);
    let before = server.heard().len();
    reader.put(&key("other"), b"result");
    assert_eq!(server.heard().len(), before, "a cache that is only read is not written to");
    assert_eq!(reader.report(), CacheReport { found: 3, missed: 1, written: 0, problems: Vec::new() });
    // A content that the server forgot.
    kept.lock().unwrap().retain(|path, _| !path.starts_with("/cas/"));
    assert_eq!(reader.get(&key("large")), None);
    assert!(reader.report().problems.is_empty());
}

#[test]
fn a_result_that_does_not_fit_its_digest_is_a_miss_and_told() {
    let (server, kept) = server();
    let writer = cache(&server.url, CacheMode::ReadWrite);
    writer.put(&key("small"), b"result");
    let large = vec![b'x'; INLINE + 1];
    writer.put(&key("large"), &large);
    let path = |text: &str| format!("/ac/{}", key(text));
    let set = |path: String, bytes: Vec<u8>| drop(kept.lock().unwrap().insert(path, bytes));
    let entry = Entry::of(b"result").pack(&key("small"));

    let forged = Entry { contents: Some(b"RESULT".to_vec()), ..Entry::of(b"result") }.pack(&key("small"));
    let cut = Entry { contents: Some(b"resul".to_vec()), ..Entry::of(b"result") }.pack(&key("small"));
    for bytes in [forged, cut] {
        set(path("small"), bytes);
        let reader = cache(&server.url, CacheMode::Read);
        assert_eq!(reader.get(&key("small")), None);
        let problems = reader.report().problems;
        assert!(problems.len() == 1 && problems[0].contains("does not fit its digest"), "{problems:?}");
        // One damaged result is no reason to give up the others.
        assert_eq!(reader.get(&key("large")).unwrap(), large);
    }
    // The entry of another key.
    set(path("other"), entry);
    let reader = cache(&server.url, CacheMode::Read);
    assert_eq!(reader.get(&key("other")), None);
    assert!(reader.report().problems[0].contains("an entry is none of kiln's"));
    // A content that is longer or other than it should be.
    for bytes in [vec![b'y'; INLINE + 1], vec![b'x'; INLINE], vec![b'x'; INLINE + 2]] {
        set(format!("/cas/{}", Digest::of(&large)), bytes);
        let reader = cache(&server.url, CacheMode::Read);
        assert_eq!(reader.get(&key("large")), None);
        assert_eq!(reader.report().problems.len(), 1);
    }
}

/// A cache that answers everything in one way.
#[track_caller]
fn fails(say: fn() -> Say, why: &str, asked: usize) {
    let server = WebServer::start(move |_| say());
    let cache = cache(&server.url, CacheMode::ReadWrite);
    for at in 0..5 {
        assert_eq!(cache.get(&key(&at.to_string())), None);
    }
    cache.put(&key("0"), b"x");
    let problems = cache.report().problems;
    assert!(problems.len() == 1 && problems[0].contains(why), "{problems:?}");
    assert_eq!(server.heard().len(), asked, "then it is left alone");
}

#[test]
fn a_server_that_fails_is_left_alone() {
    fails(|| Say("500 Internal Server Error", Vec::new(), Vec::new()), "answers 500", 3);
    fails(|| Say("403 Forbidden", Vec::new(), Vec::new()), "answers 403", 1);
    fails(unauthorized, "answers 401", 1);
    fails(|| Say("302 Found", vec!["Location: http://127.0.0.1:1/".to_owned()], Vec::new()), "answers 302", 1);
    fails(|| Say::ok(vec![b'x'; (1 << 20) + 1]), "is larger than", 3);
    // Nobody there.
    let cache = cache("http://127.0.0.1:1/", CacheMode::ReadWrite);
    for at in 0..5 {
        assert_eq!(cache.get(&key(&at.to_string())), None);
    }
    assert_eq!(cache.report().problems.len(), 1);
}

#[test]
fn a_request_that_fails_now_and_then_is_a_miss_and_told() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = WebServer::start(move |_| match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 3 {
        2 => Say::not_found(),
        _ => Say("502 Bad Gateway", Vec::new(), Vec::new()),
    });
    let cache = cache(&server.url, CacheMode::Read);
    for at in 0..12 {
        assert_eq!(cache.get(&key(&at.to_string())), None);
    }
    assert_eq!(server.heard().len(), 12);
    let problems = cache.report().problems;
    assert!(problems.len() == 1 && problems[0].contains("did not answer 8 requests"), "{problems:?}");
    for at in 12..100 {
        assert_eq!(cache.get(&key(&at.to_string())), None);
    }
    // Enough of them are a reason to give up.
    assert_eq!(server.heard().len(), 29);
    assert!(cache.report().problems[0].contains("not used for the rest of the run"));
}

#[test]
fn a_server_that_is_slow_is_left_alone_soon() {
    let server = WebServer::start(|_| {
        std::thread::sleep(Duration::from_secs(60));
        Say::not_found()
    });
    let cache = cache(&server.url, CacheMode::Read);
    let started = std::time::Instant::now();
    assert_eq!(cache.get(&key("a")), None);
    assert_eq!(cache.get(&key("b")), None);
    assert!(started.elapsed() < Duration::from_secs(30));
    assert_eq!((server.heard().len(), cache.report().problems.len()), (1, 1));
}

#[test]
fn a_cache_that_takes_nothing_is_still_read() {
    let (full, kept) = server();
    cache(&full.url, CacheMode::ReadWrite).put(&key("a"), b"result");
    let server = WebServer::start(move |heard| match heard.method.as_str() {
        "PUT" => Say("507 Insufficient Storage", Vec::new(), Vec::new()),
        _ => answer(&kept, heard),
    });
    let cache = cache(&server.url, CacheMode::ReadWrite);
    cache.put(&key("b"), b"x");
    cache.put(&key("c"), b"x");
    assert_eq!(cache.get(&key("a")).unwrap(), b"result");
    let report = cache.report();
    assert!(report.problems.len() == 1 && report.problems[0].contains("takes no results (507"), "{report:?}");
    assert_eq!(server.heard().len(), 2);
}

#[test]
fn logins_come_from_the_url_or_from_where_others_do() {
    let wanted = format!("Basic {}", STANDARD.encode("me:p@ss+1"));
    let server = WebServer::start(move |heard| match heard.header("authorization") == Some(&wanted) {
        true => Say::not_found(),
        false => unauthorized(),
    });
    let ask = |url: &str, variables: &[(&str, &str)]| {
        let environment = Environment::of([("HOME", "/nonexistent")].into_iter().chain(variables.iter().copied()));
        let options = CacheOptions { url: url.to_owned(), environment, ..CacheOptions::default() };
        let cache = RemoteCache::new(options).unwrap();
        assert_eq!(cache.get(&key("a")), None);
        assert!(!format!("{cache:?} {:?}", cache.report()).contains("p@ss"));
        cache.report().problems.len()
    };
    let with_user = server.url.replace("http://", "http://me:p%40ss+1@");
    assert_eq!(ask(&with_user, &[]), 0);
    assert_eq!(ask(&server.url, &[]), 1);
    let folder = tempfile::tempdir().unwrap();
    let netrc = folder.path().join("netrc");
    fs::write(&netrc, "machine 127.0.0.1 login me password p@ss+1\n").unwrap();
    assert_eq!(ask(&server.url, &[("NETRC", netrc.to_str().unwrap())]), 0);
}

#[test]
fn plain_http_stays_on_this_machine_unless_allowed() {
    let new = |url: &str, allowed: &[&str]| {
        let allow_insecure = allowed.iter().map(|host| (*host).to_owned()).collect();
        let options = CacheOptions { url: url.to_owned(), allow_insecure, ..CacheOptions::default() };
        RemoteCache::new(options).map(drop).map_err(|error| error.message)
    };
    for url in ["http://127.0.0.1:8080", "http://localhost/cache", "http://[::1]:1/", "https://cache.example.com/x"] {
        assert_eq!(new(url, &[]), Ok(()), "{url}");
    }
    assert!(new("http://cache.example.com/", &[]).is_err());
    assert_eq!(new("http://cache.example.com/", &["cache.example.com"]), Ok(()));
    for url in ["", "cache", "file:///tmp", "ftp://x/", "https://x/?a=b", "https://u:secret@", "mailto:a@b"] {
        let error = new(url, &[]).unwrap_err();
        assert!(!error.contains("secret"), "{error}");
    }
}

/// nginx with WebDAV over a folder. Ended when dropped.
struct Nginx {
    child: Child,
    url: String,
}

impl Nginx {
    /// `None`, with a plain reason on stderr, where there is no nginx, or where it does not start.
    fn start(folder: &std::path::Path) -> Option<Self> {
        let Some(program) = std::env::var_os("KILN_TEST_NGINX") else {
            eprintln!("SKIPPED: set KILN_TEST_NGINX to the program `nginx` (Debian: nginx-core)");
            return None;
        };
        let (port, path) = (free_port(), folder.display());
        let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
        let settings = format!(
            "{user} daemon off; pid {path}/pid; error_log {path}/error.log; events {{}}\n\
             http {{ access_log off; client_max_body_size 100m; client_body_temp_path {path}/body;\n\
             proxy_temp_path {path}/p; fastcgi_temp_path {path}/f; uwsgi_temp_path {path}/u; scgi_temp_path {path}/s;\n\
             server {{ listen 127.0.0.1:{port}; root {path}/data;\n\
             location / {{ dav_methods PUT; create_full_put_path on; }} }} }}\n"
        );
        fs::create_dir(folder.join("data")).unwrap();
        fs::write(folder.join("nginx.conf"), settings).unwrap();
        let mut child = Command::new(&program)
            .args(["-e", &format!("{path}/start.log"), "-p", &path.to_string(), "-c", "nginx.conf"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .inspect_err(|error| eprintln!("SKIPPED: cannot start `{}`: {error}", program.display()))
            .ok()?;
        if !crate::source::fixture::answers(port, &mut child) {
            eprintln!(
                "SKIPPED: nginx does not start: {}",
                fs::read_to_string(folder.join("start.log")).unwrap_or_default()
            );
            return None;
        }
        Some(Self { child, url: format!("http://127.0.0.1:{port}/") })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn nginx_with_webdav_is_a_cache() {
    let folder = tempfile::tempdir().unwrap();
    let Some(nginx) = Nginx::start(folder.path()) else { return };
    let writer = cache(&nginx.url, CacheMode::ReadWrite);
    let large = vec![b'x'; 3 << 20];
    assert_eq!(writer.get(&key("small")), None);
    writer.put(&key("small"), b"result");
    writer.put(&key("large"), &large);
    // Again: it is replaced.
    writer.put(&key("small"), b"result");
    assert_eq!(writer.report(), CacheReport { found: 0, missed: 1, written: 3, problems: Vec::new() });
    assert_eq!(fs::read(folder.path().join(format!("data/cas/{}", Digest::of(&large)))).unwrap(), large);
    let reader = cache(&nginx.url, CacheMode::Read);
    assert_eq!(reader.get(&key("small")).unwrap(), b"result");
    assert_eq!(reader.get(&key("large")).unwrap(), large);
    fs::write(folder.path().join(format!("data/cas/{}", Digest::of(&large))), "cut").unwrap();
    assert_eq!(reader.get(&key("large")), None);
    assert!(reader.report().problems[0].contains("damaged"));
}
