use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;

use super::ownership::prefix;
use super::{Base, DeleteBound, Objection, Owned, Preserve, PublishError, RenderedFiles};

/// The most paths that an objection names.
const MOST_NAMED: usize = 20;

/// Which of an owner's files a run answers for: those that it does not render are removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All but those in these folders, and these files.
    AllBut(Vec<String>),
    /// Those in these folders, and these files.
    Only(Vec<String>),
}

/// What a plan is made by.
pub struct PlanOptions<'a> {
    /// Whose files are published.
    pub owner: &'a str,
    /// The folder outside of which nothing is touched; empty for everything.
    pub root: &'a str,
    /// Which files the run answers for.
    pub scope: Scope,
    /// The folders that are written to.
    pub folders: &'a [String],
    /// How many parts of a path name a cluster's folder.
    pub depth: usize,
    /// Folders and files that go away because somebody said so, which is no loss.
    pub released: &'a [String],
    /// Patterns of paths that are left as they are.
    pub preserve: &'a [Preserve],
    /// How much may be deleted.
    pub bounds: &'a [DeleteBound],
    /// Whether files that are there already may be taken over.
    pub adopt: bool,
    /// Whether what others did to files is overwritten.
    pub overwrite_drift: bool,
    /// Whether anything may be deleted.
    pub allow_delete: bool,
}

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Its path.
    pub path: String,
    /// The id of its content before, when it was there.
    pub before: Option<Oid>,
    /// The id of its content after, when it will be there.
    pub now: Option<Oid>,
}

/// What becomes of a target.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Files that change, sorted by path.
    pub changes: Vec<FileChange>,
    /// How many stay as they are.
    pub unchanged: usize,
    /// All files of the owner afterwards.
    pub own: BTreeMap<String, Oid>,
    /// The owner's files that somebody else changed and that are overwritten.
    pub overwritten: Vec<String>,
    /// Files that were left because a pattern says so, or because they are nobody's, in folders that lose
    /// files.
    pub kept: Vec<String>,
}

impl Plan {
    /// Number of files that are new.
    pub fn added(&self) -> usize {
        self.changes.iter().filter(|change| change.before.is_none()).count()
    }

    /// Number of files that go away.
    pub fn removed(&self) -> usize {
        self.changes.iter().filter(|change| change.now.is_none()).count()
    }

    /// Number of files whose content changes.
    pub fn changed(&self) -> usize {
        self.changes.len() - self.added() - self.removed()
    }
}

/// Plans what the target becomes, and says what speaks against it.
///
/// # Errors
/// When the target cannot be read.
pub fn plan(
    base: &dyn Base,
    owned: &Owned,
    rendered: &RenderedFiles,
    options: &PlanOptions<'_>,
) -> Result<(Plan, Vec<Objection>), PublishError> {
    let nothing = BTreeMap::new();
    let mine = owned.of(options.owner);
    // What an unfinished run wrote is as good as recorded.
    let unfinished = mine.filter(|manifest| !manifest.pending.is_empty()).map(|manifest| {
        let mut files = manifest.files.clone();
        let written = |(path, id): &(&String, &Oid)| base.files().get(*path) == Some(*id);
        files.extend(manifest.pending.iter().filter(written).map(|(path, id)| (path.clone(), *id)));
        files
    });
    let old = unfinished.as_ref().or(mine.map(|manifest| &manifest.files)).unwrap_or(&nothing);
    let mut making =
        Making { base, old, owned, options, plan: Plan::default(), drift: Vec::new(), in_the_way: Vec::new() };
    let mut objections = Vec::new();
    if rendered.is_empty() && options.released.is_empty() && !options.allow_delete {
        objections.push(Objection::Empty);
    }
    for (path, file) in &rendered.files {
        objections.extend(making.wanted(path, file.id, mine.is_some()));
    }
    for (path, recorded) in old {
        making.former(path, *recorded, rendered);
    }
    if mine.is_none() && !options.adopt {
        objections.extend(unmanaged(base, owned, rendered, options));
    } else if !making.in_the_way.is_empty() && !options.adopt {
        let count = making.in_the_way.len();
        making.in_the_way.truncate(MOST_NAMED);
        objections.push(Objection::InTheWay { paths: std::mem::take(&mut making.in_the_way), count });
    }
    if !making.drift.is_empty() && !options.overwrite_drift {
        objections.push(Objection::Drift(std::mem::take(&mut making.drift)));
    }
    let Making { mut plan, .. } = making;
    plan.changes.sort_by(|one, other| one.path.cmp(&other.path));
    plan.kept.extend(left_beside(base, &plan, old, options));
    plan.kept.sort();
    plan.kept.dedup();
    if !options.allow_delete {
        objections.extend(deletes(&plan, old, options));
    }
    Ok((plan, objections))
}

