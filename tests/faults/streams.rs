//! A standard output that nobody reads, or that is full.

use std::fs::File;
use std::process::Stdio;

use crate::project::{Edition, Twin, kiln};

#[test]
fn a_reader_that_leaves_ends_the_program_quietly() {
    let twin = Twin::of_components(200);
    for words in [vec!["generate", "prod", "--dry-run"], vec!["check", "prod"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = kiln();
        command.args(words).arg("-C").arg(twin.top().join(Edition::New.name())).arg("-O").arg(twin.out());
        let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!told.contains("panicked") && !told.contains("internal error"), "{told}");
        assert!(!told.contains("Broken pipe"), "{told}");
    }
}

#[test]
fn an_output_that_is_full_is_an_error() {
    let twin = Twin::of_components(4);
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        eprintln!("skipped: there is no /dev/full");
        return;
    };
    for words in [
        vec!["generate", "prod", "--dry-run"],
        vec!["check", "prod"],
        vec!["version"],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["init", "--help"],
    ] {
        let mut command = kiln();
        if words.contains(&"prod") {
            command.args(&words).arg("-C").arg(twin.top().join(Edition::New.name())).arg("-O").arg(twin.out());
        } else {
            command.args(&words);
        }
        let output = command.stdout(full.try_clone().unwrap()).stderr(Stdio::piped()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{words:?} said that it had printed: {told}");
        assert!(!told.contains("internal error"), "{words:?}: {told}");
    }
}
