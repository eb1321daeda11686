//! Helm chart repositories and OCI registries: the index, the choice of a version, the archive.
//!
//! A URL, a chart and a constraint enter; the bytes of an archive leave, with the version that was
//! chosen and where it came from. Storing it is somebody else's work.

mod fetch;
mod index;
mod registry;

pub(super) use fetch::{ChartArchive, ChartPlace, download_archive, fetch_chart, read_index, read_local};
pub(super) use index::Index;
pub(super) use registry::{Registry, challenge_parameters, challenge_word};
