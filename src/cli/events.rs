//! What changed, as events that can be posted: deployments, one for each component of a cluster.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::diag::{Blame, Code, Diagnostic};
use crate::output::{ChangeSet, FileContents};
use crate::pipeline::{ComponentChange, Published};
use crate::source::{Revision, sha256_hex, write_atomically};
use crate::transform::container_images;

/// A deployment in the form of GitHub's API.
#[derive(Clone, Debug)]
pub struct Event(Json);

/// The events of one cluster's folder. The contents of its changes must be known.
pub fn of(cluster: &str, folder: &Path, changes: &ChangeSet, commit: Option<&str>) -> Vec<Event> {
    let mut components: BTreeMap<String, Vec<&FileContents>> = BTreeMap::new();
    for file in &changes.contents {
        components.entry(component(&file.path, folder, changes)).or_default().push(file);
    }
    components.into_iter().map(|(component, files)| Event::of(cluster, &component, &files, commit)).collect()
}

/// The events of a publication: what changed on each branch, of the commit that it points at now. Files that are
/// about many clusters give none. The contents of its changes must be known.
pub fn of_publication(published: &Published) -> Vec<Event> {
    let changed = published.branches.iter().filter(|branch| branch.changed);
    changed
        .flat_map(|branch| {
            let texts: HashMap<&str, &FileContents> =
                branch.texts.iter().map(|file| (file.path.as_str(), file)).collect();
            let of = |change: &ComponentChange| {
                let files: Vec<&FileContents> =
                    change.files.iter().filter_map(|path| texts.get(path.as_str()).copied()).collect();
                Event::of(&change.cluster, &change.component, &files, branch.commit.as_deref())
            };
            let changes = branch.components.iter().filter(|change| !change.cluster.is_empty());
            changes.map(of).collect::<Vec<_>>()
        })
        .collect()
}

impl Event {
    fn of(cluster: &str, component: &str, files: &[&FileContents], commit: Option<&str>) -> Self {
        let before = Side::of(files, |file| file.before.as_deref());
        let now = Side::of(files, |file| file.now.as_deref());
        let verb = match (&before.digest, &now.digest) {
            (None, _) => "adds",
            (_, None) => "removes",
            _ => "changes",
        };
        Self(json!({
            "environment": cluster,
            "ref": commit.unwrap_or("HEAD"),
            "task": "deploy",
            "auto_merge": false,
            "required_contexts": [],
            "description": format!("{verb} {component} on {cluster}").chars().take(140).collect::<String>(),
            "payload": {
                "component": component,
                "cluster": cluster,
                "from": before.digest,
                "to": now.digest,
                "images": { "from": before.images, "to": now.images },
                "files": files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
                "commit": commit,
            },
        }))
    }
}

/// The files of a component on one side.
struct Side {
    /// Of all of them; nothing where there are none.
    digest: Option<String>,
    images: Vec<String>,
}

impl Side {
    fn of<'f>(files: &[&'f FileContents], pick: impl Fn(&'f FileContents) -> Option<&'f [u8]>) -> Self {
        let mut all: Vec<u8> = Vec::new();
        let mut images = Vec::new();
        let mut is_there = false;
        for file in files {
            let Some(content) = pick(file) else { continue };
            is_there = true;
            all.extend_from_slice(content);
            for part in String::from_utf8_lossy(content).split("\n---\n") {
                images.extend(container_images(part.trim_start_matches("---\n")).into_iter().map(|(_, image)| image));
            }
        }
        images.sort();
        images.dedup();
        Self { digest: is_there.then(|| format!("sha256:{}", sha256_hex(&all))), images }
    }
}

/// The component that writes a file: its path without the ending. Definitions of custom resources stand in a file of
/// their own beside it.
fn component(path: &str, folder: &Path, changes: &ChangeSet) -> String {
    let stem = path.strip_suffix(".yaml").unwrap_or(path);
    let beside = stem.strip_suffix("-crds").filter(|own| {
        let file = format!("{own}.yaml");
        changes.changes.contains_key(&file) || folder.join(&file).is_file()
    });
    beside.unwrap_or(stem).to_owned()
}

/// The commit that a project is at, when it is in a repository.
pub fn commit(project: &Path) -> Option<String> {
    Revision::find(project, "HEAD").ok().map(|revision| revision.commit())
}

/// Writes events, one a line; an empty file when there are none.
pub fn write(file: &Path, events: &[Event]) -> Result<(), Diagnostic> {
    let text: String = events.iter().map(|Event(event)| format!("{event}\n")).collect();
    write_atomically(file, text.as_bytes()).map_err(|error| {
        let message = format!("cannot write `{}`: {error}", file.display());
        Diagnostic::error(Code("file.unwritable"), message).blame(Blame::World)
    })
}
