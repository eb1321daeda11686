use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::PoisonError;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::content::Store;
use crate::source::error::{STORE, SourceError};
use crate::source::pin::Pin;

/// How long a process looks away between two looks at the lock.
const PAUSE: Duration = Duration::from_millis(20);
/// How long `kiln cache` waits for others.
const PATIENCE: Duration = Duration::from_secs(10);
/// How exact the record of the last use is.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The right to remove things from the store: nobody else uses it meanwhile.
#[derive(Debug)]
pub(super) struct Alone {
    _file: File,
}

impl Store {
    fn use_path(&self) -> PathBuf {
        self.root.join("in-use")
    }

    /// Keeps what is in the store from being removed as long as this process has the store open. A
    /// store that cannot be written is not cleaned either, so failures do not matter.
    pub(super) fn hold(&self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() || !self.root.is_dir() {
            return;
        }
        let path = self.use_path();
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        *held = file.or_else(|_| File::open(&path)).ok().filter(|file| file.lock_shared().is_ok());
    }

    /// Lets others remove things again.
    pub(super) fn release(&self) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Waits until nobody uses the store.
    pub(super) fn alone(&self) -> Result<Alone, SourceError> {
        let path = self.use_path();
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| self.failed(&path, &error))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Alone { _file: file }),
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let message = format!("the store `{}` is in use by another process", self.root.display());
                    return Err(SourceError::world(STORE, message).help("wait for it"));
                }
                Err(TryLockError::Error(error)) => return Err(self.failed(&path, &error)),
            }
        }
    }

    /// Records that a pin's content is used, once a day. Merely a courtesy to `kiln cache clean`.
    pub(super) fn note_use(&self, pin: &Pin) {
        let path = self.stamp_path(pin);
        let now = SystemTime::now();
        let noted = path.metadata().and_then(|meta| meta.modified());
        if noted.is_ok_and(|noted| now.duration_since(noted).is_ok_and(|since| since > A_DAY)) {
            let _ = File::options().write(true).open(&path).and_then(|file| file.set_modified(now));
        }
    }
}
