//! System calls that fail, or that the program is killed at, one after the other: `strace` makes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::project::{Edition, Twin, assert_clean, files, without_settings};
use crate::rounds::{Random, rounds};
use crate::sources::{Site, Version};

/// Calls that fail together, and how.
pub const FAILURES: [(&str, &str); 7] = [
    ("write,writev,pwrite64", "ENOSPC"),
    ("openat,open", "EMFILE"),
    ("fsync,fdatasync", "EIO"),
    ("rename,renameat,renameat2", "EIO"),
    ("close", "EIO"),
    ("mkdir,mkdirat", "EACCES"),
    ("unlink,unlinkat,rmdir", "EIO"),
];

/// Calls that change what is on the disk: the program is killed at each of them.
pub const CHANGES: &str = "openat,open,write,pwrite64,fsync,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,unlink,unlinkat,rmdir,ftruncate,chmod,fchmod";

/// Whether `strace` is here and may do its work. Says why not.
pub fn can_trace() -> bool {
    let traced = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=close", "-e", "inject=close:error=EIO:when=65000", "true"])
        .output();
    match traced {
        Ok(output) if output.status.success() => true,
        Ok(output) => {
            eprintln!("skipped: strace may not trace here: {}", String::from_utf8_lossy(&output.stderr).trim());
            false
        }
        Err(error) => {
            eprintln!("skipped: strace cannot be started: {error}");
            false
        }
    }
}

/// The command under strace, which makes calls fail or kill as `what` says.
pub fn traced(command: &Command, calls: &str, what: &str) -> Command {
    let mut traced = under_strace(command, calls, Path::new("/dev/null"));
    traced.args(["-e", &format!("inject={}:{what}", known(calls)), "--"]);
    finish(traced, command)
}

fn under_strace(command: &Command, calls: &str, log: &Path) -> Command {
    let mut traced = Command::new("strace");
    without_settings(&mut traced);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        traced.current_dir(folder);
    }
    // A name with `?` may be of another machine.
    traced.args(["-f", "-qq", "-o"]).arg(log).args(["-e", &format!("trace={}", known(calls))]);
    traced
}

/// Marks calls that not every machine has.
fn known(calls: &str) -> String {
    calls.split(',').map(|call| format!("?{call}")).collect::<Vec<_>>().join(",")
}

fn finish(mut traced: Command, command: &Command) -> Command {
    traced.arg(command.get_program()).args(command.get_args()).stdout(Stdio::null()).stdin(Stdio::null());
    traced
}

/// How many of these calls the busiest thread makes: they are counted for each thread.
pub fn count(command: &Command, calls: &str) -> u64 {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut traced = under_strace(command, calls, log.path());
    traced.arg("--");
    let output = finish(traced, command).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut threads: BTreeMap<&str, u64> = BTreeMap::new();
    let text = fs::read_to_string(log.path()).unwrap();
    for line in text.lines().filter(|line| !line.contains("resumed>")) {
        *threads.entry(line.split_whitespace().next().unwrap_or_default()).or_default() += 1;
    }
    threads.into_values().max().unwrap_or(0)
}

/// The moments to try: every one of them in a long run, else a few.
pub fn moments(random: &mut Random, count: u64, short: u64) -> Vec<u64> {
    if rounds(0) > 0 || count <= short {
        // Another run may make some more.
        return (1..=count + 2).collect();
    }
    (0..short).map(|_| 1 + random.below(count)).collect()
}

/// One thread, so that calls come in the same order each time.
fn generate(twin: &Twin, edition: Edition) -> Command {
    let mut command = twin.command(edition);
    command.args(["--jobs", "1"]);
    command
}

fn told(output: &Output) -> String {
    format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr))
}

/// Makes calls of `generate` fail, one after the other: the exit code says which tree stands.
fn survives(name: &str, twin: &Twin, jobs: &str, starts_with: Start) {
    let mut random = Random::new(name);
    let prepare = || {
        twin.heal(Edition::Old);
        if starts_with == Start::Nothing {
            twin.forget();
        }
    };
    let mut sync = twin.command(Edition::New);
    sync.args(["--jobs", jobs, "--sync"]);
    for (calls, error) in FAILURES {
        // Each failure comes once, or from some moment on.
        for onwards in ["", "+"] {
            prepare();
            let most = count(&sync, calls);
            let mut failed = 0;
            let tried = moments(&mut random, most, 3);
            for nth in &tried {
                prepare();
                let what = format!("error={error}:when={nth}{onwards}");
                let output = traced(&sync, calls, &what).output().unwrap();
                let place = format!("{name}: {calls} {what}");
                let success = output.status.success();
                // Where no rename works any more, trees that were exchanged cannot be put back.
                if calls.starts_with("rename") && onwards == "+" && !success {
                    assert!(twin.states().values().all(Option::is_some), "{place}: {}", twin.torn());
                } else {
                    let found = twin.state();
                    let wanted = if success { Edition::New } else { Edition::Old };
                    assert_eq!(found, Some(wanted), "{place}: {}: {}", twin.torn(), told(&output));
                }
                assert!(!told(&output).contains("internal error"), "{place}: {}", told(&output));
                failed += usize::from(!success);
            }
            eprintln!("{name}: {calls} {error}{onwards}: {failed} of {} runs failed, none torn", tried.len());
        }
    }
    twin.heal(Edition::Old);
}

/// What the run that is disturbed finds beside the output.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// All that the run before has recorded.
    State,
    /// Only which files are kiln's.
    Nothing,
}

