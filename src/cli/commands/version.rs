use std::io::Write;

use crate::cli::exit;

/// Prints the version alone, for scripts.
pub fn run() -> u8 {
    match writeln!(std::io::stdout(), "{}", env!("CARGO_PKG_VERSION")) {
        Ok(()) => exit::OK,
        Err(_) => exit::WORLD,
    }
}
