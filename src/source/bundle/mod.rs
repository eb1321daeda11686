//! One file that carries everything a lock pins to a site without a network.
//!
//! A [`Lock`](super::Lock) and a [`Store`](super::Store) enter [`export_bundle`], a stream of bytes
//! leaves; [`import_bundle`] turns it back into content of a store. The file is a gzipped tar archive of
//! plain members, each named by what it is and described by the manifest, which comes first:
//!
//! ```text
//! kiln-bundle.json      format, and name, size and digest of every other member, in their order
//! kiln.lock             the lock
//! commits/ID            a commit as git stores it
//! contents/SHA256       a chart archive, a file, or a file of a commit
//! listings/SHA256       what a commit's tree holds: what the lock's digest is made of
//! ```
//!
//! The same lock gives the same bytes, wherever the content comes from. On the way in nothing is
//! believed: every member must be the one that the manifest announced, and every pin is proven by the
//! digest in the lock before the store gets it.

mod export;
mod import;
mod manifest;
mod member;
mod receive;

pub use export::{Exported, export_bundle};
pub use import::{Imported, import_bundle};

#[cfg(test)]
mod tests;
