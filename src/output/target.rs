use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{ChangeSet, Hold, OutputSet, Owners, stage};
use crate::source::swap_folders;

/// Why the output could not be compared or written. The old tree is untouched.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The operating system said no.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or a link stands where the output folder belongs.
    #[error("{}: {what} is in the way of the output folder", path.display())]
    InTheWay {
        /// Where.
        path: PathBuf,
        /// What stands there.
        what: &'static str,
    },
}

/// What becomes of the contents of files that change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contents {
    /// Only their paths count.
    #[default]
    Dropped,
    /// [`ChangeSet::contents`] has them.
    Kept,
}

/// How to write.
#[derive(Clone, Copy, Debug, Default)]
pub struct WriteOptions {
    /// Whether to wait until the new files are on the disk before the swap.
    pub sync: bool,
}

/// One output folder below the root of generated trees, such as `generated/prod-east`.
///
/// State lives in `.kiln/` beside the folders: `owners/<name>.json` (files that kiln wrote),
/// `staging/<name>` while writing, `locks/<name>`.
#[derive(Clone, Debug)]
pub struct Target {
    root: PathBuf,
    name: String,
}

impl Target {
    /// The folder `name` (which may contain `/`) below `root`.
    pub fn new(root: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        Self { root: root.into(), name: name.into() }
    }

    /// The output folder.
    pub fn folder(&self) -> PathBuf {
        self.root.join(&self.name)
    }

    /// The folder's path below the root.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn state(&self, kind: &str, suffix: &str) -> PathBuf {
        self.root
            .join(".kiln")
            .join(kind)
            .join(format!("{}{suffix}", self.name.replace('%', "%25").replace('/', "%2F")))
    }

    /// What writing `wanted` would change, with or without the contents of what changes.
    ///
    /// # Errors
    /// When the folder cannot be read or something else stands in its place.
    pub fn compare(&self, wanted: &OutputSet, contents: Contents) -> Result<ChangeSet, OutputError> {
        let folder = self.folder();
        self.check_place(&folder)?;
        let owners = self.owners()?;
        let compared = ChangeSet::compare(wanted, &folder, &owners).and_then(|changes| match contents {
            Contents::Kept => changes.with_contents(wanted, &folder),
            Contents::Dropped => Ok(changes),
        });
        compared.map_err(|source| failed("read", &folder, source))
    }

    /// Makes the folder hold `wanted` and the foreign files that were there, and gives what changed.
    /// Either the whole new tree appears or the old one stays.
    ///
    /// # Errors
    /// When the folder cannot be written or something else stands in its place.
    pub fn write(&self, wanted: &OutputSet, options: WriteOptions) -> Result<ChangeSet, OutputError> {
        let _hold = Hold::of(&self.root, std::slice::from_ref(self))?;
        let staged = self.stage(wanted, options)?;
        staged.commit()
    }

    /// Builds beside the folder the tree that it shall become. Only its writer may do so: see [`Hold`].
    ///
    /// # Errors
    /// When a folder cannot be written or something else stands in its place.
    pub fn stage(&self, wanted: &OutputSet, options: WriteOptions) -> Result<Staged, OutputError> {
        let (folder, staging, aside) = (self.folder(), self.state("staging", ""), self.state("aside", ""));
        self.roll_back(&folder, &aside)?;
        let exists = self.check_place(&folder)?;
        let before = self.owners()?;
        let changes = ChangeSet::compare(wanted, &folder, &before).map_err(|source| failed("read", &folder, source))?;
        let own: Owners = wanted.iter().map(|(path, _)| path).collect();
        let is_new = !changes.is_empty() || (wanted.is_empty() && !exists);
        let staged = Staged { target: self.clone(), changes, before, own, staging, is_new };
        if is_new {
            let staging = &staged.staging;
            remove(staging).map_err(|source| failed("remove", staging, source))?;
            fs::create_dir_all(staging).map_err(|source| failed("create", staging, source))?;
            let old = exists.then_some(folder.as_path());
            stage::build(staging, old, wanted, &staged.changes, options.sync)
                .map_err(|source| failed("write", staging, source))?;
        }
        Ok(staged)
    }

    /// The files that the record names and that are there, with their contents.
    ///
    /// # Errors
    /// When the record or a file cannot be read.
    pub fn recorded(&self) -> Result<OutputSet, OutputError> {
        let folder = self.folder();
        let mut files = OutputSet::new();
        for path in self.owners()?.iter() {
            let place = folder.join(path);
            // A link that stands in a file's place is none of kiln's, and so is a path it would not write.
            if fs::symlink_metadata(&place).is_ok_and(|meta| meta.is_file()) {
                let content = fs::read(&place).map_err(|source| failed("read", &place, source))?;
                let _ = files.insert(path, content);
            }
        }
        Ok(files)
    }

    /// Removes the folder and its record when nothing is left in it.
    ///
    /// # Errors
    /// When the folder cannot be removed for another reason than its content.
    pub fn remove_if_empty(&self) -> Result<(), OutputError> {
        let folder = self.folder();
        match fs::remove_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => return Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("remove", &folder, error)),
            _ => {}
        }
        let record = self.record();
        match fs::remove_file(&record) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &record, error)),
            _ => Ok(()),
        }
    }

    fn record(&self) -> PathBuf {
        self.state("owners", ".json")
    }

    fn owners(&self) -> Result<Owners, OutputError> {
        let record = self.record();
        Owners::read(&record).map_err(|source| failed("read", &record, source))
    }

    fn record_owners(&self, owners: &Owners) -> Result<(), OutputError> {
        let record = self.record();
        owners.write(&record).map_err(|source| failed("write", &record, source))
    }

    /// Whether the folder is there; an error when something else is.
    fn check_place(&self, folder: &Path) -> Result<bool, OutputError> {
        let what = match fs::symlink_metadata(folder) {
            Ok(meta) if meta.is_dir() => return Ok(true),
            Ok(meta) if meta.is_symlink() => "a symlink",
            Ok(_) => "a file",
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => "a file",
            Err(source) => return Err(failed("read", folder, source)),
        };
        Err(OutputError::InTheWay { path: folder.to_owned(), what })
    }

    /// Finishes what a killed run left half swapped where the file system cannot exchange folders.
    fn roll_back(&self, folder: &Path, aside: &Path) -> Result<(), OutputError> {
        if !aside.exists() {
            return Ok(());
        }
        if !folder.exists() {
            return fs::rename(aside, folder).map_err(|source| failed("restore", folder, source));
        }
        remove(aside).map_err(|source| failed("remove", aside, source))
    }
}

