use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::output::Unwanted;
use crate::output::publish::{CommitText, Plan, RenderedFiles, references};
use crate::source::sha256_hex;

use super::ComponentChange;
use super::copies::CopyPlan;
use super::origin::Origin;

/// The most lines about components in a message.
const MOST_LINES: usize = 40;
/// The most paths that a trailer names.
const MOST_NAMED: usize = 20;

/// What changed, by cluster and component.
pub(super) fn component_changes(
    plan: &Plan,
    rendered: &RenderedFiles,
    folders: &BTreeMap<&str, &str>,
    gone: impl Fn(&str) -> Option<String>,
) -> Vec<ComponentChange> {
    // Clusters that are in the matrix no more are known by their folders.
    let former: BTreeMap<String, String> = plan
        .changes
        .iter()
        .filter(|change| change.now.is_none() && cluster_of(&change.path, folders).is_none())
        .filter_map(|change| gone(&change.path))
        .map(|folder| (folder.clone(), folder.rsplit('/').next().unwrap_or(&folder).to_owned()))
        .collect();
    let mut folders = folders.clone();
    folders.extend(former.iter().map(|(folder, name)| (folder.as_str(), name.as_str())));
    let folders = &folders;
    let mut found: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for change in &plan.changes {
        let path = &change.path;
        let file = rendered.files.get(path);
        let cluster = file.and_then(|file| file.cluster.as_deref()).or_else(|| cluster_of(path, folders));
        let component = file.and_then(|file| file.component.as_deref()).map(str::to_owned);
        let component = component.unwrap_or_else(|| component_by_name(path, cluster, folders, rendered));
        found.entry((cluster.unwrap_or_default().to_owned(), component)).or_default().push(path.clone());
    }
    let changes = found.into_iter();
    changes.map(|((cluster, component), files)| ComponentChange { cluster, component, files }).collect()
}

/// The cluster in whose folder a path lies.
fn cluster_of<'a>(path: &str, folders: &BTreeMap<&'a str, &'a str>) -> Option<&'a str> {
    let mut end = path.len();
    while let Some(at) = path[..end].rfind('/') {
        if let Some(name) = folders.get(&path[..at]) {
            return Some(name);
        }
        end = at;
    }
    folders.get("").copied()
}

/// The component of a file that nobody makes any more, by the name of the file.
fn component_by_name(
    path: &str,
    cluster: Option<&str>,
    folders: &BTreeMap<&str, &str>,
    rendered: &RenderedFiles,
) -> String {
    let folder = cluster.and_then(|name| folders.iter().find(|(_, of)| **of == name).map(|(folder, _)| *folder));
    let below = folder.and_then(|folder| path.strip_prefix(folder)).unwrap_or(path).trim_start_matches('/');
    // What another cluster still has tells its address.
    let same =
        rendered.files.iter().find(|(other, file)| file.component.is_some() && other.ends_with(&format!("/{below}")));
    match same.and_then(|(_, file)| file.component.as_deref()) {
        Some(address) => address.to_owned(),
        None => below.strip_suffix(".yaml").unwrap_or(below).to_owned(),
    }
}

/// Lines that tell what changed: one for each component, those that touch most clusters first.
pub(super) fn change_lines(changes: &[ComponentChange]) -> Vec<String> {
    let mut by_component: BTreeMap<&str, (BTreeSet<&str>, usize)> = BTreeMap::new();
    for change in changes {
        let entry = by_component.entry(&change.component).or_default();
        entry.0.insert(&change.cluster);
        entry.1 += change.files.len();
    }
    let mut sorted: Vec<_> = by_component.into_iter().collect();
    sorted.sort_by(|(one, (clusters, _)), (other, (others, _))| others.len().cmp(&clusters.len()).then(one.cmp(other)));
    let more = sorted.len().saturating_sub(MOST_LINES);
    let count = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let mut lines: Vec<String> = sorted
        .iter()
        .take(MOST_LINES)
        .map(|(component, (clusters, files))| {
            format!("- {component}: {}, {}", count(clusters.len(), "cluster"), count(*files, "file"))
        })
        .collect();
    if more > 0 {
        lines.push(format!("- and {}", count(more, "more component")));
    }
    lines
}

