use std::sync::Arc;

use crate::config::{Assignments, Layers, MergeRules};
use crate::diag::{Reported, Sink};
use crate::output::{ChangeSet, OutputSet, Record, Staged, Standing, Target, WriteOptions};
use crate::pipeline::copies::Copying;
use crate::pipeline::graphs::Graphs;
use crate::pipeline::hooks::HookRules;
use crate::pipeline::images::Images;
use crate::pipeline::plan::{Plan, PlanRequest, Planner};
use crate::pipeline::reuse::{Made, Maker, Past, Reuse, digest_of_request};
use crate::pipeline::stages::{Crew, Job, TransformRules, insert_kept, lay_out, not_written, transform};
use crate::pipeline::survey::{Kept, Since};
use crate::pipeline::{GenerateOptions, Watcher};
use crate::render::{Context, Engine, RenderUnit, Repeats, Times};
use crate::source::{Digest, Trace, observe};
use crate::stack::Cluster;
use crate::value::Frozen;

use super::hand::Made as HandedUnit;

/// A cluster to compile.
pub(super) struct Task<'a> {
    /// Its place in the list of clusters.
    pub at: usize,
    pub cluster: &'a Cluster,
    pub context: &'a Context,
    pub context_digest: Digest,
    pub target: Target,
}

/// What came of a cluster.
pub(super) struct Compiled<'a> {
    pub at: usize,
    pub cluster: &'a Cluster,
    pub target: Target,
    /// Its tree, unless it failed.
    pub tree: Result<Tree, Reported>,
    /// What is to be recorded once the tree is in its place.
    pub record: Option<Record>,
    pub messages: Sink,
    pub rendered: usize,
    /// How many units were not rendered because they are as in a revision.
    pub kept: usize,
}

/// What became of a cluster's files.
pub(super) enum Tree {
    /// They stand ready.
    Staged(Staged),
    /// They were only compared, or stand as they shall.
    Compared(ChangeSet),
    /// They are for somebody who asked for them.
    Handed(OutputSet, Vec<HandedUnit>),
    /// Nobody wants them any more: the run has failed.
    Dropped,
}

/// What to do with the files of a batch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Stage,
    Compare,
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
    /// What earlier runs made.
    pub reuse: &'a Reuse,
}

