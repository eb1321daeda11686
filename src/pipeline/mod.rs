//! The way of the data: which stages run, in which order, how parallel.
//!
//! A [`Project`] is opened and resolved into a graph; a [`Planner`] turns it, for a list of
//! environments, into a flat [`Plan`], whose units are rendered, transformed and laid out.
//! [`generate_environments`] does so for one list of environments, [`generate_clusters`] for many
//! clusters at once, or for a [`Shard`] of them, whose trees [`merge_shards`]
//! joins. A [`survey`] tells what a run would render, and why, without rendering; [`layers_of`] which files
//! configure each component. [`install`] fetches what the graph lacks. Hooks are the only
//! programs that are ever started, and only here ([`run_hooks`]).

mod attest;
mod copies;
mod engine;
mod environments;
mod fleet;
mod generate;
mod graphs;
mod hooks;
mod images;
mod install;
mod layering;
mod materials;
mod overriding;
mod plan;
mod project;
mod publish;
mod reuse;
mod revision;
mod settings;
mod shard;
mod shared_cache;
mod stages;
mod survey;
mod walk;

pub use attest::{Asked, attest};
pub use copies::{CopyTerms, Copying, PrunedCopy, copies_of, prune_copies, record_copies};
pub use engine::{EngineTarget, Engines};
pub use environments::environment_clusters;
pub use fleet::{
    ClusterOutcome, Fleet, FleetOptions, Handed, Made, Receiver, Selection, fleet_names, generate_clusters,
    hand_over_clusters,
};
pub use generate::{GenerateOptions, Generated, Watcher, compile, generate, generate_environments, open};
pub use hooks::{HookCall, HookPolicy, HookRules, run_hooks};
pub use images::{RequiredImage, TargetImages};
pub use install::{InstallRequest, Installed, Jump, Now, Standing, install, standing, with_tokens};
pub use layering::{ComponentLayers, MergeInForce, OwnFile, Said, TargetLayers, layers_of};
pub use materials::Locked;
pub use plan::{Plan, PlanRequest, Planner};
pub use project::Project;
pub use publish::{
    BranchOutcome, ComponentChange, CopyJob, Destination, DriftRight, PromoteOptions, Promoted, PublishOptions,
    Published, Rights, Subjects, promote, publish,
};
pub use reuse::ReuseMode;
pub use shard::{Assignment, MergeRequest, Merged, Shard, ShardSyntaxError, merge_shards};
pub use shared_cache::SharedCache;
pub use survey::{ChangeKind, Job, Survey, SurveyRequest, SurveyedUnit, TIMINGS, survey};

#[cfg(test)]
mod tests;
