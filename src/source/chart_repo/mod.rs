//! Helm chart repositories and OCI registries: the index, the choice of a version, the archive.
//!
//! A URL, a chart and a constraint enter; the bytes of an archive leave, with the version that was
//! chosen and where it came from. Storing it is somebody else's work.

mod choice;
mod fetch;
mod index;
mod layout;
mod registry;

pub(super) use fetch::{ChartPlace, Offer, check_archive, download_archive, offer, read_index, read_local};
pub(super) use index::Index;
pub(super) use registry::{Pulled, Registry, challenge_parameters, challenge_word};