/// A cluster that was looked at.
enum Begun<'a> {
    /// Its files stand as they would be written.
    Standing(Box<(Task<'a>, Past, Standing)>),
    /// It is planned.
    Planned(Box<Planned<'a>>),
}

/// A planned cluster.
struct Planned<'a> {
    task: Task<'a>,
    plan: Result<Plan, Reported>,
    messages: Sink,
    past: Option<Past>,
    /// The digest of the request, and what planning asked of the disk.
    whole: Option<(Digest, Trace)>,
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
        let (mut done, mut planned) = (Vec::new(), Vec::new());
        let times = self.options.times.as_deref();
        for begun in Times::stage(times, "plan", || self.crew.each(tasks, |task| self.begin(task))) {
            match begun {
                Begun::Standing(cluster) => {
                    let (task, past, standing) = *cluster;
                    done.push(self.leave(task, past, standing));
                }
                Begun::Planned(cluster) => planned.push(*cluster),
            }
        }
        let jobs: Vec<Job<'_>> = planned
            .iter()
            .flat_map(|planned| {
                let past = planned.past.as_ref().filter(|_| self.options.copying.is_none());
                let past = past.map(|past| (&planned.task.target, past));
                planned.wanted().map(move |unit| Job { unit, context: planned.task.context, past })
            })
            .collect();
        let render = || {
            self.maker().expect(&jobs, self.crew);
            self.crew.render(jobs, &self.hooks, self.watcher, &|job, sink| self.maker().make(job, sink))
        };
        let mut made = Times::stage(times, "render", render).into_iter();
        let mut parts = Vec::with_capacity(planned.len());
        for mut planned in planned {
            let units = planned.wanted().count();
            let (mut own, mut handed) = (Vec::with_capacity(units), Vec::new());
            for (at, (made, messages)) in made.by_ref().take(units).enumerate() {
                if let (Fate::Hand, Some(unit), Made::New { bundle, .. }) = (fate, planned.wanted().nth(at), &made) {
                    handed.push(HandedUnit::of(unit, planned.task.context, bundle, &messages));
                }
                own.push(made);
                planned.messages.append(messages);
            }
            parts.push((planned, own, handed));
        }
        let finish = |(planned, made, handed)| self.finish(planned, made, handed, fate);
        done.extend(Times::stage(times, "compare and stage", || self.crew.each(parts, finish)));
        done.sort_by_key(|compiled| compiled.at);
        done
    }

    fn maker(&self) -> Maker<'_> {
        Maker { reuse: self.reuse, repeats: &self.repeats, sequential: self.crew.is_sequential() }
    }

    fn begin<'a>(&self, task: Task<'a>) -> Begun<'a> {
        let mut messages = Sink::new();
        let mut request =
            request(task.cluster, self.graphs, self.options.allow_missing_layers, self.images, &mut messages);
        request.assignments = Arc::clone(&self.assignments);
        request.namespace = self.options.copying.as_ref().and_then(Copying::namespace);
        let graph = self.graphs.of_cluster(task.cluster);
        let key = self.reuse.ground(graph).and_then(|ground| digest_of_request(&request, task.context_digest, ground));
        let past = self.reuse.past(&task.target);
        let standing = past.as_ref().zip(key).and_then(|(past, key)| self.reuse.whole(&task.target, past, key));
        let past = match (past, standing) {
            (Some(past), Some(standing)) => return Begun::Standing(Box::new((task, past, standing))),
            (past, _) => past,
        };
        let planner = Planner::new(graph, self.layers, self.rules);
        let (plan, trace) = observe(|| planner.plan(&request, &mut messages));
        let whole = key.filter(|_| messages.diagnostics().is_empty()).map(|key| (key, trace));
        let kept = match (&self.since, &plan) {
            // What is recorded says more than what was committed.
            (Some(since), Ok(plan)) if past.is_none() => {
                since.kept(task.cluster, &plan.units, task.context, &task.target)
            }
            _ => Vec::new(),
        };
        Begun::Planned(Box::new(Planned { task, plan, messages, past, whole, kept }))
    }

    /// Leaves a cluster as it is.
    fn leave<'a>(&self, task: Task<'a>, past: Past, standing: Standing) -> Compiled<'a> {
        let Task { at, cluster, target, .. } = task;
        let rendered = past.rendered();
        self.reuse.keep_standing(&target, &past, &standing);
        self.watcher.rendered(&cluster.name.value);
        let tree = Ok(Tree::Compared(standing.changes));
        Compiled { at, cluster, target, tree, record: None, messages: Sink::new(), rendered, kept: 0 }
    }

    fn finish<'a>(
        &self,
        planned: Planned<'a>,
        mut made: Vec<Made>,
        handed: Vec<HandedUnit>,
        fate: Fate,
    ) -> Compiled<'a> {
        let rendered = planned.wanted().filter(|unit| !matches!(unit.engine, Engine::Container)).count();
        let Planned { task: Task { at, cluster, target, context, .. }, plan, mut messages, past, whole, kept } =
            planned;
        let kept_units = kept.iter().flatten().count();
        let files = plan.and_then(|Plan { mut units }| {
            messages.check()?;
            let reading = self.graphs.first().reading;
            let mut stand_ins = kept.iter();
            units.retain(|_| stand_ins.next().is_none_or(Option::is_none));
            let again = |unit: &_, sink: &mut _| self.maker().render_anew(unit, context, sink);
            let past = past.as_ref().and_then(Past::scopes);
            let rules = TransformRules { reading, images: self.images, copying: self.options.copying.as_ref() };
            let scopes = transform(&units, &mut made, &rules, past, again, &mut messages)?;
            let mut files = lay_out(&units, &made, reading, &mut messages)?;
            let whole = whole.filter(|_| messages.diagnostics().is_empty());
            let record = match fate {
                Fate::Stage if kept_units == 0 => self.reuse.record(&target, &units, &made, scopes, &files, whole),
                Fate::Stage | Fate::Compare | Fate::Hand | Fate::Drop => None,
            };
            insert_kept(&mut files, kept, &mut messages)?;
            Ok((files, record))
        });
        let (files, record) = match files {
            Ok((files, record)) => (Ok(files), record),
            Err(reported) => (Err(reported), None),
        };
        let tree = files.and_then(|files| match fate {
            Fate::Hand => Ok(Tree::Handed(files, handed)),
            fate => settle(&target, &files, fate, self.options.writing(), &mut messages),
        });
        self.watcher.rendered(&cluster.name.value);
        Compiled { at, cluster, target, tree, record, messages, rendered, kept: kept_units }
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
    let name = (crate::value::Str::from("name"), Frozen::str(cluster.place_name()));
    let copy = cluster.copy_of.as_ref().map(|_| ("copy".into(), Frozen::str(cluster.name.value.as_str())));
    let labels = cluster.labels.iter().map(|(key, value)| (key.as_str().into(), Frozen::str(value.as_str())));
    PlanRequest {
        environments: cluster.layers.iter().map(|layer| layer.value.clone()).collect(),
        places: cluster.layers.iter().map(|layer| layer.place.clone()).collect(),
        components: cluster.components.clone(),
        variables: graphs.variables(cluster),
        assignments: Arc::default(),
        namespace: None,
        cluster: (!cluster.is_typed).then(|| Frozen::map(std::iter::once(name).chain(copy).chain(labels).collect())),
        allow_missing_layers,
        images,
    }
}

/// Does with a cluster's files what shall be done with them.
pub(super) fn settle(
    target: &Target,
    files: &OutputSet,
    fate: Fate,
    writing: WriteOptions,
    messages: &mut Sink,
) -> Result<Tree, Reported> {
    let settled = match fate {
        Fate::Stage => target.stage(files, writing).map(Tree::Staged),
        Fate::Compare => target.compare(files, writing.contents).map(Tree::Compared),
        Fate::Hand | Fate::Drop => Ok(Tree::Dropped),
    };
    settled.map_err(|error| messages.fail(not_written(&error)))
}
