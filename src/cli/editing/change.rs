use std::fs;
use std::io;
use std::path::Path;

use crate::diag::{Blame, Code, Diagnostic};
use crate::source::write_as;

const UNWRITABLE: Code = Code("file.unwritable");

/// A file before and after an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Its path below the folder that is edited.
    pub path: String,
    /// What it held; nothing where there was no file.
    pub before: Option<String>,
    /// What it shall hold.
    pub after: String,
}

impl FileChange {
    /// Writes the file by rename, following a link to the file it names.
    pub fn write(&self, folder: &Path) -> Result<(), Diagnostic> {
        let path = folder.join(&self.path);
        let target = path.canonicalize().unwrap_or(path);
        let write = || -> io::Result<()> {
            let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            let permissions = match fs::metadata(&target) {
                Ok(meta) => meta.permissions(),
                Err(_) => plain_permissions(folder)?,
            };
            write_as(&target, self.after.as_bytes(), permissions)
        };
        write().map_err(|error| {
            Diagnostic::error(UNWRITABLE, format!("cannot write `{}`: {error}", self.path)).blame(Blame::World)
        })
    }
}

/// What an edit does to the files of a folder.
#[derive(Clone, Debug, Default)]
pub struct Edited {
    /// The files that change.
    pub changes: Vec<FileChange>,
    /// What was done, in one line.
    pub told: String,
    /// The subject of a commit of it.
    pub subject: String,
    /// What was done, as data.
    pub facts: Vec<serde_json::Value>,
}

impl Edited {
    /// The changes of these files, without those that stay as they are.
    pub fn of(changes: Vec<FileChange>) -> Self {
        let changes = changes.into_iter().filter(|change| change.before.as_ref() != Some(&change.after)).collect();
        Self { changes, ..Self::default() }
    }

    /// Says what was done.
    pub fn told(mut self, line: impl Into<String>) -> Self {
        self.told = line.into();
        self.subject.clone_from(&self.told);
        self
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Writes all files below a folder.
    pub fn write(&self, folder: &Path) -> Result<(), Diagnostic> {
        self.changes.iter().try_for_each(|change| change.write(folder))
    }
}

/// What a new file in the folder gets: temporary files are private, files of a project are not.
#[cfg(unix)]
fn plain_permissions(folder: &Path) -> io::Result<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    // Whoever may enter the folder may read its files.
    let mode = fs::metadata(folder)?.permissions().mode();
    Ok(fs::Permissions::from_mode((mode & 0o666) & !0o022 | 0o600))
}

#[cfg(not(unix))]
fn plain_permissions(folder: &Path) -> io::Result<fs::Permissions> {
    Ok(fs::metadata(folder)?.permissions())
}
