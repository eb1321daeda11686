//! `kiln.lock`: what every source was asked as, what it resolved to, and who asked.
//!
//! The text enters and leaves through [`Lock::read`] and [`Lock::write`]; in between a [`Lock`] answers
//! which [`Pin`](super::Pin) a [`SourceSpec`](super::SourceSpec) has. It knows nothing of fetching.

mod entries;
mod file;

pub use entries::{Lock, LockEntry};
pub use file::LOCK_NAME;

#[cfg(test)]
mod tests;
