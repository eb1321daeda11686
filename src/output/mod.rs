//! Bytes to files: an [`OutputSet`] comes in, the folder on disk follows it or stays as it was.
//!
//! The new tree is staged beside the old one (unchanged and foreign files are linked into it, so
//! they keep inode and time) and swapped in with one rename; many trees are staged first and then all
//! swapped, or none of them, under a [`Hold`], which also puts in order what killed runs left. A record beside the tree says which
//! files are kiln's own; only those are ever removed. A [`Record`] says what the last run wrote and how it
//! came to be, so that the next one can tell what still stands. [`publish`] writes a branch of another
//! repository in the same way. Knows nothing of Kubernetes.

mod attestation;
mod changes;
mod commit;
mod copies;
mod difference;
pub mod engine;
mod hold;
mod interrupt;
mod look;
mod owners;
mod pieces;
pub mod publish;
mod record;
mod set;
mod stage;
mod target;

pub use attestation::{Attestation, LOCAL_BUILDER, Resource};
pub use changes::{Change, ChangeSet, FileContents};
pub use commit::{Staged, commit_all};
pub use copies::{CopyNote, CopyRule, Unwanted};
pub use difference::difference;
pub use hold::Hold;
pub use interrupt::{is_changed, stop};
pub use owners::Owners;
pub use pieces::Pieces;
pub use record::{Record, Standing};
pub use set::{OutputSet, PathError};
pub use target::{Contents, OutputError, Target, WriteOptions};

#[cfg(test)]
mod tests;
