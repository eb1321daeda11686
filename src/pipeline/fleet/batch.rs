use std::sync::Arc;

use crate::config::{Assignments, Layers, MergeRules};
use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::output::{ChangeSet, Contents, OutputSet, Staged, Target, WriteOptions};
use crate::pipeline::graphs::Graphs;
use crate::pipeline::hooks::HookRules;
use crate::pipeline::images::Images;
use crate::pipeline::plan::{Plan, PlanRequest, Planner};
use crate::pipeline::stages::{Crew, Job, lay_out, not_written, transform};
use crate::pipeline::survey::{Kept, Since};
use crate::pipeline::{GenerateOptions, Watcher};
use crate::render::{Bundle, Context, Engine, RenderUnit, Repeats};
use crate::stack::Cluster;
use crate::value::Frozen;

use super::hand::Made;

/// A cluster to compile.
pub(super) struct Task<'a> {
    /// Its place in the list of clusters.
    pub at: usize,
    pub cluster: &'a Cluster,
    pub context: &'a Context,
    pub target: Target,
}

/// What came of a cluster.
pub(super) struct Compiled<'a> {
    pub at: usize,
    pub cluster: &'a Cluster,
    pub target: Target,
    /// Its tree, unless it failed.
    pub tree: Result<Tree, Reported>,
    pub messages: Sink,
    pub rendered: usize,
    /// How many units were not rendered because they are as in a revision.
    pub kept: usize,
}

/// What became of a cluster's files.
pub(super) enum Tree {
    /// They stand ready.
    Staged(Staged),
    /// They were only compared.
    Compared(ChangeSet),
    /// They are for somebody who asked for them.
    Handed(OutputSet, Vec<Made>),
    /// Nobody wants them any more: the run has failed.
    Dropped,
}

/// What to do with the files of a batch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Stage,
    Compare(Contents),
    Hand,
    Drop,
}

/// What all batches of a run share.
pub(super) struct Shared<'a> {
    pub graphs: &'a Graphs,
    pub assignments: Arc<Assignments>,
    pub layers: &'a Layers,
    pub rules: MergeRules,
    pub hooks: HookRules<'a>,
    pub options: &'a GenerateOptions,
    pub crew: &'a Crew,
    pub watcher: &'a dyn Watcher,
    pub images: &'a Images,
    /// What was rendered for other clusters.
    pub repeats: Repeats,
    /// What needs no rendering because it is as in a revision.
    pub since: Option<&'a Since>,
}

/// A planned cluster.
struct Planned<'a> {
    task: Task<'a>,
    plan: Result<Plan, Reported>,
    messages: Sink,
    /// For each unit the files that stand for it, unless it is rendered; none where all are.
    kept: Vec<Option<Kept>>,
}

impl Planned<'_> {
    /// The units that are rendered.
    fn wanted(&self) -> impl Iterator<Item = &RenderUnit> {
        let units = self.plan.iter().flat_map(|plan| &plan.units).enumerate();
        units.filter(|(at, _)| !self.is_kept(*at)).map(|(_, unit)| unit)
    }

    fn is_kept(&self, at: usize) -> bool {
        self.kept.get(at).is_some_and(Option::is_some)
    }
}

