use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use crate::cli::exit;
use crate::cli::overrides::OverrideArgs;
use crate::cli::source_date::source_date;
use crate::cli::store::StoreArgs;
use crate::diag::{Blame, Code, Diagnostic, Sink};
use crate::output::{Change, ChangeSet};
use crate::pipeline::{self, GenerateOptions, Generated, HookPolicy, Watcher};
use crate::report::{Progress, Reporter};
use crate::stack::Nondeterminism;

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
    /// Wait until the files are on the disk before the swap
    #[arg(long, env = "KILN_SYNC", value_parser = FalseyValueParser::new())]
    pub sync: bool,
    /// `kiln.lock` must have every fetched source already
    #[arg(long, env = "KILN_LOCKED", value_parser = FalseyValueParser::new())]
    pub locked: bool,
    /// Accepted: compiling never uses the network
    #[arg(long, env = "KILN_OFFLINE", value_parser = FalseyValueParser::new())]
    pub offline: bool,
    /// `--locked` and `--offline`
    #[arg(long, env = "KILN_FROZEN", value_parser = FalseyValueParser::new())]
    pub frozen: bool,
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

/// Flags about hooks.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct HookArgs {
    /// Run the hooks of the project's own components, and of sources that kiln.yaml trusts
    #[arg(long, env = "KILN_ALLOW_HOOKS", value_parser = FalseyValueParser::new())]
    pub allow_hooks: bool,
    /// Skip all hooks without a word
    #[arg(long, conflicts_with = "allow_hooks", env = "KILN_NO_HOOKS", value_parser = FalseyValueParser::new())]
    pub no_hooks: bool,
}

impl HookArgs {
    /// What the operator said about hooks.
    pub fn policy(self) -> HookPolicy {
        match (self.allow_hooks, self.no_hooks) {
            (true, _) => HookPolicy::Allow,
            (false, true) => HookPolicy::Skip,
            (false, false) => HookPolicy::Off,
        }
    }

    /// What the environment says about hooks, for command lines that have no such flags.
    pub fn from_environment() -> Self {
        let is_on =
            |name| std::env::var(name).is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false" | "no" | "off"));
        Self { allow_hooks: is_on("KILN_ALLOW_HOOKS"), no_hooks: is_on("KILN_NO_HOOKS") }
    }
}

/// Compiles a stack.
pub fn run(args: &GenerateArgs, project: &Path, reporter: &Reporter) -> u8 {
    let mut sink = Sink::new();
    let Ok(overrides) = args.overrides.read(args.locked || args.frozen, &mut sink) else {
        reporter.diagnostics(sink.diagnostics());
        return exit::of(sink.diagnostics());
    };
    let options = GenerateOptions {
        project: project.to_owned(),
        overrides,
        store: args.store.place(),
        environments: args.environments.clone(),
        out_dir: args.out_dir.clone(),
        hooks: args.hooks.policy(),
        force_types: args.force_types,
        jobs: args.jobs,
        dry_run: args.dry_run,
        locked: args.locked || args.frozen,
        sync: args.sync,
        nondeterminism: args.nondeterminism.map(Nondeterminism::from),
        now: None,
    };
    compile(options, reporter)
}

/// Compiles a stack as Fabrikate's `generate` is called.
pub fn run_as_fab(environments: Vec<String>, validate: bool, project: &Path, reporter: &Reporter) -> u8 {
    if validate {
        let message = "`--validate` asks no cluster: manifests are checked as far as rendering reads them";
        reporter.diagnostics(&[Diagnostic::warning(Code("fab.validate"), message)]);
    }
    let options = GenerateOptions {
        project: project.to_owned(),
        store: StoreArgs::from_environment().place(),
        environments,
        hooks: HookArgs::from_environment().policy(),
        ..GenerateOptions::default()
    };
    compile(options, reporter)
}

fn compile(mut options: GenerateOptions, reporter: &Reporter) -> u8 {
    let started = Instant::now();
    let mut sink = Sink::new();
    options.now = match source_date() {
        Ok(date) => date,
        Err(why) => {
            let problem = Diagnostic::error(Code("usage.source-date"), why).blame(Blame::Usage);
            reporter.diagnostics(std::slice::from_ref(&problem));
            return exit::of(&[problem]);
        }
    };
    let bar = Bar { shown: reporter.shows_progress(), line: OnceLock::new() };
    let outcome = pipeline::generate(&options, &bar, &mut sink);
    if let Some(line) = bar.line.get() {
        line.done();
    }
    reporter.diagnostics(sink.diagnostics());
    match outcome {
        Err(_) => exit::of(sink.diagnostics()),
        Ok(generated) => {
            if options.dry_run && list(&generated.changes).is_err() {
                return exit::WORLD;
            }
            reporter.summary(&summary(&generated, started));
            for path in &generated.changes.foreign {
                reporter.detail(&format!("left alone: {}", generated.folder.join(path).display()));
            }
            exit::OK
        }
    }
}

/// What would change, one file a line, on stdout.
fn list(changes: &ChangeSet) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for (path, change) in &changes.changes {
        let mark = match change {
            Change::Added => '+',
            Change::Changed => '~',
            Change::Removed => '-',
        };
        writeln!(out, "{mark} {path}")?;
    }
    out.flush()
}

fn summary(generated: &Generated, started: Instant) -> String {
    let changes = &generated.changes;
    let noun = if generated.rendered == 1 { "component" } else { "components" };
    format!(
        "{}: {} added, {} changed, {} removed, {} unchanged; rendered {} {noun} in {:.2} s",
        generated.folder.strip_prefix(".").unwrap_or(&generated.folder).display(),
        changes.count(Change::Added),
        changes.count(Change::Changed),
        changes.count(Change::Removed),
        changes.unchanged,
        generated.rendered,
        started.elapsed().as_secs_f64()
    )
}

/// A progress line that starts when the plan is known.
struct Bar {
    shown: bool,
    line: OnceLock<Progress>,
}

impl Watcher for Bar {
    fn planned(&self, units: usize) {
        self.line.get_or_init(|| Progress::new(self.shown, "rendering", units));
    }

    fn rendered(&self, address: &str) {
        if let Some(line) = self.line.get() {
            line.at(address);
            line.step();
        }
    }
}
