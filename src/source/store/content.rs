use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::scratch::{self, Scratch};
use crate::source::address::shown;
use crate::source::archive::{ArchiveBudget, Naming, unpack_tgz};
use crate::source::carry::named;
use crate::source::error::{CORRUPT, MALFORMED, MISSING, STORE, SourceError, foreign};
use crate::source::http::open_file;
use crate::source::pin::Pin;
use crate::source::tree::Tree;
use crate::source::vendor::Vendor;
use crate::source::{atomic, digest};

const INSTALL: &str = "run `kiln install`";

/// The content store, in one folder. Clones share what is open.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) root: PathBuf,
    /// Trees that are open already, so that a source used many times is unpacked once.
    opened: Arc<Mutex<HashMap<Pin, Tree>>>,
    scratch: Arc<Mutex<Option<Scratch>>>,
    /// Kept as long as this process uses the store.
    pub(super) held: Arc<Mutex<Option<File>>>,
    /// Asked before the store's own folder.
    vendor: Option<Arc<Vendor>>,
}

impl Store {
    /// The store in a folder, which need not exist yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), opened: Arc::default(), scratch: Arc::default(), held: Arc::default(), vendor: None }
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

    /// The content of a pin, from the store alone. Missing content is the outside world's fault,
    /// content that differs from its digest a matter of integrity.
    pub fn open(&self, pin: &Pin) -> Result<Tree, SourceError> {
        if let Some(tree) = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(pin) {
            return Ok(tree.clone());
        }
        let tree = match pin {
            Pin::Git { .. } => match self.vendor().and_then(|vendor| vendor.tree(pin)) {
                Some(vendored) => vendored?,
                None => {
                    self.hold();
                    let tree = self.open_commit(pin)?;
                    self.note_use(pin);
                    tree
                }
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

    /// The bytes of an archive or a file in the store's own folder, checked against the digest.
    pub(in crate::source) fn stored_bytes(&self, pin: &Pin) -> Result<Vec<u8>, SourceError> {
        self.hold();
        let path = match pin {
            Pin::Chart { sha256, .. } => self.chart_path(sha256),
            Pin::Http { sha256, .. } | Pin::Git { sha256, .. } => self.file_path(sha256),
        };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing(&named(pin))),
            Err(error) => return Err(self.failed(&path, &error)),
        };
        let (expected, found) = (pin.sha256(), digest::sha256_hex(&bytes));
        if found != expected {
            let message = format!(
                "the store's copy of {} differs from its digest: expected sha256:{expected}, found sha256:{found}",
                named(pin)
            );
            return Err(SourceError::policy(CORRUPT, message).help(INSTALL));
        }
        self.note_use(pin);
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

    /// Removes what killed processes left under way, and what could not be removed before. Merely tidy: nobody
    /// takes it for content.
    pub(in crate::source) fn sweep(&self) {
        scratch::sweep(&self.root.join("tmp"));
        self.sweep_repositories();
    }

    pub(super) fn make_root(&self) -> Result<(), SourceError> {
        fs::create_dir_all(&self.root).map_err(|error| self.failed(&self.root, &error))?;
        self.hold();
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

pub(super) fn missing(place: &str) -> SourceError {
    SourceError::world(MISSING, format!("{place} is not in the store")).help(INSTALL)
}

pub(super) fn corrupt(place: &str, words: &str) -> SourceError {
    SourceError::policy(CORRUPT, format!("the store's copy of {place} is corrupt: {}", foreign(words))).help(INSTALL)
}
