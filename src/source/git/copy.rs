use std::collections::HashSet;

use git2::{ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};

use super::pack::write_pack;

/// Copies a commit and its tree, without history, from one repository into another: one new pack.
/// Gives the number of bytes of the pack.
pub(in crate::source) fn copy_commit(from: &Repository, commit: Oid, into: &Repository) -> Result<u64, git2::Error> {
    let objects = objects(from, commit)?;
    let (source, target) = (from.odb()?, into.odb()?);
    write_pack(&target, &objects, |id| {
        let object = source.read(*id)?;
        Ok((object.kind(), object.data().to_vec()))
    })
}

/// The ids of the commit, its trees and its files, each once.
fn objects(from: &Repository, commit: Oid) -> Result<Vec<Oid>, git2::Error> {
    let tree = from.find_commit(commit)?.tree()?;
    let mut objects = vec![commit, tree.id()];
    let mut seen: HashSet<Oid> = objects.iter().copied().collect();
    tree.walk(TreeWalkMode::PreOrder, |_, entry| {
        if entry.kind() == Some(ObjectType::Commit) {
            return TreeWalkResult::Ok;
        }
        if seen.insert(entry.id()) {
            objects.push(entry.id());
            return TreeWalkResult::Ok;
        }
        // What a tree holds that was seen has been seen too.
        TreeWalkResult::Skip
    })?;
    Ok(objects)
}
