use std::path::PathBuf;

use crate::output::{Change, ChangeSet};
use crate::pipeline::{Assignment, Shard};
use crate::stack::Selector;

/// What to do with the clusters of a project.
#[derive(Clone, Debug, Default)]
pub struct FleetOptions {
    /// Which of them are meant.
    pub selection: Selection,
    /// Whether the others are written when one fails.
    pub keep_going: bool,
    /// Whether the files of disabled clusters are removed.
    pub prune_disabled: bool,
    /// Which part of the clusters that are meant is compiled; all of them when absent.
    pub shard: Option<Shard>,
    /// Which clusters the shards have, where a plan says so.
    pub assignment: Option<Assignment>,
}

/// Some of the clusters of a project: those that fit everything that is said.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Names; any when empty.
    pub names: Vec<String>,
    /// Rules for labels.
    pub labels: Vec<Selector>,
}

/// What a run for many clusters did.
#[derive(Debug, Default)]
pub struct Fleet {
    /// The root of generated trees.
    pub root: PathBuf,
    /// What became of each cluster that was written, in the order of the file.
    pub clusters: Vec<ClusterOutcome>,
    /// Names of clusters that failed as they may, and were left alone.
    pub forgiven: Vec<String>,
    /// Names of clusters that are disabled and were left alone.
    pub disabled: Vec<String>,
    /// How many components were rendered.
    pub rendered: usize,
    /// How many were not, because they are the same for another cluster.
    pub repeated: usize,
    /// How many stand as an earlier run wrote them.
    pub reused: usize,
    /// How many a cache had.
    pub fetched: usize,
    /// How many were not, because they are the same as in the revision that was named, and are there.
    pub kept: usize,
}

/// What became of one cluster.
#[derive(Debug)]
pub struct ClusterOutcome {
    /// Its name.
    pub name: String,
    /// Its folder below the root.
    pub output: String,
    /// What changed there, or would change.
    pub changes: ChangeSet,
    /// Whether it is disabled, and its files were removed.
    pub pruned: bool,
}

impl Fleet {
    /// Number of files with a change of this kind.
    pub fn count(&self, kind: Change) -> usize {
        self.clusters.iter().map(|cluster| cluster.changes.count(kind)).sum()
    }

    /// Number of files that stay as they are.
    pub fn unchanged(&self) -> usize {
        self.clusters.iter().map(|cluster| cluster.changes.unchanged).sum()
    }

    /// Number of clusters that were compiled.
    pub fn compiled(&self) -> usize {
        self.clusters.iter().filter(|cluster| !cluster.pruned).count()
    }
}