/// A tree that stands ready beside its folder. Dropped, it leaves the folder as it is.
#[derive(Debug)]
pub struct Staged {
    target: Target,
    changes: ChangeSet,
    /// What the record says.
    before: Owners,
    /// What it shall say.
    own: Owners,
    staging: PathBuf,
    /// Whether there is a staged tree: the folder is not what it shall be.
    is_new: bool,
}

impl Staged {
    /// What changes.
    pub fn changes(&self) -> &ChangeSet {
        &self.changes
    }

    /// Puts the tree into its place by one swap.
    ///
    /// # Errors
    /// When the folder cannot be replaced: the old tree stays.
    pub fn commit(mut self) -> Result<ChangeSet, OutputError> {
        if self.is_new {
            // Before the swap the record names old and new files, so that a run that ends between the
            // swap and the final record never takes its own files for foreign ones.
            let mut both = self.before.clone();
            both.extend(self.own.iter());
            if both != self.before {
                self.target.record_owners(&both)?;
                self.before = both;
            }
            let (folder, aside) = (self.target.folder(), self.target.state("aside", ""));
            swap_folders(&self.staging, &folder, &aside).map_err(|source| failed("replace", &folder, source))?;
            // What is left is the old tree.
            self.is_new = false;
            let cleaned = remove(&self.staging).and_then(|()| remove(&aside));
            cleaned.map_err(|source| failed("remove", &self.staging, source))?;
        }
        if self.before != self.own {
            self.target.record_owners(&self.own)?;
        }
        Ok(std::mem::take(&mut self.changes))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.is_new {
            // What cannot be removed is removed by the next run.
            let _ = remove(&self.staging);
        }
    }
}

pub(super) fn failed(action: &'static str, path: &Path, source: io::Error) -> OutputError {
    OutputError::Io { action, path: path.to_owned(), source }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
