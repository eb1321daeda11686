use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::output::OutputSet;
use crate::stack::{Cluster, PublishFile};

/// A cluster of a branch, as those see it who write files about clusters.
pub struct PublishedCluster<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// Its folder on the branch.
    pub folder: String,
    /// The paths of its files below that folder.
    pub files: Vec<String>,
}

/// Files besides manifests: those in the folder of a cluster, and those about many.
#[derive(Default)]
pub struct ExtraFiles {
    /// Cluster → path below its folder → content.
    pub by_cluster: BTreeMap<Arc<str>, OutputSet>,
    /// Path on the branch → content.
    pub shared: OutputSet,
}

/// The files that a branch gets besides the manifests of its clusters. Partial runs see only the clusters that
/// they render.
///
/// # Errors
/// A message, when `publish.yaml` asks for what cannot be written.
pub(super) fn extra_files(
    file: &PublishFile,
    branch: &str,
    clusters: &[PublishedCluster<'_>],
) -> Result<ExtraFiles, Diagnostic> {
    let _ = (file, branch, clusters);
    Ok(ExtraFiles::default())
}
