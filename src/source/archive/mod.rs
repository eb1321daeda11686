//! Gzipped tar archives, packed and unpacked in memory.
//!
//! Bytes enter, a [`Tree`] of plain files leaves. Nothing is ever written to disk; member names are
//! checked one by one; links, devices and sparse files are refused; sizes and the number of members
//! are bounded by an [`ArchiveBudget`] that nested archives share. What is packed is packed the same
//! way every time.

mod error;
mod gzip;
mod pack;
mod unpack;

pub use error::{ArchiveError, ArchiveProblem};
pub use gzip::expect_gzip;
pub use pack::pack_tgz;
pub use unpack::{ArchiveBudget, MAX_MEMBER_BYTES, MAX_MEMBERS, MAX_UNPACKED_BYTES, Naming, unpack_source, unpack_tgz};

#[cfg(test)]
mod tests;
