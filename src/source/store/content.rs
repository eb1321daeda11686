use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::scratch::Scratch;
use crate::source::address::shown;
use crate::source::archive::{ArchiveBudget, Naming, unpack_tgz};
use crate::source::error::{CORRUPT, MALFORMED, MISSING, STORE, SourceError, foreign};
use crate::source::http::open_file;
use crate::source::pin::Pin;
use crate::source::tree::Tree;
use crate::source::{atomic, digest};

const INSTALL: &str = "run `kiln install`";

/// The content store, in one folder. Clones share what is open.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) root: PathBuf,
    /// Trees that are open already, so that a source used many times is unpacked once.
    opened: Arc<Mutex<HashMap<Pin, Tree>>>,
    scratch: Arc<Mutex<Option<Scratch>>>,
}

impl Store {
    /// The store in a folder, which need not exist yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), opened: Arc::default(), scratch: Arc::default() }
    }

    /// The store of a project that was told of no other: `.kiln/store`.
    pub fn of_project(project: &Path) -> Self {
        Self::at(project.join(".kiln/store"))
    }

    /// The content of a pin, from the store alone. Missing content is the outside world's fault,
    /// content that differs from its digest a matter of integrity.
    pub fn open(&self, pin: &Pin) -> Result<Tree, SourceError> {
        if let Some(tree) = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(pin) {
            return Ok(tree.clone());
        }
        let tree = match pin {
            Pin::Git { .. } => self.open_commit(pin)?,
            Pin::Chart { chart, version, .. } => {
                let shown = format!("{}-{}.tgz", foreign(chart), foreign(version));
                unpack_tgz(&self.archive(pin)?, &shown, Naming::DropFirstSegment, &mut ArchiveBudget::default())
                    .map_err(|error| SourceError::new(MALFORMED, error.to_string()))?
            }
            Pin::Http { url, sha256 } => {
                let bytes = self.read(&self.file_path(sha256), sha256, &described(pin))?;
                open_file(url, bytes)?
            }
        };
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).insert(pin.clone(), tree.clone());
        Ok(tree)
    }

    /// The archive of a chart's pin, checked.
    pub fn archive(&self, pin: &Pin) -> Result<Arc<[u8]>, SourceError> {
        match pin {
            Pin::Chart { sha256, .. } => self.read(&self.chart_path(sha256), sha256, &described(pin)).map(Arc::from),
            Pin::Git { url, .. } | Pin::Http { url, .. } => {
                Err(SourceError::new(MALFORMED, format!("{} is not a chart archive", shown(url))))
            }
        }
    }

    /// Reads a file and checks it against its digest.
    pub(super) fn read(&self, path: &Path, sha256: &str, place: &str) -> Result<Vec<u8>, SourceError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing(place)),
            Err(error) => return Err(self.failed(path, &error)),
        };
        let found = digest::sha256_hex(&bytes);
        if found != sha256 {
            return Err(differs(place, &format!("sha256:{sha256}"), &format!("sha256:{found}")));
        }
        Ok(bytes)
    }

    /// Puts an archive into the store; gives its digest.
    pub(in crate::source) fn put_chart(&self, bytes: &[u8]) -> Result<String, SourceError> {
        let sha256 = digest::sha256_hex(bytes);
        self.put(&self.chart_path(&sha256), bytes)?;
        Ok(sha256)
    }

    /// Puts a file into the store; gives its digest.
    pub(in crate::source) fn put_file(&self, bytes: &[u8]) -> Result<String, SourceError> {
        let sha256 = digest::sha256_hex(bytes);
        self.put(&self.file_path(&sha256), bytes)?;
        Ok(sha256)
    }

    /// Writes a file of the store: under way in the process's own folder, then renamed.
    pub(super) fn put(&self, path: &Path, bytes: &[u8]) -> Result<(), SourceError> {
        let under_way = self.scratch()?;
        let write = || -> io::Result<()> {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            let mut file = tempfile::NamedTempFile::new_in(&under_way)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(path).map(drop).map_err(|error| error.error)
        };
        write().map_err(|error| self.failed(path, &error))
    }

    /// The folder of this process for what is under way.
    pub(in crate::source) fn scratch(&self) -> Result<PathBuf, SourceError> {
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(scratch) = &*scratch {
            return Ok(scratch.folder().to_owned());
        }
        self.make_root()?;
        let tmp = self.root.join("tmp");
        let made = Scratch::make(&tmp).map_err(|error| self.failed(&tmp, &error))?;
        Ok(scratch.insert(made).folder().to_owned())
    }

    pub(super) fn make_root(&self) -> Result<(), SourceError> {
        fs::create_dir_all(&self.root).map_err(|error| self.failed(&self.root, &error))?;
        self.keep_out_of_git();
        Ok(())
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

    /// What the system said about a file of the store.
    pub(super) fn failed(&self, path: &Path, error: &io::Error) -> SourceError {
        let failed = SourceError::world(STORE, format!("the store: `{}`: {error}", path.display()));
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                failed.help("free some space, or choose another folder with `--store`")
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                failed.help("choose a folder that you may write to with `--store`")
            }
            _ => failed,
        }
    }
}

/// What a pin holds, for messages.
pub(super) fn described(pin: &Pin) -> String {
    match pin {
        Pin::Git { url, commit, .. } => format!("commit {commit} of {}", shown(url)),
        Pin::Chart { url, chart, version, .. } => {
            format!("chart `{}` {} of {}", foreign(chart), foreign(version), shown(url))
        }
        Pin::Http { url, .. } => shown(url),
    }
}

pub(super) fn missing(place: &str) -> SourceError {
    SourceError::world(MISSING, format!("{place} is not in the store")).help(INSTALL)
}

pub(super) fn corrupt(place: &str, words: &str) -> SourceError {
    SourceError::policy(CORRUPT, format!("the store's copy of {place} is corrupt: {}", foreign(words))).help(INSTALL)
}

pub(super) fn differs(place: &str, expected: &str, found: &str) -> SourceError {
    let message = format!("{place} differs from its digest: expected {expected}, found {found}");
    SourceError::policy(CORRUPT, message).help(INSTALL)
}