struct Making<'a> {
    base: &'a dyn Base,
    old: &'a BTreeMap<String, Oid>,
    owned: &'a Owned,
    options: &'a PlanOptions<'a>,
    plan: Plan,
    drift: Vec<FileChange>,
    in_the_way: Vec<String>,
}

impl Making<'_> {
    fn is_preserved(&self, path: &str) -> bool {
        self.options.preserve.iter().any(|pattern| pattern.matches(path))
    }

    /// Settles a file that was rendered.
    fn wanted(&mut self, path: &str, id: Oid, is_managed: bool) -> Option<Objection> {
        let there = self.base.files().get(path).copied();
        if there.is_some() && self.is_preserved(path) {
            self.plan.kept.push(path.to_owned());
            return None;
        }
        if let Some(owner) = self.owned.other(path, self.options.owner) {
            return Some(Objection::Foreign { path: path.to_owned(), owner: owner.to_owned() });
        }
        let recorded = self.old.get(path).copied();
        match (recorded, there) {
            // Somebody did what is to be done now.
            (Some(recorded), there) if there != Some(recorded) && there != Some(id) => {
                self.drifted(path, recorded, there);
            }
            (None, Some(there)) if there != id && is_managed => self.in_the_way.push(path.to_owned()),
            _ => {}
        }
        self.plan.own.insert(path.to_owned(), id);
        match there == Some(id) {
            true => self.plan.unchanged += 1,
            false => self.plan.changes.push(FileChange { path: path.to_owned(), before: there, now: Some(id) }),
        }
        None
    }

    /// Settles a file of before that was not rendered now.
    fn former(&mut self, path: &str, recorded: Oid, rendered: &RenderedFiles) {
        if rendered.files.contains_key(path) {
            return;
        }
        let there = self.base.files().get(path).copied();
        if !answers_for(&self.options.scope, path) && !is_within(self.options.released, path) {
            self.plan.own.insert(path.to_owned(), recorded);
            self.plan.unchanged += 1;
            return;
        }
        if self.is_preserved(path) {
            self.plan.kept.push(path.to_owned());
            return;
        }
        let Some(there) = there else { return };
        if there != recorded {
            self.drifted(path, recorded, Some(there));
        }
        self.plan.changes.push(FileChange { path: path.to_owned(), before: Some(there), now: None });
    }

    fn drifted(&mut self, path: &str, recorded: Oid, there: Option<Oid>) {
        self.drift.push(FileChange { path: path.to_owned(), before: Some(recorded), now: there });
        self.plan.overwritten.push(path.to_owned());
    }
}

/// Whether a run answers for a path.
fn answers_for(scope: &Scope, path: &str) -> bool {
    match scope {
        Scope::AllBut(places) => !is_within(places, path),
        Scope::Only(places) => is_within(places, path),
    }
}

/// Whether a path is among files and folders.
fn is_within(places: &[String], path: &str) -> bool {
    places.iter().any(|place| place.is_empty() || place == path || path.starts_with(&prefix(place)))
}

