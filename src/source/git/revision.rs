use std::path::{Path, PathBuf};

use git2::{ErrorCode, Oid};

use super::setup::open_bare;
use super::tree::git_tree;
use crate::source::error::{NOT_FOUND, SourceError, foreign};
use crate::source::tree::Tree;

/// A commit of the repository that a folder is part of.
#[derive(Clone, Debug)]
pub struct Revision {
    repository: PathBuf,
    /// What was asked for, in git's words for revisions.
    asked: String,
    commit: Oid,
    tree: Oid,
    /// The folder's place in the repository; empty at its root.
    place: String,
}

impl Revision {
    /// Finds what a revision (`HEAD~1`, `origin/main`, a tag, a commit) means for a folder.
    ///
    /// # Errors
    /// When the folder is in no repository, or the repository has no such commit.
    pub fn find(folder: &Path, asked: &str) -> Result<Self, SourceError> {
        let refuse = |message: String| SourceError::new(NOT_FOUND, message);
        let real = folder.canonicalize().map_err(|error| refuse(format!("`{}`: {error}", folder.display())))?;
        let Some(top) = real.ancestors().find(|above| above.join(".git").exists()) else {
            let message = format!(
                "`{}` is in no git repository, so that it has no revision `{}`",
                folder.display(),
                asked.escape_debug()
            );
            return Err(refuse(message));
        };
        let repository =
            open_bare(top).map_err(|error| refuse(format!("`{}`: {}", top.display(), foreign(error.message()))))?;
        let found = repository.revparse_single(asked).and_then(|object| object.peel_to_commit());
        let commit = found.map_err(|error| {
            let why = match error.code() {
                ErrorCode::NotFound => String::new(),
                _ => format!(": {}", foreign(error.message())),
            };
            let help = match repository.is_shallow() {
                true => "the clone is shallow: fetch more history (`git fetch --unshallow`, `fetch-depth: 0`)",
                false => "fetch it, or name another revision",
            };
            refuse(format!("the repository has no commit `{}`{why}", asked.escape_debug())).help(help)
        })?;
        let below = real.strip_prefix(top).unwrap_or(Path::new(""));
        let place = below.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        let (id, tree) = (commit.id(), commit.tree_id());
        Ok(Self { repository: top.to_owned(), asked: asked.to_owned(), commit: id, tree, place })
    }

    /// What was asked for.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// The commit's id.
    pub fn commit(&self) -> String {
        self.commit.to_string()
    }

    /// The folder as the commit has it; whether it does shows when it is read. Paths out of the folder lead
    /// to others of the repository.
    ///
    /// # Errors
    /// When the commit's tree is not there.
    pub fn folder(&self) -> Result<Tree, SourceError> {
        let tree = git_tree(self.repository.clone(), self.tree, self.asked.clone());
        let tree = tree.map_err(|error| SourceError::new(NOT_FOUND, foreign(error.message())))?;
        Ok(tree.subtree(&self.place)?)
    }

    /// Another folder of the repository as the commit has it; `None` where it has none, or where the folder
    /// is not part of the repository.
    pub fn tree_of(&self, folder: &Path) -> Option<Tree> {
        let real = folder.canonicalize().ok()?;
        let place = real.strip_prefix(&self.repository).ok()?;
        let place = place.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        let tree = git_tree(self.repository.clone(), self.tree, self.asked.clone()).ok()?.subtree(&place).ok()?;
        tree.is_dir("").then_some(tree)
    }

    /// The path, from the folder on, of a file that [`Revision::folder`] shows under this name.
    pub fn local<'n>(&self, shown: &'n str) -> Option<&'n str> {
        let below = shown.strip_prefix(&self.asked)?.strip_prefix('/')?;
        match self.place.is_empty() {
            true => Some(below),
            false => below.strip_prefix(&self.place)?.strip_prefix('/'),
        }
    }
}
