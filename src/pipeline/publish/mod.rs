//! From clusters to a commit in another repository.
//!
//! In: an open project, its clusters, `publish.yaml` and what was asked for ([`PublishOptions`]). Out: a
//! [`Published`], which tells what changed on each branch, cluster by cluster and component by component.
//! Files are rendered once and kept as git objects; then they are put onto what the branch holds, guarded,
//! committed and pushed, and all of that but the rendering is done again whenever somebody else was faster.
//! [`promote`] moves a branch to where another one is.

mod cache;
mod collect;
mod copies;
mod destination;
mod extra;
mod folder;
mod gate;
mod message;
mod objections;
mod options;
mod origin;
mod promote;
mod proposal;
mod put;
mod run;
mod split;
mod tracking;

pub use options::{
    BranchOutcome, ComponentChange, CopyJob, Destination, DriftRight, PublishOptions, Published, Rights, Subjects,
};
pub use promote::{PromoteOptions, Promoted, promote};
pub use run::publish;

#[cfg(test)]
mod tests;
