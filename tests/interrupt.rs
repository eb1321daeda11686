//! Holds what a signal does to `kiln install`: the exit code says which one it was, and nothing half
//! made is left in the project, the lock or the store.
#![cfg(unix)]

#[path = "harness/settings.rs"]
mod settings;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use settings::without_settings;

const PATIENCE: Duration = Duration::from_secs(60);

/// A server that begins an answer to everybody and never ends it. Tells of each connection.
fn endless_server() -> (u16, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\napiVersion: v1\n");
            open.push(stream);
            if tell.send(()).is_err() {
                return;
            }
        }
    });
    (port, told)
}

fn project(component: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("component.yaml"), component).unwrap();
    folder
}

fn start(project: &Path, path: Option<&str>) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
    without_settings(&mut command)
        .args(["install", "--allow-insecure", "127.0.0.1"])
        .current_dir(project)
        .env("KILN_STORE", project.join(".kiln/store"));
    command.envs(path.map(|path| ("PATH", path))).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// The paths in a folder, at any depth.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path.clone());
            }
            found.push(path);
        }
    }
    found
}

/// Nothing is in the store but its locks and notes, and nothing new in the project.
fn assert_clean(project: &Path) {
    let names: Vec<_> = fs::read_dir(project).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| name == "component.yaml" || name == ".kiln"), "{names:?}");
    for folder in ["tmp", "charts", "files"] {
        let left = below(&project.join(".kiln/store").join(folder));
        assert!(left.is_empty(), "{left:?}");
    }
    let packs = below(&project.join(".kiln/store/git"));
    assert!(!packs.iter().any(|path| path.extension().is_some_and(|end| end == "pack")), "{packs:?}");
}

fn check(output: &Output, code: i32) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(!told.contains("internal error"), "{told}");
}

#[test]
fn signals_end_a_download_that_hangs() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let (port, told) = endless_server();
        let project = project(&format!(
            "name: x\nsubcomponents:\n- {{name: a, type: static, method: http, source: 'http://127.0.0.1:{port}/a.yaml'}}\n\
             - {{name: b, type: helm, method: helm, source: 'http://127.0.0.1:{port}', path: b}}\n\
             - {{name: c, method: git, source: 'http://127.0.0.1:{port}/c.git'}}\n"
        ));
        let child = start(project.path(), None);
        // Two or three of them are under way, as many as there are threads.
        told.recv_timeout(PATIENCE).unwrap();
        // Time to wait for the rest of the answer.
        thread::sleep(Duration::from_millis(100));
        send(&child, signal);
        check(&child.wait_with_output().unwrap(), code);
        assert_clean(project.path());
    }
}

#[test]
fn programs_that_were_started_end_too() {
    let project = project("name: x\nsubcomponents:\n- {name: a, method: git, source: 'git@h.invalid:a.git'}\n");
    let programs = tempfile::tempdir().unwrap();
    let (ssh, ids) = (programs.path().join("ssh"), programs.path().join("ids"));
    // The program and what it starts in turn hang.
    let script = "#!/bin/sh\nsleep 600 &\necho $$ $! > IDS.new\nmv IDS.new IDS\nwait\n";
    fs::write(&ssh, script.replace("IDS", &ids.display().to_string())).unwrap();
    fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());
    let child = start(project.path(), Some(&path));
    let line = appears(&ids);
    send(&child, Signal::INT);
    check(&child.wait_with_output().unwrap(), 130);
    let is_there = |id: &str| test_kill_process(Pid::from_raw(id.parse().unwrap()).unwrap()).is_ok() && !is_zombie(id);
    assert!(line.split_whitespace().all(|id| !is_there(id)), "{line}");
    assert_clean(project.path());
}

/// Waits for a file and gives its text.
fn appears(file: &Path) -> String {
    let started = Instant::now();
    loop {
        match fs::read_to_string(file) {
            Ok(text) => return text,
            Err(error) => assert!(started.elapsed() < PATIENCE, "{error}"),
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process has ended but nobody has asked for its exit code.
fn is_zombie(id: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    status.rsplit(')').next().is_some_and(|rest| rest.trim().starts_with('Z'))
}
