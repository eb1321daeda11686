//! What helm keeps about chart repositories: their indexes, the list of those that the user knows,
//! the digests in the locks of charts.
//!
//! Bytes enter and leave; the texts of errors are helm's. Nothing here knows where the bytes come
//! from or go to.

mod config;
mod digest;
mod index;

pub use config::{Entry, Repositories};
pub use digest::{digest_of_v2, digest_of_v3};
pub use index::{ChartVersion, Index};

#[cfg(test)]
mod tests;
