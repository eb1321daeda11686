use std::collections::HashMap;

use crate::config::{Layers, MergeRules};
use crate::diag::{Code, Diagnostic, Reported, Severity, Sink};
use crate::output::{ChangeSet, Hold, OutputError, OutputSet, Record, Target, WriteOptions, commit_all};
use crate::pipeline::copies::record_copies;
use crate::pipeline::generate::output_root;
use crate::pipeline::graphs::Graphs;
use crate::pipeline::hooks::HookRules;
use crate::pipeline::images::Images;
use crate::pipeline::reuse::{Reuse, grounds};
use crate::pipeline::shard::{self, Sharding};
use crate::pipeline::stages::{Crew, not_written};
use crate::pipeline::survey::Since;
use crate::pipeline::{GenerateOptions, Project, Watcher, settings};
use crate::render::{Contents as ContentDigests, Context, Repeats, Times};
use crate::source::Digest;
use crate::stack::{Cluster, ClusterFile, Graph};

use super::batch::{Compiled, Fate, Shared, Task, Tree, settle};
use super::hand::{Handed, Receiver};
use super::messages::Messages;
use super::select::{check_components, select};
use super::{ClusterOutcome, Fleet, FleetOptions};

const ALLOWED: Code = Code("clusters.allowed-failure");

/// Components that are rendered at once, about: a batch of clusters has as many.
const UNITS_AT_ONCE: usize = 512;

/// Compiles an open project for its clusters, each into a folder of its own. Without
/// [`FleetOptions::keep_going`] either all of them are written or, when one fails that may not, none.
///
/// # Errors
/// When `sink` got at least one error and nothing was written. With `keep_going` there may be errors in
/// `sink` beside the result.
pub fn generate_clusters(
    project: &Project,
    file: &ClusterFile,
    options: &GenerateOptions,
    fleet: &FleetOptions,
    watcher: &dyn Watcher,
    sink: &mut Sink,
) -> Result<Fleet, Reported> {
    run_clusters(project, file, options, fleet, watcher, None, sink)
}

/// Compiles an open project for its clusters and hands the files of each to a receiver, batch by batch,
/// instead of writing them. A receiver may have got files of some clusters when others fail.
///
/// # Errors
/// When `sink` got at least one error.
pub fn hand_over_clusters(
    project: &Project,
    file: &ClusterFile,
    options: &GenerateOptions,
    fleet: &FleetOptions,
    watcher: &dyn Watcher,
    receiver: &mut dyn Receiver,
    sink: &mut Sink,
) -> Result<Fleet, Reported> {
    let options = GenerateOptions { dry_run: true, ..options.clone() };
    run_clusters(project, file, &options, fleet, watcher, Some(receiver), sink)
}

