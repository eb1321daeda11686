//! The content store: everything that was fetched, by what it is, shared by all projects of a user.
//!
//! [`Pin`](super::Pin)s enter, [`Tree`](super::Tree)s leave, checked against their digests. `install`
//! is the only writer; `generate` never changes a byte here.
//!
//! | folder | holds |
//! |---|---|
//! | `git/NAME.git` | one bare repository per asked URL, with commits without history |
//! | `charts/SHA256.tgz` | chart archives |
//! | `files/SHA256` | files |
//! | `verified/NAME` | a stamp for each of them, written last: what was verified, and how the files looked then |
//! | `answers/NAME` | what a URL's last questions resolved to, for processes that waited meanwhile |
//! | `in-use` | held by whoever has the store open, so that nothing is removed meanwhile |
//! | `locks/NAME` | one file per URL; whoever fetches from that URL holds it |
//! | `tmp/NAME` | a folder per process for what is under way, held by `tmp/NAME.lock` |
//!
//! Everything is written in `tmp` and renamed. Many processes may work at once: two that want the same
//! URL wait for each other, and the second one takes what the first one found.

mod answers;
mod audit;
mod claim;
mod clean;
mod content;
mod hold;
mod inventory;
mod place;
mod repository;
mod scratch;
mod stamp;
mod verify;

pub(super) use answers::Answers;
pub use content::Store;
pub use inventory::{Stored, StoredKind};

#[cfg(test)]
mod tests;
