use std::fs::{self, File, TryLockError};
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
        let folder = self.root.join("locks");
        let path = folder.join(name(url, &[kind, url]));
        fs::create_dir_all(&folder).map_err(|error| self.failed(&folder, &error))?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| self.failed(&path, &error))?;
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
}
