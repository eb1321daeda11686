use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::content::Store;
use super::place::name;
use crate::source::error::{STORE, SourceError};

/// How long a process looks away between two looks at a lock.
const PAUSE: Duration = Duration::from_millis(20);

/// The right to fetch from one URL and to change what the store holds of it. Given back when dropped,
/// also by a process that is killed.
#[derive(Debug)]
pub(in crate::source) struct Claim {
    _file: File,
}

impl Store {
    /// Waits for the right to fetch from a URL; `kind` tells apart what is fetched from it.
    pub(in crate::source) fn claim(&self, kind: &str, url: &str, patience: Duration) -> Result<Claim, SourceError> {
        self.make_root()?;
        let path = match kind {
            // Whoever sweeps sees the repository and does not know its URL.
            "git" => self.repository_lock(&self.git_path(url)),
            _ => self.root.join("locks").join(name(url, &[kind, url])),
        };
        let file = open(&path).map_err(|error| self.failed(&path, &error))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Claim { _file: file }),
                Err(TryLockError::WouldBlock) if started.elapsed() < patience => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let message = format!("the entry `{}` of the store is in use by another process", path.display());
                    return Err(SourceError::world(STORE, message).help("wait for it, or use another `--store`"));
                }
                Err(TryLockError::Error(error)) => return Err(self.failed(&path, &error)),
            }
        }
    }

    /// The claim of a repository that nobody fetches into now.
    pub(super) fn claim_idle(&self, repository: &Path) -> Option<Claim> {
        let file = open(&self.repository_lock(repository)).ok()?;
        file.try_lock().ok().map(|()| Claim { _file: file })
    }

    fn repository_lock(&self, repository: &Path) -> PathBuf {
        self.root.join("locks").join(repository.file_name().unwrap_or_default())
    }
}

fn open(path: &Path) -> io::Result<File> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    File::options().create(true).truncate(false).write(true).open(path)
}
