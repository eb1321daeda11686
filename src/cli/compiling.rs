use std::path::Path;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::hooks::HookArgs;
use super::overrides::OverrideArgs;
use super::store::StoreArgs;
use super::values::ValueArgs;
use crate::diag::{Reported, Sink};
use crate::pipeline::GenerateOptions;
use crate::stack::Nondeterminism;

/// Flags of all commands that compile a stack.
#[derive(Debug, Clone, Default, Args)]
pub struct CompileArgs {
    /// Accept environments that no component has a layer for
    #[arg(long, env = "KILN_ALLOW_MISSING_LAYERS", value_parser = FalseyValueParser::new())]
    pub allow_missing_layers: bool,
    #[command(flatten)]
    pub hooks: HookArgs,
    /// Let the higher layer win where a map meets a scalar or a list
    #[arg(long, env = "KILN_FORCE_TYPES", value_parser = FalseyValueParser::new())]
    pub force_types: bool,
    /// What functions of charts do whose result differs from run to run (default: `nondeterminism`
    /// of kiln.yaml, else `seed`)
    #[arg(long, value_name = "MODE", env = "KILN_NONDETERMINISM")]
    pub nondeterminism: Option<Mode>,
    /// Threads (default: one for each processor)
    #[arg(short, long, value_name = "N", env = "KILN_JOBS")]
    pub jobs: Option<usize>,
    /// `kiln.lock` must have every fetched source already
    #[arg(long, env = "KILN_LOCKED", value_parser = FalseyValueParser::new())]
    pub locked: bool,
    #[command(flatten)]
    pub values: ValueArgs,
    #[command(flatten)]
    pub overrides: OverrideArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// What becomes of values that the input does not determine.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Mode {
    /// They come from the seed in kiln.lock: the same on every run
    Seed,
    /// They are errors
    Error,
    /// They differ from run to run, as Helm's do
    Helm,
}

impl From<Mode> for Nondeterminism {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Seed => Self::Seed,
            Mode::Error => Self::Error,
            Mode::Helm => Self::Helm,
        }
    }
}

impl CompileArgs {
    /// What the flags ask for, of the project in a folder. `locked` is whether the lock must have every source.
    pub fn options(&self, project: &Path, locked: bool, sink: &mut Sink) -> Result<GenerateOptions, Reported> {
        Ok(GenerateOptions {
            project: project.to_owned(),
            overrides: self.overrides.read(locked, sink)?,
            assignments: self.values.read(sink)?,
            store: self.store.place(),
            hooks: self.hooks.policy(),
            force_types: self.force_types,
            jobs: self.jobs,
            locked,
            allow_missing_layers: self.allow_missing_layers,
            nondeterminism: self.nondeterminism.map(Nondeterminism::from),
            ..GenerateOptions::default()
        })
    }
}
