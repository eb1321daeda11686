//! Exit codes, as `docs/reference/exit-codes.md` lists them.

use crate::diag::{Blame, Diagnostic, Severity};

/// Fine.
pub const OK: u8 = 0;
/// The input is wrong.
pub const INPUT: u8 = 1;
/// Something differs (`--check`).
pub const DIFFERENT: u8 = 2;
/// The command line is wrong.
pub const USAGE: u8 = 3;
/// Refused by policy or integrity.
pub const POLICY: u8 = 4;
/// Refused because of what the target of a publication holds.
pub const TARGET: u8 = 5;
/// The outside world failed.
pub const WORLD: u8 = 6;
/// What is above was ended by a signal, whose number is added.
pub const SIGNALS: u8 = 128;
/// A bug in kiln.
pub const INTERNAL: u8 = 70;

/// The exit code of a run: that of its first error, 0 without errors.
pub fn of(diagnostics: &[Diagnostic]) -> u8 {
    match diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error) {
        None => OK,
        Some(error) => match error.blame {
            Blame::Input => INPUT,
            Blame::Usage => USAGE,
            Blame::Policy => POLICY,
            Blame::Target => TARGET,
            Blame::World => WORLD,
            Blame::Internal => INTERNAL,
        },
    }
}
