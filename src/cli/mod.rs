//! Words typed by people: arguments, options, one file per command.
//!
//! The binary answers to three names: `kiln`, `helm` (a link, for tools that call helm) and `fab`
//! (Fabrikate's command lines). Only this room and `report/` read the environment and the terminal;
//! `source/` reads from the environment how servers are reached.

mod args;
mod attesting;
mod cache;
mod commands;
mod compiling;
mod copies;
mod editing;
mod events;
mod exit;
mod fab;
mod fetching;
mod fleet;
mod helm;
mod hooks;
mod landing;
mod overrides;
mod sharding;
mod signals;
mod source_date;
mod store;
mod timings;
mod values;

use std::ffi::OsString;
use std::io::Write;
use std::panic;
use std::path::Path;
use std::process::ExitCode;

pub use args::command;

/// Deep templates and deep documents recurse; the limits of the engines are set for this stack.
const STACK_BYTES: usize = 512 << 20;

/// The part of it that nested templates may use.
const TEMPLATE_STACK_BYTES: usize = 480 << 20;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    panic::set_hook(Box::new(|info| {
        if let Some(told) = closing(info) {
            // To go on unwinding would close more folders, and a second panic ends the process hard.
            let _ = writeln!(std::io::stderr(), "kiln: a folder could not be closed: {told}");
            std::process::exit(exit::WORLD.into());
        }
        let _ = writeln!(std::io::stderr(), "kiln: internal error: {info}\nThis is a bug in kiln; please report it.");
    }));
    let words: Vec<OsString> = std::env::args_os().collect();
    let run = || panic::catch_unwind(|| run(&words)).unwrap_or(exit::INTERNAL);
    let code = stacker::grow(STACK_BYTES, run);
    ExitCode::from(code)
}

/// What the system said when it could not close a folder: the standard library panics then, which is no
/// bug of ours.
fn closing<'a>(info: &'a panic::PanicHookInfo<'_>) -> Option<&'a str> {
    info.payload_as_str()?.strip_prefix("unexpected error during closedir: ")
}

fn run(words: &[OsString]) -> u8 {
    let name = words.first().and_then(|word| Path::new(word).file_stem()).and_then(|stem| stem.to_str());
    match name {
        Some("helm") => helm::run(&words[1..]),
        Some("fab") => fab::run(words),
        _ => commands::kiln(words),
    }
}
