//! Repositories and servers for tests, all on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;
use git2::{Oid, Repository, Signature};

use super::git;

/// Makes a bare repository below `folder` with one commit.
pub(crate) fn repository(folder: &Path, name: &str, files: &[(&str, &str)]) -> (PathBuf, Oid) {
    let path = folder.join(name);
    let repository = git::create_bare(&path).unwrap();
    repository.set_head("refs/heads/main").unwrap();
    let commit = commit(&repository, "refs/heads/main", files);
    (path, commit)
}

/// Adds a commit with exactly these files to a branch. A name that starts with `@` is a link, one
/// that starts with `%` a submodule.
pub(super) fn commit(repository: &Repository, branch: &str, files: &[(&str, &str)]) -> Oid {
    let mut index = git2::Index::new().unwrap();
    for (name, content) in files {
        let (mode, name) = match name.as_bytes()[0] {
            b'@' => (0o120000, &name[1..]),
            b'%' => (0o160000, &name[1..]),
            _ => (0o100644, *name),
        };
        let id = match mode {
            0o160000 => Oid::from_str(content).unwrap(),
            _ => repository.blob(content.as_bytes()).unwrap(),
        };
        let time = git2::IndexTime::new(0, 0);
        let entry = git2::IndexEntry {
            ctime: time,
            mtime: time,
            dev: 0,
            ino: 0,
            mode,
            uid: 0,
            gid: 0,
            file_size: 0,
            id,
            flags: 0,
            flags_extended: 0,
            path: name.as_bytes().to_vec(),
        };
        index.add(&entry).unwrap();
    }
    let tree = repository.find_tree(index.write_tree_to(repository).unwrap()).unwrap();
    let who = Signature::new("t", "t@example.invalid", &git2::Time::new(1_700_000_000, 0)).unwrap();
    let parent = repository.find_reference(branch).ok().map(|reference| reference.peel_to_commit().unwrap());
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    repository.commit(Some(branch), &who, &who, "x", &tree, &parents).unwrap()
}

/// An annotated tag.
pub(super) fn tag(repository: &Repository, name: &str, commit: Oid) {
    let who = Signature::new("t", "t@example.invalid", &git2::Time::new(1_700_000_000, 0)).unwrap();
    repository.tag(name, &repository.find_object(commit, None).unwrap(), &who, "x", false).unwrap();
}

/// A packed chart.
pub(crate) fn chart(name: &str, version: &str) -> Vec<u8> {
    let text = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    builder.append_data(&mut header, format!("{name}/Chart.yaml"), text.as_bytes()).unwrap();
    builder.into_inner().unwrap().finish().unwrap()
}

/// A request that a server got.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) path: String,
    pub(super) headers: Vec<String>,
    pub(super) body: Vec<u8>,
}

impl Heard {
    /// The value of a header, by its lower-case name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// An answer: status line, headers, body.
pub(super) struct Say(pub(super) &'static str, pub(super) Vec<String>, pub(super) Vec<u8>);

impl Say {
    pub(super) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self("200 OK", Vec::new(), body.into())
    }

    pub(super) fn not_found() -> Self {
        Self("404 Not Found", Vec::new(), b"nothing here".to_vec())
    }
}

/// A web server on a free port; remembers what it heard.
pub(super) struct WebServer {
    pub(super) url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl WebServer {
    pub(super) fn start(answer: impl Fn(&Heard) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heard);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || {
                    let Some(request) = hear(&stream) else { return };
                    log.lock().unwrap().push(request.clone());
                    let Say(status, headers, body) = answer(&request);
                    let mut text =
                        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
                    for header in headers {
                        text.push_str(&format!("{header}\r\n"));
                    }
                    text.push_str("\r\n");
                    let mut stream = stream;
                    // A client that hangs up early is what some tests are about.
                    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.write_all(&body));
                });
            }
        });
        Self { url, heard }
    }

    pub(super) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// How often a path was asked for.
    pub(super) fn count(&self, path: &str) -> usize {
        self.heard().iter().filter(|request| request.path == path).count()
    }
}

fn hear(stream: &TcpStream) -> Option<Heard> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let path = words.nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        headers.push(line.trim().to_owned());
    }
    let mut heard = Heard { path, headers, body: Vec::new() };
    if let Some(length) = heard.header("content-length").and_then(|length| length.parse().ok()) {
        heard.body = vec![0; length];
        reader.read_exact(&mut heard.body).ok()?;
    } else if heard.header("transfer-encoding").is_some() {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).ok()?;
            if size == 0 {
                break;
            }
            heard.body.extend(&chunk[..size]);
        }
    }
    Some(heard)
}

/// Whether the `git` program is here to serve repositories; says so when a test is skipped.
pub(super) fn git_serves() -> bool {
    let found = Command::new("git").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("SKIPPED: no `git` program to serve a repository with");
    }
    found
}

/// Serves repositories below `root` by the smart protocol, with git's own upload-pack.
pub(super) fn smart_answer(root: &Path, request: &Heard) -> Say {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let header = |kind: &str| vec![format!("Content-Type: application/x-git-upload-pack-{kind}")];
    if let Some(name) = path.strip_suffix("/info/refs").filter(|_| query == "service=git-upload-pack") {
        let folder = root.join(name.trim_start_matches('/'));
        if !folder.is_dir() {
            return Say::not_found();
        }
        let mut body = b"001e# service=git-upload-pack\n0000".to_vec();
        body.extend(upload_pack(&folder, &["--stateless-rpc", "--advertise-refs"], b""));
        return Say("200 OK", header("advertisement"), body);
    }
    match path.strip_suffix("/git-upload-pack") {
        Some(name) => {
            let folder = root.join(name.trim_start_matches('/'));
            Say("200 OK", header("result"), upload_pack(&folder, &["--stateless-rpc"], &request.body))
        }
        None => Say::not_found(),
    }
}

fn upload_pack(folder: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("git")
        .arg("upload-pack")
        .args(arguments)
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().stdout
}

/// Serves repositories below `root` by the git protocol; gives the URL without a path.
pub(super) fn git_daemon(root: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("git://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4];
            stream.read_exact(&mut head).unwrap();
            let length = usize::from_str_radix(std::str::from_utf8(&head).unwrap(), 16).unwrap();
            let mut request = vec![0; length - 4];
            stream.read_exact(&mut request).unwrap();
            let request = String::from_utf8(request).unwrap();
            let path = request.strip_prefix("git-upload-pack /").unwrap().split('\0').next().unwrap();
            let mut child = Command::new("git")
                .arg("upload-pack")
                .arg(root.join(path))
                .stdin(Stdio::from(std::os::fd::OwnedFd::from(stream.try_clone().unwrap())))
                .stdout(Stdio::from(std::os::fd::OwnedFd::from(stream)))
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            thread::spawn(move || child.wait());
        }
    });
    url
}
