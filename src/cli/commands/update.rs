use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::install::summary;
use super::outdated::short;
use super::sources::SourceArgs;
use crate::cli::editing::AskedVersion;
use crate::cli::exit;
use crate::cli::fetching::Listener;
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::OutputSet;
use crate::pipeline::{self, GenerateOptions, HookRules, InstallRequest, Installed, Jump, Project, Watcher};
use crate::report::{Reporter, difference};
use crate::source::{LOCK_NAME, Pins, Progress, Request};

const USAGE: Code = Code("usage.update");

/// Arguments of `update`.
#[derive(Debug, Args)]
pub struct UpdateArgs {
    /// Components whose sources move, by name or address (default: all)
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Ask for this version or range from now on: the component's file is edited
    #[arg(long, value_name = "VERSION", requires = "components")]
    pub to: Option<String>,
    /// Write neither `kiln.lock` nor component files; print what would move
    #[arg(long, env = "KILN_DRY_RUN", value_parser = FalseyValueParser::new())]
    pub dry_run: bool,
    /// Print what changes in the rendered output
    #[arg(long, env = "KILN_DIFF", value_parser = FalseyValueParser::new())]
    pub diff: bool,
    /// An environment to render for `--diff`, as `generate` takes them, highest priority first. May be
    /// repeated
    #[arg(long = "env", value_name = "ENV", value_delimiter = ',', requires = "diff")]
    pub environments: Vec<String>,
    /// With `--diff`, exit with 2 when the output changes
    #[arg(long, visible_alias = "detailed-exitcode", env = "KILN_EXIT_CODE", value_parser = FalseyValueParser::new())]
    pub exit_code: bool,
    #[command(flatten)]
    pub sources: SourceArgs,
}

/// What an update came to.
struct Updated {
    installed: Installed,
    /// The differences in the output, where they were asked for.
    diff: Option<String>,
}

/// Resolves the sources of a stack, or of some of its components, afresh and pins what they are now.
pub fn run(args: &UpdateArgs, folder: &Path, reporter: &Reporter) -> u8 {
    let started = Instant::now();
    let mut sink = Sink::new();
    let listener = Arc::new(Listener::new(reporter));
    let outcome = update(args, folder, &listener, &mut sink);
    listener.done();
    reporter.diagnostics(sink.diagnostics());
    let Ok(Updated { installed, diff }) = outcome else { return exit::of(sink.diagnostics()) };
    let jumps: Vec<String> = installed.moved.iter().map(jump).collect();
    if args.dry_run || diff.is_some() {
        let mut text: String = jumps.iter().map(|line| format!("{line}\n")).collect();
        text.push_str(diff.as_deref().unwrap_or_default());
        let mut out = io::stdout().lock();
        if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
            return exit::WORLD;
        }
    } else {
        jumps.iter().for_each(|line| reporter.summary(line));
    }
    match args.dry_run {
        true => reporter.summary(&format!("nothing written: {} would move", super::outdated::count(jumps.len()))),
        false => reporter.summary(&summary(&installed, listener.fetched(), started)),
    }
    let differs = diff.is_some_and(|diff| !diff.is_empty());
    if args.exit_code && differs { exit::DIFFERENT } else { exit::OK }
}

fn jump(Jump { source, before, now }: &Jump) -> String {
    format!("{source}: {} -> {}", short(before.resolved()), short(now.resolved()))
}

fn update(args: &UpdateArgs, folder: &Path, listener: &Arc<Listener>, sink: &mut Sink) -> Result<Updated, Reported> {
    let usage = |message: String| Diagnostic::error(USAGE, message).blame(Blame::Usage);
    let before = Project::open(folder, args.sources.store.place(), sink)?;
    let mut project = Project::open(folder, args.sources.store.place(), &mut Sink::new())?;
    let edited = match (&args.to, args.components.as_slice()) {
        (None, _) => None,
        (Some(to), [component]) => {
            let graph = before.resolve(sink)?;
            let edited = AskedVersion::change(&before.folder, &graph, component, to);
            let edited = edited.map_err(|problem| sink.fail(problem))?;
            project.tree = edited.laid_over(&project.tree);
            Some(edited)
        }
        (Some(_), _) => return Err(sink.fail(usage("`--to` is for one component".to_owned()))),
    };
    let met: Vec<AtomicBool> = args.components.iter().map(|_| AtomicBool::new(false)).collect();
    let picks = |request: &Request| {
        let address = request.asker.address.as_str();
        let name = address.rsplit('/').next();
        let picked = args.components.iter().position(|wanted| wanted == address || Some(wanted.as_str()) == name);
        picked.inspect(|at| met[*at].store(true, Ordering::Relaxed)).is_some()
    };
    let request = InstallRequest {
        project: &project,
        fetch: args.sources.fetch.options(&project, Arc::clone(listener) as Arc<dyn Progress>, sink)?,
        pins: if args.components.is_empty() { Pins::Renew } else { Pins::RenewSome(&picks) },
        hooks: HookRules {
            policy: args.sources.hooks.policy(),
            reading: project.reading,
            trusted: &project.file.trust.hooks,
        },
        keep_beside: false,
        write_lock: false,
    };
    let mut installed = pipeline::install(request, sink)?;
    let unmet = args.components.iter().zip(&met).filter(|(_, met)| !met.load(Ordering::Relaxed));
    for (wanted, _) in unmet {
        sink.push(usage(format!("no component named `{}` has a source that is fetched", wanted.escape_debug())));
    }
    sink.check()?;
    project.lock = Some(installed.lock.clone());
    let diff = match args.diff {
        true => Some(rendered_difference(args, &before, &project, sink)?),
        false => None,
    };
    if !args.dry_run {
        // Nothing is written before everything is known to go well.
        if let Some(edited) = &edited {
            edited.write().map_err(|problem| sink.fail(problem))?;
        }
        let shown = before.tree.display(LOCK_NAME);
        let changed = match installed.lock.is_empty() && before.lock.is_none() {
            true => Ok(false),
            false => installed.lock.write(&before.folder.join(LOCK_NAME), &shown),
        };
        installed.lock_changed = changed.map_err(|problem| sink.fail(problem))?;
    }
    Ok(Updated { installed, diff })
}

/// Renders before and after in memory and compares the files.
fn rendered_difference(
    args: &UpdateArgs,
    before: &Project,
    after: &Project,
    sink: &mut Sink,
) -> Result<String, Reported> {
    let options = GenerateOptions {
        environments: args.environments.clone(),
        hooks: args.sources.hooks.policy(),
        ..GenerateOptions::default()
    };
    let mut own = Sink::new();
    let old = match pipeline::compile(before, &options, &Unwatched, &mut own) {
        Ok((files, _)) => files,
        Err(reported) => {
            sink.append(own);
            return Err(reported);
        }
    };
    // Warnings that were there before are nobody's news.
    let (new, _) = pipeline::compile(after, &options, &Unwatched, sink)?;
    let mut paths: Vec<&str> = old.iter().chain(new.iter()).map(|(path, _)| path).collect();
    paths.sort_unstable();
    paths.dedup();
    let text = |files: &OutputSet, path: &str| files.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    Ok(paths.iter().map(|path| difference(path, text(&old, path).as_deref(), text(&new, path).as_deref())).collect())
}

struct Unwatched;

impl Watcher for Unwatched {
    fn planned(&self, _units: usize) {}
    fn rendered(&self, _address: &str) {}
}

#[cfg(test)]
mod tests;
