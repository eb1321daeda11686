use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::config::{Assignments, COMMON, Layers, MergeRules};
use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::output::{ChangeSet, Contents, OutputSet, Target, WriteOptions};
use crate::render::Engine;
use crate::source::Overrides;
use crate::stack::{Nondeterminism, Reach};

use super::graphs::{addressed, without_cluster};
use super::hooks::{HookPolicy, HookRules};
use super::images::{Images, RequiredImage};
use super::plan::PlanRequest;
use super::stages::{Crew, Job, lay_out, not_written, transform};
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
    /// Where nothing is written: whether the contents of what would change are given too.
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
}

/// Watches a run go on.
pub trait Watcher: Sync {
    /// So many components will be rendered.
    fn planned(&self, units: usize);
    /// A component is rendered.
    fn rendered(&self, address: &str);
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
    let target = Target::new(&root, name);
    let (wanted, rendered) = compile(project, options, watcher, sink)?;
    let changes = if options.dry_run {
        target.compare(&wanted, options.contents)
    } else {
        target.write(&wanted, WriteOptions { sync: options.sync })
    };
    let changes = changes.map_err(|error| sink.fail(not_written(&error)))?;
    Ok(Generated { root, folder: target.folder(), changes, rendered })
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
    let graph = project.resolve(sink)?;
    project.report_overrides(sink);
    let images = Images::open(project, &graph, sink)?.requiring(options.required_image.as_ref(), &graph, sink)?;
    let mut problems = Vec::new();
    let target_images = images.of(None, &mut problems);
    problems.into_iter().for_each(|problem| sink.push(problem));
    let layers = Layers::new(project.reading, project.reach());
    let rules = MergeRules { reading: project.reading, force_types: options.force_types };
    let request = PlanRequest {
        environments: Arc::from(options.environments.as_slice()),
        allow_missing_layers: options.allow_missing_layers,
        images: Arc::new(target_images),
        variables: without_cluster(&project.vars()),
        assignments: addressed(&options.assignments, std::slice::from_ref(&graph), sink)?,
        ..PlanRequest::default()
    };
    let plan = Planner::new(&graph, &layers, rules).plan(&request, sink)?;
    sink.check()?;
    watcher.planned(plan.units.len());

    let context = settings::context(project, graph.root().spec.name(), options, sink)?;
    let hooks = HookRules { policy: options.hooks, reading: project.reading, trusted: &project.file.trust.hooks };
    let has_hooks = plan.units.iter().any(|unit| unit.hooks.folder.is_some());
    let crew = Crew::new(options.jobs, &context, has_hooks, options.hooks, sink)?;
    let jobs = plan.units.iter().map(|unit| Job { unit, context: &context }).collect();
    let mut bundles = Vec::with_capacity(plan.units.len());
    for (bundle, own) in crew.render(jobs, &hooks, None, &|unit| watcher.rendered(&unit.address)) {
        bundles.push(bundle);
        sink.append(own);
    }
    sink.check()?;
    transform(&plan.units, &mut bundles, project.reading, &images, sink)?;
    images.unmatched(std::iter::empty(), options.strict).into_iter().for_each(|problem| sink.push(problem));
    sink.check()?;
    let wanted = lay_out(&plan.units, &bundles, project.reading, sink)?;
    let rendered = plan.units.iter().filter(|unit| !matches!(unit.engine, Engine::Container)).count();
    Ok((wanted, rendered))
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
