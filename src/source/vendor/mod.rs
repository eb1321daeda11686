//! The folder `vendor/` of a project: everything that its lock pins, as files that people can read.
//!
//! A [`Lock`](super::Lock) and a [`Store`](super::Store) enter [`write_vendor`]; the folder leaves,
//! staged and swapped in at once. A [`Vendor`] reads it again, and the store asks it first. Every byte
//! is checked against the lock's digest, so the folder is only ever a place to read from, never a
//! source of truth.
//!
//! ```text
//! vendor/kiln-vendor.yaml          which digest lies where
//! vendor/.gitattributes            so that git keeps every byte
//! vendor/git/NAME-HASH/…           the files of a commit
//! vendor/git/NAME-HASH.files       their modes and digests: what the lock's digest is made of
//! vendor/git/NAME-HASH.commit      the commit as git stores it: author, message, tree
//! vendor/git/NAME-HASH.aside/…     files that cannot lie at their own path, by digest
//! vendor/charts/NAME-VERSION.tgz   an archive
//! vendor/files/NAME                a file
//! ```

mod compare;
mod folder;
mod layout;
mod manifest;
mod read;
mod tree;
mod write;

pub use compare::{Difference, compare_vendor};
pub use folder::Vendor;
pub(super) use folder::{VendoredCommit, VendoredFiles};
pub use write::{Vendored, write_vendor};

#[cfg(test)]
mod tests;
