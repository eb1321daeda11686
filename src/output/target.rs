use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::interrupt::Writing;
use super::{ChangeSet, Hold, OutputSet, Owners, Staged, stage};
use crate::source::{list_folder, remove_folder};

/// Kinds of state that a finished run leaves nothing of.
const STATES: [&str; 3] = ["staging", "aside", "undone"];

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
    /// Whether to keep the contents of what changes, as they are before and after.
    pub contents: Contents,
}

/// One output folder below the root of generated trees, such as `generated/prod-east`.
///
/// State lives in `.kiln/` beside the folders: `owners/<name>.json` (files that kiln wrote),
/// `locks/<name>`, and while writing `staging/<name>` and two more places for moments: see [`Hold`].
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

    /// The folders that killed runs left work for, as far as their state below `.kiln` tells.
    pub(super) fn unfinished(root: &Path) -> Vec<Self> {
        let state = root.join(".kiln");
        let left = STATES.iter().flat_map(|kind| list_folder(&state.join(kind)).unwrap_or_default());
        let names = left.filter_map(|listed| listed.name.into_string().ok());
        let names: BTreeSet<String> = names.map(|name| name.replace("%2F", "/").replace("%25", "%")).collect();
        names.into_iter().map(|name| Self::new(root, name)).collect()
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
        compare(wanted, &folder, &owners, contents)
    }

    /// Makes the folder hold `wanted` and the foreign files that were there, and gives what changed.
    /// Either the whole new tree appears or the old one stays.
    ///
    /// # Errors
    /// When the folder cannot be written or something else stands in its place.
    pub fn write(&self, wanted: &OutputSet, options: WriteOptions) -> Result<ChangeSet, OutputError> {
        let _hold = Hold::of(&self.root, std::slice::from_ref(self))?;
        self.stage(wanted, options)?.commit()
    }

    /// Builds beside the folder the tree that it shall become. Only its writer may do so: see [`Hold`].
    ///
    /// # Errors
    /// When a folder cannot be written or something else stands in its place.
    pub fn stage(&self, wanted: &OutputSet, options: WriteOptions) -> Result<Staged, OutputError> {
        let folder = self.folder();
        let _writing = Writing::begin().map_err(|source| failed("write", &folder, source))?;
        let exists = self.check_place(&folder)?;
        let before = self.owners()?;
        let changes = compare(wanted, &folder, &before, options.contents)?;
        let own: Owners = wanted.iter().map(|(path, _)| path).collect();
        if changes.is_empty() && (exists || !wanted.is_empty()) {
            return Ok(Staged::unchanged(self.clone(), changes, before, own));
        }
        let staging = self.staging();
        let staged = Staged::new(self.clone(), changes, before, own);
        fs::create_dir_all(&staging).map_err(|source| failed("create", &staging, source))?;
        let old = exists.then_some(folder.as_path());
        stage::build(&staging, old, wanted, staged.changes(), options.sync)
            .map_err(|source| failed("write", &staging, source))?;
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

    /// The files that kiln wrote into the folder, sorted, and their contents as they are now.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn written(&self) -> Result<Vec<(String, Vec<u8>)>, OutputError> {
        let folder = self.folder();
        let owners = self.owners()?;
        let read = |path: &str| {
            let place = folder.join(path);
            fs::read(&place).map(|content| (path.to_owned(), content)).map_err(|source| failed("read", &place, source))
        };
        owners.iter().map(read).collect()
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
        // Nothing is there any more that it could vouch for.
        let _ = fs::remove_file(self.state("state", ""));
        let record = self.record();
        match fs::remove_file(&record) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &record, error)),
            _ => Ok(()),
        }
    }

    fn record(&self) -> PathBuf {
        self.state("owners", ".json")
    }

    pub(super) fn owners(&self) -> Result<Owners, OutputError> {
        let record = self.record();
        Owners::read(&record).map_err(|source| failed("read", &record, source))
    }

    pub(super) fn record_owners(&self, owners: &Owners) -> Result<(), OutputError> {
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

    /// The tree that the folder shall become.
    pub(super) fn staging(&self) -> PathBuf {
        self.state(STATES[0], "")
    }

    /// Where the old tree is for a moment on file systems that cannot exchange folders.
    pub(super) fn aside(&self) -> PathBuf {
        self.state(STATES[1], "")
    }

    /// Where a new tree is that could not stay.
    pub(super) fn undone(&self) -> PathBuf {
        self.state(STATES[2], "")
    }

    /// Finishes what a killed run left: the old tree goes back where a swap was half done, and nothing
    /// stays beside the folder. Only the folder's writer may do so.
    pub(super) fn heal(&self) -> Result<(), OutputError> {
        let (folder, aside) = (self.folder(), self.aside());
        if fs::symlink_metadata(&aside).is_ok() && fs::symlink_metadata(&folder).is_err() {
            fs::rename(&aside, &folder).map_err(|source| failed("restore", &folder, source))?;
        }
        [aside, self.staging(), self.undone()]
            .iter()
            .try_for_each(|left| remove_folder(left).map_err(|source| failed("remove", left, source)))
    }
}

fn compare(wanted: &OutputSet, folder: &Path, owners: &Owners, contents: Contents) -> Result<ChangeSet, OutputError> {
    let compared = ChangeSet::compare(wanted, folder, owners).and_then(|changes| match contents {
        Contents::Kept => changes.with_contents(wanted, folder),
        Contents::Dropped => Ok(changes),
    });
    compared.map_err(|source| failed("read", folder, source))
}

pub(super) fn failed(action: &'static str, path: &Path, source: io::Error) -> OutputError {
    OutputError::Io { action, path: path.to_owned(), source }
}
