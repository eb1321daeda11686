use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::compare::{Before, Verdict, compare};
use super::costs::Costs;
use super::differences::Files;
use super::outcome::{Base, ChangeKind, Counts, Job, Reason, Survey, SurveyedUnit};
use super::pack::pack;
use super::side::Side;
use crate::diag::{Code, Diagnostic, Reported, Severity, Sink};
use crate::pipeline::fleet::select;
use crate::pipeline::generate::output_root;
use crate::pipeline::revision::find_revision;
use crate::pipeline::shard::lock_digest;
use crate::pipeline::stages::Crew;
use crate::pipeline::{GenerateOptions, HookPolicy, Project, Selection};
use crate::source::Revision;
use crate::stack::{Cluster, ClusterFile, load_clusters};

/// Clusters that are compared before what nobody needs any more is forgotten.
const AT_ONCE: usize = 64;

/// Where a run with timings leaves them, below the root of generated trees.
pub const TIMINGS: &str = ".kiln/timings.json";

/// What to tell of a run.
#[derive(Debug, Default)]
pub struct SurveyRequest {
    /// The clusters.
    pub selection: Selection,
    /// The revision to compare with.
    pub base: Option<String>,
    /// The most jobs that clusters are packed into.
    pub most_jobs: usize,
    /// The file with the timings of an earlier run; the one beside the generated trees, if it is there,
    /// when absent.
    pub timings: Option<PathBuf>,
}

/// Tells what a run for many clusters would render, or for [environments](crate::pipeline::environment_clusters).
///
/// # Errors
/// When `sink` got at least one error. What cannot be resolved in the base is no error: it counts as
/// changed.
pub fn survey(
    project: &Arc<Project>,
    file: &ClusterFile,
    options: &GenerateOptions,
    request: SurveyRequest,
    sink: &mut Sink,
) -> Result<Survey, Reported> {
    let clusters: Vec<Cluster> = select(file, &request.selection, sink)?.into_iter().cloned().collect();
    let lock = lock_digest(project.lock.as_ref()).map_err(|problem| sink.fail(problem))?;
    let now = Side::open(Arc::clone(project), clusters, options, None, None, sink)?;
    project.report_overrides(sink);
    let crew = Crew::new(options.jobs, now.base_context(), false, HookPolicy::Skip, sink)?;
    let files = Files::default();
    let mut costs = costs(project, options, request.timings.as_deref(), sink)?;
    let mut survey = Survey {
        base: None,
        environments: file.is_typed().then(|| options.environments.clone()),
        lock,
        counts: Counts::default(),
        costs: costs.meaning(),
        units: Vec::new(),
        jobs: Vec::new(),
    };
    match &request.base {
        None => {
            let before = None;
            gather(&now, before, options, &crew, &files, &mut costs, &mut survey, sink)?;
        }
        Some(asked) => {
            let revision = find_revision(project, asked, sink)?;
            survey.base = Some(Base { revision: asked.clone(), commit: revision.commit() });
            let old = Old::open(project, file, revision);
            with_base(old, &now, &request.selection, options, |before| {
                gather(&now, Some(before), options, &crew, &files, &mut costs, &mut survey, sink)
            })?;
        }
    }
    now.take_said().into_iter().for_each(|problem| sink.push(problem));
    survey.jobs = jobs(&survey, request.most_jobs.max(1));
    Ok(survey)
}

fn costs(
    project: &Project,
    options: &GenerateOptions,
    given: Option<&Path>,
    sink: &mut Sink,
) -> Result<Costs, Reported> {
    let beside = || output_root(project, options, &mut Sink::new()).ok().map(|root| root.join(TIMINGS));
    let Some(path) = given.map(Path::to_owned).or_else(beside) else { return Ok(Costs::default()) };
    match Costs::read(&path) {
        Ok(None) if given.is_some() => {
            let message = format!("`{}`: no such file", path.display());
            Err(sink.fail(Diagnostic::error(Code("plan.timings"), message).help("write it with `generate --timings`")))
        }
        Ok(costs) => Ok(costs.unwrap_or_default()),
        // What kiln wrote itself is only good for balance.
        Err(problem) if given.is_none() => {
            sink.push(Diagnostic { severity: Severity::Warning, ..problem });
            Ok(Costs::default())
        }
        Err(problem) => Err(sink.fail(problem)),
    }
}

