use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::k8s::{Object, Scopes};
use crate::output::{OutputError, OutputSet, PathError, Target};
use crate::render::{Context, Engine, RenderUnit};
use crate::source::Digest;
use crate::stack::Reading;
use crate::transform::{InjectionRule, inject_namespace, override_images};

use super::copies::{Copying, copy_objects};
use super::generate::Watcher;
use super::hooks::{HookCall, HookPolicy, HookRules, run_hooks};
use super::images::Images;
use super::reuse::{Kept, Made, Past, digest_of_scopes};
use super::survey;

/// A unit, what it is rendered with, and the target that it belongs to with what is recorded of it.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub unit: &'a RenderUnit,
    pub context: &'a Context,
    pub past: Option<(&'a Target, &'a Past)>,
}

/// The threads of a run.
pub(super) struct Crew {
    pool: rayon::ThreadPool,
    /// Whether hooks have to run, which see one another's files: then everything has its turn.
    sequential: bool,
}

impl Crew {
    /// Threads for units with these hooks, as many as there are processors when `jobs` is absent.
    pub fn new(
        jobs: Option<usize>,
        context: &Context,
        has_hooks: bool,
        policy: HookPolicy,
        sink: &mut Sink,
    ) -> Result<Self, Reported> {
        let sequential = policy == HookPolicy::Allow && has_hooks;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(if sequential { 1 } else { jobs.unwrap_or(0) })
            .stack_size(context.limits.thread_stack())
            .build()
            .map_err(|error| {
                let message = format!("cannot start threads: {error}");
                sink.fail(Diagnostic::error(Code("system.threads"), message).blame(Blame::World))
            })?;
        Ok(Self { pool, sequential })
    }

    /// Whether units are rendered one after the other.
    pub fn is_sequential(&self) -> bool {
        self.sequential
    }

    /// How many threads there are.
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Does something with each item, in parallel; the results have the order of the items.
    pub fn each<T: Send, R: Send>(&self, items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
        self.pool.install(|| items.into_par_iter().map(work).collect())
    }

    /// Makes units, in parallel unless hooks have to run between them. The order of results and of
    /// messages is that of the jobs, whatever the number of threads. Of a unit that fails nothing is made.
    pub fn render<'a>(
        &self,
        jobs: Vec<Job<'a>>,
        hooks: &HookRules<'_>,
        watcher: &dyn Watcher,
        make: &(dyn Fn(Job<'a>, &mut Sink) -> Result<Made, Reported> + Sync),
    ) -> Vec<(Made, Sink)> {
        let stopped = AtomicBool::new(false);
        let one = |job: Job<'a>| {
            let mut own = Sink::new();
            if self.sequential && stopped.load(Ordering::Relaxed) {
                return (Made::default(), own);
            }
            watcher.begun(job.unit);
            let made = around(job.unit, hooks, &mut own, |sink| make(job, sink));
            watcher.ended();
            stopped.fetch_or(made.is_err(), Ordering::Relaxed);
            (made.unwrap_or_default(), own)
        };
        if self.sequential { self.pool.install(|| jobs.into_iter().map(one).collect()) } else { self.each(jobs, one) }
    }
}

/// Renders between the unit's hooks.
fn around(
    unit: &RenderUnit,
    rules: &HookRules<'_>,
    sink: &mut Sink,
    render: impl FnOnce(&mut Sink) -> Result<Made, Reported>,
) -> Result<Made, Reported> {
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
    let made = render(sink)?;
    run_hooks(&call("after-generate", &unit.hooks.after_generate), rules, sink)?;
    Ok(made)
}

/// How documents become documents.
#[derive(Clone, Copy)]
pub(super) struct TransformRules<'a> {
    pub reading: Reading,
    pub images: &'a Images,
    /// Whether they are those of a copy.
    pub copying: Option<&'a Copying>,
}

