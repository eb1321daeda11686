use std::path::Path;

use rayon::prelude::*;

use super::Shard;
use super::inputs::{lock_digest, plan_digest};
use super::merge::told;
use super::record::{ShardRecord, ShardedCluster, files_digest};
use crate::diag::{Diagnostic, Reported, Sink};
use crate::output::Target;
use crate::pipeline::stages::not_written;
use crate::pipeline::{ClusterOutcome, Fleet, FleetOptions, GenerateOptions, Project};
use crate::stack::{Cluster, Graph};

/// What a shard of a run needs to know of the whole run.
pub struct Sharding {
    shard: Shard,
    lock: String,
    plan: String,
    all: Vec<String>,
}

impl Sharding {
    /// Looks at all inputs of a run whose clusters, of all shards, are these.
    pub fn of(
        shard: Shard,
        project: &Project,
        graphs: &[Graph],
        clusters: &[&Cluster],
        options: &GenerateOptions,
        root: &Path,
        sink: &mut Sink,
    ) -> Result<Self, Reported> {
        let lock = lock_digest(project.lock.as_ref()).map_err(|problem| sink.fail(problem))?;
        let plan = plan_digest(project, graphs, clusters, options, root).map_err(|problem| sink.fail(problem))?;
        let active = clusters.iter().filter(|cluster| !cluster.disabled);
        Ok(Self { shard, lock, plan, all: active.map(|cluster| cluster.name.value.clone()).collect() })
    }
}

/// The clusters of the whole run, and those of the shard.
pub fn share<'c>(
    all: Vec<&'c Cluster>,
    fleet: &FleetOptions,
    sink: &mut Sink,
) -> Result<(Vec<&'c Cluster>, Vec<&'c Cluster>), Reported> {
    let Some(shard) = fleet.shard else { return Ok((all.clone(), all)) };
    let Some(assignment) = &fleet.assignment else {
        let own = all.iter().copied().filter(|cluster| shard.owns(&cluster.name.value)).collect();
        return Ok((all, own));
    };
    assignment.check(shard, &all).map_err(|problem| sink.fail(problem))?;
    let planned: Vec<&Cluster> =
        all.into_iter().filter(|cluster| assignment.shard_of(&cluster.name.value).is_some()).collect();
    let is_own = |cluster: &&Cluster| assignment.shard_of(&cluster.name.value) == Some(shard.index());
    let own = planned.iter().copied().filter(is_own).collect();
    Ok((planned, own))
}

/// Writes down what a shard did, for `merge`.
pub fn record(sharding: Sharding, fleet: &Fleet, sink: &mut Sink) -> Result<(), Reported> {
    let Sharding { shard, lock, plan, all } = sharding;
    let clusters: Vec<Result<ShardedCluster, Diagnostic>> =
        fleet.clusters.par_iter().map(|cluster| entry(&fleet.root, cluster)).collect();
    let mut record = ShardRecord::new(shard, lock, plan, all);
    for cluster in clusters {
        record.clusters.push(cluster.map_err(|problem| sink.fail(problem))?);
    }
    record.failed.clone_from(&fleet.forgiven);
    record.write(&fleet.root).map_err(|error| sink.fail(told(&error)))
}

fn entry(root: &Path, cluster: &ClusterOutcome) -> Result<ShardedCluster, Diagnostic> {
    let files = Target::new(root, &*cluster.output).recorded().map_err(|error| not_written(&error))?;
    Ok(ShardedCluster {
        name: cluster.name.clone(),
        output: cluster.output.clone(),
        files: files.len(),
        digest: files_digest(&files),
        pruned: cluster.pruned,
    })
}
