use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use crate::cli::attesting::ProvenanceArgs;
use crate::cli::compiling::CompileArgs;
use crate::cli::copies::{CopyArgs, PruneCopiesArgs};
use crate::cli::fetching::FetchArgs;
use crate::output::publish::DeleteBound;
use crate::pipeline::Selection;
use crate::stack::Selector;

/// How a result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For machines
    Json,
}

/// Which clusters of clusters.yaml are published.
#[derive(Debug, Clone, Default, Args)]
pub struct SelectionArgs {
    /// Publish the clusters of clusters.yaml: the default without ENV where that file is
    #[arg(long, env = "KILN_CLUSTERS", value_parser = FalseyValueParser::new())]
    pub clusters: bool,
    /// Only clusters with these labels, as in `-l provider=aws,stage!=testing` (repeatable)
    #[arg(short = 'l', long = "selector", value_name = "LABELS", env = "KILN_SELECTOR")]
    pub selectors: Vec<Selector>,
    /// Only the cluster of this name (repeatable)
    #[arg(long = "cluster", value_name = "NAME", env = "KILN_CLUSTER")]
    pub names: Vec<String>,
    /// Remove the files of disabled clusters
    #[arg(long, env = "KILN_PRUNE_DISABLED", value_parser = FalseyValueParser::new())]
    pub prune_disabled: bool,
}

impl SelectionArgs {
    /// Whether something was said that only clusters.yaml can answer.
    pub fn is_asked(&self) -> bool {
        self.clusters || !self.selectors.is_empty() || !self.names.is_empty() || self.prune_disabled
    }

    /// The clusters that are meant.
    pub fn selection(&self) -> Selection {
        Selection { names: self.names.clone(), labels: self.selectors.clone() }
    }
}

/// Arguments of `publish`.
///
/// With `layout: promotion-branches` every commit holds all environments, and `kiln promote` moves branches
/// forward: an environment cannot get a fix that is not in the source. With `layout: environment-branches` each
/// environment has a branch of its own, changes are proposed on one with `-next`, and promotion is a matter of pull
/// requests: such branches cannot be moved forward to one another.
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// Environments to publish as one cluster, highest priority first; clusters.yaml is not read then
    #[arg(value_name = "ENV")]
    pub environments: Vec<String>,
    /// The repository to write to (default: `target.repo` of publish.yaml)
    #[arg(long, value_name = "URL", env = "KILN_PUBLISH_REPO")]
    pub repo: Option<String>,
    /// Its branch (default: `target.branch` of publish.yaml, else `main`)
    #[arg(long, value_name = "BRANCH", env = "KILN_PUBLISH_BRANCH")]
    pub branch: Option<String>,
    /// Who writes (default: `owner` of publish.yaml, else `kiln`)
    #[arg(long, value_name = "NAME", env = "KILN_PUBLISH_OWNER", value_parser = crate::stack::parse_owner)]
    pub owner: Option<String>,
    /// The folder of each cluster in the repository (default: `paths.clusters` of publish.yaml, else
    /// `clusters/{name}`, or `{name}` with environments)
    #[arg(long, value_name = "PATTERN", env = "KILN_PUBLISH_PATH")]
    pub path: Option<String>,
    /// Write into a folder or working copy on this machine instead, without a commit
    #[arg(long, value_name = "DIR", env = "KILN_PUBLISH_TO", conflicts_with_all = ["repo", "branch", "pull_request"])]
    pub to: Option<PathBuf>,
    /// Write nothing; print what would change, and the differences
    #[arg(long, env = "KILN_DRY_RUN", value_parser = FalseyValueParser::new())]
    pub dry_run: bool,
    /// Take over files that are there already where this is published for the first time
    #[arg(long, env = "KILN_ADOPT", value_parser = FalseyValueParser::new())]
    pub adopt: bool,
    /// Publish an older commit of the source over a newer one
    #[arg(long, env = "KILN_ALLOW_ROLLBACK", value_parser = FalseyValueParser::new())]
    pub allow_rollback: bool,
    /// Delete whole clusters, and more files than the limits allow
    #[arg(long, env = "KILN_ALLOW_DELETE", value_parser = FalseyValueParser::new())]
    pub allow_delete: bool,
    /// Overwrite what others did to published files
    #[arg(long, env = "KILN_OVERWRITE_DRIFT", value_parser = FalseyValueParser::new())]
    pub overwrite_drift: bool,
    /// How much may be deleted at once: `20%` of the owner's files, or a number of files (default: `limits` of
    /// publish.yaml, else `20%`)
    #[arg(long, value_name = "LIMIT", env = "KILN_MAX_DELETE")]
    pub max_delete: Option<DeleteBound>,
    /// Propose the commit on a branch of its own, `kiln/OWNER/BRANCH`
    #[arg(long, env = "KILN_PULL_REQUEST", value_parser = FalseyValueParser::new())]
    pub pull_request: bool,
    /// With `--pull-request`: a new branch for each commit of the source
    #[arg(long, env = "KILN_UNIQUE", value_parser = FalseyValueParser::new())]
    pub unique: bool,
    /// The commit's message, in place of the one that tells what changed; trailers are added
    #[arg(short, long, value_name = "TEXT", env = "KILN_MESSAGE")]
    pub message: Option<String>,
    /// Write an event for each component of a cluster that changes, one JSON object a line
    #[arg(long, value_name = "FILE", env = "KILN_EVENTS")]
    pub events: Option<PathBuf>,
    /// Refuse a source that is not as it was committed
    #[arg(long, env = "KILN_REQUIRE_CLEAN", value_parser = FalseyValueParser::new())]
    pub require_clean: bool,
    /// How often to try when others are faster
    #[arg(long, value_name = "N", env = "KILN_RETRIES", default_value_t = 20)]
    pub retries: u32,
    /// How the result is printed
    #[arg(short = 'o', long, value_name = "FORMAT", env = "KILN_OUTPUT", value_enum, default_value_t)]
    pub output: Format,
    /// Read what Bedrock's build.sh reads: REPO, BRANCH_NAME, ACCESS_TOKEN_SECRET, FAB_ENVS, COMMIT_MESSAGE,
    /// VERIFY_ONLY and HLD_PATH
    #[arg(long, env = "KILN_BEDROCK_ENV", value_parser = FalseyValueParser::new())]
    pub bedrock_env: bool,
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub copy: CopyArgs,
    #[command(flatten)]
    pub prune: PruneCopiesArgs,
    /// With `--prune-copies`: the repository whose branches there are, in place of a list
    #[arg(long, value_name = "URL", env = "KILN_BRANCHES_OF", requires = "prune_copies")]
    pub branches_of: Option<String>,
    #[command(flatten)]
    pub compile: CompileArgs,
    #[command(flatten)]
    pub provenance: ProvenanceArgs,
    #[command(flatten)]
    pub fetch: FetchArgs,
}
