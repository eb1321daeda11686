use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::error::{INTERRUPTED, SourceError};
use super::folder::remove_folder;

/// Whether somebody wants this process to end.
static ASKED: AtomicBool = AtomicBool::new(false);
/// Whether something was pushed that no server has refused.
static SENT: AtomicBool = AtomicBool::new(false);
/// The process groups of programs that were started and have not ended.
static GROUPS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
/// Temporary folders and files in use.
static TEMPORARY: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Makes everything that fetches give up, and ends the programs that were started for it. What waits
/// for a server may take longer than anybody wants to wait: see [`abandon`].
pub fn interrupt() {
    ASKED.store(true, Ordering::SeqCst);
    for group in GROUPS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        kill_group(*group);
    }
}

/// Removes what is temporary, for a process that ends without waiting for its threads.
pub fn abandon() {
    for path in TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        // A thread may still write into it; the next run sweeps what is left.
        let _ = if path.is_dir() { remove_folder(path) } else { std::fs::remove_file(path) };
    }
}

/// An error when the process is to end.
pub(super) fn check() -> Result<(), SourceError> {
    match ASKED.load(Ordering::Relaxed) {
        true => Err(SourceError::world(INTERRUPTED, format!("interrupted{}", after_interrupt()))),
        false => Ok(()),
    }
}

/// What stands behind the word `interrupted`: what is known of repositories.
pub fn after_interrupt() -> &'static str {
    match SENT.load(Ordering::SeqCst) {
        true => ": what was pushed may have come through, and the next run goes on from there",
        false => ": nothing was changed",
    }
}

/// Notes that a push begins; gives what [`refused`] takes.
pub(super) fn pushes() -> bool {
    SENT.swap(true, Ordering::SeqCst)
}

/// Notes that the push that began changed nothing.
pub(super) fn refused(before: bool) {
    SENT.store(before, Ordering::SeqCst);
}

/// Ends a program and what it started. One that has just ended cannot be ended again, which is fine.
#[cfg(unix)]
pub(super) fn kill_group(group: u32) {
    let group = i32::try_from(group).ok().and_then(rustix::process::Pid::from_raw);
    let _ = group.map(|group| rustix::process::kill_process_group(group, rustix::process::Signal::KILL));
}

#[cfg(not(unix))]
pub(super) fn kill_group(_group: u32) {}

/// A process group that is ended with this process. Unregistered when dropped.
pub(super) struct Group(u32);

impl Group {
    pub(super) fn new(id: u32) -> Self {
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        if ASKED.load(Ordering::SeqCst) {
            kill_group(id);
        }
        Self(id)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// A temporary folder or file that is removed with this process. Unregistered when dropped; removing
/// it then is the owner's business.
#[derive(Debug)]
pub(super) struct Temporary(PathBuf);

impl Temporary {
    pub(super) fn new(path: &Path) -> Self {
        TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}
