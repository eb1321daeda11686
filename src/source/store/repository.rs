use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, Oid, Repository};

use super::content::{Store, corrupt, missing};
use super::stamp::{Since, Stamp};
use crate::source::address::shown;
use crate::source::carry::{Commit, named};
use crate::source::error::{CORRUPT, LOCK, STORE, SourceError, foreign};
use crate::source::folder::{TemporaryFolder, list_folder};
use crate::source::git::{self, Census};
use crate::source::pin::Pin;
use crate::source::tree::Tree;

/// Where a repository keeps its objects.
const PACKS: &str = "objects/pack";

impl Store {
    /// The repository for an asked URL, made if need be. Only who has claimed the URL may ask.
    pub(in crate::source) fn repository(&self, url: &str) -> Result<PathBuf, SourceError> {
        let path = self.git_path(url);
        if git::open_bare(&path).is_ok() {
            sweep(&path);
            return Ok(path);
        }
        self.drop_repository(url)?;
        // Made elsewhere and renamed: a repository that is found is whole.
        let scratch = self.scratch()?;
        let made = TemporaryFolder::below(&scratch, "make-");
        let made = made.map_err(|error| self.failed(&scratch, &error))?;
        let new = made.path().join("repository");
        git::create_bare(&new).map_err(|error| {
            SourceError::world(STORE, format!("the store `{}`: {}", path.display(), foreign(error.message())))
        })?;
        let finish = || -> io::Result<()> {
            // For `kiln cache list` and people who look around.
            fs::write(new.join("description"), shown(url))?;
            sweep(&new);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::rename(&new, &path)
        };
        finish().map_err(|error| self.failed(&path, &error))?;
        Ok(path)
    }

    /// Throws away a damaged repository, at once for all who look.
    pub(in crate::source) fn drop_repository(&self, url: &str) -> Result<(), SourceError> {
        let path = self.git_path(url);
        let stamp = self.repository_stamp(url);
        let grave = TemporaryFolder::below(&self.scratch()?, "drop-");
        let drop = || -> io::Result<()> {
            match fs::remove_file(&stamp) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            match fs::rename(&path, grave?.path().join("repository")) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        };
        drop().map_err(|error| self.failed(&path, &error))
    }

    /// The tree of a pinned commit. A repository that was written to since it was verified is verified
    /// again as a whole; beyond that every object is checked against its id when it is read.
    pub(super) fn open_commit(&self, pin: &Pin) -> Result<Tree, SourceError> {
        let Pin::Git { url, commit, tree, .. } = pin else { return Err(missing(&named(pin))) };
        let stamp = Stamp::read(&self.stamp_path(pin));
        self.check_commit(pin, stamp.as_ref()).unwrap_or_else(|| Err(missing(&named(pin))))?;
        let damaged = |error: git2::Error| corrupt(&named(pin), error.message());
        let id = Oid::from_str(tree).map_err(damaged)?;
        let short = &commit[..commit.len().min(10)];
        let name = format!("{}@{short}", crate::source::address::shown(url));
        git::git_tree(self.git_path(url), id, name).map_err(damaged)
    }

    /// Checks a pinned commit: `None` when it is not there at all.
    pub(super) fn check_commit(&self, pin: &Pin, stamp: Option<&Stamp>) -> Option<Result<(), SourceError>> {
        let Pin::Git { url, commit, tree, sha256, .. } = pin else { return None };
        let (place, path) = (named(pin), self.git_path(url));
        if !path.is_dir() {
            return None;
        }
        let mut verified = false;
        if let Some(stamp) = stamp {
            if let Since::Differs { path, expected, found } = stamp.since(&path) {
                let words = format!("`{path}`: expected sha256:{expected}, found {found}");
                return Some(Err(corrupt(&place, &words)));
            }
            verified = stamp.has_tree(commit, tree, sha256);
        }
        let (repository, found) = match self.find_tree(pin)? {
            Ok(found) => found,
            Err(error) => return Some(Err(error)),
        };
        if verified {
            return Some(Ok(()));
        }
        let census = match git::census(&repository, found, &place) {
            Ok(census) => census,
            Err(error) if error.code == CORRUPT => return Some(Err(corrupt(&place, &error.message))),
            Err(error) => return Some(Err(error)),
        };
        if census.sha256 == *sha256 {
            return Some(Ok(()));
        }
        let (expected, found) = (format!("sha256:{sha256}"), format!("sha256:{}", census.sha256));
        Some(Err(wrong_lock(&place, &expected, &found)))
    }

