//! `kiln.lock`: what every source was asked as, what it resolved to, and who asked.
//!
//! Bytes enter through [`Lock::read`] (`file`), become a document of which every part has its place
//! (`document`), then typed and checked entries (`fields`, `parse`), and leave again as text that is a
//! function of the content (`write`). In between a [`Lock`] answers which [`Pin`](super::Pin) a
//! [`SourceSpec`](super::SourceSpec) has. It knows nothing of fetching.

mod document;
mod entries;
mod fields;
mod file;
mod parse;
mod write;

pub use entries::{Lock, LockEntry};
pub use file::LOCK_NAME;

/// The version of the format that is read and written.
const VERSION: &str = "1";
/// The one algorithm of digests, with its separator.
const ALGORITHM: &str = "sha256:";

#[cfg(test)]
mod tests;
