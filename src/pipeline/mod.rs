//! The way of the data: which stages run, in which order, how parallel.
//!
//! A [`Project`] is opened and resolved into a graph; a [`Planner`] turns it, for a list of
//! environments, into a flat [`Plan`]. [`install`] fetches what the graph lacks. Hooks are the only
//! programs that are ever started, and only here ([`run_hooks`]).

mod generate;
mod hooks;
mod install;
mod materials;
mod overriding;
mod plan;
mod project;
mod walk;

pub use generate::{GenerateOptions, Generated, Watcher, compile, generate};
pub use hooks::{HookCall, HookPolicy, HookRules, run_hooks};
pub use install::{InstallRequest, Installed, Jump, Now, Standing, install, standing};
pub use materials::Locked;
pub use plan::{Plan, Planner};
pub use project::Project;

#[cfg(test)]
mod tests;
