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

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.selectors.is_empty()
    }

    fn flags(&self) -> [(&'static str, &'static str, bool); 2] {
        [
            ("--selector", "KILN_SELECTOR", !self.selectors.is_empty()),
            ("--cluster", "KILN_CLUSTER", !self.names.is_empty()),
        ]
    }

    /// As [`FleetArgs::at_odds`].
    pub fn at_odds(&self) -> Option<&'static str> {
        typed(&self.flags())
    }
}

/// The first flag that was typed. Variables that stand for flags may be set for many runs and are passed over.
fn typed(flags: &[(&'static str, &str, bool)]) -> Option<&'static str> {
    let is_typed = |(_, variable, is_set): &&(_, &str, bool)| *is_set && std::env::var_os(variable).is_none();
    flags.iter().find(is_typed).map(|(flag, ..)| *flag)
}

/// A flag about clusters.yaml beside environments, which leave it unread.
pub fn at_odds_with_environments(flag: &str) -> Diagnostic {
    let message = format!("`{flag}` is about clusters.yaml, which is not read with environments");
    let problem = Diagnostic::error(Code("usage.clusters"), message).blame(Blame::Usage);
    problem.help("leave out the one or the other")
}

/// Something was asked for that only clusters.yaml can answer, and there is none of this name.
pub fn missing_clusters(shown: &str) -> Diagnostic {
    let problem = Diagnostic::error(Code("clusters.missing"), format!("there is no `{shown}`"));
    problem.help("list the clusters there, or name environments on the command line")
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
        let is_part = self.shard.is_some_and(|shard| shard != ShardWord::Whole);
        self.clusters || !self.selection.is_empty() || self.prune_disabled || is_part
    }

    /// The flag that was typed although environments were, which leave clusters.yaml unread. Variables
    /// that stand for flags may be set for many runs and are passed over then.
    pub fn at_odds(&self) -> Option<&'static str> {
        let [selector, name] = self.selection.flags();
        typed(&[
            ("--clusters", "KILN_CLUSTERS", self.clusters),
            selector,
            name,
            ("--prune-disabled", "KILN_PRUNE_DISABLED", self.prune_disabled),
            ("--shard", "KILN_SHARD", self.shard.is_some()),
        ])
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
            shard,
            assignment,
        })
    }
}
