//! What helm keeps about chart repositories: their indexes, the list of those that the user knows,
//! the lock of a chart's dependencies.
//!
//! Bytes enter and leave; the texts of errors are helm's. Nothing here knows where the bytes come
//! from or go to.

mod config;
mod index;
mod lock;

pub use config::{Entry, Repositories};
pub use index::{ChartVersion, Index};
pub use lock::{Lock, digest_of_v2, digest_of_v3};

#[cfg(test)]
mod tests;
