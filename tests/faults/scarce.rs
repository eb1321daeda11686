//! Little of what programs take for granted: descriptors, a home, a place for temporary files.

use std::fs;
use std::process::Command;

use crate::project::{Edition, Twin, succeeds, without_settings};

fn in_shell(command: &Command, before: &str) -> Command {
    let mut shell = Command::new("sh");
    without_settings(&mut shell);
    shell.arg("-c").arg(format!("{before}; exec \"$@\"")).arg("sh").arg(command.get_program()).args(command.get_args());
    shell
}

#[test]
fn few_descriptors_are_enough() {
    for twin in [Twin::of_components(60), Twin::of_clusters(30)] {
        succeeds(&mut in_shell(&twin.command(Edition::New), "ulimit -n 24"));
        assert_eq!(twin.state(), Some(Edition::New));
    }
}

#[test]
fn a_small_stack_is_enough() {
    let twin = Twin::of_components(60);
    succeeds(&mut in_shell(&twin.command(Edition::New), "ulimit -s 256"));
    assert_eq!(twin.state(), Some(Edition::New));
}

#[test]
fn no_environment_is_needed() {
    let twin = Twin::of_components(8);
    succeeds(twin.command(Edition::New).env_clear());
    assert_eq!(twin.state(), Some(Edition::New));
    let nowhere = twin.top().join("nowhere");
    succeeds(twin.command(Edition::Old).env("HOME", &nowhere).env("TMPDIR", &nowhere));
    assert_eq!(twin.state(), Some(Edition::Old));
}

#[test]
fn a_working_folder_that_is_gone_is_an_error_or_no_matter() {
    let twin = Twin::of_components(8);
    let gone = twin.top().join("gone");
    fs::create_dir(&gone).unwrap();
    let output =
        in_shell(&twin.command(Edition::New), &format!("cd '{0}' && rmdir '{0}'", gone.display())).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!told.contains("internal error"), "{told}");
    assert_eq!(twin.state(), Some(if output.status.success() { Edition::New } else { Edition::Old }), "{told}");
}
