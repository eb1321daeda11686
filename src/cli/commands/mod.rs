use std::ffi::OsString;
use std::path::Path;

pub mod add;
pub mod remove;
pub mod set;
mod template;

/// Runs one command line and gives the exit code (`docs/reference/exit-codes.md`).
pub fn run(args: Vec<OsString>) -> u8 {
    let called_helm =
        args.first().and_then(|program| Path::new(program).file_stem()).is_some_and(|name| name == "helm");
    match args.get(1).and_then(|word| word.to_str()) {
        Some("template") => template::run(&args[2..]),
        _ if called_helm => 1,
        _ => 3,
    }
}