    /// All that a commit in the store's own folder holds.
    pub(in crate::source) fn commit(&self, pin: &Pin) -> Result<Commit, SourceError> {
        let (repository, found) = self.find_tree(pin).unwrap_or_else(|| Err(missing(&named(pin))))?;
        let Census { listing, ids, sha256, .. } = git::census(&repository, found, &named(pin))?;
        if sha256 != pin.sha256() {
            let (expected, found) = (format!("sha256:{}", pin.sha256()), format!("sha256:{sha256}"));
            return Err(wrong_lock(&named(pin), &expected, &found));
        }
        let object = git::commit_object(&repository, pin.resolved());
        let object = object.map_err(|error| corrupt(&named(pin), error.message()))?;
        Ok(Commit::of_repository(object, listing, repository, ids))
    }

    /// The tree of a commit; `None` when it is not there.
    fn find_tree(&self, pin: &Pin) -> Option<Result<(Repository, Oid), SourceError>> {
        let Pin::Git { url, commit, tree, .. } = pin else { return None };
        let path = self.git_path(url);
        if !path.is_dir() {
            return None;
        }
        let damaged = |error: git2::Error| Some(Err(corrupt(&named(pin), error.message())));
        let repository = match git::open_bare(&path) {
            Ok(repository) => repository,
            Err(error) => return damaged(error),
        };
        let (commit, tree_id) = (Oid::from_str(commit).ok()?, Oid::from_str(tree).ok()?);
        let found = match repository.find_commit(commit) {
            Ok(commit) => commit.tree_id(),
            Err(error) if error.code() == ErrorCode::NotFound => return None,
            Err(error) => return damaged(error),
        };
        match found == tree_id {
            true => Some(Ok((repository, found))),
            false => Some(Err(wrong_lock(&named(pin), tree, &found.to_string()))),
        }
    }

    /// Removes from the repositories what was not finished or could not be removed then, unless somebody is
    /// at work there. Merely tidy: nobody takes it for content.
    pub(super) fn sweep_repositories(&self) {
        let folder = self.root.join("git");
        for listed in list_folder(&folder).unwrap_or_default() {
            let repository = folder.join(listed.name);
            if is_littered(&repository)
                && let Some(_claim) = self.claim_idle(&repository)
            {
                sweep(&repository);
            }
        }
    }

    /// The files of a repository that hold its content, below its folder.
    pub(super) fn packs(&self, url: &str) -> io::Result<Vec<String>> {
        let mut files = Vec::new();
        for listed in list_folder(&self.git_path(url).join(PACKS))? {
            // Packs are named by hexadecimal digits.
            if let Ok(name) = listed.name.into_string() {
                files.push(format!("{PACKS}/{name}"));
            }
        }
        files.sort();
        Ok(files)
    }
}

/// Whether libgit2 calls so what it has not received or written whole, or a file by which it tries what
/// the file system can do.
fn is_unfinished(name: &str) -> bool {
    name.starts_with("pack_git2_") || name.starts_with("_git2_") || name.ends_with(".lock")
}

/// What killed processes left in a repository, or could not remove.
fn litter(repository: &Path) -> impl Iterator<Item = PathBuf> {
    [repository.to_owned(), repository.join(PACKS)].into_iter().flat_map(|folder| {
        let listed = list_folder(&folder).unwrap_or_default().into_iter();
        listed
            .filter(|listed| listed.name.to_str().is_some_and(is_unfinished))
            .map(move |listed| folder.join(listed.name))
    })
}

fn is_littered(repository: &Path) -> bool {
    litter(repository).next().is_some()
}

fn sweep(repository: &Path) {
    for left in litter(repository) {
        let _ = fs::remove_file(left);
    }
}

/// A commit whose every object is what its id says, but not what the lock says: the lock was tampered
/// with, since ids leave no choice.
fn wrong_lock(place: &str, expected: &str, found: &str) -> SourceError {
    let message = format!("{place} is not what kiln.lock says: expected {expected}, found {found}");
    SourceError::policy(LOCK, message).help("restore `kiln.lock` from version control, or run `kiln update`")
}
