use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::document::{RESTORE, Refusal};
use super::entries::Lock;
use crate::diag::{Blame, Diagnostic};
use crate::source::atomic;
use crate::source::error::STORE;
use crate::span::Source;

/// The name of the lock file, in the project's folder.
pub const LOCK_NAME: &str = "kiln.lock";

/// The most bytes of a lock that are read.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

impl Lock {
    /// Reads the lock of a project; `None` when there is none. Messages name the file by `shown`.
    pub fn read(path: &Path, shown: &str) -> Result<Option<Self>, Diagnostic> {
        let whole = Source::new(shown, "");
        let refuse = |what: &str| Refusal::of(&whole).say(0..0, what);
        let failed = |error: io::Error| refuse(&format!("cannot be read: {error}")).blame(Blame::World);
        // Whatever is not a plain file is not opened: a pipe would wait for a writer.
        let meta = match fs::metadata(path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if meta.is_dir() {
            return Err(refuse("is a directory").help("remove it and run `kiln install`"));
        }
        if !meta.is_file() {
            return Err(refuse("is not a file").help("remove it and run `kiln install`"));
        }
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(refuse(&format!("is larger than the limit of {MAX_BYTES} bytes")));
        }
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(shown, &error))?;
        Self::parse(&Source::new(shown, text)).map(Some)
    }

    /// Replaces the lock of a project, unless it already has these bytes. A link is replaced, not
    /// followed. Gives whether something was written.
    pub fn write(&self, path: &Path, shown: &str) -> Result<bool, Diagnostic> {
        let text = self.text()?;
        let is_link = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink());
        if !is_link && fs::read(path).is_ok_and(|present| present == text.as_bytes()) {
            return Ok(false);
        }
        atomic::write(path, text.as_bytes()).map_err(|error| {
            Diagnostic::error(STORE, format!("cannot write the lock `{shown}`: {error}")).blame(Blame::World)
        })?;
        Ok(true)
    }
}

/// Points at the first byte that does not belong.
fn not_utf8(shown: &str, error: &std::string::FromUtf8Error) -> Diagnostic {
    let at = error.utf8_error().valid_up_to();
    let source: Arc<Source> = Source::new(shown, String::from_utf8_lossy(error.as_bytes()).into_owned());
    Refusal::of(&source).say(at..at, "is corrupt: it is not UTF-8").help(RESTORE)
}
