use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::config::{Assignments, COMMON, Layers, MergeRules};
use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::output::{ChangeSet, Contents, Hold, OutputSet, Staged, Target, WriteOptions};
use crate::render::{Context, Engine, RenderUnit, Repeats, Times, UnitCache};
use crate::source::{Digest, Overrides, Trace, observe};
use crate::stack::{Graph, Nondeterminism, Reach};

use super::copies::{CopyTerms, Copying, record_copies};
use super::environments::environment_clusters;
use super::graphs::{addressed, without_cluster};
use super::hooks::{HookPolicy, HookRules};
use super::images::{Images, RequiredImage};
use super::plan::{Plan, PlanRequest};
use super::reuse::{Made, Maker, Past, Reuse, ReuseMode, digest_of_request, grounds};
use super::stages::{Crew, Job, TransformRules, insert_kept, lay_out, not_written, transform};
use super::survey::{Kept, Since};
use super::{Planner, Project, settings};

/// What to compile, and how.
#[derive(Clone, Debug, Default)]
pub struct GenerateOptions {
    /// The project's folder.
    pub project: PathBuf,
    /// Where fetched sources are kept; `.kiln/store` of the project when absent.
    pub store: Option<PathBuf>,
    /// Environments, highest priority first.
    pub environments: Vec<String>,
    /// The root of generated trees; `outDir` of `kiln.yaml`, else `generated`, when absent.
    pub out_dir: Option<PathBuf>,
    /// Whether hooks run.
    pub hooks: HookPolicy,
    /// Whether the higher layer wins where types differ.
    pub force_types: bool,
    /// Threads; as many as there are processors when absent.
    pub jobs: Option<usize>,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// Whether the contents of what changes, or would change, are given too.
    pub contents: Contents,
    /// Whether the lock must answer for every fetched source.
    pub locked: bool,
    /// Whether copies beside components that are not what the lock pins are taken all the same, with a
    /// warning, as Fabrikate takes them.
    pub lenient: bool,
    /// Values that are set above all layers.
    pub assignments: Assignments,
    /// Folders that stand for sources.
    pub overrides: Overrides,
    /// Whether an environment that no component has a layer for is a warning in both readings.
    pub allow_missing_layers: bool,
    /// An image that a component must have.
    pub required_image: Option<RequiredImage>,
    /// Whether an override that meets no image is an error.
    pub strict: bool,
    /// Whether to wait until the files are on the disk.
    pub sync: bool,
    /// What becomes of values that the input does not determine, when the caller was told;
    /// otherwise `kiln.yaml` decides.
    pub nondeterminism: Option<Nondeterminism>,
    /// Seconds since 1970 that templates take for now, when the caller was given such a date.
    pub now: Option<i64>,
    /// A revision of the project's repository: what is the same as then and is there as committed then is
    /// not rendered.
    pub changed_since: Option<String>,
    /// What becomes of what earlier runs recorded.
    pub reuse: ReuseMode,
    /// Where results of other runs and machines are kept.
    pub cache: Option<Arc<dyn UnitCache>>,
    /// Of what kind a copy is that is made; what is compiled is the thing itself when absent.
    pub copying: Option<Copying>,
    /// How long a copy is wanted, which is recorded of it.
    pub copy_terms: CopyTerms,
    /// What the run takes, where somebody asked.
    pub times: Option<Arc<Times>>,
}

impl GenerateOptions {
    /// How files are written.
    pub(super) fn writing(&self) -> WriteOptions {
        WriteOptions { sync: self.sync, contents: self.contents }
    }
}

/// What a run did.
#[derive(Debug)]
pub struct Generated {
    /// The root of generated trees.
    pub root: PathBuf,
    /// The output folder.
    pub folder: PathBuf,
    /// What changed there, or would change.
    pub changes: ChangeSet,
    /// How many components were rendered.
    pub rendered: usize,
    /// How many stand as an earlier run wrote them.
    pub reused: usize,
    /// How many were not rendered, because they are the same as in the revision that was named, and are
    /// there.
    pub kept: usize,
}

/// Watches a run go on.
pub trait Watcher: Sync {
    /// So many components will be rendered.
    fn planned(&self, units: usize);
    /// A component, or all of a cluster's, is rendered.
    fn rendered(&self, address: &str);
    /// This thread begins with the rendering of a unit.
    fn begun(&self, _unit: &RenderUnit) {}
    /// It is done with it.
    fn ended(&self) {}
}

