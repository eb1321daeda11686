use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use git2::{Oid, Repository, Sort};

use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::FileContents;
use crate::output::publish::{Base, CommitBase};
use crate::source::{
    Attempt, Checkout, FetchOptions, PushOptions, PushOutcome, RefUpdate, RemoteRefs, Retries, SourceError, Upstream,
    retried,
};
use crate::stack::ClusterFile;

use super::cache::Cache;
use super::objections::server_refused;
use super::put::unreadable;

const BRANCH: Code = Code("promote.branch");
const APART: Code = Code("promote.not-fast-forward");
const HISTORY: Code = Code("promote.history");
/// The most commits that a message lists.
const MOST_LISTED: usize = 20;

/// Which branch moves, and to where.
#[derive(Clone, Debug, Default)]
pub struct PromoteOptions {
    /// The repository.
    pub repo: String,
    /// The branch that is ahead.
    pub from: String,
    /// The branch that moves.
    pub to: String,
    /// Whether only to say what would be done.
    pub plan: bool,
    /// The folders that the plan is about; those of the environment that the branch is named by when empty.
    pub folders: Vec<String>,
    /// How often to try when others are faster.
    pub retries: Retries,
    /// Where object caches lie.
    pub cache: PathBuf,
}

/// What became of a promotion.
#[derive(Clone, Debug)]
pub struct Promoted {
    /// The repository as shown to people.
    pub repo: String,
    /// The branch that moves.
    pub branch: String,
    /// What it pointed at.
    pub before: Option<String>,
    /// What it points at now, or would.
    pub now: String,
    /// Whether it moves.
    pub changed: bool,
    /// Commits that it moves over, the newest first: id, first line, what it says of its source.
    pub commits: Vec<(String, String, Option<String>)>,
    /// The folders that the plan is about; empty for all.
    pub folders: Vec<String>,
    /// Files that differ there.
    pub texts: Vec<FileContents>,
}

/// Moves a branch forward to where another one is. No commit is made, so the tree that was reviewed there is the
/// very one that is here; what cannot be reached by going forward is refused.
///
/// # Errors
/// When `sink` got at least one error: then the branch is as it was.
pub fn promote(
    options: &PromoteOptions,
    clusters: Option<&ClusterFile>,
    fetch: &FetchOptions,
    sink: &mut Sink,
) -> Result<Promoted, Reported> {
    let failed = |error: SourceError| Diagnostic::from(error);
    for branch in [&options.from, &options.to] {
        if branch.starts_with('-') || !Checkout::is_ref_name(&format!("refs/heads/{branch}")) {
            let message = format!("`{}` cannot be a branch", branch.escape_debug());
            return Err(sink.fail(Diagnostic::error(BRANCH, message).blame(Blame::Usage)));
        }
    }
    let upstream = Upstream::open(&options.repo, fetch).map_err(|error| sink.fail(failed(error)))?;
    let cache = Cache::open(&options.cache, &options.repo, "-history").map_err(|problem| sink.fail(problem))?;
    let result = retried(options.retries, |_| one_try(options, clusters, &upstream, &cache));
    result.map_err(|problem| sink.fail(problem.0))
}

/// Why a branch could not be moved.
struct Problem(Diagnostic);

impl From<SourceError> for Problem {
    fn from(error: SourceError) -> Self {
        Self(error.into())
    }
}

fn one_try(
    options: &PromoteOptions,
    clusters: Option<&ClusterFile>,
    upstream: &Upstream,
    cache: &Cache,
) -> Result<Attempt<Promoted>, Problem> {
    let (from_ref, to_ref) = (format!("refs/heads/{}", options.from), format!("refs/heads/{}", options.to));
    let wanted = |refs: &RemoteRefs| [refs.get(&from_ref), refs.get(&to_ref)].into_iter().flatten().collect();
    let refs = match upstream.newest(&cache.repository, wanted, &cache.whole(), false)? {
        Attempt::Done(refs) => refs,
        Attempt::Contended(said) => return Ok(Attempt::Contended(said)),
    };
    let objects = &cache.repository;
    let Some(from) = refs.get(&from_ref) else {
        let message = format!("{} has no branch `{}`", upstream.shown(), options.from);
        let problem = Diagnostic::error(BRANCH, message).blame(Blame::Target);
        let near =
            crate::diag::nearest(&options.from, refs.iter().filter_map(|(name, _)| name.strip_prefix("refs/heads/")));
        return Err(Problem(match near {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("publish to it first"),
        }));
    };
    let to = refs.get(&to_ref);
    if upstream.folder().is_none() {
        std::iter::once(from).chain(to).for_each(|id| cache.remember(id.as_bytes(), id));
    }
    if let Some(to) = to {
        check_forward(options, objects, from, to)?;
    }
    let mut promoted = Promoted {
        repo: upstream.shown().to_owned(),
        branch: options.to.clone(),
        before: to.map(|id| id.to_string()),
        now: from.to_string(),
        changed: to != Some(from),
        commits: covered(objects, from, to).map_err(|error| history(&error))?,
        folders: Vec::new(),
        texts: Vec::new(),
    };
    if options.plan {
        promoted.folders = folders(options, clusters, objects, from)?;
        promoted.texts = differences(objects, from, to, &promoted.folders)?;
        return Ok(Attempt::Done(promoted));
    }
    if !promoted.changed {
        return Ok(Attempt::Done(promoted));
    }
    let update = RefUpdate::set(to_ref, to, from);
    Ok(match upstream.push(objects, &[update], &PushOptions::default())? {
        PushOutcome::Pushed => Attempt::Done(promoted),
        PushOutcome::Contended { said } => Attempt::Contended(said),
        PushOutcome::Refused(refusal) => {
            let place = format!("`{}` of {}", options.to, upstream.shown());
            return Err(Problem(server_refused(&refusal.said, &place)));
        }
    })
}

