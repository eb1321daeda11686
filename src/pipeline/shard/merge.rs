use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::record::{ShardError, ShardRecord, ShardedCluster};
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::{ChangeSet, Contents, Hold, OutputError, OutputSet, Staged, Target, WriteOptions, commit_all};
use crate::pipeline::ClusterOutcome;
use crate::pipeline::stages::not_written;

const NO_RECORD: Code = Code("merge.no-record");
const MISMATCH: Code = Code("merge.mismatch");
const MISSING: Code = Code("merge.missing");
const DOUBLE: Code = Code("merge.double");
const MODIFIED: Code = Code("merge.modified");

/// The most names that a message lists.
const MOST_NAMES: usize = 8;

/// What to join.
#[derive(Clone, Debug, Default)]
pub struct MergeRequest {
    /// The root of generated trees to write.
    pub root: PathBuf,
    /// The roots that the shards wrote, in any order.
    pub shards: Vec<PathBuf>,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// Whether to wait until the files are on the disk.
    pub sync: bool,
}

/// What became of it.
#[derive(Debug)]
pub struct Merged {
    /// How many shards there were.
    pub shards: u32,
    /// What became of each cluster, in the order of `clusters.yaml`.
    pub clusters: Vec<ClusterOutcome>,
}

/// A cluster and the root where its files are.
struct Part<'a> {
    root: &'a Path,
    cluster: &'a ShardedCluster,
    target: Target,
}

/// Makes one root of generated trees of those that the shards of a run wrote, byte for byte what one run
/// would have written. Either everything is written or nothing.
///
/// # Errors
/// When `sink` got at least one error: trees are missing, double, of another run, or changed since.
pub fn merge_shards(request: &MergeRequest, sink: &mut Sink) -> Result<Merged, Reported> {
    let records = read(request, sink)?;
    let Some((_, first)) = records.first() else {
        return Err(sink.fail(Diagnostic::error(NO_RECORD, "no shards were given").blame(Blame::Usage)));
    };
    check_run(&records, sink)?;
    check_shards(&records, sink)?;
    let parts = parts(&records, &request.root, sink)?;

    let targets: Vec<Target> = parts.iter().map(|part| part.target.clone()).collect();
    let hold = if request.dry_run { Ok(None) } else { Hold::of(&request.root, &targets).map(Some) };
    let _hold = hold.map_err(|error| sink.fail(not_written(&error)))?;
    let staged: Vec<Result<Tree, Diagnostic>> = parts.par_iter().map(|part| stage(part, request)).collect();
    let mut trees = Vec::with_capacity(staged.len());
    for tree in staged {
        match tree {
            Ok(tree) => trees.push(tree),
            Err(problem) => sink.push(problem),
        }
    }
    sink.check()?;
    let changes = put_in_place(trees).map_err(|error| sink.fail(not_written(&error)))?;
    let mut clusters = Vec::with_capacity(parts.len());
    for (part, changes) in parts.iter().zip(changes) {
        let ShardedCluster { name, output, pruned, .. } = part.cluster;
        if *pruned && !request.dry_run {
            // The new trees stand. A folder that is empty and stays holds nothing of kiln's.
            let _ = part.target.remove_if_empty();
        }
        clusters.push(ClusterOutcome { name: name.clone(), output: output.clone(), changes, pruned: *pruned });
    }
    if !request.dry_run {
        // The root is the whole run's now, and no shard's.
        ShardRecord::remove_all(&request.root).map_err(|error| sink.fail(told(&error)))?;
    }
    Ok(Merged { shards: first.of, clusters })
}

/// A record that cannot be read or written, as a message.
pub fn told(error: &ShardError) -> Diagnostic {
    match error {
        ShardError::Io { .. } => Diagnostic::error(Code("output.write"), error.to_string()).blame(Blame::World),
        ShardError::Malformed { .. } => {
            let help = "let the shards and `kiln merge` be of one version of kiln";
            Diagnostic::error(NO_RECORD, error.to_string()).help(help)
        }
    }
}

