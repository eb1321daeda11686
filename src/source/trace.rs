use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::digest::{Digest, Digester};
use super::tree::{Entry, EntryKind, Held, Tree, TreeError};

/// What was asked of a folder on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// What stands there.
    Kind,
    /// A file's content.
    Content,
    /// A file's content, or its size when that is larger than so many bytes.
    ContentUpTo(u64),
    /// A folder's entries.
    Entries,
}

/// A folder on disk that was asked, with its rules about links.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DiskFolder {
    /// Where it is.
    pub root: PathBuf,
    /// As with [`Tree::chart_directory`].
    pub shares_charts: bool,
}

/// A question to a folder on disk and the digest of the answer. Answers that were errors count too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Observed {
    /// Who was asked.
    pub folder: Arc<DiskFolder>,
    /// The path there.
    pub path: String,
    /// What was asked.
    pub question: Question,
    /// What was answered.
    pub answer: Digest,
}

/// Everything that some work asked of folders on disk: with equal answers it gives an equal result.
/// Sources that the lock pins are not asked for: they never answer anything else.
pub type Trace = Vec<Arc<Observed>>;

thread_local! {
    /// The logs of the work that this thread does, the innermost last.
    static LOGS: RefCell<Vec<Log>> = const { RefCell::new(Vec::new()) };
}

#[derive(Default)]
struct Log {
    own: Trace,
    shared: Vec<Arc<Trace>>,
    seen: HashSet<usize>,
}

/// Does some work, on this thread alone, and tells what it asked of folders on disk.
pub fn observe<T>(work: impl FnOnce() -> T) -> (T, Trace) {
    /// Ends the log, whatever happens.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            LOGS.with_borrow_mut(Vec::pop);
        }
    }
    LOGS.with_borrow_mut(|logs| logs.push(Log::default()));
    let end = End;
    let result = work();
    let log = LOGS.with_borrow_mut(|logs| logs.last_mut().map(std::mem::take)).unwrap_or_default();
    drop(end);
    let mut trace: Trace = Vec::new();
    let mut known = HashSet::new();
    for asked in log.own.into_iter().chain(log.shared.iter().flat_map(|shared| shared.iter().cloned())) {
        if known.insert(Arc::clone(&asked)) {
            trace.push(asked);
        }
    }
    (result, trace)
}

/// Notes a question in the innermost log, if there is one.
pub(super) fn note(folder: &Arc<DiskFolder>, path: &str, question: Question, answer: impl FnOnce() -> Digest) {
    LOGS.with_borrow_mut(|logs| {
        if let Some(log) = logs.last_mut() {
            let folder = Arc::clone(folder);
            log.own.push(Arc::new(Observed { folder, path: path.to_owned(), question, answer: answer() }));
        }
    });
}

/// Notes what was asked for a result that is used again.
fn note_all(trace: &Arc<Trace>) {
    LOGS.with_borrow_mut(|logs| {
        if let Some(log) = logs.last_mut()
            && log.seen.insert(Arc::as_ptr(trace).addr())
        {
            log.shared.push(Arc::clone(trace));
        }
    });
}

/// Results of reading, each made once. Whoever is [observed](observe) while using one has asked what
/// was asked when it was made.
pub struct Memo<K, V> {
    known: Mutex<HashMap<K, Made<V>>>,
}

struct Made<V> {
    value: Arc<V>,
    trace: Arc<Trace>,
}

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self { known: Mutex::default() }
    }
}

impl<K: Eq + Hash, V> Memo<K, V> {
    /// The result for a key, made now if it is the first time. Two threads may both make it.
    pub fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(&key).map(|made| (Arc::clone(&made.value), Arc::clone(&made.trace)));
        let (value, trace) = known.unwrap_or_else(|| {
            let (value, trace) = observe(make);
            let (value, trace) = (Arc::new(value), Arc::new(trace));
            let made = Made { value: Arc::clone(&value), trace: Arc::clone(&trace) };
            lock().insert(key, made);
            (value, trace)
        });
        note_all(&trace);
        value
    }

    /// Forgets results that will not be asked for again.
    pub fn retain(&self, is_wanted: impl Fn(&K) -> bool) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).retain(|key, _| is_wanted(key));
    }
}

/// Asks questions again. Each is asked once, however often it comes.
#[derive(Default)]
pub struct Recheck {
    trees: Mutex<HashMap<DiskFolder, Tree>>,
    answers: Mutex<HashMap<Unanswered, Digest>>,
}

/// A question without its answer.
type Unanswered = (Arc<DiskFolder>, String, Question);

impl Recheck {
    /// Whether the answer is still the same.
    pub fn holds(&self, asked: &Observed) -> bool {
        let key = (Arc::clone(&asked.folder), asked.path.clone(), asked.question);
        let lock = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(&key).copied();
        let answer = known.unwrap_or_else(|| {
            let answer = ask(&self.tree(&asked.folder), &asked.path, asked.question);
            lock().insert(key, answer);
            answer
        });
        answer == asked.answer
    }

    fn tree(&self, folder: &DiskFolder) -> Tree {
        let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        let tree = trees.entry(folder.clone()).or_insert_with(|| match folder.shares_charts {
            true => Tree::chart_directory(&folder.root, ""),
            false => Tree::directory(&folder.root, ""),
        });
        tree.clone()
    }
}

fn ask(tree: &Tree, path: &str, question: Question) -> Digest {
    match question {
        Question::Kind => of_kind(&tree.kind(path)),
        Question::Content => of_content(&tree.read(path)),
        Question::ContentUpTo(most) => of_held(&tree.read_up_to(path, most)),
        Question::Entries => of_entries(&tree.list(path)),
    }
}

pub(super) fn of_kind(answer: &Result<Option<EntryKind>, TreeError>) -> Digest {
    of(answer, |kind, digester| digester.debug(kind))
}

pub(super) fn of_content(answer: &Result<Arc<[u8]>, TreeError>) -> Digest {
    of(answer, |content, digester| digester.bytes(content))
}

pub(super) fn of_held(answer: &Result<Held, TreeError>) -> Digest {
    of(answer, |held, digester| match held {
        Held::Whole(content) => digester.bytes(content),
        Held::Size(size) => digester.number(*size),
    })
}

pub(super) fn of_entries(answer: &Result<Vec<Entry>, TreeError>) -> Digest {
    of(answer, |entries, digester| {
        for entry in entries {
            digester.text(&entry.name);
            digester.debug(&entry.kind);
        }
    })
}

fn of<T>(answer: &Result<T, TreeError>, add: impl FnOnce(&T, &mut Digester)) -> Digest {
    let mut digester = Digester::new(if answer.is_ok() { "answer" } else { "refusal" });
    match answer {
        Ok(value) => add(value, &mut digester),
        // Without the paths as they are shown, which depend on where the program stands.
        Err(TreeError::Missing { .. }) => digester.number(0),
        Err(TreeError::Escapes { .. }) => digester.number(1),
        Err(TreeError::Irregular { .. }) => digester.number(2),
        Err(TreeError::Modified { found, .. }) => digester.text(found),
        Err(TreeError::Io { message, .. }) => digester.text(message),
    }
    digester.finish()
}

impl DiskFolder {
    /// The folder as seen from another one, if it lies there.
    pub fn below<'a>(&'a self, base: &Path) -> Option<&'a Path> {
        self.root.strip_prefix(base).ok()
    }
}

#[cfg(test)]
mod tests;