/// Whether the branch only moves forward.
fn check_forward(options: &PromoteOptions, objects: &Repository, from: Oid, to: Oid) -> Result<(), Problem> {
    if from == to || objects.graph_descendant_of(from, to).map_err(|error| history(&error))? {
        return Ok(());
    }
    let only: Vec<(String, String, Option<String>)> =
        covered(objects, to, Some(from)).map_err(|error| history(&error))?;
    if only.is_empty() {
        let message = format!("`{}` is ahead of `{}` already", options.to, options.from);
        return Err(Problem(
            Diagnostic::error(APART, message).blame(Blame::Target).help("publish to the one it comes from first"),
        ));
    }
    let mut lines: Vec<String> =
        only.iter().take(MOST_LISTED).map(|(id, subject, _)| format!("  {} {subject}", &id[..12])).collect();
    if only.len() > MOST_LISTED {
        lines.push(format!("  and {} more", only.len() - MOST_LISTED));
    }
    let message = format!(
        "`{}` cannot move forward to `{}`: these commits are only on `{}`:\n{}",
        options.to,
        options.from,
        options.to,
        lines.join("\n")
    );
    let help = format!(
        "bring what they do into the source and publish it to `{}`; then put `{}` onto it by hand once",
        options.from, options.to
    );
    Err(Problem(Diagnostic::error(APART, message).blame(Blame::Target).help(help)))
}

/// The commits that lead to one from another, the newest first.
fn covered(
    objects: &Repository,
    from: Oid,
    to: Option<Oid>,
) -> Result<Vec<(String, String, Option<String>)>, git2::Error> {
    let mut walk = objects.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL)?;
    walk.push(from)?;
    if let Some(to) = to {
        walk.hide(to)?;
    }
    walk.map(|id| {
        let commit = objects.find_commit(id?)?;
        let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
        let plain = |text: &str| text.chars().filter(|char| !char.is_control()).collect::<String>();
        let source = message.lines().rev().find_map(|line| line.strip_prefix("Kiln-Source: ")).map(plain);
        Ok((commit.id().to_string(), plain(message.lines().next().unwrap_or_default()), source))
    })
    .collect()
}

/// The folders of the environment that a branch is named by: a folder of that name, or those of the clusters that
/// have a label of that value.
fn folders(
    options: &PromoteOptions,
    clusters: Option<&ClusterFile>,
    objects: &Repository,
    from: Oid,
) -> Result<Vec<String>, Problem> {
    if !options.folders.is_empty() {
        return Ok(options.folders.iter().map(|folder| folder.trim_matches('/').to_owned()).collect());
    }
    let base = CommitBase::open(objects, Some(from)).map_err(|error| Problem(unreadable(&error)))?;
    let tops: BTreeSet<&str> = base.files().keys().filter_map(|path| Some(path.split_once('/')?.0)).collect();
    if tops.contains(options.to.as_str()) {
        return Ok(vec![options.to.clone()]);
    }
    let names: BTreeSet<&str> = clusters
        .iter()
        .flat_map(|file| &file.clusters)
        .filter(|cluster| cluster.labels.values().any(|value| *value == options.to))
        .map(|cluster| cluster.name.value.as_str())
        .collect();
    let mut found = BTreeSet::new();
    for path in base.files().keys() {
        let mut folder = String::new();
        for part in path.split('/').collect::<Vec<_>>().split_last().map(|(_, above)| above).unwrap_or_default() {
            folder = if folder.is_empty() { (*part).to_owned() } else { format!("{folder}/{part}") };
            if names.contains(part) && !folder.starts_with('.') {
                found.insert(folder.clone());
                break;
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// Files of folders that differ between two commits.
fn differences(
    objects: &Repository,
    from: Oid,
    to: Option<Oid>,
    folders: &[String],
) -> Result<Vec<FileContents>, Problem> {
    let open = |id| CommitBase::open(objects, id).map_err(|error| Problem(unreadable(&error)));
    let (before, now) = (open(to)?, open(Some(from))?);
    let covers = |path: &str| {
        let is_state = path.starts_with(".kiln/") || path.contains("/.kiln/");
        !is_state
            && (folders.is_empty()
                || folders
                    .iter()
                    .any(|folder| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))))
    };
    let mut paths: BTreeMap<&str, ()> = BTreeMap::new();
    for path in before.files().keys().chain(now.files().keys()).filter(|path| covers(path)) {
        if before.files().get(path) != now.files().get(path) {
            paths.insert(path, ());
        }
    }
    let read = |base: &CommitBase<'_>, path: &str| {
        base.files()
            .contains_key(path)
            .then(|| base.read(path))
            .transpose()
            .map_err(|error| Problem(unreadable(&error)))
    };
    paths
        .into_keys()
        .map(|path| Ok(FileContents { path: path.to_owned(), before: read(&before, path)?, now: read(&now, path)? }))
        .collect()
}

fn history(error: &git2::Error) -> Problem {
    let message = format!("the history of the branches cannot be read: {}", error.message());
    Problem(Diagnostic::error(HISTORY, message).blame(Blame::World).help("remove `.kiln/publish` and try again"))
}
