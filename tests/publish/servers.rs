//! The ways to a server: git's own protocol, and smart http with a login.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::migration::files_with;
use crate::support::{Ended, Place, has};

/// What must hold whatever the way.
pub fn rows(place: &Place, url: &str, more: &[(&str, &str)]) {
    let publish = |words: &[&str]| {
        let words = [&["publish", "--repo", url, "--allow-insecure", "127.0.0.1"], words].concat();
        Ended::of(&place.command(&words).envs(more.iter().copied()).output().unwrap())
    };
    publish(&[]).expect(0);
    publish(&[]).expect(0).says("nothing changes");
    assert_eq!(place.count("main"), 1);
    // Somebody else's commit is taken up, with what it brings.
    place.edit("main", &[("policies/x.yaml", Some("x: 1\n"))]);
    let old = place.bump(2);
    place.bump(3);
    publish(&[]).expect(0);
    assert!(place.names("main").contains(&"policies/x.yaml".to_owned()));
    place.checkout(old);
    publish(&[]).expect(5).says("stale source");
    place.bump(4);
    place.edit("main", &[("clusters/a/db.yaml", Some("by: hand\n"))]);
    publish(&["--allow-rollback"]).expect(5).says("+by: hand");
    publish(&["--allow-rollback", "--overwrite-drift"]).expect(0);
    // Promotion takes the history along.
    let words = ["promote", "--repo", url, "--allow-insecure", "127.0.0.1", "--from", "main", "--to", "production"];
    Ended::of(&place.command(&words).envs(more.iter().copied()).output().unwrap()).expect(0);
    assert_eq!(place.tip("production"), place.tip("main"));
    // Eight at once.
    let clusters: String = (0..8).map(|at| format!("- {{name: d{at}, labels: {{stage: s}}}}\n")).collect();
    place.write("clusters.yaml", &format!("clusters:\n{clusters}"));
    place.commit("Eight");
    let before = place.count("main");
    thread::scope(|scope| {
        for at in 0..8 {
            let publish = &publish;
            scope.spawn(move || publish(&["--cluster", &format!("d{at}"), "--allow-rollback"]).expect(0));
        }
    });
    assert_eq!(place.count("main"), before + 8);
}

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_git_daemon() {
    if !has("git") {
        return;
    }
    let place = Place::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = Command::new("git")
        .args(["daemon", "--export-all", "--enable=receive-pack", "--reuseaddr", "--listen=127.0.0.1"])
        .arg(format!("--port={port}"))
        .arg(format!("--base-path={}", place.folder.path().display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _daemon = Daemon(child);
    let is_up = (0..250).any(|_| {
        thread::sleep(Duration::from_millis(20));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    if !is_up {
        eprintln!("SKIPPED: `git daemon` does not start here");
        return;
    }
    rows(&place, &format!("git://127.0.0.1:{port}/target.git"), &[]);
}

/// R-PB-15: credentials come from the environment and stay in memory.
#[test]
fn smart_http_with_a_login() {
    if !has("git") {
        return;
    }
    let place = Place::new();
    let secret = "s3cret-of-the-robot";
    let url = serve(place.folder.path().to_owned(), format!("robot:{secret}"));
    let token = format!("{url} robot:{secret}");
    let more = [("KILN_TOKEN_TARGET", token.as_str())];
    rows(&place, &format!("{url}/target.git"), &more);
    assert_eq!(files_with(place.folder.path(), secret), Vec::<String>::new());
    let ended = place.publish(&["--repo", &format!("{url}/target.git"), "--allow-insecure", "127.0.0.1"]).expect(6);
    assert!(ended.err.contains("401"), "{}", ended.err);
}

/// `git http-backend` behind a small server that wants a login.
fn serve(root: PathBuf, login: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (root, login) = (root.clone(), login.clone());
            thread::spawn(move || answer(stream, &root, &login));
        }
    });
    url
}

fn answer(stream: TcpStream, root: &Path, login: &str) -> Option<()> {
    use base64::Engine;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut chunked, mut kind, mut authorization, mut encoding) =
        (0, false, String::new(), String::new(), String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "transfer-encoding" => chunked = value == "chunked",
            "content-type" => kind = value.to_owned(),
            "content-encoding" => encoding = value.to_owned(),
            "authorization" => authorization = value.to_owned(),
            _ => {}
        }
    }
    assert!(!chunked, "requests say their length");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut stream = stream;
    let wanted = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(login));
    if authorization != wanted {
        let text = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return stream.write_all(text.as_bytes()).ok();
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut command = Command::new("git");
    command.args(["-c", "http.receivepack=true", "http-backend"]);
    command
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query);
    command.env("REQUEST_METHOD", method).env("CONTENT_TYPE", kind).env("CONTENT_LENGTH", length.to_string());
    command.env("REMOTE_USER", "robot").env("REMOTE_ADDR", "127.0.0.1").env("HTTP_CONTENT_ENCODING", encoding);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut input = child.stdin.take()?;
    let feeder = thread::spawn(move || drop(input.write_all(&body)));
    let output = child.wait_with_output().ok()?.stdout;
    let _ = feeder.join();
    let end = output.windows(4).position(|part| part == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&output[..end]).into_owned();
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK").to_owned();
    let headers: String =
        head.lines().filter(|line| !line.starts_with("Status: ")).map(|line| format!("{line}\r\n")).collect();
    let body = &output[end + 4..];
    let text = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(text.as_bytes()).and_then(|()| stream.write_all(body)).ok()
}