/// What goes into the trailers of a run, whatever the branch.
pub(super) struct Digests {
    /// Of all inputs.
    pub config: String,
    /// Of the lock.
    pub lock: Option<String>,
}

/// What a commit says.
pub(super) struct CommitInput<'a> {
    pub origin: &'a Origin,
    pub owner: &'a str,
    pub digests: &'a Digests,
    pub plan: &'a Plan,
    pub copies: &'a CopyPlan,
    pub changes: &'a [ComponentChange],
    /// How many clusters were rendered, and how many of them change.
    pub clusters: (usize, usize),
    pub subject: Option<String>,
    pub message: Option<String>,
    pub trailers: bool,
    /// Commits that are newer than the one that is published.
    pub rollback_from: &'a [String],
}

/// The parts of a commit's message.
pub(super) fn commit_text(input: &CommitInput<'_>) -> CommitText {
    let source = input.origin.commit.clone();
    let mut trailers: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: String| trailers.push((name.to_owned(), value));
    if input.trailers {
        let dirty = if input.origin.dirty { "-dirty" } else { "" };
        let name = &input.origin.name;
        match &source {
            Some(source) => add("Kiln-Source", format!("{name}@{}{dirty}", source.id)),
            None => add("Kiln-Source", name.clone()),
        }
        add("Kiln-Config-Digest", input.digests.config.clone());
        input.copies.made.keys().for_each(|name| add("Kiln-Copy", name.clone()));
        let times: BTreeSet<&String> = input.copies.made.values().filter_map(|note| note.expires.as_ref()).collect();
        times.into_iter().for_each(|time| add("Kiln-Expires", time.clone()));
        input.copies.gone.iter().for_each(|(name, why)| add("Kiln-Pruned", format!("{name} ({why})")));
        input.digests.lock.iter().for_each(|lock| add("Kiln-Lock", lock.clone()));
        add("Kiln-Version", env!("CARGO_PKG_VERSION").to_owned());
        add("Kiln-Owner", input.owner.to_owned());
        let (all, changed) = input.clusters;
        add("Kiln-Clusters", format!("{changed} changed, {} unchanged", all.saturating_sub(changed)));
        add("Kiln-Output-Digest", output_digest(input.plan));
        input.rollback_from.iter().for_each(|commit| add("Kiln-Rollback-From", commit.clone()));
        for path in input.plan.overwritten.iter().take(MOST_NAMED) {
            add("Kiln-Overwrote", path.clone());
        }
        let more = input.plan.overwritten.len().saturating_sub(MOST_NAMED);
        if more > 0 {
            add("Kiln-Overwrote", format!("and {more} more"));
        }
        if let Some(source) = &source {
            trailers.extend(references(source));
        }
    }
    CommitText {
        subject: input.subject.clone(),
        message: input.message.clone().or_else(|| pruned(&input.copies.gone)),
        clusters: input.clusters.1,
        source,
        body: change_lines(input.changes),
        trailers,
    }
}

/// What is said where copies are removed.
fn pruned(gone: &[(String, Unwanted)]) -> Option<String> {
    let noun = if gone.len() == 1 { "copy" } else { "copies" };
    let lines: Vec<String> = gone.iter().take(MOST_LINES).map(|(name, why)| format!("- {name}: {why}")).collect();
    (!gone.is_empty()).then(|| format!("prune: {} {noun}\n\n{}", gone.len(), lines.join("\n")))
}

/// The digest of all of an owner's files.
fn output_digest(plan: &Plan) -> String {
    let mut hash = Sha256::new();
    for (path, id) in &plan.own {
        hash.update(format!("{path}\0{id}\n"));
    }
    format!("sha256:{}", sha256_hex(&hash.finalize()))
}
