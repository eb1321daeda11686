//! Copies of clusters for a while, such as those of a feature branch.
//!
//! In: a list of clusters, which of them are meant, and [how a copy differs](Copying). Out: the same list with
//! copies in it ([`copies_of`]), which are compiled and published like any cluster, into folders of their own
//! and with [other names](copy_objects) for all they hold; and [what is recorded](CopyTerms) of them, by which
//! [`prune_copies`] knows those that nobody wants any more. What a run does about clusters leaves copies alone.

mod clusters;
mod local;
mod objects;
mod options;

pub use clusters::copies_of;
pub use local::{PrunedCopy, prune_copies, record_copies};
pub(super) use objects::copy_objects;
pub use options::{CopyTerms, Copying};

#[cfg(test)]
mod tests;