fn run_clusters(
    project: &Project,
    file: &ClusterFile,
    options: &GenerateOptions,
    fleet: &FleetOptions,
    watcher: &dyn Watcher,
    mut receiver: Option<&mut dyn Receiver>,
    sink: &mut Sink,
) -> Result<Fleet, Reported> {
    let all = select(file, &fleet.selection, sink)?;
    let (all, meant) = shard::share(all, fleet, sink)?;
    let root = output_root(project, options, sink)?;
    let times = options.times.as_deref();
    let graphs = Times::stage(times, "resolve", || Graphs::of(project, &all, sink))?;
    project.report_overrides(sink);
    let assignments = graphs.assignments(&options.assignments, sink)?;
    check_components(&all, graphs.all(), sink);
    let images = Images::open(project, graphs.first(), sink)?;
    let images = images.requiring(options.required_image.as_ref(), graphs.first(), sink)?;
    images.check(&all, sink)?;
    let sharding = match fleet.shard.filter(|_| !options.dry_run) {
        Some(shard) => Some(Sharding::of(shard, project, graphs.all(), &all, options, &root, sink)?),
        None => None,
    };
    let base = settings::context(project, graphs.first().root().spec.name(), options, sink)?;
    let contexts = Contexts::of(&meant, base, sink)?;
    let mut nodes = graphs.all().iter().flat_map(|graph| &graph.nodes);
    let has_hooks = nodes.any(|node| !node.spec.hooks.is_empty());
    let crew = Crew::new(options.jobs, contexts.base(), has_hooks, options.hooks, sink)?;
    let layers = Layers::new(project.reading, project.reach());
    let rules = MergeRules { reading: project.reading, force_types: options.force_types };
    // Whoever gets the files, or asks for an image in them, wants the objects.
    let is_whole = receiver.is_some() || options.required_image.is_some();
    let reuse = match crew.is_sequential() || is_whole {
        true => Reuse::none(&root, &project.folder),
        false => {
            let grounds = grounds(project, graphs.all(), contexts.base(), options, &rules, &crew);
            Reuse::new(&root, &project.folder, options.reuse, options.dry_run, grounds)
        }
    };
    let since = match is_whole {
        true => None,
        false => Since::of(project, file, has_hooks, contexts.base(), options, &root, sink)?,
    };
    let shared = Shared {
        since: since.as_ref(),
        graphs: &graphs,
        assignments,
        layers: &layers,
        rules,
        hooks: HookRules { policy: options.hooks, reading: project.reading, trusted: &project.file.trust.hooks },
        options,
        crew: &crew,
        watcher,
        images: &images,
        repeats: Repeats::asking(options.cache.clone()),
        reuse: &reuse,
    };
    let targets: Vec<Target> = meant.iter().map(|cluster| Target::new(&root, &*cluster.output.value)).collect();
    let hold = if options.dry_run { Ok(None) } else { Hold::of(&root, &targets).map(Some) };
    let _hold = hold.map_err(|error| sink.fail(not_written(&error)))?;

    let comparing = options.dry_run;
    let mut run = Run { keep_going: fleet.keep_going, comparing, handing: receiver.is_some(), ..Run::default() };
    let places: Vec<(usize, &&Cluster)> = meant.iter().enumerate().collect();
    let (disabled, active): (Vec<_>, Vec<_>) = places.into_iter().partition(|(_, cluster)| cluster.disabled);
    watcher.planned(active.len());
    let mut uses = uses_of_layers(active.iter().map(|(_, cluster)| **cluster));
    for batch in active.chunks(batch_size(&crew, graphs.first())) {
        let tasks = batch.iter().map(|(at, cluster)| Task {
            at: *at,
            cluster,
            context: contexts.of_cluster(*at),
            context_digest: contexts.digest(*at),
            target: targets[*at].clone(),
        });
        for compiled in shared.compile(tasks.collect(), run.fate()) {
            run.take(compiled, receiver.as_mut().map(|receiver| &mut **receiver as &mut dyn Receiver));
        }
        for layer in batch.iter().flat_map(|(_, cluster)| &cluster.layers) {
            uses.entry(layer.value.as_str()).and_modify(|left| *left -= 1);
        }
        let is_over = |layer: &str| uses.get(layer) == Some(&0);
        layers.forget(is_over);
        if let Some(since) = &since {
            since.forget(is_over);
        }
    }
    for (at, cluster) in disabled {
        match fleet.prune_disabled && targets[at].folder().exists() {
            true => run.prune(at, cluster, &targets[at], options.writing()),
            false => run.disabled.push(cluster.name.value.clone()),
        }
    }
    run.repeated = shared.repeats.count();
    run.reused = reuse.count();
    run.fetched = shared.repeats.fetched();
    // Where a cluster failed, is for another machine or was not rendered, nobody knows what it would have had.
    let unmatched = match run.failed || fleet.shard.is_some() || run.kept > 0 {
        true => Vec::new(),
        false => images.unmatched(active.iter().map(|(_, cluster)| **cluster), options.strict),
    };
    for problem in unmatched {
        run.failed |= problem.severity == Severity::Error;
        (0..meant.len()).for_each(|at| run.messages.add(at, problem.clone()));
    }
    let names: Vec<&str> = meant.iter().map(|cluster| cluster.name.value.as_str()).collect();
    let end = || run.end(&crew, &reuse, &contexts.base().contents, root, &names, sink);
    let fleet = Times::stage(times, "put in place", end)?;
    reuse.end();
    if let Some(copying) = options.copying.as_ref().filter(|_| !options.dry_run) {
        let of = |made: &ClusterOutcome| meant.iter().find(|cluster| cluster.name.value == made.name);
        let made = fleet.clusters.iter().filter_map(|made| Some((&*made.output, of(made)?.copy_of.as_deref()?)));
        record_copies(&fleet.root, made, copying, &options.copy_terms, sink)?;
    }
    if let Some(sharding) = sharding {
        shard::record(sharding, &fleet, sink)?;
    }
    Ok(fleet)
}

