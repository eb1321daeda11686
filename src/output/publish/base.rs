use std::collections::BTreeMap;

use git2::{ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};

/// Why the target of a publication cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// libgit2 says no.
    #[error("cannot {action}: {}", source.message())]
    Git {
        /// What was being done.
        action: &'static str,
        /// Why.
        source: git2::Error,
    },
    /// The operating system says no.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// Where.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file that kiln keeps in the target is not as kiln writes it.
    #[error("`{path}` in the target is damaged: {why}")]
    Damaged {
        /// Where.
        path: String,
        /// What is wrong.
        why: String,
    },
}

impl PublishError {
    pub(super) fn git(action: &'static str) -> impl FnOnce(git2::Error) -> Self {
        move |source| Self::Git { action, source }
    }

    pub(super) fn io(action: &'static str, path: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

/// What rendered files are put onto.
pub trait Base {
    /// The paths of all files, and the ids that git gives their contents.
    fn files(&self) -> &BTreeMap<String, Oid>;

    /// The content of a file.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, PublishError>;
}

/// A commit, or nothing where a branch does not exist yet.
pub struct CommitBase<'a> {
    repository: &'a Repository,
    commit: Option<Oid>,
    files: BTreeMap<String, Oid>,
}

impl<'a> CommitBase<'a> {
    /// Lists the files of a commit.
    ///
    /// # Errors
    /// When the commit or one of its trees cannot be read.
    pub fn open(repository: &'a Repository, commit: Option<Oid>) -> Result<Self, PublishError> {
        let failed = || PublishError::git("read the target's files");
        let mut files = BTreeMap::new();
        if let Some(commit) = commit {
            let tree = repository.find_commit(commit).and_then(|commit| commit.tree()).map_err(failed())?;
            tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
                if entry.kind() != Some(ObjectType::Tree) {
                    // A name that is no UTF-8 is nobody's that kiln knows.
                    let name = String::from_utf8_lossy(entry.name_bytes());
                    files.insert(format!("{folder}{name}"), entry.id());
                }
                TreeWalkResult::Ok
            })
            .map_err(failed())?;
        }
        Ok(Self { repository, commit, files })
    }

    /// The commit.
    pub fn commit(&self) -> Option<Oid> {
        self.commit
    }
}

impl Base for CommitBase<'_> {
    fn files(&self) -> &BTreeMap<String, Oid> {
        &self.files
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, PublishError> {
        let Some(id) = self.files.get(path) else { return Ok(Vec::new()) };
        let blob = self.repository.find_blob(*id).map_err(PublishError::git("read a file of the target"))?;
        Ok(blob.content().to_vec())
    }
}
