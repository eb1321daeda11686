use std::collections::{HashSet, VecDeque};

use git2::{Commit, ObjectType, Oid, Repository, Sort, Tree};

/// The objects that somebody lacks who has `known`, to follow refs to `wanted`: commits and what their
/// trees hold that the trees of their parents do not, and single objects that are no commits.
pub(super) fn missing(repository: &Repository, wanted: &[Oid], known: &HashSet<Oid>) -> Result<Vec<Oid>, git2::Error> {
    let mut found = Found { repository, objects: Vec::new(), seen: known.clone() };
    let mut commits = Vec::new();
    for id in wanted.iter().filter(|id| !known.contains(id)) {
        let mut object = repository.find_object(*id, None)?;
        while let Some(tag) = object.as_tag() {
            found.add(tag.id());
            object = tag.target()?;
        }
        match object.kind() {
            Some(ObjectType::Commit) => commits.push(object.id()),
            Some(ObjectType::Tree) => found.tree(&object.peel_to_tree()?, &[])?,
            _ => {
                found.add(object.id());
            }
        }
    }
    for id in history(repository, &commits, known)? {
        found.commit(&repository.find_commit(id)?)?;
    }
    Ok(found.objects)
}

/// The commits that lead from what is known to what is wanted, parents first.
fn history(repository: &Repository, wanted: &[Oid], known: &HashSet<Oid>) -> Result<Vec<Oid>, git2::Error> {
    let walked = || -> Result<Vec<Oid>, git2::Error> {
        let mut walk = repository.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        wanted.iter().try_for_each(|id| walk.push(*id))?;
        for id in known.iter().filter(|id| repository.find_commit(**id).is_ok()) {
            walk.hide(*id)?;
        }
        walk.collect()
    };
    // A history that is cut off cannot be walked by libgit2; its new end can be followed all the same.
    walked().or_else(|_| followed(repository, wanted, known))
}

fn followed(repository: &Repository, wanted: &[Oid], known: &HashSet<Oid>) -> Result<Vec<Oid>, git2::Error> {
    let mut queue: VecDeque<Oid> = wanted.iter().copied().collect();
    let mut seen: HashSet<Oid> = wanted.iter().copied().collect();
    let mut found = Vec::new();
    while let Some(id) = queue.pop_front() {
        let commit = repository.find_commit(id)?;
        found.push(id);
        for parent in commit.parent_ids() {
            if !known.contains(&parent) && repository.find_commit(parent).is_ok() && seen.insert(parent) {
                queue.push_back(parent);
            }
        }
    }
    found.reverse();
    Ok(found)
}

struct Found<'a> {
    repository: &'a Repository,
    objects: Vec<Oid>,
    seen: HashSet<Oid>,
}

impl Found<'_> {
    fn add(&mut self, id: Oid) -> bool {
        let is_new = self.seen.insert(id);
        if is_new {
            self.objects.push(id);
        }
        is_new
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<(), git2::Error> {
        if !self.add(commit.id()) {
            return Ok(());
        }
        // A parent that is not here is one that the other side has, or a history that is cut off.
        let parents: Vec<Tree<'_>> =
            commit.parent_ids().filter_map(|id| self.repository.find_commit(id).ok()?.tree().ok()).collect();
        self.tree(&commit.tree()?, &parents)
    }

    /// Adds a tree and what is in it and in none of the others at the same place.
    fn tree(&mut self, tree: &Tree<'_>, others: &[Tree<'_>]) -> Result<(), git2::Error> {
        if others.iter().any(|other| other.id() == tree.id()) || !self.add(tree.id()) {
            return Ok(());
        }
        for entry in tree.iter() {
            let there = || others.iter().filter_map(|other| other.get_name_bytes(entry.name_bytes()));
            if there().any(|other| other.id() == entry.id()) {
                continue;
            }
            match entry.kind() {
                Some(ObjectType::Tree) => {
                    let below: Vec<Tree<'_>> =
                        there().filter_map(|other| self.repository.find_tree(other.id()).ok()).collect();
                    self.tree(&self.repository.find_tree(entry.id())?, &below)?;
                }
                Some(ObjectType::Blob) => {
                    self.add(entry.id());
                }
                // Commits of submodules live elsewhere.
                _ => {}
            }
        }
        Ok(())
    }
}
