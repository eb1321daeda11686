use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use git2::{Oid, Repository};

use super::address::shown;
use super::archive::{ArchiveBudget, Naming, unpack_tgz};
use super::carry::{Commit, named};
use super::error::{CORRUPT, MALFORMED, MISSING, STORE, SourceError, foreign};
use super::git::Census;
use super::http::open_file;
use super::pin::Pin;
use super::tree::Tree;
use super::vendor::Vendor;
use super::{atomic, digest, git};

const LOCK_WAIT: Duration = Duration::from_secs(60);
const INSTALL: &str = "run `kiln install`";

/// The content store: everything that was fetched, by what it is. `generate` only reads it.
///
/// Layout: `git/NAME.git` one bare repository per asked URL, holding commits without history;
/// `charts/SHA256.tgz`; `files/SHA256`. Every read is checked against its digest.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    /// Trees that are open already, so that a source used many times is unpacked once.
    opened: Arc<Mutex<HashMap<Pin, Tree>>>,
    /// Asked before the store's own folder.
    vendor: Option<Arc<Vendor>>,
}

/// Held while a process writes to the store.
#[derive(Debug)]
pub(super) struct StoreLock {
    _file: File,
}

impl Store {
    /// The store in a folder, which need not exist yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), opened: Arc::default(), vendor: None }
    }

    /// The store of a project that was told of no other: `.kiln/store`.
    pub fn of_project(project: &Path) -> Self {
        Self::at(project.join(".kiln/store"))
    }

    /// The same store, which looks into a project's vendor folder first.
    pub fn with_vendor(self, vendor: Option<Vendor>) -> Self {
        Self { vendor: vendor.map(Arc::new), opened: Arc::default(), ..self }
    }

    /// The vendor folder that is looked into first.
    pub fn vendor(&self) -> Option<&Vendor> {
        self.vendor.as_deref()
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The content of a pin, from the store alone. Missing content is the outside world's fault,
    /// content that differs from its digest a matter of integrity.
    pub fn open(&self, pin: &Pin) -> Result<Tree, SourceError> {
        if let Some(tree) = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(pin) {
            return Ok(tree.clone());
        }
        let tree = match pin {
            Pin::Git { url, commit, tree, .. } => match self.vendor().and_then(|vendor| vendor.tree(pin)) {
                Some(vendored) => vendored?,
                None => self.open_commit(url, commit, tree)?,
            },
            Pin::Chart { chart, version, .. } => {
                let shown = format!("{}-{}.tgz", foreign(chart), foreign(version));
                unpack_tgz(&self.bytes(pin)?, &shown, Naming::DropFirstSegment, &mut ArchiveBudget::default())
                    .map_err(|error| SourceError::new(MALFORMED, error.to_string()))?
            }
            Pin::Http { url, .. } => open_file(url, self.bytes(pin)?)?,
        };
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).insert(pin.clone(), tree.clone());
        Ok(tree)
    }

    /// The archive of a chart's pin, checked.
    pub fn archive(&self, pin: &Pin) -> Result<Arc<[u8]>, SourceError> {
        match pin {
            Pin::Chart { .. } => self.bytes(pin).map(Arc::from),
            Pin::Git { url, .. } | Pin::Http { url, .. } => {
                Err(SourceError::new(MALFORMED, format!("{} is not a chart archive", shown(url))))
            }
        }
    }

    /// The bytes of an archive or a file, from the vendor folder or else from the store.
    fn bytes(&self, pin: &Pin) -> Result<Vec<u8>, SourceError> {
        self.vendor().and_then(|vendor| vendor.bytes(pin)).unwrap_or_else(|| self.stored_bytes(pin))
    }

    /// The bytes of an archive or a file in the store's own folder.
    pub(super) fn stored_bytes(&self, pin: &Pin) -> Result<Vec<u8>, SourceError> {
        let path = match pin {
            Pin::Chart { sha256, .. } => self.chart_path(sha256),
            Pin::Http { sha256, .. } | Pin::Git { sha256, .. } => self.file_path(sha256),
        };
        self.read(&path, pin.sha256(), &named(pin))
    }

    /// All that a commit in the store's own folder holds.
    pub(super) fn commit(&self, pin: &Pin) -> Result<Commit, SourceError> {
        let Pin::Git { url, commit, tree, sha256, .. } = pin else { return Err(missing(&named(pin))) };
        let (repository, found) = self.find_tree(url, commit, tree)?;
        let Census { listing, ids, sha256: counted, .. } = git::census(&repository, found, &shown(url))?;
        if counted != *sha256 {
            return Err(differs(&shown(url), sha256, &counted));
        }
        let object = git::commit_object(&repository, commit).map_err(|error| corrupt(&shown(url), error.message()))?;
        Ok(Commit::of_repository(object, listing, repository, ids))
    }

    /// Checks every byte of a pin's content: `None` when it is not there at all.
    pub(super) fn check(&self, pin: &Pin) -> Option<Result<(), SourceError>> {
        self.vendor().and_then(|vendor| vendor.check(pin)).or_else(|| self.check_stored(pin))
    }

    /// Checks every byte of what the store's own folder has of a pin.
    pub(super) fn check_stored(&self, pin: &Pin) -> Option<Result<(), SourceError>> {
        match pin {
            Pin::Git { url, commit, tree, sha256, .. } => {
                let (repository, found) = match self.find_tree(url, commit, tree) {
                    Ok(found) => found,
                    Err(error) if error.code == MISSING => return None,
                    Err(error) => return Some(Err(error)),
                };
                Some(git::census(&repository, found, &shown(url)).and_then(|census| {
                    if census.sha256 == *sha256 {
                        return Ok(());
                    }
                    Err(differs(&shown(url), sha256, &census.sha256))
                }))
            }
            Pin::Chart { sha256, url, .. } => self.check_file(&self.chart_path(sha256), sha256, url),
            Pin::Http { sha256, url } => self.check_file(&self.file_path(sha256), sha256, url),
        }
    }

    fn check_file(&self, path: &Path, sha256: &str, url: &str) -> Option<Result<(), SourceError>> {
        match self.read(path, sha256, &shown(url)) {
            Ok(_) => Some(Ok(())),
            Err(error) if error.code == MISSING => None,
            Err(error) => Some(Err(error)),
        }
    }

    fn open_commit(&self, url: &str, commit: &str, tree: &str) -> Result<Tree, SourceError> {
        let place = shown(url);
        let (_, found) = self.find_tree(url, commit, tree)?;
        let short = &commit[..commit.len().min(10)];
        git::git_tree(self.git_path(url), found, format!("{place}@{short}"))
            .map_err(|error| corrupt(&place, error.message()))
    }

    /// The tree of a commit.
    fn find_tree(&self, url: &str, commit: &str, tree: &str) -> Result<(Repository, Oid), SourceError> {
        let place = shown(url);
        let path = self.git_path(url);
        let missing = || missing(&format!("commit {commit} of {place}"));
        if !path.is_dir() {
            return Err(missing());
        }
        let repository = git::open_bare(&path).map_err(|error| corrupt(&place, error.message()))?;
        let id = Oid::from_str(commit).map_err(|_| missing())?;
        let found = match repository.find_commit(id) {
            Ok(commit) => commit.tree_id(),
            Err(error) if error.code() == git2::ErrorCode::NotFound => return Err(missing()),
            Err(error) => return Err(corrupt(&place, error.message())),
        };
        if found.to_string() != tree {
            return Err(differs(&place, tree, &found.to_string()));
        }
        Ok((repository, found))
    }

    fn read(&self, path: &Path, sha256: &str, place: &str) -> Result<Vec<u8>, SourceError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing(place)),
            Err(error) => return Err(self.failed(path, &error)),
        };
        let found = digest::sha256_hex(&bytes);
        if found != sha256 {
            return Err(differs(place, sha256, &found));
        }
        Ok(bytes)
    }

    /// Puts an archive into the store; gives its digest.
    pub(super) fn put_chart(&self, bytes: &[u8]) -> Result<String, SourceError> {
        let sha256 = digest::sha256_hex(bytes);
        self.put(&self.chart_path(&sha256), bytes)?;
        Ok(sha256)
    }

    /// Puts a file into the store; gives its digest.
    pub(super) fn put_file(&self, bytes: &[u8]) -> Result<String, SourceError> {
        let sha256 = digest::sha256_hex(bytes);
        self.put(&self.file_path(&sha256), bytes)?;
        Ok(sha256)
    }

    fn put(&self, path: &Path, bytes: &[u8]) -> Result<(), SourceError> {
        atomic::write(path, bytes).map_err(|error| self.failed(path, &error))
    }

    /// The repository for an asked URL, made if need be.
    pub(super) fn repository(&self, url: &str) -> Result<PathBuf, SourceError> {
        let path = self.git_path(url);
        if git::open_bare(&path).is_ok() {
            return Ok(path);
        }
        self.drop_repository(url)?;
        git::create_bare(&path).map_err(|error| {
            SourceError::world(STORE, format!("the store `{}`: {}", path.display(), foreign(error.message())))
        })?;
        Ok(path)
    }

    /// Throws away a damaged repository.
    pub(super) fn drop_repository(&self, url: &str) -> Result<(), SourceError> {
        let path = self.git_path(url);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed(&path, &error)),
            _ => Ok(()),
        }
    }

    pub(super) fn scratch_folder(&self) -> Result<PathBuf, SourceError> {
        let folder = self.scratch();
        fs::create_dir_all(&folder).map_err(|error| self.failed(&folder, &error))?;
        Ok(folder)
    }

    /// A folder for what is under way.
    pub(super) fn scratch(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// Waits for the right to write to the store.
    pub(super) fn lock(&self) -> Result<StoreLock, SourceError> {
        fs::create_dir_all(&self.root).map_err(|error| self.failed(&self.root, &error))?;
        self.keep_out_of_git();
        let path = self.root.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| self.failed(&path, &error))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => {
                    // Leftovers of a process that was killed; nobody else writes now.
                    let _ = fs::remove_dir_all(self.scratch());
                    return Ok(StoreLock { _file: file });
                }
                Err(TryLockError::WouldBlock) if started.elapsed() < LOCK_WAIT => {
                    thread::sleep(Duration::from_millis(50));
                }
                Err(TryLockError::WouldBlock) => {
                    let message = format!("the store `{}` is in use by another process", self.root.display());
                    return Err(SourceError::world(STORE, message).help("wait for it, or use another `--store`"));
                }
                Err(TryLockError::Error(error)) => return Err(self.failed(&path, &error)),
            }
        }
    }

    /// State is nobody's source: an ignore file in `.kiln` keeps it out of commits.
    fn keep_out_of_git(&self) {
        let Some(state) = self.root.parent().filter(|parent| parent.file_name().is_some_and(|name| name == ".kiln"))
        else {
            return;
        };
        let ignore = state.join(".gitignore");
        if !ignore.exists() {
            // Merely a courtesy.
            let _ = atomic::write(&ignore, b"*\n");
        }
    }

    fn git_path(&self, url: &str) -> PathBuf {
        let last = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
        let last = last.strip_suffix(".git").unwrap_or(last);
        let name: String = last
            .chars()
            .map(|char| if char.is_ascii_alphanumeric() || "-_.".contains(char) { char } else { '_' })
            .take(40)
            .collect();
        let hash = digest::sha256_hex(url.as_bytes());
        self.root.join("git").join(format!("{}-{}.git", name.trim_start_matches('.'), &hash[..16]))
    }

    fn chart_path(&self, sha256: &str) -> PathBuf {
        self.root.join("charts").join(format!("{sha256}.tgz"))
    }

    fn file_path(&self, sha256: &str) -> PathBuf {
        self.root.join("files").join(sha256)
    }

    fn failed(&self, path: &Path, error: &io::Error) -> SourceError {
        SourceError::world(STORE, format!("the store: `{}`: {error}", path.display()))
    }
}

fn missing(place: &str) -> SourceError {
    SourceError::world(MISSING, format!("{place} is not in the store")).help(INSTALL)
}

fn corrupt(place: &str, words: &str) -> SourceError {
    SourceError::policy(CORRUPT, format!("the store's copy of {place} is corrupt: {}", foreign(words))).help(INSTALL)
}

fn differs(place: &str, expected: &str, found: &str) -> SourceError {
    let message = format!("{place} differs from its digest: expected {expected}, found {found}");
    SourceError::policy(CORRUPT, message).help(INSTALL)
}
