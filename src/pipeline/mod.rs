//! The way of the data: which stages run, in which order, how parallel.
//!
//! A [`Project`] is opened and resolved into a graph; a [`Planner`] turns it, for a list of
//! environments, into a flat [`Plan`].

mod generate;
mod hooks;
mod materials;
mod plan;
mod project;

pub use generate::{GenerateOptions, Generated, Watcher, generate};
pub use hooks::{HookCall, HookPolicy, HookRules, run_hooks};
pub use materials::Locked;
pub use plan::{Plan, Planner};
pub use project::Project;

#[cfg(test)]
mod tests;