fn read<'a>(request: &'a MergeRequest, sink: &mut Sink) -> Result<Vec<(&'a Path, ShardRecord)>, Reported> {
    let mut found = Vec::new();
    for root in &request.shards {
        match ShardRecord::read_all(root) {
            Ok(records) if records.is_empty() => {
                let message = format!("`{}` was written by no shard", root.display());
                let help = "name the folders that runs with `--shard` wrote, with their folder `.kiln`";
                sink.push(Diagnostic::error(NO_RECORD, message).help(help));
            }
            Ok(records) => found.extend(records.into_iter().map(|record| (root.as_path(), record))),
            Err(error) => sink.push(told(&error)),
        }
    }
    sink.check().map(|()| found)
}

/// Whether all are parts of one run.
fn check_run(records: &[(&Path, ShardRecord)], sink: &mut Sink) -> Result<(), Reported> {
    let Some(((first_root, first), others)) = records.split_first() else { return Ok(()) };
    for (root, record) in others {
        let differences = [
            ("the number of shards", first.of.to_string(), record.of.to_string()),
            ("the version of kiln", first.kiln.clone(), record.kiln.clone()),
            ("the digest of kiln.lock", first.lock.clone(), record.lock.clone()),
            ("the digest of the plan (clusters, flags and input files)", first.plan.clone(), record.plan.clone()),
        ];
        let Some((what, one, other)) = differences.into_iter().find(|(_, one, other)| one != other) else { continue };
        let message = format!(
            "shards of different runs: {what} is {one} in `{}` (shard {}) and {other} in `{}` (shard {})",
            first_root.display(),
            first.shown(),
            root.display(),
            record.shown()
        );
        let help = "run all shards with one revision, one kiln and the same flags";
        sink.push(Diagnostic::error(MISMATCH, message).blame(Blame::Policy).help(help));
    }
    sink.check()
}

/// Whether each shard is there, once.
fn check_shards(records: &[(&Path, ShardRecord)], sink: &mut Sink) -> Result<(), Reported> {
    let mut roots: BTreeMap<u32, &Path> = BTreeMap::new();
    for (root, record) in records {
        if let Some(other) = roots.insert(record.shard, root) {
            let message = format!(
                "shard {} is there twice: in `{}` and in `{}`",
                record.shown(),
                other.display(),
                root.display()
            );
            sink.push(Diagnostic::error(DOUBLE, message).help("name each folder once"));
        }
    }
    let Some((_, first)) = records.first() else { return Ok(()) };
    let missing: Vec<String> =
        (1..=first.of).filter(|index| !roots.contains_key(index)).map(|index| index.to_string()).collect();
    if !missing.is_empty() {
        let done: HashSet<&str> = records.iter().flat_map(|(_, record)| done(record)).collect();
        let lacking: Vec<&str> = first.all.iter().map(String::as_str).filter(|name| !done.contains(name)).collect();
        let (noun, verb) = if missing.len() == 1 { ("shard", "is") } else { ("shards", "are") };
        let clusters = if lacking.is_empty() { String::new() } else { format!("; without {}", listed(&lacking)) };
        let message = format!("{noun} {} of {} {verb} missing{clusters}", listed(&missing), first.of);
        sink.push(Diagnostic::error(MISSING, message).help("name the folders of all shards"));
    }
    sink.check()
}

/// The clusters that a shard settled.
fn done(record: &ShardRecord) -> impl Iterator<Item = &str> {
    record.clusters.iter().map(|cluster| cluster.name.as_str()).chain(record.failed.iter().map(String::as_str))
}

