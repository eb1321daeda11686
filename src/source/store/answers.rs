use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use super::content::Store;
use super::place::name;
use crate::source::lock::Lock;
use crate::source::pin::Pin;
use crate::source::spec::SourceSpec;
use crate::span::Source;

/// What the texts of answers have for a seed and a date, which mean nothing there.
const NO_SEED: (&str, &str) = ("none", "1970-01-01");

/// What the questions at one URL resolved to, for processes that asked at the same time. Written in
/// the form of a lock.
pub(in crate::source) struct Answers {
    path: PathBuf,
    lock: Lock,
}

impl Answers {
    /// The answers that were found since `began` by whoever went to `place` for this URL; older ones
    /// are no answers to a question that was asked later.
    pub(in crate::source) fn since(store: &Store, url: &str, place: &str, began: SystemTime) -> Self {
        let path = store.root.join("answers").join(name(url, &[url, place]));
        let fresh = fs::metadata(&path).and_then(|meta| meta.modified()).is_ok_and(|written| written >= began);
        let text = if fresh { fs::read_to_string(&path).ok() } else { None };
        let known = text.and_then(|text| Lock::parse(&Source::new("answers", text)).ok());
        let empty = || {
            let mut lock = Lock::default();
            (lock.seed, lock.created) = (NO_SEED.0.to_owned(), NO_SEED.1.to_owned());
            lock
        };
        Self { path, lock: known.unwrap_or_else(empty) }
    }

    /// The answer to a question.
    pub(in crate::source) fn find(&self, spec: &SourceSpec) -> Option<&Pin> {
        self.lock.lookup(spec)
    }

    /// Adds an answer.
    pub(in crate::source) fn add(&mut self, spec: &SourceSpec, pin: Pin) {
        self.lock.record(spec, pin);
    }

    /// Writes them for others. Without them the others ask for themselves.
    pub(in crate::source) fn save(&self, store: &Store) {
        if let Ok(text) = self.lock.text() {
            let _ = store.put(&self.path, text.as_bytes());
        }
    }
}