/// The project as a commit has it, or why it cannot be read.
pub struct Old {
    pub found: Result<(Project, ClusterFile), String>,
    pub revision: Revision,
}

impl Old {
    /// Reads the project of a commit, and its clusters where those of now are listed in a file.
    pub fn open(project: &Project, now: &ClusterFile, revision: Revision) -> Self {
        let mut own = Sink::new();
        let found = project.at_revision(&revision, &mut own).and_then(|project| {
            let file = match now.is_typed() {
                true => now.clone(),
                false => load_clusters(&project.tree, &mut own)?.unwrap_or_default(),
            };
            Ok((project, file))
        });
        Self { found: found.map_err(|_| first_error(own)), revision }
    }
}

/// Resolves the base for the clusters that are asked about.
pub fn with_base<R>(
    old: Old,
    now: &Side,
    selection: &Selection,
    options: &GenerateOptions,
    work: impl FnOnce(&Before<'_>) -> R,
) -> R {
    let when = old.revision.asked().to_owned();
    let unknown = |why: &str| Before::Unknown(format!("the project cannot be resolved at {when}: {why}"));
    let (project, file) = match old.found {
        Ok(found) => found,
        Err(why) => return work(&unknown(&why)),
    };
    // Those that are asked about now, and those that would have been asked about then.
    let wanted: HashSet<&str> = now.clusters.iter().map(|cluster| cluster.name.value.as_str()).collect();
    let meant = |cluster: &&Cluster| {
        let name = &cluster.name.value;
        wanted.contains(name.as_str())
            || (selection.names.is_empty() || selection.names.contains(name))
                && selection.labels.iter().all(|selector| selector.matches(name, &cluster.labels))
    };
    let clusters: Vec<Cluster> = file.clusters.into_iter().filter(|cluster| meant(&cluster)).collect();
    let mut own = Sink::new();
    match Side::open(Arc::new(project), clusters, options, Some(old.revision), Some(now.base_context()), &mut own) {
        Ok(base) => {
            let places =
                base.clusters.iter().enumerate().map(|(at, cluster)| (cluster.name.value.as_str(), at)).collect();
            work(&Before::Base(&base, places))
        }
        Err(_) => work(&unknown(&first_error(own))),
    }
}

fn first_error(sink: Sink) -> String {
    let errors = sink.into_diagnostics().into_iter().find(|problem| problem.severity == Severity::Error);
    errors.map_or_else(String::new, |problem| problem.message)
}

/// Why everything counts as changed, if it does: hooks may change any file.
pub fn always(now: &Side, options: &GenerateOptions) -> Option<Reason> {
    let has_hooks = now.graphs.all().iter().flat_map(|graph| &graph.nodes).any(|node| !node.spec.hooks.is_empty());
    let runs = options.hooks == HookPolicy::Allow && has_hooks;
    runs.then(|| Reason::new("hooks", "hooks run, and may change any file"))
}

#[expect(clippy::too_many_arguments, reason = "the parts of one loop")]
fn gather(
    now: &Side,
    before: Option<&Before<'_>>,
    options: &GenerateOptions,
    crew: &Crew,
    files: &Files,
    costs: &mut Costs,
    survey: &mut Survey,
    sink: &mut Sink,
) -> Result<(), Reported> {
    let always = always(now, options);
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for layer in now.clusters.iter().flat_map(|cluster| &cluster.layers) {
        *uses.entry(layer.value.as_str()).or_insert(0) += 1;
    }
    let places: Vec<usize> = (0..now.clusters.len()).collect();
    for (round, batch) in places.chunks(AT_ONCE).enumerate() {
        let compared = crew.each(batch.to_vec(), |at| match before {
            Some(before) => compare(now, at, before, always.as_ref(), files),
            None => now.plan(at).map(|units| units.into_iter().map(Verdict::unknown).collect()),
        });
        let mut planned = Vec::with_capacity(compared.len());
        for (at, verdicts) in batch.iter().zip(compared) {
            match verdicts {
                Ok(verdicts) => planned.push((*at, verdicts)),
                Err(problems) => problems.into_iter().for_each(|problem| sink.push(about(now, *at, problem))),
            }
        }
        if round == 0 {
            costs.learn(planned.iter().flat_map(|(_, verdicts)| verdicts).map(|verdict| &verdict.unit), files);
        }
        for (at, verdicts) in planned {
            for verdict in verdicts {
                survey.take(&now.clusters[at], verdict, costs, files);
            }
        }
        for layer in batch.iter().flat_map(|at| &now.clusters[*at].layers) {
            uses.entry(layer.value.as_str()).and_modify(|left| *left -= 1);
        }
        let is_over = |layer: &str| uses.get(layer) == Some(&0);
        now.layers.forget(is_over);
        if let Some(Before::Base(base, _)) = before {
            base.layers.forget(is_over);
        }
    }
    sink.check()?;
    if let Some(Before::Base(base, _)) = before {
        gone(now, base, costs, files, survey);
    }
    Ok(())
}

/// The units of clusters that are gone.
fn gone(now: &Side, base: &Side, costs: &Costs, files: &Files, survey: &mut Survey) {
    let left: HashSet<&str> = now.clusters.iter().map(|cluster| cluster.name.value.as_str()).collect();
    for (at, cluster) in base.clusters.iter().enumerate() {
        if left.contains(cluster.name.value.as_str()) {
            continue;
        }
        for state in base.plan(at).unwrap_or_default() {
            let reasons = vec![Reason::new("cluster", "the cluster is gone")];
            let verdict = Verdict { unit: state.unit, key: None, change: Some(ChangeKind::Removed), reasons };
            survey.take(cluster, verdict, costs, files);
        }
    }
}

fn about(now: &Side, at: usize, mut problem: Diagnostic) -> Diagnostic {
    if now.clusters.len() > 1 {
        problem.message = format!("{}: {}", now.clusters[at].name.value, problem.message);
    }
    problem
}

impl Survey {
    fn take(&mut self, cluster: &Cluster, verdict: Verdict, costs: &Costs, files: &Files) {
        let Verdict { unit, key, change, reasons } = verdict;
        match change {
            Some(ChangeKind::Removed) => self.counts.removed += 1,
            Some(ChangeKind::Added) => self.counts.added += 1,
            Some(ChangeKind::Changed) => self.counts.changed += 1,
            Some(ChangeKind::Unchanged) => self.counts.unchanged += 1,
            None => {}
        }
        self.counts.units += usize::from(change != Some(ChangeKind::Removed));
        self.units.push(SurveyedUnit {
            id: format!("{}/{}", cluster.name.value, unit.address),
            cluster: cluster.name.value.clone(),
            component: unit.address.to_string(),
            file: format!("{}/{}", cluster.output.value, unit.output),
            key: key.map(|key| format!("sha256:{key}")),
            cost: costs.of(&unit, files),
            change,
            reasons,
        });
    }
}

/// Packs the clusters that have something to render, each as a whole, into jobs.
fn jobs(survey: &Survey, most: usize) -> Vec<Job> {
    struct Load<'s> {
        name: &'s str,
        units: usize,
        cost: f64,
        is_wanted: bool,
    }
    let mut loads: Vec<Load<'_>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for unit in &survey.units {
        let at = *places.entry(&unit.cluster).or_insert_with(|| {
            loads.push(Load { name: &unit.cluster, units: 0, cost: 0.0, is_wanted: false });
            loads.len() - 1
        });
        let load = &mut loads[at];
        let is_there = unit.change != Some(ChangeKind::Removed);
        load.is_wanted |= unit.change != Some(ChangeKind::Unchanged);
        load.units += usize::from(is_there);
        load.cost += if is_there { unit.cost } else { 0.0 };
    }
    // A cluster of which nothing is left is no work.
    loads.retain(|load| load.is_wanted && load.units > 0);
    let costs: Vec<f64> = loads.iter().map(|load| load.cost).collect();
    let boxes = pack(&costs, most);
    let count = boxes.len();
    let job = |(at, items): (usize, Vec<usize>)| Job {
        shard: format!("{}/{count}", at + 1),
        clusters: items.iter().map(|item| loads[*item].name.to_owned()).collect(),
        units: items.iter().map(|item| loads[*item].units).sum(),
        cost: (items.iter().map(|item| loads[*item].cost).sum::<f64>() * 1000.0).round() / 1000.0,
    };
    boxes.into_iter().enumerate().map(job).collect()
}