/// How many clusters are compiled at once: with hooks one, as they see one another's files.
fn batch_size(crew: &Crew, graph: &Graph) -> usize {
    if crew.is_sequential() { 1 } else { (UNITS_AT_ONCE / graph.nodes.len()).max(crew.threads()).max(1) }
}

/// How many clusters use each layer: what nobody will use again need not be kept.
fn uses_of_layers<'a>(clusters: impl Iterator<Item = &'a Cluster>) -> HashMap<&'a str, usize> {
    let mut uses = HashMap::new();
    for layer in clusters.flat_map(|cluster| &cluster.layers) {
        *uses.entry(layer.value.as_str()).or_insert(0) += 1;
    }
    uses
}

/// One context for all clusters that see the same Kubernetes.
pub(in crate::pipeline) struct Contexts {
    contexts: Vec<Context>,
    /// Their digests.
    digests: Vec<Digest>,
    /// Which of them a cluster has.
    of: Vec<usize>,
}

impl Contexts {
    pub fn of(clusters: &[&Cluster], base: Context, sink: &mut Sink) -> Result<Self, Reported> {
        let mut contexts = vec![base];
        // Which cluster a context was made for.
        let mut made: Vec<(&Cluster, usize)> = Vec::new();
        let mut of = Vec::with_capacity(clusters.len());
        for cluster in clusters {
            if let Some((_, context)) = made.iter().find(|(other, _)| other.profile.same(&cluster.profile)) {
                of.push(*context);
                continue;
            }
            match settings::with_profile(&contexts[0], &cluster.profile) {
                Ok(context) => contexts.push(context),
                Err(problem) => sink.push(problem),
            }
            made.push((cluster, contexts.len() - 1));
            of.push(contexts.len() - 1);
        }
        let digests = contexts.iter().map(Context::digest).collect();
        sink.check().map(|()| Self { contexts, digests, of })
    }

    pub fn base(&self) -> &Context {
        &self.contexts[0]
    }

    pub fn digest(&self, at: usize) -> Digest {
        self.digests[self.of[at]]
    }

    pub fn of_cluster(&self, at: usize) -> &Context {
        &self.contexts[self.of[at]]
    }
}

/// A run under way.
#[derive(Default)]
struct Run {
    keep_going: bool,
    /// Whether the files are only compared with those on disk.
    comparing: bool,
    /// Whether the files are handed to somebody.
    handing: bool,
    /// Whether a cluster failed that may not.
    failed: bool,
    messages: Messages,
    trees: Vec<Settled>,
    forgiven: Vec<String>,
    disabled: Vec<String>,
    /// How many components were wanted, and how many of them had been rendered for another cluster.
    rendered: usize,
    repeated: usize,
    /// How many stood as an earlier run wrote them, and how many a cache had.
    reused: usize,
    fetched: usize,
    /// How many were not rendered because they are as in a revision.
    kept: usize,
}

/// A cluster whose files stand ready.
struct Settled {
    at: usize,
    name: String,
    target: Target,
    tree: Tree,
    record: Option<Record>,
    pruned: bool,
}

impl Run {
    fn fate(&self) -> Fate {
        match (self.failed && !self.keep_going, self.comparing) {
            (true, _) => Fate::Drop,
            (false, _) if self.handing => Fate::Hand,
            (false, true) => Fate::Compare,
            (false, false) => Fate::Stage,
        }
    }

    fn take(&mut self, compiled: Compiled<'_>, receiver: Option<&mut dyn Receiver>) {
        let Compiled { at, cluster, target, tree, record, messages, rendered, kept } = compiled;
        self.rendered += rendered;
        self.kept += kept;
        let forgiven = tree.is_err() && cluster.allow_failure;
        for mut message in messages.into_diagnostics() {
            if forgiven && message.severity == Severity::Error {
                message.severity = Severity::Warning;
            }
            self.messages.add(at, message);
        }
        match tree {
            Ok(Tree::Handed(files, made)) => {
                let handed = Handed { cluster, files, made };
                if let Some(Err(problem)) = receiver.map(|receiver| receiver.take(handed)) {
                    self.messages.add(at, problem);
                    self.failed = true;
                }
            }
            Ok(tree) => {
                let name = cluster.name.value.clone();
                self.trees.push(Settled { at, name, target, tree, record, pruned: false });
            }
            Err(_) if forgiven => {
                let message =
                    format!("the cluster `{}` failed, as it may; its output is left as it was", cluster.name.value);
                self.messages.add(at, Diagnostic::warning(ALLOWED, message).help("`allowFailure: true` lets it fail"));
                self.forgiven.push(cluster.name.value.clone());
            }
            Err(_) => self.failed = true,
        }
    }

