//! Git repositories: which commit a ref means, how the commit gets into the store, and how its
//! files are read from there.
//!
//! Nothing of a source is ever checked out: blobs are read from the object database, so no filters, hooks,
//! attributes or links take effect. Only the commit and its tree are kept, no history. libgit2 does
//! the objects and the protocol; the connections are ours (`transport/`). What is written to other
//! repositories leaves by `push/`; edits of the project become commits in `landing.rs`, which is also where its own
//! files follow (`follow.rs`).

mod census;
mod checkout;
mod copy;
mod fetch;
mod follow;
mod landing;
mod look;
mod pack;
mod push;
mod rebuild;
mod refs;
mod revision;
mod setup;
mod sign;
mod transport;
mod tree;

pub(super) use census::{Census, census};
pub use checkout::{Checkout, HeadCommit, Lineage};
#[cfg(test)]
pub(super) use copy::copy_commit;
pub(super) use fetch::{Fetching, GitAsk, GitFetched, GitRemote, fetch};
pub use landing::{CommitEdit, CommitWish, Landed, land_edit};
pub(super) use look::look;
pub use pack::write_blobs;
pub use push::{Attempt, PushOptions, PushOutcome, RefUpdate, Refusal, RemoteRefs, Retries, Upstream, retried};
pub(super) use rebuild::{Rebuilt, commit_object};
pub(super) use refs::check_names;
pub use revision::Revision;
pub(super) use setup::prepare;
pub use setup::{create_bare, open_bare};
pub use sign::CommitSigner;
pub(super) use transport::{Connection, WebConnection};
pub(super) use tree::git_tree;

#[cfg(test)]
mod tests;