/// The clusters of all shards in the order of the run, none missing, none double.
fn parts<'a>(records: &'a [(&'a Path, ShardRecord)], out: &Path, sink: &mut Sink) -> Result<Vec<Part<'a>>, Reported> {
    let (mut by_name, mut outputs) = (HashMap::new(), BTreeSet::new());
    for (root, record) in records {
        for cluster in &record.clusters {
            let is_new = outputs.insert(cluster.output.as_str());
            if by_name.insert(cluster.name.as_str(), (*root, cluster)).is_some() || !is_new {
                let message = format!("the cluster `{}` (`{}`) is there twice", cluster.name, cluster.output);
                sink.push(Diagnostic::error(DOUBLE, message).help("the records were changed; run the shards again"));
            }
            if !is_plain(&cluster.output) {
                let message = format!("the record of shard {} names the folder `{}`", record.shown(), cluster.output);
                sink.push(Diagnostic::error(NO_RECORD, message).blame(Blame::Policy));
            }
        }
    }
    sink.check()?;
    let settled: HashSet<&str> = records.iter().flat_map(|(_, record)| done(record)).collect();
    let all = records.first().map_or(&[][..], |(_, record)| record.all.as_slice());
    let missing: Vec<&str> = all.iter().map(String::as_str).filter(|name| !settled.contains(name)).collect();
    if !missing.is_empty() {
        let verb = if missing.len() == 1 { "was" } else { "were" };
        let message = format!("{} {verb} not written: the run of the shard failed", listed(&missing));
        return Err(sink.fail(Diagnostic::error(MISSING, message).help("run the shard again")));
    }
    let order: HashMap<&str, usize> = all.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let mut parts: Vec<Part<'a>> = by_name
        .into_values()
        .map(|(root, cluster)| Part { root, cluster, target: Target::new(out, &*cluster.output) })
        .collect();
    parts
        .sort_by_key(|part| (order.get(part.cluster.name.as_str()).copied().unwrap_or(usize::MAX), &part.cluster.name));
    Ok(parts)
}

/// Whether a folder lies below the root.
fn is_plain(output: &str) -> bool {
    output.split('/').all(|part| !part.is_empty() && part != "." && part != ".." && part != ".kiln")
}

enum Tree {
    Staged(Staged),
    Compared(ChangeSet),
}

fn stage(part: &Part<'_>, request: &MergeRequest) -> Result<Tree, Diagnostic> {
    let source = Target::new(part.root, &*part.cluster.output);
    let files = if part.cluster.pruned { OutputSet::new() } else { recorded(&source, part)? };
    let staged = match request.dry_run {
        true => part.target.compare(&files, Contents::Dropped).map(Tree::Compared),
        false => {
            part.target.stage(&files, WriteOptions { sync: request.sync, ..WriteOptions::default() }).map(Tree::Staged)
        }
    };
    staged.map_err(|error| not_written(&error))
}

fn recorded(source: &Target, part: &Part<'_>) -> Result<OutputSet, Diagnostic> {
    let files = source.recorded().map_err(|error| not_written(&error))?;
    if part.cluster.is_of(&files) {
        return Ok(files);
    }
    let message =
        format!("the files of `{}` in `{}` are not those that the shard wrote", part.cluster.name, part.root.display());
    let help = "carry the folder as it is, with `.kiln`, and run the shard again";
    Err(Diagnostic::error(MODIFIED, message).blame(Blame::Policy).help(help))
}

/// Puts all trees that stand ready into place, or none; gives what changed. All are staged, or none is.
fn put_in_place(trees: Vec<Tree>) -> Result<Vec<ChangeSet>, OutputError> {
    let (mut changes, mut staged) = (Vec::with_capacity(trees.len()), Vec::new());
    for tree in trees {
        match tree {
            Tree::Compared(compared) => changes.push(compared),
            Tree::Staged(tree) => staged.push(tree),
        }
    }
    changes.extend(commit_all(staged).map_err(|(_, error)| error)?);
    Ok(changes)
}

fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let some: Vec<&str> = names.iter().take(MOST_NAMES).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(MOST_NAMES) {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}
