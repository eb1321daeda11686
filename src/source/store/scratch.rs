use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::source::atomic::is_same;
use crate::source::folder::{list_folder, remove_folder};
use crate::source::interrupt::Temporary;

/// How often a name is tried when others clean up at the same moment.
const ATTEMPTS: usize = 16;

/// The folder of one process for what is under way. Beside it stands a file that the process keeps
/// locked; a folder whose file nobody holds was left by a process that was killed.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
    lock: PathBuf,
    /// Both are also removed when the process is interrupted.
    _temporary: [Temporary; 2],
    _held: File,
}

impl Scratch {
    /// Makes a folder below `tmp`, and removes those whose owners are gone.
    pub(super) fn make(tmp: &Path) -> io::Result<Self> {
        fs::create_dir_all(tmp)?;
        sweep(tmp);
        for _ in 0..ATTEMPTS {
            let file = tempfile::Builder::new().prefix("run-").suffix(".lock").tempfile_in(tmp)?;
            file.as_file().lock()?;
            let (held, lock) = file.keep().map_err(|error| error.error)?;
            // Between its making and its locking somebody may have taken the file for a leftover.
            if !is_same(&held, &lock) {
                continue;
            }
            let folder = lock.with_extension("");
            fs::create_dir(&folder)?;
            let temporary = [Temporary::new(&folder), Temporary::new(&lock)];
            return Ok(Self { folder, lock, _temporary: temporary, _held: held });
        }
        Err(io::Error::other("cannot make a folder for what is under way"))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is swept by the next process.
        remove(&self.folder, &self.lock);
    }
}

/// Removes what processes left that are gone.
pub(super) fn sweep(tmp: &Path) {
    for listed in list_folder(tmp).unwrap_or_default() {
        let lock = tmp.join(listed.name);
        if lock.extension() != Some(OsStr::new("lock")) {
            continue;
        }
        let Ok(file) = File::options().read(true).write(true).open(&lock) else { continue };
        match file.try_lock() {
            Ok(()) if is_same(&file, &lock) => remove(&lock.with_extension(""), &lock),
            Ok(()) | Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
}

/// Removes a folder and then its lock file: while that stands, the folder will be found again.
fn remove(folder: &Path, lock: &Path) {
    if remove_folder(folder).is_ok() {
        let _ = fs::remove_file(lock);
    }
}
