use std::env;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use super::super::failure::go_words;

/// The program that `--post-renderer` names, by its whole path. The error is that of Go's `LookPath`.
pub fn locate(name: &str) -> Result<PathBuf, String> {
    let fail = |reason: &str| {
        let shown = crate::golang::strconv::quote(name.as_bytes());
        format!("unable to find binary at {name}: exec: {shown}: {reason}")
    };
    let current = || env::current_dir().map_err(|error| go_words(&error));
    if name.contains('/') {
        return match Path::new(name).metadata() {
            Ok(_) if is_executable(Path::new(name)) => Ok(current()?.join(name)),
            Ok(_) => Err(fail("permission denied")),
            Err(error) => Err(fail(&format!("stat {name}: {}", go_words(&error)))),
        };
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|candidate| is_executable(candidate))
        .ok_or_else(|| fail("executable file not found in $PATH"))
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Gives the manifests to the program and takes what it prints. The error is Helm's text.
pub fn run(program: &Path, args: &[String], manifests: Vec<u8>) -> Result<Vec<u8>, String> {
    let fail = |stderr: &[u8], reason: String| {
        let stderr = String::from_utf8_lossy(stderr);
        format!("error while running command {}. error output:\n{stderr}: {reason}", program.display())
    };
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| fail(b"", format!("fork/exec {}: {}", program.display(), go_words(&error))))?;
    let stdin = child.stdin.take();
    // A program need not read its input, so a failure to write is no error.
    let writer = thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&manifests)));
    let output = child.wait_with_output().map_err(|error| fail(b"", go_words(&error)))?;
    let _ = writer.join();
    if output.status.success() {
        return Ok(output.stdout);
    }
    let reason = match output.status.code() {
        Some(code) => format!("exit status {code}"),
        None => output.status.to_string(),
    };
    Err(fail(&output.stderr, reason))
}
