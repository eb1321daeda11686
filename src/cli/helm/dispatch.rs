use std::ffi::OsString;

use super::failure::{Failure, finish};
use super::{flags, pflag, template as rendering, version};

/// Runs a command line of `helm`, without the program's name. Flags may stand before the command.
/// Returns the exit code.
pub fn run(words: &[OsString]) -> u8 {
    let mut words = text(words);
    let command = pflag::first_argument(&flags::EVERY, &words).map(|at| words.remove(at));
    finish(match command.as_deref() {
        Some("template") => rendering::run(words),
        Some("version") => version::run(words),
        Some(other) => Err(Failure::from(format!("unknown command {other:?} for \"helm\""))),
        None => Err(Failure::from("a command is needed: template or version".to_owned())),
    })
}

/// Runs `template` with the words behind the command's name. Returns the exit code.
pub fn template(words: &[OsString]) -> u8 {
    finish(rendering::run(text(words)))
}

fn text(words: &[OsString]) -> Vec<String> {
    words.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}