/// Opens the project and checks what can be checked before anything is resolved.
///
/// # Errors
/// When `sink` got at least one error.
pub fn open(options: &GenerateOptions, sink: &mut Sink) -> Result<Project, Reported> {
    let mut project = Project::open(&options.project, options.store.clone(), sink)?;
    project.locked = options.locked;
    project.lenient = options.lenient;
    project.override_sources(options.overrides.clone(), sink)?;
    if let Some(lock) = &project.lock {
        project.check_vendor(lock, options.locked, sink)?;
    }
    project.check_signatures(sink)?;
    Ok(project)
}

/// Compiles a stack for a list of environments: [`open`], then [`generate_environments`].
///
/// # Errors
/// When `sink` got at least one error; the old output is untouched then.
pub fn generate(options: &GenerateOptions, watcher: &dyn Watcher, sink: &mut Sink) -> Result<Generated, Reported> {
    let project = open(options, sink)?;
    generate_environments(&project, options, watcher, sink)
}

/// Compiles an open project for a list of environments: plan, render in parallel, transform, write by
/// one swap. Nothing is fetched.
///
/// # Errors
/// When `sink` got at least one error; the old output is untouched then.
pub fn generate_environments(
    project: &Project,
    options: &GenerateOptions,
    watcher: &dyn Watcher,
    sink: &mut Sink,
) -> Result<Generated, Reported> {
    let root = output_root(project, options, sink)?;
    let name = if options.environments.is_empty() { COMMON.to_owned() } else { options.environments.join("-") };
    let own_name = options.copying.as_ref().map_or_else(|| name.clone(), |copying| copying.name_of(&name));
    let target = Target::new(&root, own_name);
    let recorded = |sink: &mut Sink| match options.copying.as_ref().filter(|_| !options.dry_run) {
        Some(copying) => record_copies(&root, [(target.name(), &*name)], copying, &options.copy_terms, sink),
        None => Ok(()),
    };
    let times = options.times.as_deref();
    let run = Times::stage(times, "resolve", || Run::prepare(project, options, sink))?;
    // A failed first run leaves no folder behind, and hooks see none: the lock would make one.
    let is_early = !run.crew.is_sequential() && root.is_dir();
    let hold = |sink: &mut Sink| {
        Hold::of(&root, std::slice::from_ref(&target)).map(Some).map_err(|error| sink.fail(not_written(&error)))
    };
    let _early = if options.dry_run || !is_early { None } else { hold(sink)? };
    let mode = if options.dry_run || is_early { options.reuse } else { ReuseMode::Renew };
    // Whether a component has an image shows in its objects.
    let reuse = match run.crew.is_sequential() || options.required_image.is_some() {
        true => Reuse::none(&root, &project.folder),
        false => {
            let graph = std::slice::from_ref(&run.graph);
            let grounds = grounds(project, graph, &run.context, options, &run.rules, &run.crew);
            Reuse::new(&root, &project.folder, mode, options.dry_run, grounds)
        }
    };
    let key = reuse.ground(&run.graph).and_then(|ground| digest_of_request(&run.request, run.context.digest(), ground));
    let past = reuse.past(&target);
    let standing = past.as_ref().zip(key).and_then(|(past, key)| reuse.whole(&target, past, key));
    if let Some((past, standing)) = past.as_ref().zip(standing.as_ref()) {
        reuse.keep_standing(&target, past, standing);
        recorded(sink)?;
        let reused = past.rendered();
        return Ok(Generated {
            root,
            folder: target.folder(),
            changes: standing.changes.clone(),
            rendered: 0,
            reused,
            kept: 0,
        });
    }
    let repeats = Repeats::asking(options.cache.clone());
    let maker = Maker { reuse: &reuse, repeats: &repeats, sequential: run.crew.is_sequential() };
    // What is recorded says more than what was committed.
    let since = match past.is_some() || options.required_image.is_some() {
        true => None,
        false => run.since(project, options, &root, sink)?,
    };
    let stands = Stands { target: &target, past: past.as_ref(), since: since.as_ref() };
    let output = run.output(project, options, maker, Some(stands), watcher, sink)?;
    let whole = key.filter(|_| output.is_silent).map(|key| (key, output.trace));
    let record = match output.kept {
        0 => reuse.record(&target, &output.units, &output.made, output.scopes, &output.files, whole),
        _ => None,
    };
    // What changed under the run may have been digested before and rendered after that. Once the new output
    // is in its place, nothing is read that could fail.
    let record = record.filter(|_| run.context.contents.stand());
    let _late = if options.dry_run || is_early { None } else { hold(sink)? };
    let put = || match options.dry_run {
        true => target.compare(&output.files, options.contents),
        false => target.stage(&output.files, options.writing()).and_then(Staged::commit),
    };
    let changes = Times::stage(times, "put in place", put).map_err(|error| sink.fail(not_written(&error)))?;
    if let Some(record) = record {
        reuse.keep(&target, record);
    }
    reuse.end();
    recorded(sink)?;
    let rendered = output.rendered.saturating_sub(reuse.count() + repeats.fetched());
    let (reused, kept) = (reuse.count(), output.kept);
    Ok(Generated { root, folder: target.folder(), changes, rendered, reused, kept })
}