/// Documents to documents, for all units of one target. Gives a digest of the custom kinds outside of
/// namespaces if it matters; where it is not `past`, `again` renders the units whose files stand as they
/// were made under that condition.
pub(super) fn transform(
    units: &[RenderUnit],
    made: &mut [Made],
    rules: &TransformRules<'_>,
    past: Option<Digest>,
    again: impl Fn(&RenderUnit, &mut Sink) -> Result<Made, Reported>,
    sink: &mut Sink,
) -> Result<Option<Digest>, Reported> {
    let TransformRules { reading, images, copying } = *rules;
    let mut scopes = Scopes::default();
    let wanted =
        |unit: &RenderUnit| matches!(unit.engine, Engine::Helm { .. }) && unit.scope.inject_namespace().is_some();
    let matters = reading.is_strict() && units.iter().any(wanted);
    if matters || copying.is_some() {
        made.iter().for_each(|made| learn(&mut scopes, made));
    }
    let digest = matters.then(|| digest_of_scopes(&scopes));
    if matters && digest != past {
        for (unit, made) in units.iter().zip(&mut *made) {
            if wanted(unit) && matches!(made, Made::Old { .. }) {
                *made = again(unit, sink)?;
            }
        }
    }
    let rule = if reading.is_strict() { InjectionRule::Namespaced(&scopes) } else { InjectionRule::Everywhere };
    for (unit, made) in units.iter().zip(&mut *made) {
        let (bundle, note) = match made {
            Made::New { bundle, note } => (bundle, note),
            Made::Old { note, .. } => {
                images.note(unit, &note.met);
                continue;
            }
        };
        if !unit.overrides.is_empty() {
            match override_images(&mut Arc::make_mut(bundle).objects, &unit.overrides, &unit.output) {
                Ok(met) => {
                    images.note(unit, &met);
                    note.iter_mut().for_each(|note| note.met.clone_from(&met));
                }
                Err(problem) => sink.push(problem),
            }
        }
        let Some(namespace) = unit.scope.inject_namespace().filter(|_| wanted(unit)) else { continue };
        if let Err(problem) = inject_namespace(&mut Arc::make_mut(bundle).objects, namespace, rule, &unit.output) {
            sink.push(problem);
        }
    }
    for (unit, made) in units.iter().zip(&*made) {
        if let Made::New { bundle, .. } = made {
            images.check_required(unit, bundle).into_iter().for_each(|problem| sink.push(problem));
        }
    }
    sink.check()?;
    if let Some(copying) = copying {
        copy_objects(units, made, copying, &scopes, sink)?;
    }
    Ok(digest)
}

/// Takes note of the custom kinds that a unit declares.
fn learn(scopes: &mut Scopes, made: &Made) {
    match made {
        Made::New { bundle, .. } => {
            bundle.crds.iter().chain(&bundle.objects).for_each(|object| scopes.learn(object));
        }
        Made::Old { note, .. } => {
            note.declared.iter().for_each(|(group, kind)| scopes.declare_cluster_scoped(group, kind));
        }
    }
}

/// One file a component; definitions of custom resources stand in a file of their own beside it.
pub(super) fn lay_out(
    units: &[RenderUnit],
    made: &[Made],
    reading: Reading,
    sink: &mut Sink,
) -> Result<OutputSet, Reported> {
    let mut files = OutputSet::new();
    for (unit, made) in units.iter().zip(made).filter(|(unit, _)| !unit.shadowed) {
        let bundle = match made {
            Made::New { bundle, .. } => bundle,
            Made::Old { files: Kept { main, crds }, .. } => {
                for (path, content) in [(&*unit.crds(), crds), (&*unit.output, main)] {
                    if let Some(content) = content {
                        insert(&mut files, unit, path, content.clone(), sink);
                    }
                }
                continue;
            }
        };
        if reading.is_strict() && bundle.is_empty() {
            continue;
        }
        if !bundle.crds.is_empty() {
            insert(&mut files, unit, &unit.crds(), content(&bundle.crds), sink);
        }
        if !bundle.objects.is_empty() || !reading.is_strict() {
            insert(&mut files, unit, &unit.output, content(&bundle.objects), sink);
        }
    }
    sink.check().map(|()| files)
}

/// Adds the files that stand for units that were not made.
pub(super) fn insert_kept(
    files: &mut OutputSet,
    kept: Vec<Option<survey::Kept>>,
    sink: &mut Sink,
) -> Result<(), Reported> {
    for (path, content) in kept.into_iter().flatten().flatten() {
        files.insert(&path, content).map_err(|error| {
            let message = format!("the output cannot be placed: {error}");
            sink.fail(Diagnostic::error(Code("output.collision"), message))
        })?;
    }
    Ok(())
}

fn content(objects: &[Object]) -> Vec<u8> {
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

/// Why output could not be compared or written, as a message.
pub(super) fn not_written(error: &OutputError) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code("output.write"), error.to_string());
    match error {
        OutputError::Io { .. } => diagnostic.blame(Blame::World),
        OutputError::InTheWay { .. } => diagnostic.help("move it away, or choose another folder with `--out-dir`"),
    }
}
