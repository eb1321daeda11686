use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::config::{COMMON, Layers, MergeRules};
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::gotmpl::Limits;
use crate::helm::{Compat, KubeVersion};
use crate::jinja;
use crate::k8s::Scopes;
use crate::output::{ChangeSet, OutputError, OutputSet, PathError, Target, WriteOptions};
use crate::render::{self, Bundle, Charts, Context, Engine, Randomness, RenderUnit};
use crate::source::Overrides;
use crate::stack::{Nondeterminism, Reach};
use crate::transform::{InjectionRule, inject_namespace};
use crate::value::Frozen;

use super::hooks::{HookCall, HookPolicy, HookRules, run_hooks};
use super::{Planner, Project};

const OUTPUT: Code = Code("output.write");

/// Stack for the templates of one release on a worker thread; recursion beyond it is an error.
const TEMPLATE_STACK_BYTES: usize = 48 << 20;

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
    /// Whether the lock must answer for every fetched source.
    pub locked: bool,
    /// Folders that stand for sources.
    pub overrides: Overrides,
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

/// Compiles a stack for a list of environments: plan, render in parallel, transform, write by one
/// swap. Nothing is fetched.
///
/// # Errors
/// When `sink` got at least one error; the old output is untouched then.
pub fn generate(options: &GenerateOptions, watcher: &dyn Watcher, sink: &mut Sink) -> Result<Generated, Reported> {
    let mut project = Project::open(&options.project, options.store.clone(), sink)?;
    project.locked = options.locked;
    project.override_sources(options.overrides.clone(), sink)?;
    if let Some(lock) = &project.lock {
        project.check_vendor(lock, options.locked, sink)?;
    }
    project.check_signatures(sink)?;
    let target = target(&project, options, sink)?;
    let (wanted, rendered) = compile(&project, options, watcher, sink)?;
    let changes = if options.dry_run {
        target.compare(&wanted)
    } else {
        target.write(&wanted, WriteOptions { sync: options.sync })
    };
    let changes = changes.map_err(|error| sink.fail(written(&error)))?;
    Ok(Generated { folder: target.folder(), changes, rendered })
}

/// Compiles an opened project in memory; gives the files, and how many components were rendered.
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
    let layers = Layers::new(project.reading);
    let rules = MergeRules { reading: project.reading, force_types: options.force_types };
    let plan = Planner::new(&graph, &layers, rules).plan(&options.environments, sink)?;
    sink.check()?;
    watcher.planned(plan.units.len());

    let context = context(project, graph.root().spec.name(), options, sink)?;
    let hooks = HookRules { policy: options.hooks, reading: project.reading, trusted: &project.file.trust.hooks };
    let mut bundles = render_all(&plan.units, &context, &hooks, options.jobs, watcher, sink)?;
    transform(&plan.units, &mut bundles, project, sink)?;
    let wanted = lay_out(&plan.units, &bundles, project, sink)?;
    let rendered = plan.units.iter().filter(|unit| !matches!(unit.engine, Engine::Container)).count();
    Ok((wanted, rendered))
}

fn written(error: &OutputError) -> Diagnostic {
    let diagnostic = Diagnostic::error(OUTPUT, error.to_string());
    match error {
        OutputError::Io { .. } => diagnostic.blame(Blame::World),
        OutputError::InTheWay { .. } => diagnostic.help("move it away, or choose another folder with `--out-dir`"),
    }
}

