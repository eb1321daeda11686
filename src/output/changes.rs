use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use super::{OutputSet, Owners};

/// What happens to one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A new file.
    Added,
    /// Other content.
    Changed,
    /// Recorded as kiln's own and no longer produced.
    Removed,
}

/// The difference between an [`OutputSet`] and the folder on disk.
#[derive(Clone, Debug, Default)]
pub struct ChangeSet {
    /// What changes, by path.
    pub changes: BTreeMap<String, Change>,
    /// Files that stay as they are because the content is the same.
    pub unchanged: usize,
    /// Files that kiln did not write and leaves alone, sorted.
    pub foreign: Vec<String>,
    /// The contents of what changes, sorted by path, if asked for.
    pub contents: Vec<FileContents>,
}

/// What a file that changes holds, and what it would hold; nothing where there is no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileContents {
    /// Its path below the output folder.
    pub path: String,
    /// On disk.
    pub before: Option<Vec<u8>>,
    /// To be written.
    pub now: Option<Vec<u8>>,
}

impl ChangeSet {
    /// Compares `wanted` with the folder. Links are not followed.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn compare(wanted: &OutputSet, folder: &Path, owners: &Owners) -> io::Result<Self> {
        let mut set = Self::default();
        for entry in WalkDir::new(folder).min_depth(1).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if is_missing(&error) => {
                    set.changes.extend(wanted.iter().map(|(path, _)| (path.to_owned(), Change::Added)));
                    return Ok(set);
                }
                Err(error) => return Err(error.into()),
            };
            if entry.file_type().is_dir() {
                continue;
            }
            let Ok(below) = entry.path().strip_prefix(folder) else { continue };
            let Some(path) = below.to_str().map(|path| path.replace(std::path::MAIN_SEPARATOR, "/")) else {
                set.foreign.push(below.to_string_lossy().into_owned());
                continue;
            };
            match wanted.get(&path) {
                Some(content) if entry.file_type().is_file() && same(entry.path(), content)? => set.unchanged += 1,
                Some(_) => {
                    set.changes.insert(path, Change::Changed);
                }
                None if owners.contains(&path) => {
                    set.changes.insert(path, Change::Removed);
                }
                None => set.foreign.push(path),
            }
        }
        let known = set.changes.len() + set.unchanged;
        if known < wanted.len() + set.changes.values().filter(|change| **change == Change::Removed).count() {
            for (path, _) in wanted.iter() {
                if !set.changes.contains_key(path) && fs::symlink_metadata(folder.join(path)).is_err() {
                    set.changes.insert(path.to_owned(), Change::Added);
                }
            }
        }
        Ok(set)
    }

    /// Adds the contents of what changes.
    ///
    /// # Errors
    /// When a file in the folder cannot be read.
    pub fn with_contents(mut self, wanted: &OutputSet, folder: &Path) -> io::Result<Self> {
        for path in self.changes.keys() {
            let place = folder.join(path);
            // A link that stands in a file's place has no content of its own.
            let is_file = fs::symlink_metadata(&place).is_ok_and(|meta| meta.is_file());
            let before = if is_file { Some(fs::read(&place)?) } else { None };
            let now = wanted.get(path).map(<[u8]>::to_vec);
            self.contents.push(FileContents { path: path.clone(), before, now });
        }
        Ok(self)
    }

    /// Whether nothing has to be written or removed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Number of changes of a kind.
    pub fn count(&self, kind: Change) -> usize {
        self.changes.values().filter(|change| **change == kind).count()
    }
}

fn is_missing(error: &walkdir::Error) -> bool {
    error.depth() == 0 && error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

fn same(path: &Path, content: &[u8]) -> io::Result<bool> {
    Ok(fs::metadata(path)?.len() == content.len() as u64 && fs::read(path)? == content)
}
