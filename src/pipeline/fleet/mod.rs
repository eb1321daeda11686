//! Many clusters in one run.
//!
//! In: an open project, its [`ClusterFile`](crate::stack::ClusterFile) and what was asked for
//! ([`FleetOptions`]). Out: a folder per cluster, and a [`Fleet`] that tells what changed. The stack is
//! resolved, layers are read and charts are loaded once; clusters are planned, rendered and staged in
//! batches, so that memory grows with the batch and not with the fleet, and all staged trees are put
//! into place at the end. Messages that many clusters share are told once.

mod batch;
mod hand;
mod messages;
mod options;
mod run;
mod select;

pub(super) use batch::request;
pub use hand::{Handed, Made, Receiver};
pub use options::{ClusterOutcome, Fleet, FleetOptions, Selection};
pub(super) use run::Contexts;
pub use run::{generate_clusters, hand_over_clusters};
pub use select::fleet_names;
pub(super) use select::select;

#[cfg(test)]
mod tests;