    /// Takes away the files of a disabled cluster.
    fn prune(&mut self, at: usize, cluster: &Cluster, target: &Target, writing: WriteOptions) {
        let mut messages = Sink::new();
        let tree = settle(target, &OutputSet::new(), self.fate(), writing, &mut messages);
        messages.into_diagnostics().into_iter().for_each(|message| self.messages.add(at, message));
        match tree {
            Ok(tree) => {
                let (name, target) = (cluster.name.value.clone(), target.clone());
                self.trees.push(Settled { at, name, target, tree, record: None, pruned: true });
            }
            Err(_) => self.failed = true,
        }
    }

    /// Puts all trees into place, and tells all messages.
    fn end(
        mut self,
        crew: &Crew,
        reuse: &Reuse,
        contents: &ContentDigests,
        root: std::path::PathBuf,
        names: &[&str],
        sink: &mut Sink,
    ) -> Result<Fleet, Reported> {
        // What changed under the run may have been digested before and rendered after that.
        let is_sure = self.trees.iter().any(|settled| settled.record.is_some()) && contents.stand();
        let refused = self.failed && !self.keep_going;
        let mut trees = if refused { Vec::new() } else { std::mem::take(&mut self.trees) };
        let records: Vec<(usize, Target, Record)> = trees
            .iter_mut()
            .filter_map(|settled| Some((settled.at, settled.target.clone(), settled.record.take()?)))
            .collect();
        let mut clusters = Vec::new();
        match crew.each(vec![trees], put_in_place).pop().unwrap_or_else(|| Ok(Vec::new())) {
            Err((at, error)) => self.messages.add(at, not_written(&error)),
            Ok(written) => clusters = written,
        }
        clusters.sort_by_key(|(at, _)| *at);
        let is_written = |at: usize| clusters.binary_search_by_key(&at, |(at, _)| *at).is_ok();
        let records = records.into_iter().filter(|(at, ..)| is_sure && is_written(*at)).collect();
        crew.each(records, |(_, target, record)| reuse.keep(&target, record));
        let mut own = Sink::new();
        self.messages.told(names).for_each(|message| own.push(message));
        let result = own.check();
        sink.append(own);
        if refused {
            result?;
        }
        let clusters = clusters.into_iter().map(|(_, outcome)| outcome).collect();
        let Self { forgiven, disabled, rendered, repeated, reused, fetched, kept, .. } = self;
        let rendered = rendered.saturating_sub(repeated + reused + fetched);
        Ok(Fleet { root, clusters, forgiven, disabled, rendered, repeated, reused, fetched, kept })
    }
}

/// What came of clusters, with their places in the list.
type Written = Vec<(usize, ClusterOutcome)>;

/// Puts all trees that stand ready into place, or none.
fn put_in_place(settled: Vec<Settled>) -> Result<Written, (usize, OutputError)> {
    let mut staged = Vec::new();
    let mut outcomes = Vec::with_capacity(settled.len());
    for Settled { at, name, target, tree, pruned, .. } in settled {
        let changes = match tree {
            Tree::Staged(tree) => {
                staged.push((at, tree));
                None
            }
            Tree::Compared(changes) => Some(changes),
            Tree::Handed(..) | Tree::Dropped => Some(ChangeSet::default()),
        };
        outcomes.push((at, name, target, pruned, changes));
    }
    let (places, staged): (Vec<usize>, Vec<_>) = staged.into_iter().unzip();
    let mut committed = commit_all(staged).map_err(|(nth, error)| (places[nth], error))?.into_iter();
    let outcomes = outcomes.into_iter().map(|(at, name, target, pruned, changes)| {
        let changes = changes.or_else(|| committed.next()).unwrap_or_default();
        let output = target.name().to_owned();
        if pruned {
            // The new trees stand. A folder that is empty and stays is taken away by the next run.
            let _ = target.remove_if_empty();
        }
        (at, ClusterOutcome { name, output, changes, pruned })
    });
    Ok(outcomes.collect())
}
