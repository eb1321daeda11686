//! `kiln publish` and `kiln promote` as a pipeline uses them, on repositories of this machine.
//!
//! Repositories are made and read by libgit2, so that no `git` is needed. Tests of hooks and servers start
//! programs; where one is missing they say `SKIPPED` and why, and pass.

#[path = "../harness/settings.rs"]
mod settings;
#[path = "../harness/sshd.rs"]
mod sshd;

#[path = "support.rs"]
mod support;

mod contention;
mod copies;
mod durability;
mod events;
mod guards;
mod layouts;
mod messages;
mod migration;
mod policy;
mod provenance;
mod servers;
mod shallow;
mod signing;
mod ssh;
mod walk_through;
