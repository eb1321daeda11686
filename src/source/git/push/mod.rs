//! Repositories that are written to: what refs they have, objects to and fro, refs moved.
//!
//! In: a URL, a repository with new objects, and what refs shall become ([`RefUpdate`]). Out: a
//! [`PushOutcome`] that tells apart what somebody else was faster at and what the server does not want.
//! libgit2 can neither push several refs in one step nor name the old value that a ref must have, so the
//! protocol's few steps for that are spoken here, over the same connections as fetches. A repository on
//! this machine is written by libgit2, and by `git receive-pack` where hooks or settings of its own
//! shall have a say.

mod contention;
mod local;
mod objects;
mod outcome;
mod packets;
mod receive;
mod refs;
mod retry;
mod upload;
mod upstream;

pub use outcome::{PushOutcome, RefUpdate, Refusal};
pub use refs::RemoteRefs;
pub use retry::{Attempt, Retries, retried};
pub use upstream::{PushOptions, Upstream};

#[cfg(test)]
mod tests;
