//! One run on several machines.
//!
//! In: a [`Shard`], such as 3 of 8, given with a run for many clusters. Out: the clusters that are its
//! own ([`Shard::owns`], by rendezvous hashing, unless an [`Assignment`] says otherwise), and a record beside the trees that it wrote.
//! [`merge_shards`] takes the trees of all shards, proves by their records that they are the parts of one
//! run, and makes one root of generated trees of them. What the files mean is not known here.

mod assignment;
mod inputs;
mod merge;
mod record;
mod run;
mod split;

pub use assignment::Assignment;
pub use merge::{MergeRequest, Merged, merge_shards};
pub use split::{Shard, ShardSyntaxError};

pub(super) use inputs::lock_digest;
pub(super) use run::{Sharding, record, share};
