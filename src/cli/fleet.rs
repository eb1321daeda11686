use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::sharding::ShardWord;
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::pipeline::{Assignment, FleetOptions, Selection};
use crate::stack::Selector;

/// Flags that pick clusters.
#[derive(Debug, Clone, Default, Args)]
pub struct SelectionArgs {
    /// Only clusters with these labels, as in `-l provider=aws,stage!=testing` (repeatable)
    #[arg(short = 'l', long = "selector", value_name = "LABELS", env = "KILN_SELECTOR")]
    pub selectors: Vec<Selector>,
    /// Only the cluster of this name (repeatable)
    #[arg(long = "cluster", value_name = "NAME", env = "KILN_CLUSTER")]
    pub names: Vec<String>,
}

impl SelectionArgs {
    /// The clusters that are meant.
    pub fn selection(&self) -> Selection {
        Selection { names: self.names.clone(), labels: self.selectors.clone() }
    }
}

/// Flags about the clusters of `clusters.yaml`.
#[derive(Debug, Clone, Default, Args)]
pub struct FleetArgs {
    /// Compile for the clusters of clusters.yaml: the default without ENV where that file is
    #[arg(long, env = "KILN_CLUSTERS", value_parser = FalseyValueParser::new())]
    pub clusters: bool,
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Write the other clusters when one fails
    #[arg(long, env = "KILN_KEEP_GOING", value_parser = FalseyValueParser::new())]
    pub keep_going: bool,
    /// Remove the files of disabled clusters
    #[arg(long, env = "KILN_PRUNE_DISABLED", value_parser = FalseyValueParser::new())]
    pub prune_disabled: bool,
    /// Render only what differs from a revision of the project's git repository, such as `origin/main`; other
    /// generated files must be there as committed then, or they are rendered too
    #[arg(long, value_name = "REV", env = "KILN_CHANGED_SINCE")]
    pub changed_since: Option<String>,
    /// Compile a part of the clusters, such as `3/8`; `kiln merge` joins the parts. `auto` (or no value)
    /// asks the variables of Kubernetes Indexed Jobs, GitLab and Buildkite; `auto/N` adds the number of
    /// parts
    #[arg(long, value_name = "I/N", env = "KILN_SHARD", num_args = 0..=1, default_missing_value = "auto")]
    pub shard: Option<ShardWord>,
    /// A plan, as `kiln plan -o json` or `-o matrix` prints it, that says which clusters each part has
    #[arg(long, value_name = "FILE", env = "KILN_PLAN", requires = "shard")]
    pub plan: Option<PathBuf>,
}

impl FleetArgs {
    /// Whether something was said that only clusters.yaml can answer.
    pub fn is_asked(&self) -> bool {
        let is_part = self.shard.is_some_and(|shard| shard != ShardWord::Whole)
            || self.changed_since.as_ref().is_some_and(|revision| !revision.is_empty());
        self.clusters
            || !self.selection.selectors.is_empty()
            || !self.selection.names.is_empty()
            || self.prune_disabled
            || is_part
    }

    /// The flag that was typed although environments were, which leave clusters.yaml unread. Variables
    /// that stand for flags may be set for many runs and are passed over then.
    pub fn at_odds(&self) -> Option<&'static str> {
        let flags = [
            ("--clusters", "KILN_CLUSTERS", self.clusters),
            ("--selector", "KILN_SELECTOR", !self.selection.selectors.is_empty()),
            ("--cluster", "KILN_CLUSTER", !self.selection.names.is_empty()),
            ("--prune-disabled", "KILN_PRUNE_DISABLED", self.prune_disabled),
            ("--changed-since", "KILN_CHANGED_SINCE", self.changed_since.is_some()),
            ("--shard", "KILN_SHARD", self.shard.is_some()),
        ];
        let is_typed = |(_, variable, is_set): &(_, &str, bool)| *is_set && std::env::var_os(variable).is_none();
        flags.into_iter().find(is_typed).map(|(flag, ..)| flag)
    }

    /// What to do with them; fails when it cannot be told which shard is meant.
    pub fn options(&self, sink: &mut Sink) -> Result<FleetOptions, Reported> {
        let word = self.shard.unwrap_or(ShardWord::Whole);
        let shard = word
            .resolve(|name| std::env::var(name).ok())
            .map_err(|why| sink.fail(Diagnostic::error(Code("usage.shard"), why).blame(Blame::Usage)))?;
        let plan = self.plan.as_deref().filter(|path| shard.is_some() && !path.as_os_str().is_empty());
        let assignment = plan.map(Assignment::read).transpose().map_err(|problem| sink.fail(problem))?;
        Ok(FleetOptions {
            selection: self.selection.selection(),
            keep_going: self.keep_going,
            prune_disabled: self.prune_disabled,
            changed_since: self.changed_since.clone().filter(|revision| !revision.is_empty()),
            shard,
            assignment,
        })
    }
}
