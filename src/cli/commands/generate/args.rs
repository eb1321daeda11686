use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clap::builder::FalseyValueParser;

use crate::cli::attesting::ProvenanceArgs;
use crate::cli::cache::CacheArgs;
use crate::cli::compiling::CompileArgs;
use crate::cli::copies::{CopyArgs, PruneCopiesArgs};
use crate::cli::exit;
use crate::cli::fleet::{FleetArgs, at_odds_with_environments};
use crate::cli::timings::TimingArgs;
use crate::diag::{Blame, Code, Diagnostic, Sink};
use crate::output::Contents;
use crate::pipeline::{GenerateOptions, RequiredImage, ReuseMode, SharedCache};
use crate::render::UnitCache;
use crate::report::Reporter;
use crate::stack::CLUSTERS_FILE;

/// Arguments of `generate`.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// Environments, highest priority first; `common` is always below them
    #[arg(value_name = "ENV")]
    pub environments: Vec<String>,
    /// The root of generated trees (default: `outDir` of kiln.yaml, else `generated` in the project)
    #[arg(short = 'O', long, value_name = "DIR", env = "KILN_OUT_DIR")]
    pub out_dir: Option<PathBuf>,
    /// Write nothing; list what would change
    #[arg(long, env = "KILN_DRY_RUN", value_parser = FalseyValueParser::new())]
    pub dry_run: bool,
    /// Write nothing; print the difference between the files on disk and what would be written, and
    /// exit with 2 when there is one
    #[arg(long, env = "KILN_CHECK", value_parser = FalseyValueParser::new())]
    pub check: bool,
    #[command(flatten)]
    pub fleet: FleetArgs,
    /// Render only what differs from a revision of the project's git repository, such as `origin/main`; other
    /// generated files must be there as committed then, or they are rendered too
    #[arg(long, value_name = "REV", env = "KILN_CHANGED_SINCE")]
    pub changed_since: Option<String>,
    #[command(flatten)]
    pub copy: CopyArgs,
    #[command(flatten)]
    pub prune: PruneCopiesArgs,
    #[command(flatten)]
    pub compile: CompileArgs,
    /// Take overrides of images that no container has for errors
    #[arg(long, env = "KILN_STRICT", value_parser = FalseyValueParser::new())]
    pub strict: bool,
    /// Fail unless some container of the component --component has an image with these words in it
    #[arg(long, value_name = "SHA", requires = "component", env = "KILN_REQUIRE_IMAGE_SHA")]
    pub require_image_sha: Option<String>,
    /// The component that --require-image-sha is about
    #[arg(long, value_name = "NAME", requires = "require_image_sha")]
    pub component: Option<String>,
    /// The only container that --require-image-sha counts
    #[arg(long, value_name = "CONTAINER", requires = "require_image_sha")]
    pub primary: Option<String>,
    /// Write an event for each component of a cluster that changes, one JSON object a line
    #[arg(long, value_name = "FILE", env = "KILN_EVENTS")]
    pub events: Option<PathBuf>,
    #[command(flatten)]
    pub timings: TimingArgs,
    #[command(flatten)]
    pub cache: CacheArgs,
    /// Render everything, whatever earlier runs have recorded in `.kiln/` beside the output
    #[arg(long, env = "KILN_NO_CACHE", value_parser = FalseyValueParser::new())]
    pub no_cache: bool,
    /// Wait until the files are on the disk before the swap
    #[arg(long, env = "KILN_SYNC", value_parser = FalseyValueParser::new())]
    pub sync: bool,
    /// Accepted: compiling never uses the network
    #[arg(long, env = "KILN_OFFLINE", value_parser = FalseyValueParser::new())]
    pub offline: bool,
    /// `--locked` and `--offline`
    #[arg(long, env = "KILN_FROZEN", value_parser = FalseyValueParser::new())]
    pub frozen: bool,
    #[command(flatten)]
    pub provenance: ProvenanceArgs,
}

/// What the arguments ask for, and the shared cache that they name; the exit code where they cannot be
/// followed.
pub fn options(
    args: &GenerateArgs,
    check: bool,
    project: &Path,
    reporter: &Reporter,
) -> Result<(GenerateOptions, Option<Arc<SharedCache>>), u8> {
    if let Some(flag) = args.fleet.at_odds().filter(|_| !args.environments.is_empty()) {
        reporter.diagnostics(&[at_odds_with_environments(flag)]);
        return Err(exit::USAGE);
    }
    if let Err(problem) = args.provenance.check(!check && !args.dry_run) {
        reporter.diagnostics(&[problem]);
        return Err(exit::USAGE);
    }
    let mut sink = Sink::new();
    let refused = |sink: &Sink| {
        reporter.diagnostics(sink.diagnostics());
        exit::of(sink.diagnostics())
    };
    let Ok(compile) = args.compile.options(project, args.compile.locked || args.frozen, &mut sink) else {
        return Err(refused(&sink));
    };
    let Ok(cache) = args.cache.open(args.offline || args.frozen, &mut sink) else {
        return Err(refused(&sink));
    };
    let cache = cache.map(Arc::new);
    let options = GenerateOptions {
        environments: args.environments.clone(),
        out_dir: args.out_dir.clone(),
        dry_run: args.dry_run || check,
        contents: if check || args.events.is_some() { Contents::Kept } else { Contents::Dropped },
        sync: args.sync,
        changed_since: args.changed_since.clone().filter(|revision| !revision.is_empty()),
        strict: args.strict,
        required_image: args.require_image_sha.clone().map(|sha| RequiredImage {
            sha,
            component: args.component.clone().unwrap_or_default(),
            container: args.primary.clone(),
        }),
        reuse: if args.no_cache { ReuseMode::Renew } else { ReuseMode::Use },
        cache: cache.clone().map(|cache| cache as Arc<dyn UnitCache>),
        times: args.timings.is_asked().then(Arc::default),
        ..compile
    };
    let copy = args.copy.apply(options).and_then(|options| check_copy(args, &options).map(|()| options));
    match copy {
        Ok(options) => {
            reporter.diagnostics(&args.copy.warnings(&options));
            Ok((options, cache))
        }
        Err(problem) => {
            reporter.diagnostics(std::slice::from_ref(&problem));
            Err(exit::of(&[problem]))
        }
    }
}

/// Complains about a copy of parts of a fleet, and of all of it where nobody asked for that.
fn check_copy(args: &GenerateArgs, options: &GenerateOptions) -> Result<(), Diagnostic> {
    if options.copying.is_none() || !args.environments.is_empty() {
        return Ok(());
    }
    if args.fleet.shard.is_some() {
        let message = "a copy is compiled whole: `--shard` is for fleets";
        return Err(Diagnostic::error(Code("usage.copy"), message).blame(Blame::Usage));
    }
    let is_fleet = options.project.join(CLUSTERS_FILE).exists();
    args.copy.check_selection(&args.fleet.selection.selection(), args.fleet.clusters || !is_fleet)
}
