use std::ffi::OsString;

/// Runs one command line and gives the exit code (`docs/reference/exit-codes.md`).
pub fn run(args: Vec<OsString>) -> u8 {
    match args.get(1).and_then(|word| word.to_str()) {
        _ => 3,
    }
}
