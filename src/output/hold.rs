use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::target::{OutputError, Target, failed};

/// More folders than this are held by one lock, so that a fleet does not need an open file for each.
const MOST_LOCKS: usize = 16;

/// Keeps other writers away from folders below one root: one writer per folder. The locks are
/// advisory, so that a dead process holds nothing.
///
/// Whoever writes a few folders shares `.kiln/lock` and locks each of them; whoever writes many has
/// `.kiln/lock` alone.
#[derive(Debug)]
pub struct Hold {
    _files: Vec<File>,
}

impl Hold {
    /// Waits until nobody else writes into these folders, and holds them until dropped. What killed runs
    /// left of any folder below the root is put in order first.
    ///
    /// # Errors
    /// When a lock file cannot be made, or what a killed run left cannot be removed.
    pub fn of(root: &Path, targets: &[Target]) -> Result<Self, OutputError> {
        let few = targets.len() <= MOST_LOCKS;
        let mut files = vec![lock(&root.join(".kiln/lock"), few)?];
        if few {
            // In one order for all, so that two writers never wait for each other.
            let mut places: Vec<_> = targets.iter().map(|target| target.state("locks", "")).collect();
            places.sort();
            places.dedup();
            for place in places {
                files.push(lock(&place, false)?);
            }
        }
        let hold = Self { _files: files };
        for left in Target::unfinished(root) {
            // Others are at work only where one lock holds a few folders.
            let is_held = !few || targets.iter().any(|target| target.name() == left.name());
            let _theirs = match is_held {
                true => None,
                false => match try_lock(&left.state("locks", "")) {
                    Some(theirs) => Some(theirs),
                    None => continue,
                },
            };
            left.heal()?;
        }
        Ok(hold)
    }
}

/// The lock of a folder that nobody writes now.
fn try_lock(path: &Path) -> Option<File> {
    let file = open(path).ok()?;
    file.try_lock().is_ok().then_some(file)
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::options().create(true).truncate(false).write(true).open(path)
}

fn lock(path: &Path, shared: bool) -> Result<File, OutputError> {
    let locked = open(path).and_then(|file| {
        if shared {
            file.lock_shared()?;
        } else {
            file.lock()?;
        }
        Ok(file)
    });
    locked.map_err(|source| failed("lock", path, source))
}
