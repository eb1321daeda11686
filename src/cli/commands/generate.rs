//! `generate` and `check`: compiles a stack, for one list of environments or for many clusters, and tells what
//! changed. `args` is what people type; `outcome` is what came of a run, as counts, summaries and events; `print`
//! puts changes onto standard output; `bar` shows how far a run is; `copies` removes copies of clusters.

mod args;
mod bar;
mod copies;
mod outcome;
mod print;

use std::path::Path;
use std::time::Instant;

pub use args::GenerateArgs;
pub(super) use args::options;
pub(super) use bar::Bar;
pub(super) use outcome::Outcome;
pub(super) use print::print_differences;

use crate::cli::attesting::{ProvenanceArgs, with_clusters};
use crate::cli::events;
use crate::cli::exit;
use crate::cli::fleet::{FleetArgs, SelectionArgs, missing_clusters};
use crate::cli::hooks::HookArgs;
use crate::cli::source_date::source_date;
use crate::cli::store::StoreArgs;
use crate::cli::timings::{TimingArgs, table};
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::Target;
use crate::pipeline::{self, Asked, GenerateOptions, SharedCache, Watcher};
use crate::report::Reporter;
use crate::stack::{CLUSTERS_FILE, load_clusters};

/// What a run tells beside its summary, and to whom.
#[derive(Default)]
struct Telling<'a> {
    /// Whether differences are printed, and are an answer of their own.
    checks: bool,
    /// Where the events go.
    events: Option<&'a Path>,
    provenance: Option<&'a ProvenanceArgs>,
    timings: Option<&'a TimingArgs>,
    cache: Option<&'a SharedCache>,
}

/// Compiles a stack, or compares what is on disk with what would be written.
pub fn run(args: &GenerateArgs, check: bool, project: &Path, reporter: &Reporter) -> u8 {
    let (options, cache) = match options(args, check, project, reporter) {
        Ok(options) => options,
        Err(code) => return code,
    };
    if args.prune.prune_copies {
        return copies::prune(args, check, &options, reporter);
    }
    // Environments are an answer of their own: clusters.yaml is not even read then.
    let fleet = args.environments.is_empty().then_some(&args.fleet);
    let telling = Telling {
        checks: check,
        events: args.events.as_deref(),
        provenance: Some(&args.provenance),
        timings: Some(&args.timings),
        cache: cache.as_deref(),
    };
    compile(options, fleet, &telling, reporter)
}

/// Compiles for one cluster of clusters.yaml.
pub fn run_for_cluster(name: &str, project: &Path, reporter: &Reporter) -> u8 {
    let options = GenerateOptions {
        project: project.to_owned(),
        store: StoreArgs::from_environment().place(),
        hooks: HookArgs::from_environment().policy(),
        ..GenerateOptions::default()
    };
    let selection = SelectionArgs { names: vec![name.to_owned()], ..SelectionArgs::default() };
    let fleet = FleetArgs { selection, ..FleetArgs::default() };
    compile(options, Some(&fleet), &Telling::default(), reporter)
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
        lenient: true,
        ..GenerateOptions::default()
    };
    compile(options, None, &Telling::default(), reporter)
}

fn compile(mut options: GenerateOptions, fleet: Option<&FleetArgs>, telling: &Telling<'_>, reporter: &Reporter) -> u8 {
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
    let bar = Bar::new(reporter.shows_progress());
    let silent = ProvenanceArgs::default();
    let outcome = generate(&options, fleet, telling.provenance.unwrap_or(&silent), &bar, &mut sink);
    bar.done();
    for problem in telling.cache.iter().flat_map(|cache| cache.problems()) {
        sink.push(problem);
    }
    // Whoever posts events takes each for a fact: a run with errors tells none, whatever it has written.
    if let (Some(file), Ok(outcome), false) = (telling.events, &outcome, sink.has_errors()) {
        let events = outcome.events(events::commit(&options.project).as_deref());
        if let Err(problem) = events::write(file, &events) {
            sink.push(problem);
        }
    }
    reporter.diagnostics(sink.diagnostics());
    let Ok(outcome) = outcome else { return exit::of(sink.diagnostics()) };
    let trees = outcome.trees();
    let told = match (telling.checks, options.dry_run) {
        (true, _) => print_differences(&trees),
        (false, true) => print::list(&trees),
        (false, false) => Ok(()),
    };
    if told.is_err() {
        return exit::WORLD;
    }
    reporter.summary(&outcome.summary(options.changed_since.as_deref(), started));
    for (_, folder, changes) in &trees {
        for path in &changes.foreign {
            reporter.detail(&format!("left alone: {}", folder.join(path).display()));
        }
    }
    if let Outcome::Many(fleet) = &outcome {
        for name in &fleet.disabled {
            reporter.detail(&format!("disabled: {name}"));
        }
    }
    if let (Some(times), Some(timings)) = (&options.times, telling.timings) {
        let counts = outcome.counts(started);
        reporter.summary(&table(times, &counts));
        let root = outcome.root().filter(|_| !options.dry_run);
        if let Err(why) = timings.write(times, &counts, root) {
            let problem = Diagnostic::error(Code("output.write"), why).blame(Blame::World);
            reporter.diagnostics(std::slice::from_ref(&problem));
            return exit::of(&[problem]);
        }
    }
    // With `--keep-going` clusters may have failed although others were written.
    if sink.has_errors() {
        return exit::of(sink.diagnostics());
    }
    let differs = trees.iter().any(|(.., changes)| !changes.is_empty());
    if telling.checks && differs { exit::DIFFERENT } else { exit::OK }
}

/// Compiles for the clusters of clusters.yaml where that is meant, else for environments. Without errors the
/// statement about it is written, too.
pub(super) fn generate(
    options: &GenerateOptions,
    fleet: Option<&FleetArgs>,
    provenance: &ProvenanceArgs,
    watcher: &dyn Watcher,
    sink: &mut Sink,
) -> Result<Outcome, Reported> {
    let project = pipeline::open(options, sink)?;
    let asked = provenance.asked("generate", options);
    if let Some(fleet) = fleet {
        if let Some(file) = load_clusters(&project.tree, sink)? {
            let mut meant = fleet.options(sink)?;
            let file = match &options.copying {
                Some(copying) => {
                    let (file, copies) = pipeline::copies_of(&file, &meant.selection, copying, sink)?;
                    meant.selection = copies;
                    file
                }
                None => file,
            };
            let made = pipeline::generate_clusters(&project, &file, options, &meant, watcher, sink)?;
            if !sink.has_errors() {
                let compiled = || made.clusters.iter().filter(|cluster| !cluster.pruned);
                let asked = with_clusters(asked, &file, compiled().map(|cluster| cluster.name.as_str()));
                let targets: Vec<Target> =
                    compiled().map(|cluster| Target::new(&made.root, &*cluster.output)).collect();
                provenance.tell_of_folders(&project, Asked { out: made.root.clone(), ..asked }, &targets, sink)?;
            }
            return Ok(Outcome::Many(made));
        }
        if fleet.is_asked() {
            return Err(sink.fail(missing_clusters(&project.tree.display(CLUSTERS_FILE))));
        }
    }
    let made = pipeline::generate_environments(&project, options, watcher, sink)?;
    let name = made.folder.strip_prefix(&made.root).unwrap_or(&made.folder).to_string_lossy().into_owned();
    let target = Target::new(&made.root, name);
    provenance.tell_of_folders(&project, Asked { out: made.root.clone(), ..asked }, &[target], sink)?;
    Ok(Outcome::One(made))
}
