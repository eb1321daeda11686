use std::collections::BTreeMap;

use git2::{ObjectType, Oid, Repository, Tree};

use super::PublishError;

/// The mode of a plain file.
const PLAIN: i32 = 0o100_644;

/// Makes a tree of another one with some files changed: path → content's id, or nothing for a file that
/// goes away. All else stays as it is, down to its modes; folders vanish when nothing is left in them.
///
/// # Errors
/// When a tree cannot be read or written.
pub fn splice(
    repository: &Repository,
    base: Option<&Tree<'_>>,
    edits: &BTreeMap<String, Option<Oid>>,
) -> Result<Oid, PublishError> {
    let edits: Vec<(&str, Option<Oid>)> = edits.iter().map(|(path, id)| (path.as_str(), *id)).collect();
    let made = level(repository, base, &edits).map_err(PublishError::git("make a tree"))?;
    match made {
        Some(id) => Ok(id),
        None => {
            let empty = repository.treebuilder(None).and_then(|builder| builder.write());
            empty.map_err(PublishError::git("make a tree"))
        }
    }
}

/// One folder; nothing when it is empty.
fn level(
    repository: &Repository,
    base: Option<&Tree<'_>>,
    edits: &[(&str, Option<Oid>)],
) -> Result<Option<Oid>, git2::Error> {
    let mut builder = repository.treebuilder(base)?;
    let mut below: BTreeMap<&str, Vec<(&str, Option<Oid>)>> = BTreeMap::new();
    for (path, id) in edits {
        match path.split_once('/') {
            Some((folder, rest)) => below.entry(folder).or_default().push((rest, *id)),
            None => match id {
                Some(id) => drop(builder.insert(path, *id, PLAIN)?),
                None if builder.get(path)?.is_some() => builder.remove(path)?,
                None => {}
            },
        }
    }
    for (folder, edits) in below {
        let there = base.and_then(|base| base.get_name(folder));
        let is_folder = there.as_ref().is_some_and(|entry| entry.kind() == Some(ObjectType::Tree));
        // A file where a folder belongs is replaced, unless nothing comes there.
        if !is_folder && there.is_some() && edits.iter().all(|(_, id)| id.is_none()) {
            continue;
        }
        let tree = match there.filter(|_| is_folder) {
            Some(entry) => Some(repository.find_tree(entry.id())?),
            None => None,
        };
        match level(repository, tree.as_ref(), &edits)? {
            Some(id) => drop(builder.insert(folder, id, 0o040_000)?),
            None if builder.get(folder)?.is_some() => builder.remove(folder)?,
            None => {}
        }
    }
    if builder.is_empty() { Ok(None) } else { builder.write().map(Some) }
}
