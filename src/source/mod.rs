//! Material and where it comes from: read-only file trees, sources, pins, the store.

mod tree;

pub use tree::{Backing, Entry, EntryKind, Tree, TreeError, stays_below};
