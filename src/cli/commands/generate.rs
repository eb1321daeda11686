use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use clap::Args;
use clap::builder::FalseyValueParser;

use crate::cli::attesting::{ProvenanceArgs, with_clusters};
use crate::cli::cache::CacheArgs;
use crate::cli::compiling::CompileArgs;
use crate::cli::events::{self, Event};
use crate::cli::exit;
use crate::cli::fleet::{FleetArgs, SelectionArgs, at_odds_with_environments, missing_clusters};
use crate::cli::hooks::HookArgs;
use crate::cli::source_date::source_date;
use crate::cli::store::StoreArgs;
use crate::cli::timings::{Counts, TimingArgs, table};
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::{Change, ChangeSet, Contents, FileContents, Target};
use crate::pipeline::{self, Asked, Fleet, GenerateOptions, Generated, RequiredImage, ReuseMode, SharedCache, Watcher};
use crate::render::UnitCache;
use crate::report::{Progress, Reporter, difference, grouped};
use crate::stack::{CLUSTERS_FILE, load_clusters};

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

/// Compiles a stack, or compares what is on disk with what would be written.
pub fn run(args: &GenerateArgs, check: bool, project: &Path, reporter: &Reporter) -> u8 {
    let (options, cache) = match options(args, check, project, reporter) {
        Ok(options) => options,
        Err(code) => return code,
    };
    // Environments are an answer of their own: clusters.yaml is not even read then.
    let extras = (&args.timings, cache.as_deref());
    let fleet = args.environments.is_empty().then_some(&args.fleet);
    let Some(file) = &args.events else { return compile(options, fleet, &args.provenance, extras, reporter) };
    // What the files are before is known only before.
    let events = events(&options, fleet);
    let code = compile(options, fleet, &args.provenance, extras, reporter);
    match events.map(|events| events::write(file, &events)) {
        Some(Err(problem)) if code == exit::OK => {
            reporter.diagnostics(std::slice::from_ref(&problem));
            exit::of(&[problem])
        }
        _ => code,
    }
}

/// What the arguments ask for, and the shared cache that they name; the exit code where they cannot be
/// followed.
pub(super) fn options(
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
        contents: if check { Contents::Kept } else { Contents::Dropped },
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
    Ok((options, cache))
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
    compile(options, Some(&fleet), &ProvenanceArgs::default(), (&TimingArgs::default(), None), reporter)
}

/// What a run would change, as events; `None` when it would fail, which the run itself tells.
fn events(options: &GenerateOptions, fleet: Option<&FleetArgs>) -> Option<Vec<Event>> {
    let mut options = GenerateOptions { dry_run: true, contents: Contents::Kept, ..options.clone() };
    options.now = source_date().ok()?;
    let mut sink = Sink::new();
    let nobody = Bar::new(false);
    let commit = events::commit(&options.project);
    match generate(&options, fleet, &ProvenanceArgs::default(), &nobody, &mut sink).ok()? {
        Outcome::One(generated) => {
            let name = generated.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Some(events::of(&name, &generated.folder, &generated.changes, commit.as_deref()))
        }
        Outcome::Many(fleet) => {
            let clusters = fleet.clusters.iter();
            let of = |made: &pipeline::ClusterOutcome| {
                events::of(&made.name, &fleet.root.join(&made.output), &made.changes, commit.as_deref())
            };
            Some(clusters.flat_map(of).collect())
        }
    }
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
    compile(options, None, &ProvenanceArgs::default(), (&TimingArgs::default(), None), reporter)
}

/// What was compiled.
pub(super) enum Outcome {
    One(Generated),
    Many(Fleet),
}

impl Outcome {
    /// The root of generated trees, where that is a place of the whole project.
    fn root(&self) -> Option<&Path> {
        match self {
            Self::One(_) => None,
            Self::Many(fleet) => Some(&fleet.root),
        }
    }

    /// The trees: what stands before their files where there are many, their folders, what changes.
    pub(super) fn trees(&self) -> Vec<(&str, PathBuf, &ChangeSet)> {
        match self {
            Self::One(generated) => vec![("", generated.folder.clone(), &generated.changes)],
            Self::Many(fleet) => {
                let clusters = fleet.clusters.iter();
                clusters.map(|made| (made.output.as_str(), fleet.root.join(&made.output), &made.changes)).collect()
            }
        }
    }

    fn counts(&self, started: Instant) -> Counts {
        let counts = match self {
            Self::One(generated) => {
                vec![("rendered", generated.rendered), ("reused", generated.reused), ("kept", generated.kept)]
            }
            Self::Many(fleet) => vec![
                ("clusters", fleet.compiled()),
                ("rendered", fleet.rendered),
                ("repeated", fleet.repeated),
                ("reused", fleet.reused),
                ("fetched", fleet.fetched),
                ("kept", fleet.kept),
            ],
        };
        Counts { counts, wall: started.elapsed() }
    }
}

