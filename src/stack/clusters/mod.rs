//! `clusters.yaml`: the clusters that one run compiles for.
//!
//! In: the project's folder ([`load_clusters`]). Out: a [`ClusterFile`] of [`Cluster`]s with nothing
//! left to expand: defaults, placeholders, the cross product of `matrix` and the files that `glob`
//! finds are applied, names and output folders are unique. A [`Selector`] picks clusters by their
//! labels. Layers and components are only named here; whether they exist is for others to say.

mod capabilities;
mod check;
mod cluster;
mod discover;
mod matrix;
mod placeholder;
mod read;
mod selector;
mod settings;

pub use capabilities::CapabilityProfile;
pub use cluster::{Cluster, ClusterFile, ComponentFilter};
pub(super) use placeholder::fill;
pub use read::{CLUSTERS_FILE, load_clusters};
pub use selector::{Selector, SelectorError};

#[cfg(test)]
mod tests;