#[test]
fn generate_survives_every_call_that_fails() {
    if can_trace() {
        survives("environment", &Twin::of_components(12), "1", Start::State);
    }
}

#[test]
fn generate_for_clusters_survives_every_call_that_fails() {
    if can_trace() {
        survives("clusters", &Twin::of_clusters(4), "1", Start::State);
    }
}

#[test]
fn generate_with_two_threads_survives_every_call_that_fails() {
    if can_trace() {
        survives("two threads, environment", &Twin::of_charts(&["prod"]), "2", Start::State);
        survives("two threads, clusters", &Twin::of_charts(&[]), "2", Start::State);
    }
}

#[test]
fn generate_without_state_survives_every_call_that_fails() {
    if can_trace() {
        survives("no state, environment", &Twin::of_charts(&["prod"]), "1", Start::Nothing);
        survives("no state, clusters", &Twin::of_charts(&[]), "1", Start::Nothing);
    }
}

/// Nothing can be removed: the new trees stand, and what is left over goes with the next run.
#[test]
fn clusters_are_pruned_where_nothing_can_be_removed() {
    if !can_trace() {
        return;
    }
    let twin = Twin::of_clusters(4);
    let file = twin.top().join("new/clusters.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("{name: c1,", "{name: c1, disabled: true,")).unwrap();
    let mut prune = generate(&twin, Edition::New);
    prune.arg("--prune-disabled");
    let output = traced(&prune, FAILURES[6].0, "error=EIO:when=1+").output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let states = twin.states();
    assert!(["c0", "c2", "c3"].iter().all(|name| states[*name] == Some(Edition::New)), "{states:?}");
    assert!(!files(&twin.out()).keys().any(|path| path.starts_with("c1/")));
    assert!(prune.output().unwrap().status.success());
    assert!(!twin.out().join("c1").exists());
    assert_clean(twin.top());
}

#[test]
fn generate_survives_a_kill_at_every_call() {
    if !can_trace() {
        return;
    }
    let mut random = Random::new("kills at calls of generate");
    let twin = Twin::of_components(12);
    let most = count(&generate(&twin, Edition::New), CHANGES);
    twin.heal(Edition::Old);
    let tried = moments(&mut random, most, 24);
    for nth in &tried {
        traced(&generate(&twin, Edition::New), CHANGES, &format!("signal=KILL:when={nth}")).output().unwrap();
        assert!(twin.state().is_some(), "killed at call {nth}: {}", twin.torn());
        twin.heal(Edition::Old);
    }
    eprintln!("generate: killed at {} of {most} calls, never torn", tried.len());
}

#[test]
fn install_survives_every_call_that_fails() {
    if !can_trace() {
        return;
    }
    let mut random = Random::new("calls of install");
    let site = Site::new();
    for (calls, error) in FAILURES {
        for onwards in ["", "+"] {
            site.prepare();
            let most = count(&site.install(), calls);
            let mut failed = 0;
            let tried = moments(&mut random, most, 3);
            for nth in &tried {
                site.prepare();
                let what = format!("error={error}:when={nth}{onwards}");
                let output = traced(&site.install(), calls, &what).output().unwrap();
                let place = format!("{calls} {what}");
                let found = site.lock().unwrap_or_else(|text| panic!("{place}: the lock is torn: {text}"));
                if output.status.success() {
                    assert_eq!(found, Version::New, "{place}: exit 0 with the old lock");
                }
                assert!(!told(&output).contains("internal error"), "{place}: {}", told(&output));
                site.check_store(found);
                site.heal();
                failed += usize::from(!output.status.success());
            }
            eprintln!("install: {calls} {error}{onwards}: {failed} of {} runs failed, none torn", tried.len());
        }
    }
}

#[test]
fn install_survives_a_kill_at_every_call() {
    if !can_trace() {
        return;
    }
    let mut random = Random::new("kills at calls of install");
    let site = Site::new();
    site.prepare();
    let most = count(&site.install(), CHANGES);
    let tried = moments(&mut random, most, 16);
    for nth in &tried {
        site.prepare();
        traced(&site.install(), CHANGES, &format!("signal=KILL:when={nth}")).output().unwrap();
        let found = site.lock().unwrap_or_else(|text| panic!("killed at call {nth}: the lock is torn: {text}"));
        site.check_store(found);
        site.heal();
    }
    eprintln!("install: killed at {} of {most} calls, never torn", tried.len());
}

#[test]
fn without_an_exchange_of_folders_two_renames_do() {
    if !can_trace() {
        return;
    }
    let twin = Twin::of_components(8);
    for (calls, what) in [("renameat2", "error=EINVAL"), ("renameat2", "error=ENOSYS"), ("link,linkat", "error=EPERM")]
    {
        twin.heal(Edition::Old);
        let output = traced(&generate(&twin, Edition::New), calls, what).output().unwrap();
        assert!(output.status.success(), "{calls} {what}: {}", told(&output));
        assert_eq!(twin.state(), Some(Edition::New), "{calls} {what}: {}", twin.torn());
        assert_clean(twin.top());
    }
    // Killed between the two renames, the old tree is back after the next run, even one that fails.
    twin.heal(Edition::Old);
    let command = generate(&twin, Edition::New);
    let mut traced = under_strace(&command, "renameat2,rename,renameat", Path::new("/dev/null"));
    traced.args(["-e", "inject=?renameat2:error=EINVAL", "-e", "inject=?rename,?renameat:signal=KILL:when=3", "--"]);
    finish(traced, &command).output().unwrap();
    twin.heal(Edition::Old);
}