fn compile(
    mut options: GenerateOptions,
    fleet: Option<&FleetArgs>,
    provenance: &ProvenanceArgs,
    (timings, cache): (&TimingArgs, Option<&SharedCache>),
    reporter: &Reporter,
) -> u8 {
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
    let outcome = generate(&options, fleet, provenance, &bar, &mut sink);
    bar.done();
    for problem in cache.iter().flat_map(|cache| cache.problems()) {
        sink.push(problem);
    }
    reporter.diagnostics(sink.diagnostics());
    let since = options.changed_since.as_deref();
    let (summary, trees) = match &outcome {
        Err(_) => return exit::of(sink.diagnostics()),
        Ok(made @ Outcome::One(generated)) => (summary(generated, since, started), made.trees()),
        Ok(made @ Outcome::Many(fleet)) => (fleet_summary(fleet, since, started), made.trees()),
    };
    let checks = options.contents == Contents::Kept;
    let told = match (checks, options.dry_run) {
        (true, _) => print_differences(&trees),
        (false, true) => list(&trees),
        (false, false) => Ok(()),
    };
    if told.is_err() {
        return exit::WORLD;
    }
    reporter.summary(&summary);
    for (_, folder, changes) in &trees {
        for path in &changes.foreign {
            reporter.detail(&format!("left alone: {}", folder.join(path).display()));
        }
    }
    if let Ok(Outcome::Many(fleet)) = &outcome {
        for name in &fleet.disabled {
            reporter.detail(&format!("disabled: {name}"));
        }
    }
    if let (Some(times), Ok(outcome)) = (&options.times, &outcome) {
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
    if checks && differs { exit::DIFFERENT } else { exit::OK }
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
            let made = pipeline::generate_clusters(&project, &file, options, &fleet.options(sink)?, watcher, sink)?;
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

/// The differences between the files on disk and what would be written, on stdout.
pub(super) fn print_differences(trees: &[(&str, PathBuf, &ChangeSet)]) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let text = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    for (_, folder, changes) in trees {
        let folder = folder.strip_prefix(".").unwrap_or(folder);
        for FileContents { path, before, now } in &changes.contents {
            let path = format!("{}/{path}", folder.display());
            out.write_all(difference(&path, text(before).as_deref(), text(now).as_deref()).as_bytes())?;
        }
    }
    out.flush()
}

/// What would change, one file a line, on stdout.
fn list(trees: &[(&str, PathBuf, &ChangeSet)]) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (below, _, changes) in trees {
        let slash = if below.is_empty() { "" } else { "/" };
        for (path, change) in &changes.changes {
            let mark = match change {
                Change::Added => '+',
                Change::Changed => '~',
                Change::Removed => '-',
            };
            writeln!(out, "{mark} {below}{slash}{path}")?;
        }
    }
    out.flush()
}

fn summary(generated: &Generated, since: Option<&str>, started: Instant) -> String {
    let changes = &generated.changes;
    let noun = if generated.rendered == 1 { "component" } else { "components" };
    let again = again(generated.reused, 0) + &kept(generated.kept, since);
    format!(
        "{}: {} added, {} changed, {} removed, {} unchanged; rendered {} {noun}{} in {:.2} s",
        generated.folder.strip_prefix(".").unwrap_or(&generated.folder).display(),
        changes.count(Change::Added),
        changes.count(Change::Changed),
        changes.count(Change::Removed),
        changes.unchanged,
        grouped(generated.rendered),
        if again.is_empty() { again } else { format!("{again},") },
        started.elapsed().as_secs_f64()
    )
}

/// How many components were not rendered: they stand as an earlier run wrote them, or are the same for
/// another cluster.
fn again(reused: usize, repeated: usize) -> String {
    let reused = if reused == 0 { String::new() } else { format!(", reused {}", grouped(reused)) };
    let repeated = if repeated == 0 { String::new() } else { format!(", used {} again", grouped(repeated)) };
    format!("{reused}{repeated}")
}

/// How many components were not rendered because they are as in the revision that was named.
fn kept(kept: usize, since: Option<&str>) -> String {
    since.map_or_else(String::new, |revision| format!(", kept {} that are as in {revision}", grouped(kept)))
}

fn fleet_summary(fleet: &Fleet, since: Option<&str>, started: Instant) -> String {
    let clusters = fleet.compiled();
    let noun = if clusters == 1 { "cluster" } else { "clusters" };
    let components = if fleet.rendered == 1 { "component" } else { "components" };
    let pruned = fleet.clusters.len() - clusters;
    let pruned = if pruned == 0 { String::new() } else { format!(" (and {} removed)", grouped(pruned)) };
    let mut again = again(fleet.reused, fleet.repeated);
    if fleet.fetched > 0 {
        again.push_str(&format!(", fetched {}", grouped(fleet.fetched)));
    }
    again.push_str(&kept(fleet.kept, since));
    if !again.is_empty() {
        again.push(',');
    }
    format!(
        "{} {noun}{pruned}: {} added, {} changed, {} removed, {} unchanged; rendered {} {components}{again} in {:.2} s",
        grouped(clusters),
        grouped(fleet.count(Change::Added)),
        grouped(fleet.count(Change::Changed)),
        grouped(fleet.count(Change::Removed)),
        grouped(fleet.unchanged()),
        grouped(fleet.rendered),
        started.elapsed().as_secs_f64()
    )
}

/// A progress line that starts when the plan is known.
pub(super) struct Bar {
    shown: bool,
    line: OnceLock<Progress>,
}

impl Bar {
    /// A line that is shown or not.
    pub(super) fn new(shown: bool) -> Self {
        Self { shown, line: OnceLock::new() }
    }

    /// Takes the line away.
    pub(super) fn done(&self) {
        if let Some(line) = self.line.get() {
            line.done();
        }
    }
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
