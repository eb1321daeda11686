use std::collections::BTreeMap;

use git2::{ObjectType, Oid, Repository, Signature, Time};

use super::PublishError;
use super::splice::splice;

/// The commit that a ref of notes becomes when one commit gets a note: that of the last note is its parent.
/// Gives `before` itself when the note is there already.
///
/// # Errors
/// When something cannot be read or written.
pub fn with_note(
    repository: &Repository,
    before: Option<Oid>,
    commit: Oid,
    note: &[u8],
    time: (i64, i32),
) -> Result<Oid, PublishError> {
    let failed = || PublishError::git("write a note");
    let parent = before.map(|id| repository.find_commit(id)).transpose().map_err(failed())?;
    let tree = parent.as_ref().map(git2::Commit::tree).transpose().map_err(failed())?;
    // git spreads many notes over folders named by the beginning of the id.
    let is_spread = tree.as_ref().is_some_and(|tree| {
        tree.iter().any(|entry| entry.kind() == Some(ObjectType::Tree) && entry.name_bytes().len() == 2)
    });
    let id = commit.to_string();
    let (flat, spread) = (id.clone(), format!("{}/{}", &id[..2], &id[2..]));
    let blob = repository.blob(note).map_err(failed())?;
    let (place, other) = if is_spread { (spread, flat) } else { (flat, spread) };
    let mut edits = BTreeMap::from([(place, Some(blob))]);
    if is_spread {
        edits.insert(other, None);
    }
    let new = splice(repository, tree.as_ref(), &edits)?;
    if let (Some(tree), Some(before)) = (&tree, before)
        && tree.id() == new
    {
        return Ok(before);
    }
    let who = Signature::new("kiln", "kiln@localhost", &Time::new(time.0, time.1)).map_err(failed())?;
    let tree = repository.find_tree(new).map_err(failed())?;
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    repository.commit(None, &who, &who, "Notes added by kiln\n", &tree, &parents).map_err(failed())
}