impl Shared<'_> {
    /// Compiles some clusters: all are planned, then all their units are rendered, then their files are
    /// staged, each step in parallel.
    pub fn compile<'a>(&self, tasks: Vec<Task<'a>>, fate: Fate) -> Vec<Compiled<'a>> {
        let planned = self.crew.each(tasks, |task| self.plan(task));
        let jobs: Vec<Job<'_>> = planned
            .iter()
            .flat_map(|planned| planned.wanted().map(|unit| Job { unit, context: planned.task.context }))
            .collect();
        let mut rendered = self.crew.render(jobs, &self.hooks, Some(&self.repeats), &|_| {}).into_iter();
        let mut parts = Vec::with_capacity(planned.len());
        for mut planned in planned {
            let units = planned.wanted().count();
            let mut bundles = Vec::with_capacity(units);
            let mut made = Vec::new();
            for (at, (bundle, messages)) in rendered.by_ref().take(units).enumerate() {
                if let (Fate::Hand, Some(unit)) = (fate, planned.wanted().nth(at)) {
                    made.push(Made::of(unit, planned.task.context, &bundle, &messages));
                }
                bundles.push(bundle);
                planned.messages.append(messages);
            }
            parts.push((planned, bundles, made));
        }
        self.crew.each(parts, |(planned, bundles, made)| self.finish(planned, bundles, made, fate))
    }

    fn plan<'a>(&self, task: Task<'a>) -> Planned<'a> {
        let mut messages = Sink::new();
        let mut request =
            request(task.cluster, self.graphs, self.options.allow_missing_layers, self.images, &mut messages);
        request.assignments = Arc::clone(&self.assignments);
        let plan =
            Planner::new(self.graphs.of_cluster(task.cluster), self.layers, self.rules).plan(&request, &mut messages);
        let kept = match (&self.since, &plan) {
            (Some(since), Ok(plan)) => since.kept(task.cluster, &plan.units, task.context, &task.target),
            _ => Vec::new(),
        };
        Planned { task, plan, messages, kept }
    }

    fn finish<'a>(&self, planned: Planned<'a>, bundles: Vec<Bundle>, made: Vec<Made>, fate: Fate) -> Compiled<'a> {
        let rendered = planned.wanted().filter(|unit| !matches!(unit.engine, Engine::Container)).count();
        let Planned { task: Task { at, cluster, target, .. }, plan, mut messages, kept } = planned;
        let kept_units = kept.iter().flatten().count();
        let files = plan.and_then(|plan| {
            messages.check()?;
            self.files(plan, bundles, kept, &mut messages)
        });
        let tree = files.and_then(|files| match fate {
            Fate::Hand => Ok(Tree::Handed(files, made)),
            fate => settle(&target, &files, fate, self.options.sync, &mut messages),
        });
        self.watcher.rendered(&cluster.name.value);
        Compiled { at, cluster, target, tree, messages, rendered, kept: kept_units }
    }

    fn files(
        &self,
        plan: Plan,
        mut bundles: Vec<Bundle>,
        kept: Vec<Option<Kept>>,
        messages: &mut Sink,
    ) -> Result<OutputSet, Reported> {
        let reading = self.graphs.first().reading;
        let mut units = plan.units;
        let mut stand_ins = kept.iter();
        units.retain(|_| stand_ins.next().is_none_or(Option::is_none));
        transform(&units, &mut bundles, reading, self.images, messages)?;
        let mut files = lay_out(&units, &bundles, reading, messages)?;
        for (path, content) in kept.into_iter().flatten().flatten() {
            files.insert(&path, content).map_err(|error| {
                let message = format!("the output cannot be placed: {error}");
                messages.fail(Diagnostic::error(Code("output.collision"), message))
            })?;
        }
        Ok(files)
    }
}

/// What to plan for a cluster.
pub(in crate::pipeline) fn request(
    cluster: &Cluster,
    graphs: &Graphs,
    allow_missing_layers: bool,
    images: &Images,
    sink: &mut Sink,
) -> PlanRequest {
    let mut problems = Vec::new();
    let images = Arc::new(images.of(Some(&cluster.images), &mut problems));
    problems.into_iter().for_each(|problem| sink.push(problem));
    let name = (crate::value::Str::from("name"), Frozen::str(cluster.name.value.as_str()));
    let labels = cluster.labels.iter().map(|(key, value)| (key.as_str().into(), Frozen::str(value.as_str())));
    PlanRequest {
        environments: cluster.layers.iter().map(|layer| layer.value.clone()).collect(),
        places: cluster.layers.iter().map(|layer| layer.place.clone()).collect(),
        components: cluster.components.clone(),
        variables: graphs.variables(cluster),
        assignments: Arc::default(),
        cluster: Some(Frozen::map(std::iter::once(name).chain(labels).collect())),
        allow_missing_layers,
        images,
    }
}

/// Does with a cluster's files what shall be done with them.
pub(super) fn settle(
    target: &Target,
    files: &OutputSet,
    fate: Fate,
    sync: bool,
    messages: &mut Sink,
) -> Result<Tree, Reported> {
    let settled = match fate {
        Fate::Stage => target.stage(files, WriteOptions { sync }).map(Tree::Staged),
        Fate::Compare(contents) => target.compare(files, contents).map(Tree::Compared),
        Fate::Hand | Fate::Drop => Ok(Tree::Dropped),
    };
    settled.map_err(|error| messages.fail(not_written(&error)))
}