/// Files that stand where others would be written, and manifests beside them: an engine would take all of
/// them for published.
fn unmanaged(base: &dyn Base, owned: &Owned, rendered: &RenderedFiles, options: &PlanOptions<'_>) -> Option<Objection> {
    let preserved = |path: &str| options.preserve.iter().any(|pattern| pattern.matches(path));
    let is_manifest =
        |path: &str| [".yaml", ".yml", ".json"].iter().any(|end| path.to_ascii_lowercase().ends_with(end));
    let hidden = format!("{}.kiln/", prefix(options.root));
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for folder in options.folders {
        let start = prefix(folder);
        for path in base.files().range(start.clone()..).map(|(path, _)| path) {
            if !path.starts_with(&start) {
                break;
            }
            // In a folder that is the whole repository, what hides from engines is somebody else's.
            let is_elsewhere = path.starts_with(&hidden) || (folder.is_empty() && path.contains('/'));
            if !is_elsewhere && is_manifest(path) && !path.split('/').any(|part| part.starts_with('.')) {
                found.insert(path);
            }
        }
    }
    found.extend(rendered.files.keys().filter(|path| base.files().contains_key(*path)).map(String::as_str));
    // What another owner has recorded is no matter of adoption.
    found.retain(|path| !preserved(path) && owned.other(path, options.owner).is_none());
    let count = found.len();
    let paths = found.into_iter().take(MOST_NAMED).map(str::to_owned).collect();
    (count > 0).then_some(Objection::Unmanaged { paths, count })
}

/// What speaks against deleting what a plan deletes. A file that takes the place of another in the same
/// folder counts for nothing: it was renamed.
fn deletes(plan: &Plan, old: &BTreeMap<String, Oid>, options: &PlanOptions<'_>) -> Vec<Objection> {
    let folder = |path: &str| folder_of(path, options.root, options.depth);
    let mut balance: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| !is_within(options.released, &change.path)) {
        let entry = balance.entry(folder(&change.path)).or_default();
        match (change.before, change.now) {
            (_, None) => entry.0 += 1,
            (None, _) => entry.1 += 1,
            _ => {}
        }
    }
    let lost: usize = balance.values().map(|(removed, added)| removed.saturating_sub(*added)).sum();
    let mut objections = Vec::new();
    if options.bounds.iter().any(|bound| bound.is_exceeded(lost, old.len())) {
        objections.push(Objection::Deletes { files: plan.removed(), owned: old.len() });
    }
    let left: BTreeSet<String> = plan.own.keys().map(|path| folder(path)).collect();
    let gone: Vec<String> = balance
        .iter()
        .filter(|(name, (removed, _))| *removed > 0 && !name.is_empty() && !left.contains(*name))
        .map(|(name, _)| name.clone())
        .collect();
    if !gone.is_empty() {
        objections.push(Objection::Clusters(gone));
    }
    objections
}

/// Files of nobody in folders of clusters that go away.
fn left_beside(base: &dyn Base, plan: &Plan, old: &BTreeMap<String, Oid>, options: &PlanOptions<'_>) -> Vec<String> {
    let folder = |path: &str| folder_of(path, options.root, options.depth);
    let left: BTreeSet<String> = plan.own.keys().map(|path| folder(path)).collect();
    let gone: BTreeSet<String> = plan
        .changes
        .iter()
        .filter(|change| change.now.is_none())
        .map(|change| folder(&change.path))
        .filter(|name| !name.is_empty() && !left.contains(name))
        .collect();
    let is_beside = |path: &String| gone.contains(&folder(path)) && !old.contains_key(path);
    base.files().keys().filter(|path| is_beside(path)).cloned().collect()
}

/// The folder of the cluster that a path belongs to, below `root`; empty for files above. `depth` is how many
/// parts of a path name such a folder.
pub fn folder_of(path: &str, root: &str, depth: usize) -> String {
    let below = path.strip_prefix(&prefix(root)).unwrap_or(path);
    let parts: Vec<&str> = below.split('/').collect();
    match depth {
        0 => String::new(),
        depth if parts.len() > depth => parts[..depth].join("/"),
        _ => String::new(),
    }
}
