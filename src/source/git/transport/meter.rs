use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::guard::{Guard, Stop};
use crate::source::error::{LIMIT, MALFORMED, SourceError, UNREACHABLE};
use crate::source::{interrupt, progress};

/// The most bytes that one fetch may receive.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// The most objects of one pack. The largest public repositories of charts have a tenth of it.
const MAX_OBJECTS: usize = 5_000_000;

/// Bounds one fetch in bytes and time, and keeps the reason why a connection failed: libgit2 would
/// only pass on its words.
#[derive(Clone)]
pub(in crate::source::git) struct Meter {
    inner: Arc<Inner>,
}

struct Inner {
    shown: String,
    deadline: Instant,
    received: AtomicU64,
    /// The most bytes that the objects of an answer may have.
    unpacked: AtomicU64,
    failure: Mutex<Option<SourceError>>,
}

impl Meter {
    /// A meter for a fetch from `shown` that has to be done by `deadline`.
    pub(in crate::source::git) fn new(shown: String, deadline: Instant) -> Self {
        let inner = Inner {
            shown,
            deadline,
            received: AtomicU64::new(0),
            unpacked: AtomicU64::new(u64::MAX),
            failure: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The remote as shown to users.
    pub(super) fn shown(&self) -> &str {
        &self.inner.shown
    }

    pub(super) fn deadline(&self) -> Instant {
        self.inner.deadline
    }

    /// How long may still be waited; an error when nothing is left, or when the process is to end.
    pub(in crate::source::git) fn remaining(&self) -> io::Result<Duration> {
        interrupt::check().map_err(|error| self.fail(error))?;
        let left = self.inner.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(self.fail(self.too_slow())) } else { Ok(left) }
    }

    /// Counts what was received.
    pub(super) fn count(&self, bytes: usize) -> io::Result<()> {
        progress::arrived(bytes as u64);
        let total = self.inner.received.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        if total > MAX_BYTES {
            let message = format!("{} sends more than the limit of {MAX_BYTES} bytes: too large", self.inner.shown);
            return Err(self.fail(SourceError::policy(LIMIT, message)));
        }
        self.remaining().map(drop)
    }

    /// Says how many bytes the objects of the next answers may have, unpacked.
    pub(in crate::source::git) fn expect(&self, unpacked: u64) {
        self.inner.unpacked.store(unpacked, Ordering::Relaxed);
    }

    /// A guard for the next answer.
    pub(super) fn guard(&self) -> Guard {
        Guard::new(self.inner.unpacked.load(Ordering::Relaxed))
    }

    /// Lets a guard read along.
    pub(super) fn watch(&self, guard: &mut Guard, bytes: &[u8]) -> io::Result<()> {
        guard.watch(bytes).map_err(|stop| {
            self.fail(match stop {
                Stop::TooLarge(what) => SourceError::policy(LIMIT, format!("{} sends {what}", self.inner.shown)),
                Stop::Malformed(what) => {
                    SourceError::world(MALFORMED, format!("{} sends no proper pack: {what}", self.inner.shown))
                }
            })
        })
    }

    /// Whether a pack may have so many objects.
    pub(in crate::source::git) fn admits(&self, objects: usize) -> bool {
        if objects <= MAX_OBJECTS {
            return true;
        }
        let message =
            format!("{} sends {objects} objects, over the limit of {MAX_OBJECTS}: too many", self.inner.shown);
        // The words for libgit2 are not needed: the answer stops it.
        let _ = self.fail(SourceError::policy(LIMIT, message));
        false
    }

    pub(super) fn too_slow(&self) -> SourceError {
        SourceError::world(UNREACHABLE, format!("{} is too slow: timed out", self.inner.shown))
            .help("raise `--timeout`, or try again")
    }

    /// Keeps the first failure and gives an error to hand to libgit2.
    pub(super) fn fail(&self, error: SourceError) -> io::Error {
        let words = error.message.clone();
        self.inner.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        io::Error::other(words)
    }

    /// Replaces the failure by one that knows more.
    pub(super) fn replace(&self, error: SourceError) -> io::Error {
        self.inner.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.fail(error)
    }

    /// The error for something that the connection said.
    pub(super) fn broken(&self, error: &io::Error) -> io::Error {
        let failure = match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => self.too_slow(),
            io::ErrorKind::UnexpectedEof => {
                SourceError::world(UNREACHABLE, format!("{} closed the connection: unexpected end", self.inner.shown))
            }
            _ => SourceError::world(UNREACHABLE, format!("{}: {error}", self.inner.shown)),
        };
        self.fail(failure)
    }

    /// The failure that was kept.
    pub(in crate::source::git) fn failure(&self) -> Option<SourceError> {
        self.inner.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
