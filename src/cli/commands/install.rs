use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use clap::builder::FalseyValueParser;

use crate::cli::exit;
use crate::cli::fetching::{FetchArgs, Listener};
use crate::cli::overrides::OverrideArgs;
use crate::cli::store::StoreArgs;
use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::pipeline::{self, HookRules, InstallRequest, Installed, Project};
use crate::report::Reporter;
use crate::source::{Lock, Pins, Progress, Rewrites};

use crate::cli::hooks::HookArgs;

/// Arguments of `install`.
#[derive(Debug, Args)]
pub struct InstallArgs {
    /// The stack's folder (default: the project's)
    pub path: Option<PathBuf>,
    #[command(flatten)]
    pub fetch: FetchArgs,
    /// The lock must answer every question already, and is not written
    #[arg(long, env = "KILN_LOCKED", value_parser = FalseyValueParser::new())]
    pub locked: bool,
    /// `--locked` and `--offline`
    #[arg(long, env = "KILN_FROZEN", value_parser = FalseyValueParser::new())]
    pub frozen: bool,
    #[command(flatten)]
    pub hooks: HookArgs,
    #[command(flatten)]
    pub overrides: OverrideArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// How pins and folders are treated.
struct Manner<'a> {
    pins: Pins<'a>,
    overrides: &'a OverrideArgs,
    keep_beside: bool,
    write_lock: bool,
}

/// Fetches and pins the sources of a stack.
pub fn run(args: &InstallArgs, project: &Path, reporter: &Reporter) -> u8 {
    let folder = args.path.as_deref().unwrap_or(project);
    let locked = args.locked || args.frozen;
    let mut fetch = args.fetch.clone();
    fetch.offline |= args.frozen;
    let manner = Manner {
        pins: if locked { Pins::Locked } else { Pins::Keep },
        overrides: &args.overrides,
        keep_beside: false,
        write_lock: !locked,
    };
    install(folder, &fetch, args.hooks, &args.store, manner, reporter)
}

/// Fetches afresh and keeps the sources beside the components, as Fabrikate does.
pub fn run_as_fab(folder: &Path, reporter: &Reporter) -> u8 {
    let overrides = OverrideArgs::default();
    let manner = Manner { pins: Pins::Renew, overrides: &overrides, keep_beside: true, write_lock: true };
    install(
        folder,
        &FetchArgs::from_environment(),
        HookArgs::from_environment(),
        &StoreArgs::from_environment(),
        manner,
        reporter,
    )
}

fn install(
    folder: &Path,
    fetch: &FetchArgs,
    hooks: HookArgs,
    store: &StoreArgs,
    manner: Manner<'_>,
    reporter: &Reporter,
) -> u8 {
    let started = Instant::now();
    let mut sink = Sink::new();
    let progress = Arc::new(Listener::new(reporter));
    let keep_beside = manner.keep_beside;
    let outcome = fetch_all(folder, fetch, hooks, store, manner, &progress, &mut sink);
    progress.done();
    reporter.diagnostics(sink.diagnostics());
    match outcome {
        Err(_) => exit::of(sink.diagnostics()),
        Ok(installed) => {
            if keep_beside && tell_shared(&installed).is_err() {
                return exit::WORLD;
            }
            let fetched = progress.fetched();
            reporter.summary(&summary(&installed, fetched, started));
            exit::OK
        }
    }
}

pub fn summary(installed: &Installed, fetched: usize, started: Instant) -> String {
    let (count, seconds) = (installed.lock.len(), started.elapsed().as_secs_f64());
    if fetched == 0 && !installed.lock_changed {
        let are = if count == 1 { "is" } else { "are" };
        return match count {
            0 => format!("nothing to do: no component names a source to fetch, {seconds:.2} s"),
            _ => format!("nothing to do: {} {are} pinned and at hand, {seconds:.2} s", sources(count)),
        };
    }
    let lock = if installed.lock_changed { "kiln.lock written" } else { "kiln.lock unchanged" };
    format!("{} pinned, {fetched} fetched, {lock}, {seconds:.2} s", sources(count))
}

/// Says which sources several components share. Scripts that drive Fabrikate look for these words on
/// stdout.
fn tell_shared(installed: &Installed) -> std::io::Result<()> {
    let mut users: BTreeMap<(String, &str), Vec<&str>> = BTreeMap::new();
    for (source, entry) in installed.lock.entries() {
        let content = (source.recorded().url().to_owned(), entry.pin.resolved());
        users.entry(content).or_default().extend(entry.asked_by.iter().map(String::as_str));
    }
    let mut out = std::io::stdout().lock();
    for ((url, resolved), users) in users.iter().filter(|(_, users)| users.len() > 1) {
        writeln!(out, "Previously fetched {url} at {resolved} is used again: {}", users.join(", "))?;
    }
    out.flush()
}

fn sources(count: usize) -> String {
    format!("{count} {}", if count == 1 { "source" } else { "sources" })
}

fn fetch_all(
    folder: &Path,
    fetch: &FetchArgs,
    hooks: HookArgs,
    store: &StoreArgs,
    manner: Manner<'_>,
    progress: &Arc<Listener>,
    sink: &mut Sink,
) -> Result<Installed, Reported> {
    let mut project = Project::open(folder, store.place(), sink)?;
    project.override_sources(manner.overrides.read(!manner.write_lock, sink)?, sink)?;
    let options = fetch.options(&project, Arc::clone(progress) as Arc<dyn Progress>, sink)?;
    let rules = HookRules { policy: hooks.policy(), reading: project.reading, trusted: &project.file.trust.hooks };
    let request = InstallRequest {
        project: &project,
        fetch: options,
        pins: manner.pins,
        hooks: rules,
        keep_beside: manner.keep_beside,
        write_lock: manner.write_lock,
    };
    let rewrites = request.fetch.rewrites.clone();
    let installed = pipeline::install(request, sink)?;
    tell_unmatched(&rewrites, &installed.lock, sink);
    Ok(installed)
}

/// Notes the mirrors that nothing was fetched from, for those who ask why.
fn tell_unmatched(rewrites: &Rewrites, lock: &Lock, sink: &mut Sink) {
    let urls: Vec<&str> = lock.entries().flat_map(|(source, entry)| [source.url(), entry.pin.location()]).collect();
    for from in rewrites.unmatched(&urls) {
        let message = format!("no source begins with `{}`, which a rewriting rule names", from.escape_debug());
        sink.push(Diagnostic::note(Code("usage.rewrite"), message));
    }
}
