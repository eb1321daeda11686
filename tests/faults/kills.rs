//! Kills and signals at random moments.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::project::{Edition, Twin, assert_clean};
use crate::rounds::{Random, rounds};
use crate::sources::{Site, Version};

/// Starts a command, sends it a signal after a while unless it has ended, and waits for it.
pub fn end_after(command: &mut Command, signal: Signal, after: Duration) -> ExitStatus {
    ended(command, signal, after).status
}

/// The same, with what it said on stderr.
pub fn ended(command: &mut Command, signal: Signal, after: Duration) -> Output {
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    thread::sleep(after);
    // It may have ended, but nobody has asked for its exit code yet: the id is still its own.
    let _ = kill_process(Pid::from_child(&child), signal);
    child.wait_with_output().unwrap()
}

/// 128 and the signal's number, or the work was done; a process that has just started dies of the signal.
fn assert_ended_in_order(status: ExitStatus, signal: Signal) {
    let number = signal.as_raw();
    let is_fine = status.success() || status.code() == Some(128 + number) || status.signal() == Some(number);
    assert!(is_fine, "{signal:?}: {status:?}");
}

const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::HUP];

#[test]
fn generate_killed_leaves_the_old_or_the_new_tree() {
    let twin = Twin::of_components(40);
    let mut random = Random::new("generate killed");
    let (whole, count) = (twin.duration(), rounds(60));
    let (mut now, mut done) = (Edition::Old, 0);
    for round in 0..count {
        let wanted = now.other();
        end_after(&mut twin.command(wanted), Signal::KILL, random.moment(whole));
        let found = twin.state().unwrap_or_else(|| panic!("round {round}: {}", twin.torn()));
        done += usize::from(found == wanted);
        // The next run is one of the other edition as often as of the same.
        now = if random.below(2) == 0 { wanted } else { now };
        twin.heal(now);
    }
    eprintln!("generate killed: {count} kills in runs of {whole:?}: {done} new, {} old", count - done);
}

#[test]
fn a_fleet_killed_leaves_whole_trees() {
    let twin = Twin::of_clusters(30);
    let mut random = Random::new("fleet killed");
    let (whole, count) = (twin.duration(), rounds(40));
    let (mut now, mut between) = (Edition::Old, 0);
    for round in 0..count {
        let wanted = now.other();
        end_after(&mut twin.command(wanted), Signal::KILL, random.moment(whole));
        let states = twin.states();
        assert!(states.values().all(Option::is_some), "round {round}: {states:?}");
        between += usize::from(twin.state().is_none());
        twin.heal(wanted);
        now = wanted;
    }
    // Trees are exchanged one right after the other: a kill can fall between two of them.
    eprintln!("fleet killed: {count} kills in runs of {whole:?}: {between} between two trees");
}

#[test]
fn generate_interrupted_leaves_the_old_or_the_new_tree_and_nothing_else() {
    let mut random = Random::new("generate interrupted");
    for twin in [Twin::of_components(40), Twin::of_clusters(20)] {
        let (whole, count) = (twin.duration(), rounds(30));
        let (mut now, mut done) = (Edition::Old, 0);
        for round in 0..count {
            let signal = SIGNALS[round % SIGNALS.len()];
            let wanted = now.other();
            let status = end_after(&mut twin.command(wanted), signal, random.moment(whole));
            assert_ended_in_order(status, signal);
            now = twin.state().unwrap_or_else(|| panic!("round {round}: {}", twin.torn()));
            done += usize::from(now == wanted);
            assert!(!status.success() || now == wanted, "round {round}: it said that it had written");
            assert_clean(twin.top());
        }
        eprintln!("generate interrupted: {count} signals in runs of {whole:?}: {done} new, {} old", count - done);
    }
}

#[test]
fn install_ended_leaves_the_old_or_the_new_lock() {
    let site = Site::new();
    let mut random = Random::new("install ended");
    let (whole, count) = (site.duration(), rounds(30));
    let mut done = 0;
    for round in 0..count {
        let signal = [Signal::KILL, Signal::INT, Signal::TERM, Signal::HUP][round % 4];
        site.prepare();
        let status = end_after(&mut site.install(), signal, random.moment(whole));
        if signal != Signal::KILL {
            assert_ended_in_order(status, signal);
        }
        let found = site.lock().unwrap_or_else(|text| panic!("round {round}: the lock is torn: {text}"));
        done += usize::from(found == Version::New);
        site.check_store(found);
        site.heal();
    }
    eprintln!("install ended: {count} signals in runs of {whole:?}: {done} new, {} old", count - done);
}

#[test]
fn an_edit_killed_leaves_the_old_or_the_new_file() {
    let site = Site::new();
    let mut random = Random::new("edit killed");
    let file = site.project().join("config/common.yaml");
    let (old, new) = ("# kept\nconfig:\n  replicas: 1\n", "# kept\nconfig:\n  replicas: 2\n");
    let edit = || {
        let mut command = site.command();
        command.args(["set", "replicas=2", "--quiet"]);
        command
    };
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    for round in 0..rounds(40) {
        std::fs::write(&file, old).unwrap();
        let signal = [Signal::KILL, Signal::INT][round % 2];
        end_after(&mut edit(), signal, random.moment(Duration::from_millis(8)));
        let found = std::fs::read_to_string(&file).unwrap();
        assert!(found == old || found == new, "round {round}: {found:?}");
        assert!(edit().status().unwrap().success());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), new);
        // An edit that changes nothing writes nothing and sweeps nothing.
        std::fs::write(&file, old).unwrap();
        assert!(edit().status().unwrap().success());
        assert_clean(&site.project().join("config"));
    }
}
