//! Material and where it comes from: read-only file trees, sources, pins, the store.

mod archive;
mod tree;

pub use archive::{ArchiveBudget, ArchiveError, ArchiveProblem, Naming, expect_gzip, unpack_tgz};
pub use tree::{Backing, Entry, EntryKind, Tree, TreeError, stays_below};
