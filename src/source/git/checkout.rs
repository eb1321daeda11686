use std::path::{Path, PathBuf};

use git2::{ErrorCode, Oid, Repository, RepositoryOpenFlags, StatusOptions};

use super::setup::prepare;
use crate::source::address::without_credentials;
use crate::source::error::{CORRUPT, SourceError, foreign};

/// The repository that a project's folder is part of.
pub struct Checkout {
    repository: Repository,
    folder: PathBuf,
}

/// The commit that is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadCommit {
    /// Its id.
    pub id: Oid,
    /// The first paragraph of its message, in one line.
    pub subject: String,
    /// What follows in its message.
    pub body: String,
    /// Who wrote it: `Name <address>`.
    pub author: String,
    /// When it was written: seconds since 1970, and minutes from UTC.
    pub written: (i64, i32),
    /// When it was made: seconds since 1970, and minutes from UTC.
    pub time: (i64, i32),
}

/// How an earlier commit and the one that is checked out stand to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lineage {
    /// They are one, or the earlier one is an ancestor.
    Follows,
    /// The one that is checked out is an ancestor of the other.
    Older,
    /// Neither is an ancestor of the other.
    Apart,
    /// The earlier one is not here; the history is cut off where `shallow`.
    Unknown {
        /// Whether the history is cut off.
        shallow: bool,
    },
}

impl Checkout {
    /// Finds the repository that a folder is part of; `None` when there is none.
    pub fn find(folder: &Path) -> Option<Self> {
        prepare().ok()?;
        let folder = folder.canonicalize().ok()?;
        let repository =
            Repository::open_ext(&folder, RepositoryOpenFlags::CROSS_FS, std::iter::empty::<&Path>()).ok()?;
        Some(Self { repository, folder })
    }

    /// Whether a text can be the full name of a ref.
    pub fn is_ref_name(name: &str) -> bool {
        git2::Reference::is_valid_name(name)
    }

    /// The repository.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The commit that is checked out; `None` before the first one.
    ///
    /// # Errors
    /// When the repository is damaged.
    pub fn head(&self) -> Result<Option<HeadCommit>, SourceError> {
        let commit = match self.repository.head().and_then(|head| head.peel_to_commit()) {
            Ok(commit) => commit,
            Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => return Ok(None),
            Err(error) => return Err(self.damaged(&error)),
        };
        let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
        let (subject, body) = parts(&message);
        let author = commit.author();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Some(HeadCommit {
            id: commit.id(),
            subject,
            body,
            author: format!("{} <{}>", text(author.name_bytes()), text(author.email_bytes())),
            written: (author.when().seconds(), author.when().offset_minutes()),
            time: (commit.time().seconds(), commit.time().offset_minutes()),
        }))
    }

    /// Files of the project that are not as the commit has them, or are not in it at all; those that git
    /// ignores and those in the folders of `passed` do not count. At most `most`.
    ///
    /// # Errors
    /// When the repository is damaged.
    pub fn changed(&self, passed: &[PathBuf], most: usize) -> Result<Vec<String>, SourceError> {
        let Some(work) = self.repository.workdir().and_then(|work| work.canonicalize().ok()) else {
            return Ok(Vec::new());
        };
        let mut options = StatusOptions::new();
        options.include_untracked(true).recurse_untracked_dirs(true).exclude_submodules(true);
        if let Ok(below) = self.folder.strip_prefix(&work)
            && !below.as_os_str().is_empty()
        {
            options.pathspec(below).disable_pathspec_match(true);
        }
        let statuses = self.repository.statuses(Some(&mut options)).map_err(|error| self.damaged(&error))?;
        let passed: Vec<PathBuf> =
            passed.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone())).collect();
        let mut found = Vec::new();
        for entry in statuses.iter() {
            let Ok(path) = entry.path() else { continue };
            let place = work.join(path);
            let is_state = Path::new(path).components().any(|part| part.as_os_str() == ".kiln");
            if !is_state && !passed.iter().any(|folder| place.starts_with(folder)) {
                found.push(path.to_owned());
            }
            if found.len() == most {
                break;
            }
        }
        Ok(found)
    }

    /// How a commit that was published before stands to another of this repository.
    pub fn lineage(&self, before: &str, now: Oid) -> Lineage {
        let shallow = self.repository.is_shallow();
        let Ok(before) = Oid::from_str(before) else { return Lineage::Unknown { shallow } };
        if before == now {
            return Lineage::Follows;
        }
        if self.repository.find_commit(before).is_err() {
            return Lineage::Unknown { shallow };
        }
        match (self.repository.graph_descendant_of(now, before), self.repository.graph_descendant_of(before, now)) {
            (Ok(true), _) => Lineage::Follows,
            (_, Ok(true)) => Lineage::Older,
            _ if shallow => Lineage::Unknown { shallow },
            _ => Lineage::Apart,
        }
    }

    /// The id that git gives the project's folder in the commit that is checked out.
    pub fn folder_id(&self) -> Option<Oid> {
        let tree = self.repository.head().ok()?.peel_to_tree().ok()?;
        let work = self.repository.workdir()?.canonicalize().ok()?;
        let below = self.folder.strip_prefix(work).ok()?;
        match below.as_os_str().is_empty() {
            true => Some(tree.id()),
            false => tree.get_path(below).ok().map(|entry| entry.id()),
        }
    }

    /// The URL that the repository came from, without credentials; its folder when it came from nowhere.
    pub fn name(&self) -> String {
        self.url().unwrap_or_else(|| {
            let work = self.repository.workdir().unwrap_or(self.repository.path());
            work.file_name().map_or_else(|| ".".to_owned(), |name| name.to_string_lossy().into_owned())
        })
    }

    /// The URL that the repository came from, without credentials.
    pub fn url(&self) -> Option<String> {
        let remote = self.repository.find_remote("origin").or_else(|error| {
            let names = self.repository.remotes()?;
            let first = names.iter().find_map(|name| name.ok().flatten().map(str::to_owned));
            first.map_or(Err(error), |name| self.repository.find_remote(&name))
        });
        remote.ok().and_then(|remote| remote.url().ok().map(without_credentials))
    }

    fn damaged(&self, error: &git2::Error) -> SourceError {
        let place = self.repository.path().display();
        SourceError::new(CORRUPT, format!("the repository {place} cannot be read: {}", foreign(error.message())))
    }
}

/// The first paragraph of a message in one line, as git's `%s`, and what follows.
fn parts(message: &str) -> (String, String) {
    let mut lines = message.trim().lines();
    let subject: Vec<&str> = lines.by_ref().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let body: Vec<&str> = lines.collect();
    (subject.join(" "), body.join("\n").trim_start_matches('\n').to_owned())
}
