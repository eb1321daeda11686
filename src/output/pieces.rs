use std::collections::HashMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::source::{Digest, list_folder};

/// More pieces than this are not kept when a run ends.
const MOST: usize = 10_000;

/// Notes that the records of many targets share, each in a file that is called by its digest. One that is
/// missing or damaged counts as not there.
pub struct Pieces {
    folder: PathBuf,
    known: Mutex<HashMap<Digest, Option<Arc<[u8]>>>>,
    /// Those that are not on disk yet.
    new: Mutex<Vec<Digest>>,
}

impl Pieces {
    /// The pieces beside the targets below a root.
    pub fn below(root: &Path) -> Self {
        Self { folder: root.join(".kiln").join("asked"), known: Mutex::default(), new: Mutex::default() }
    }

    /// A piece.
    pub fn get(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(digest) {
            return known.clone();
        }
        let found = fs::read(self.place(digest)).ok().filter(|bytes| Digest::of(bytes) == *digest).map(Arc::from);
        lock().insert(*digest, found.clone());
        found
    }

    /// Takes a piece, which [`Self::write`] keeps, and gives its name.
    pub fn put(&self, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        if self.get(&digest).is_none() {
            self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(digest, Some(Arc::from(bytes)));
            self.new.lock().unwrap_or_else(PoisonError::into_inner).push(digest);
        }
        digest
    }

    /// Writes the pieces that were put since the last time. A run that fails keeps none.
    pub fn write(&self) {
        let new = std::mem::take(&mut *self.new.lock().unwrap_or_else(PoisonError::into_inner));
        for digest in new {
            let bytes = self.get(&digest);
            // Without it a later run renders what it could have reused.
            let _ = bytes.map(|bytes| self.write_one(&digest, &bytes));
        }
    }

    /// Removes the pieces that this run did not use when there are very many.
    pub fn tidy(&self) {
        let Ok(files) = list_folder(&self.folder) else { return };
        if files.len() <= MOST {
            return;
        }
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let used: std::collections::HashSet<String> = known.keys().map(Digest::to_string).collect();
        for file in files.iter().filter(|file| !used.contains(&*file.name.to_string_lossy())) {
            let _ = fs::remove_file(self.folder.join(&file.name));
        }
    }

    fn place(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.to_string())
    }

    fn write_one(&self, digest: &Digest, bytes: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::Builder::new().prefix(".piece-").tempfile_in(&self.folder)?;
        file.write_all(bytes)?;
        file.persist(self.place(digest)).map_err(|error| error.error)?;
        Ok(())
    }
}