/// Compiles an open project for a list of environments in memory; gives the files, and how many
/// components were rendered.
///
/// # Errors
/// When `sink` got at least one error.
pub fn compile(
    project: &Project,
    options: &GenerateOptions,
    watcher: &dyn Watcher,
    sink: &mut Sink,
) -> Result<(OutputSet, usize), Reported> {
    let run = Run::prepare(project, options, sink)?;
    let reuse = Reuse::none(Path::new(""), &project.folder);
    let repeats = Repeats::asking(options.cache.clone());
    let maker = Maker { reuse: &reuse, repeats: &repeats, sequential: run.crew.is_sequential() };
    let output = run.output(project, options, maker, None, watcher, sink)?;
    Ok((output.files, output.rendered))
}

/// What stands of a target already.
struct Stands<'a> {
    target: &'a Target,
    past: Option<&'a Past>,
    since: Option<&'a Since>,
}

/// Everything that is needed to plan and to render.
struct Run {
    graph: Graph,
    has_hooks: bool,
    layers: Layers,
    rules: MergeRules,
    images: Images,
    request: PlanRequest,
    /// What is wrong with the request.
    problems: Vec<Diagnostic>,
    context: Context,
    crew: Crew,
}

/// What a run gives, in memory.
struct Output {
    files: OutputSet,
    /// The units that were made.
    units: Vec<RenderUnit>,
    made: Vec<Made>,
    scopes: Option<Digest>,
    /// What planning asked of the disk.
    trace: Trace,
    /// Whether there was no message.
    is_silent: bool,
    /// How many components that were made have documents of their own.
    rendered: usize,
    /// How many were not made, because their files stand as in a revision.
    kept: usize,
}

impl Run {
    fn prepare(project: &Project, options: &GenerateOptions, sink: &mut Sink) -> Result<Self, Reported> {
        let graph = project.resolve(sink)?;
        project.report_overrides(sink);
        let images = Images::open(project, &graph, sink)?.requiring(options.required_image.as_ref(), &graph, sink)?;
        let mut problems = Vec::new();
        let request = PlanRequest {
            environments: Arc::from(options.environments.as_slice()),
            allow_missing_layers: options.allow_missing_layers,
            images: Arc::new(images.of(None, &mut problems)),
            namespace: options.copying.as_ref().and_then(Copying::namespace),
            variables: without_cluster(&project.vars()),
            assignments: addressed(&options.assignments, std::slice::from_ref(&graph), sink)?,
            ..PlanRequest::default()
        };
        let context = settings::context(project, graph.root().spec.name(), options, sink)?;
        let has_hooks = graph.nodes.iter().any(|node| !node.spec.hooks.is_empty());
        let crew = Crew::new(options.jobs, &context, has_hooks, options.hooks, sink)?;
        let rules = MergeRules { reading: project.reading, force_types: options.force_types };
        let layers = Layers::new(project.reading, project.reach());
        Ok(Self { graph, has_hooks, layers, rules, images, request, problems, context, crew })
    }

    fn since(
        &self,
        project: &Project,
        options: &GenerateOptions,
        root: &Path,
        sink: &mut Sink,
    ) -> Result<Option<Since>, Reported> {
        let file = environment_clusters(std::slice::from_ref(&options.environments));
        Since::of(project, &file, self.has_hooks, &self.context, options, root, sink)
    }

    /// For each unit the files that stand for it as in a revision, unless it is made.
    fn kept(&self, units: &[RenderUnit], options: &GenerateOptions, stands: Option<&Stands<'_>>) -> Vec<Option<Kept>> {
        let file = environment_clusters(std::slice::from_ref(&options.environments));
        match (stands.and_then(|stands| Some((stands.since?, stands.target))), file.clusters.first()) {
            (Some((since, target)), Some(own)) => since.kept(own, units, &self.context, target),
            _ => units.iter().map(|_| None).collect(),
        }
    }

