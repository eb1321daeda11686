//! Holds one run on several machines: parts and their joining, plans, what changed since a revision, the
//! shared cache, timings.
#![cfg(unix)]

#[path = "../harness/settings.rs"]
mod settings;

mod cache;
mod environments;
mod examples;
mod failures;
mod inputs;
mod plan;
mod progress;
mod project;
mod shard;
mod since;
mod timings;
