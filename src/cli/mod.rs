//! Words typed by people: arguments, options, one file per command.
//!
//! The binary answers to three names: `kiln`, `helm` (a link, for tools that call helm) and `fab`
//! (Fabrikate's command lines).

use std::process::ExitCode;

mod commands;
mod editing;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    ExitCode::from(commands::run(std::env::args_os().collect()))
}