    fn output(
        &self,
        project: &Project,
        options: &GenerateOptions,
        maker: Maker<'_>,
        stands: Option<Stands<'_>>,
        watcher: &dyn Watcher,
        sink: &mut Sink,
    ) -> Result<Output, Reported> {
        let mut own = Sink::new();
        self.problems.iter().for_each(|problem| own.push(problem.clone()));
        let planner = Planner::new(&self.graph, &self.layers, self.rules);
        let times = options.times.as_deref();
        let plan = || observe(|| planner.plan(&self.request, &mut own));
        let (plan, trace) = Times::stage(times, "plan", plan);
        let made = plan.and_then(|plan| {
            sink.check()?;
            let mut kept = self.kept(&plan.units, options, stands.as_ref());
            let mut is_kept = kept.iter().map(Option::is_some);
            let Plan { mut units } = plan;
            units.retain(|_| !is_kept.next().unwrap_or_default());
            kept.retain(Option::is_some);
            watcher.planned(units.len());
            let past = stands.as_ref().and_then(|stands| Some((stands.target, stands.past?)));
            let hooks =
                HookRules { policy: options.hooks, reading: project.reading, trusted: &project.file.trust.hooks };
            let past_units = past.filter(|_| options.copying.is_none());
            let jobs: Vec<Job<'_>> =
                units.iter().map(|unit| Job { unit, context: &self.context, past: past_units }).collect();
            let make = |job: Job<'_>, sink: &mut Sink| {
                let made = maker.make(job, sink);
                watcher.rendered(&job.unit.address);
                made
            };
            let mut made = Vec::with_capacity(units.len());
            let render = || {
                maker.expect(&jobs, &self.crew);
                self.crew.render(jobs, &hooks, watcher, &make)
            };
            for (unit, messages) in Times::stage(times, "render", render) {
                made.push(unit);
                own.append(messages);
            }
            own.check()?;
            let again = |unit: &RenderUnit, sink: &mut Sink| maker.render_anew(unit, &self.context, sink);
            let past = past.and_then(|(_, past)| past.scopes());
            let rules =
                TransformRules { reading: project.reading, images: &self.images, copying: options.copying.as_ref() };
            let scopes = transform(&units, &mut made, &rules, past, again, &mut own)?;
            // Whether an image met what was not made is not known.
            if kept.is_empty() {
                let unmatched = self.images.unmatched(std::iter::empty(), options.strict);
                unmatched.into_iter().for_each(|problem| own.push(problem));
            }
            own.check()?;
            let mut files = lay_out(&units, &made, project.reading, &mut own)?;
            let kept_units = kept.len();
            insert_kept(&mut files, kept, &mut own)?;
            Ok((units, made, scopes, files, kept_units))
        });
        let is_silent = own.diagnostics().is_empty();
        sink.append(own);
        let (units, made, scopes, files, kept) = made?;
        let rendered = units.iter().filter(|unit| !matches!(unit.engine, Engine::Container)).count();
        Ok(Output { files, units, made, scopes, trace, is_silent, rendered, kept })
    }
}

/// The root of generated trees, which must not be the project's own folder.
pub(super) fn output_root(project: &Project, options: &GenerateOptions, sink: &mut Sink) -> Result<PathBuf, Reported> {
    let root = match (&options.out_dir, &project.file.out_dir) {
        (Some(folder), _) => folder.clone(),
        (None, Some(folder)) => project.folder.join(&folder.value),
        (None, None) => project.folder.join("generated"),
    };
    let real =
        |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned());
    if real(&project.folder).starts_with(real(&root)) {
        let message = format!("the output folder `{}` holds the project's own sources", root.display());
        return Err(sink.fail(
            Diagnostic::error(Code("output.source-folder"), message)
                .help("choose a folder for generated files only, such as `generated`"),
        ));
    }
    if let (None, Reach::Below(bound)) = (&options.out_dir, project.reach())
        && !lies_below(&root, &bound)
    {
        let message = format!("the output folder `{}` lies outside of the project", root.display());
        let place = project.file.out_dir.as_ref().map(|folder| folder.place.clone());
        return Err(sink.fail(
            Diagnostic::error(Code("output.outside-project"), message)
                .maybe_at(place, "")
                .help("choose a folder of the project, or name it on the command line with `--out-dir`"),
        ));
    }
    Ok(root)
}

/// Whether a folder, which need not exist, lies below another when links are followed.
fn lies_below(folder: &Path, bound: &Path) -> bool {
    let mut real = PathBuf::new();
    for part in folder.components() {
        match part {
            Component::ParentDir => {
                real.pop();
            }
            part => real.push(part),
        }
        real = real.canonicalize().unwrap_or(real);
    }
    real.starts_with(bound)
}
