//! Fetching what components ask for, and pinning it.
//!
//! [`Request`](super::Request)s enter, [`Pin`](super::Pin)s leave, and the store holds the content of
//! each. An [`Install`] lives through one run of `install` or `update`: it is asked level by level as
//! components are found, keeps the pins of the lock that still satisfy, and gives the new lock at the
//! end. Only this part of the program reaches the network.

mod charts;
mod fetcher;
mod files;
mod group;
mod look;
mod moved;
mod once;
mod session;
mod side_by_side;

pub use fetcher::{FetchOptions, Fetcher};
pub use look::{Asked, Seen};
pub use session::{Install, Pins};

#[cfg(test)]
mod tests;
