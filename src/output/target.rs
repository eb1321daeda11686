use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{ChangeSet, OutputSet, Owners, stage};
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

    fn state(&self, kind: &str, suffix: &str) -> PathBuf {
        self.root
            .join(".kiln")
            .join(kind)
            .join(format!("{}{suffix}", self.name.replace('%', "%25").replace('/', "%2F")))
    }

    /// What writing `wanted` would change.
    ///
    /// # Errors
    /// When the folder cannot be read or something else stands in its place.
    pub fn compare(&self, wanted: &OutputSet) -> Result<ChangeSet, OutputError> {
        let folder = self.folder();
        self.check_place(&folder)?;
        let record = self.state("owners", ".json");
        let owners = Owners::read(&record).map_err(|source| failed("read", &record, source))?;
        ChangeSet::compare(wanted, &folder, &owners).map_err(|source| failed("read", &folder, source))
    }

    /// Makes the folder hold `wanted` and the foreign files that were there, and gives what changed.
    /// Either the whole new tree appears or the old one stays.
    ///
    /// # Errors
    /// When the folder cannot be written or something else stands in its place.
    pub fn write(&self, wanted: &OutputSet, options: WriteOptions) -> Result<ChangeSet, OutputError> {
        let _lock = self.lock()?;
        let (folder, staging) = (self.folder(), self.state("staging", ""));
        let aside = self.state("aside", "");
        self.roll_back(&folder, &aside)?;
        let changes = self.compare(wanted)?;
        let record = self.state("owners", ".json");
        let own: Owners = wanted.iter().map(|(path, _)| path).collect();
        if !changes.is_empty() || (wanted.is_empty() && !folder.exists()) {
            remove(&staging).map_err(|source| failed("remove", &staging, source))?;
            fs::create_dir_all(&staging).map_err(|source| failed("create", &staging, source))?;
            let swapped = stage::build(&staging, &folder, wanted, &changes, options.sync)
                .map_err(|source| failed("write", &staging, source))
                .and_then(|()| self.claim(&record, &own))
                .and_then(|()| swap(&staging, &folder, &aside));
            // What is left is the old tree after a swap, or the unfinished new one.
            let cleaned = remove(&staging).and_then(|()| remove(&aside));
            swapped?;
            cleaned.map_err(|source| failed("remove", &staging, source))?;
        }
        let before = Owners::read(&record).map_err(|source| failed("read", &record, source))?;
        if before != own {
            own.write(&record).map_err(|source| failed("write", &record, source))?;
        }
        Ok(changes)
    }

    /// Before the swap the record names old and new files, so that a run that ends between the swap
    /// and the final record never takes its own files for foreign ones.
    fn claim(&self, record: &Path, own: &Owners) -> Result<(), OutputError> {
        let mut both = Owners::read(record).map_err(|source| failed("read", record, source))?;
        both.extend(own.iter());
        both.write(record).map_err(|source| failed("write", record, source))
    }

    fn check_place(&self, folder: &Path) -> Result<(), OutputError> {
        let what = match fs::symlink_metadata(folder) {
            Ok(meta) if meta.is_dir() => return Ok(()),
            Ok(meta) if meta.is_symlink() => "a symlink",
            Ok(_) => "a file",
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => "a file",
            Err(source) => return Err(failed("read", folder, source)),
        };
        Err(OutputError::InTheWay { path: folder.to_owned(), what })
    }

    /// One writer per folder; an advisory lock, so that a dead process holds nothing.
    fn lock(&self) -> Result<File, OutputError> {
        let path = self.state("locks", "");
        let open = || -> io::Result<File> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(|source| failed("lock", &path, source))
    }

    /// Finishes what a killed run left half swapped where the file system cannot exchange folders.
    fn roll_back(&self, folder: &Path, aside: &Path) -> Result<(), OutputError> {
        if aside.exists() && !folder.exists() {
            return fs::rename(aside, folder).map_err(|source| failed("restore", folder, source));
        }
        remove(aside).map_err(|source| failed("remove", aside, source))
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> OutputError {
    OutputError::Io { action, path: path.to_owned(), source }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn swap(staging: &Path, folder: &Path, aside: &Path) -> Result<(), OutputError> {
    swap_folders(staging, folder, aside).map_err(|source| failed("replace", folder, source))
}
