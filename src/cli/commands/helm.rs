use std::ffi::OsString;
use std::io::{self, Write as _};

use crate::helm::{GO_VERSION, HELM_VERSION};

use super::super::exit;
use super::template;

/// Runs a command line of `helm`, without the program's name. Flags may stand before the command.
pub fn run(words: &[OsString]) -> u8 {
    let mut words = words.to_vec();
    let command = template::command_word(&words).map(|at| words.remove(at));
    match command.as_ref().and_then(|word| word.to_str()) {
        Some("template") => template::run(&words),
        Some("version") => version(&words),
        Some(other) => {
            let _ = writeln!(
                io::stderr(),
                "Error: unknown command {other:?} for \"helm\": kiln answers `helm template` and `helm version` only"
            );
            exit::INPUT
        }
        None => {
            let _ = writeln!(io::stderr(), "Error: which command? kiln answers `helm template` and `helm version`");
            exit::INPUT
        }
    }
}

/// What tools ask for before they call `helm template`.
fn version(words: &[OsString]) -> u8 {
    let text = if words.iter().any(|word| word == "--short") {
        HELM_VERSION.to_owned()
    } else {
        format!(
            "version.BuildInfo{{Version:{HELM_VERSION:?}, GitCommit:\"\", GitTreeState:\"\", GoVersion:{GO_VERSION:?}}}"
        )
    };
    match writeln!(io::stdout(), "{text}") {
        Ok(()) => exit::OK,
        Err(_) => exit::INPUT,
    }
}