/// The output folder, which must not be the project's own.
fn target(project: &Project, options: &GenerateOptions, sink: &mut Sink) -> Result<Target, Reported> {
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
    let name = if options.environments.is_empty() { COMMON.to_owned() } else { options.environments.join("-") };
    Ok(Target::new(root, name))
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

fn context(
    project: &Project,
    root_name: &str,
    options: &GenerateOptions,
    sink: &mut Sink,
) -> Result<Context, Reported> {
    let file = &project.file;
    let kube_version = match &file.kube_version {
        None => KubeVersion::default_of_helm(),
        Some(text) => KubeVersion::parse(&text.value, Compat::V3).map_err(|why| {
            let message = format!("`{}` is no version of Kubernetes: {why}", text.value);
            sink.fail(Diagnostic::error(Code("project.kube-version"), message).at(text.place.clone(), ""))
        })?,
    };
    let (seed, created) = match &project.lock {
        Some(lock) if !lock.seed.is_empty() => (lock.seed.clone(), Some(lock.created.as_str())),
        _ => (root_name.to_owned(), None),
    };
    let seed: Arc<[u8]> = Arc::from(seed.into_bytes());
    let now = options.now.or_else(|| created.and_then(midnight)).unwrap_or(0);
    let randomness = match options.nondeterminism.or(file.nondeterminism).unwrap_or(Nondeterminism::Seed) {
        Nondeterminism::Seed => Randomness::Seeded { seed, now },
        Nondeterminism::Helm => Randomness::System,
        Nondeterminism::Error => Randomness::Refused { seed, now },
    };
    let (mut limits, mut template_limits) =
        (Limits { stack_bytes: TEMPLATE_STACK_BYTES, ..Limits::default() }, jinja::Limits::default());
    if let Some(fuel) = file.limits.fuel {
        (limits.fuel, template_limits.fuel) = (fuel, fuel);
    }
    if let Some(bytes) = file.limits.output_bytes {
        (limits.output_bytes, template_limits.output_bytes) = (bytes, usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    Ok(Context {
        reading: project.reading,
        kube_version,
        api_versions: file.api_versions.iter().map(|text| text.value.clone()).collect(),
        randomness,
        limits,
        template_limits,
        vars: Frozen::Map(Arc::clone(&file.vars)),
        charts: Charts::default(),
    })
}

/// Seconds since 1970 of the start of a day `YYYY-MM-DD` in UTC.
fn midnight(day: &str) -> Option<i64> {
    let date: jiff::civil::Date = day.parse().ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// Renders all units, in parallel unless hooks have to run between them. The order of bundles and
/// of messages is the plan's, whatever the number of threads.
fn render_all(
    units: &[RenderUnit],
    context: &Context,
    hooks: &HookRules<'_>,
    jobs: Option<usize>,
    watcher: &dyn Watcher,
    sink: &mut Sink,
) -> Result<Vec<Bundle>, Reported> {
    let has_hooks = |unit: &RenderUnit| unit.hooks.folder.is_some();
    let sequential = hooks.policy == HookPolicy::Allow && units.iter().any(has_hooks);
    let stopped = AtomicBool::new(false);
    let one = |unit: &RenderUnit| {
        let mut own = Sink::new();
        if sequential && stopped.load(Ordering::Relaxed) {
            return (Bundle::default(), own);
        }
        let bundle = around(unit, hooks, &mut own, |sink| render::render(unit, context, sink));
        stopped.fetch_or(bundle.is_err(), Ordering::Relaxed);
        watcher.rendered(&unit.address);
        (bundle.unwrap_or_default(), own)
    };
    let threads = if sequential { 1 } else { jobs.unwrap_or(0) };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(context.limits.thread_stack())
        .build()
        .map_err(|error| {
        let message = format!("cannot start threads: {error}");
        sink.fail(Diagnostic::error(Code("system.threads"), message).blame(Blame::World))
    })?;
    let results: Vec<(Bundle, Sink)> =
        pool.install(|| if sequential { units.iter().map(one).collect() } else { units.par_iter().map(one).collect() });
    let mut bundles = Vec::with_capacity(results.len());
    for (bundle, own) in results {
        bundles.push(bundle);
        sink.append(own);
    }
    sink.check().map(|()| bundles)
}

/// Renders between the unit's hooks.
fn around(
    unit: &RenderUnit,
    rules: &HookRules<'_>,
    sink: &mut Sink,
    render: impl FnOnce(&mut Sink) -> Result<Bundle, Reported>,
) -> Result<Bundle, Reported> {
    let Some(folder) = &unit.hooks.folder else { return render(sink) };
    let call = |moment, hooks| HookCall {
        moment,
        address: &unit.address,
        hooks,
        folder,
        remote: unit.remote,
        pin: unit.hooks.pin.as_deref(),
    };
    run_hooks(&call("before-generate", &unit.hooks.before_generate), rules, sink)?;
    let bundle = render(sink)?;
    run_hooks(&call("after-generate", &unit.hooks.after_generate), rules, sink)?;
    Ok(bundle)
}

fn transform(units: &[RenderUnit], bundles: &mut [Bundle], project: &Project, sink: &mut Sink) -> Result<(), Reported> {
    let mut scopes = Scopes::default();
    let wanted =
        |unit: &RenderUnit| matches!(unit.engine, Engine::Helm { .. }) && unit.scope.inject_namespace().is_some();
    if project.reading.is_strict() && units.iter().any(wanted) {
        bundles
            .iter()
            .flat_map(|bundle| bundle.crds.iter().chain(&bundle.objects))
            .for_each(|object| scopes.learn(object));
    }
    let rule = if project.reading.is_strict() { InjectionRule::Namespaced(&scopes) } else { InjectionRule::Everywhere };
    for (unit, bundle) in units.iter().zip(bundles) {
        let Some(namespace) = unit.scope.inject_namespace().filter(|_| wanted(unit)) else { continue };
        if let Err(problem) = inject_namespace(&mut bundle.objects, namespace, rule, &unit.output) {
            sink.push(problem);
        }
    }
    sink.check()
}

/// One file a component; definitions of custom resources stand in a file of their own beside it.
fn lay_out(
    units: &[RenderUnit],
    bundles: &[Bundle],
    project: &Project,
    sink: &mut Sink,
) -> Result<OutputSet, Reported> {
    let mut files = OutputSet::new();
    for (unit, bundle) in units.iter().zip(bundles) {
        if unit.shadowed || (project.reading.is_strict() && bundle.is_empty()) {
            continue;
        }
        if !bundle.crds.is_empty() {
            let path = format!("{}-crds.yaml", unit.output.strip_suffix(".yaml").unwrap_or(&unit.output));
            insert(&mut files, unit, &path, content(&bundle.crds), sink);
        }
        if !bundle.objects.is_empty() || !project.reading.is_strict() {
            insert(&mut files, unit, &unit.output, content(&bundle.objects), sink);
        }
    }
    sink.check().map(|()| files)
}

fn content(objects: &[crate::k8s::Object]) -> Vec<u8> {
    let mut out = Vec::with_capacity(objects.iter().map(|object| object.text.len() + 5).sum());
    for object in objects {
        out.extend_from_slice(b"---\n");
        out.extend_from_slice(object.text.as_bytes());
        out.push(b'\n');
    }
    out
}

fn insert(files: &mut OutputSet, unit: &RenderUnit, path: &str, content: Vec<u8>, sink: &mut Sink) {
    if let Err(error) = files.insert(path, content) {
        let code = match error {
            PathError::Taken(_) => Code("output.collision"),
            PathError::NotPlain(_) | PathError::Reserved { .. } => Code("output.path"),
        };
        sink.push(
            Diagnostic::error(code, format!("the output of `{}` cannot be placed: {error}", unit.address))
                .maybe_at(unit.place.clone(), format!("component `{}`", unit.name))
                .help("give the component another name"),
        );
    }
}
