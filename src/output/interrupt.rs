//! Ctrl-C and its kin while files are written: what is staged goes away, what is being put into place
//! is put there whole.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use crate::source::remove_folder;

/// Whether somebody wants this process to end.
static ASKED: AtomicBool = AtomicBool::new(false);
/// Whether a tree was put into its place.
static CHANGED: AtomicBool = AtomicBool::new(false);
/// Held by whoever writes. Who ends the process waits for it and lets nobody in again.
static GATE: RwLock<()> = RwLock::new(());
/// Staged trees that were not put into place.
static STAGED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Ends all writing, for a process that is about to end: waits until what is being put into place is
/// there, and removes what is only staged. Gives whether the output was changed.
pub fn stop() -> bool {
    ASKED.store(true, Ordering::SeqCst);
    // Writers that come later stay outside, as the process ends.
    std::mem::forget(GATE.write().unwrap_or_else(PoisonError::into_inner));
    for staged in STAGED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        // What stays is removed by the next run.
        let _ = remove_folder(staged);
    }
    is_changed()
}

/// Whether this process has changed an output folder.
pub fn is_changed() -> bool {
    CHANGED.load(Ordering::SeqCst)
}

/// The right to write, as long as it is kept.
#[derive(Debug)]
pub(super) struct Writing {
    _gate: RwLockReadGuard<'static, ()>,
}

impl Writing {
    /// Begins to write, unless the process is about to end.
    pub(super) fn begin() -> io::Result<Self> {
        check()?;
        Ok(Self { _gate: GATE.read().unwrap_or_else(PoisonError::into_inner) })
    }

    /// Notes that from now on the output is not what it was.
    pub(super) fn changed(&self) {
        CHANGED.store(true, Ordering::SeqCst);
    }
}

/// An error when the process is about to end.
pub(super) fn check() -> io::Result<()> {
    match ASKED.load(Ordering::Relaxed) {
        true => Err(io::Error::other("interrupted")),
        false => Ok(()),
    }
}

/// A staged tree that is removed with this process. Unregistered when dropped.
#[derive(Debug)]
pub(super) struct Staging(PathBuf);

impl Staging {
    pub(super) fn new(path: &Path) -> Self {
        STAGED.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        STAGED.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}
