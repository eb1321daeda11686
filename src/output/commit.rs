use rayon::prelude::*;

use super::interrupt::{Staging, Writing};
use super::target::{OutputError, Target, failed};
use super::{ChangeSet, Owners};
use crate::source::{remove_folder, swap_folders};

/// From so many trees on, what can be done for each of them is done in parallel.
const MANY: usize = 8;

/// A tree that stands ready beside its folder. Dropped, it leaves the folder as it is.
#[derive(Debug)]
pub struct Staged {
    target: Target,
    changes: ChangeSet,
    /// What the record says.
    before: Owners,
    /// What it shall say.
    own: Owners,
    place: Place,
}

/// Where the tree is.
#[derive(Debug)]
enum Place {
    /// The folder is what it shall be.
    Unchanged,
    /// Beside the folder.
    Beside { _staging: Staging },
    /// In the folder's place. What it replaced is beside it, if there was something.
    Swapped,
}

impl Staged {
    /// A tree that is about to be built.
    pub(super) fn new(target: Target, changes: ChangeSet, before: Owners, own: Owners) -> Self {
        let place = Place::Beside { _staging: Staging::new(&target.staging()) };
        Self { target, changes, before, own, place }
    }

    /// No tree: the folder is what it shall be.
    pub(super) fn unchanged(target: Target, changes: ChangeSet, before: Owners, own: Owners) -> Self {
        Self { target, changes, before, own, place: Place::Unchanged }
    }

    /// What changes.
    pub fn changes(&self) -> &ChangeSet {
        &self.changes
    }

    /// Puts the tree into its place by one swap.
    ///
    /// # Errors
    /// When the folder cannot be replaced: the old tree stays.
    pub fn commit(self) -> Result<ChangeSet, OutputError> {
        commit_all(vec![self])
            .map(Vec::into_iter)
            .map(|mut changes| changes.next().unwrap_or_default())
            .map_err(|(_, error)| error)
    }

    /// Before the swap the record names old and new files, so that a run that ends between the swap and
    /// the final record never takes its own files for foreign ones.
    fn announce(&mut self) -> Result<(), OutputError> {
        if let Place::Beside { .. } = self.place {
            let mut both = self.before.clone();
            both.extend(self.own.iter());
            if both != self.before {
                self.target.record_owners(&both)?;
                self.before = both;
            }
        }
        Ok(())
    }

    fn swap(&mut self, writing: &Writing) -> Result<(), OutputError> {
        if let Place::Beside { .. } = self.place {
            let folder = self.target.folder();
            swap_folders(&self.target.staging(), &folder, &self.target.aside())
                .map_err(|source| failed("replace", &folder, source))?;
            writing.changed();
            self.place = Place::Swapped;
        }
        Ok(())
    }

    /// Puts the old tree back. Where even that fails the new one stays.
    fn swap_back(&mut self) {
        let Place::Swapped = self.place else { return };
        let (folder, undone) = (self.target.folder(), self.target.undone());
        let places = [self.target.staging(), self.target.aside()];
        let done = match places.iter().find(|place| place.exists()) {
            Some(old) => swap_folders(old, &folder, &undone),
            // There was none.
            None => std::fs::rename(&folder, &places[0]),
        };
        if done.is_ok() {
            let _ = places.iter().chain([&undone]).try_for_each(|left| remove_folder(left));
        }
    }

    /// Removes the old tree and writes the final record. The new tree stands: what fails here is done
    /// by the next run, which finds old trees, and a record that names too many files.
    fn clean_up(&mut self) {
        if let Place::Swapped = self.place {
            let _ = remove_folder(&self.target.staging());
            let _ = remove_folder(&self.target.aside());
        }
        if self.before != self.own {
            let _ = self.target.record_owners(&self.own);
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Place::Beside { .. } = self.place {
            // What cannot be removed is removed by the next run.
            let _ = remove_folder(&self.target.staging());
        }
    }
}

/// Puts trees into their places, one right after the other: all of them, or none when one of them
/// cannot be put there. Gives what changed, in the order of the trees.
///
/// # Errors
/// When a folder cannot be replaced; which one, and why. The old trees stay.
pub fn commit_all(mut trees: Vec<Staged>) -> Result<Vec<ChangeSet>, (usize, OutputError)> {
    let Some(first) = trees.first() else { return Ok(Vec::new()) };
    let writing = Writing::begin().map_err(|source| (0, failed("write", &first.target.folder(), source)))?;
    each(&mut trees, Staged::announce)
        .into_iter()
        .enumerate()
        .try_for_each(|(at, done)| done.map_err(|error| (at, error)))?;
    for at in 0..trees.len() {
        if let Err(error) = trees[at].swap(&writing) {
            trees[..at].iter_mut().for_each(Staged::swap_back);
            return Err((at, error));
        }
    }
    each(&mut trees, Staged::clean_up);
    Ok(trees.into_iter().map(|mut tree| std::mem::take(&mut tree.changes)).collect())
}

fn each<R: Send>(trees: &mut [Staged], work: impl Fn(&mut Staged) -> R + Sync + Send) -> Vec<R> {
    match trees.len() < MANY {
        true => trees.iter_mut().map(work).collect(),
        false => trees.par_iter_mut().map(work).collect(),
    }
}
