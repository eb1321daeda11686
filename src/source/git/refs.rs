use std::collections::BTreeMap;

use git2::{Oid, Repository};

use crate::golang::semver::{Constraints, Version};
use crate::source::error::{About, INVALID, NOT_FOUND, SourceError, foreign};

const TAGS: &str = "refs/tags/";

/// What a repository says that it has.
#[derive(Clone, Debug, Default)]
pub(super) struct Advertised {
    /// Full ref names and the commits they mean, tags peeled.
    pub(super) refs: BTreeMap<String, Oid>,
    /// What `HEAD` is.
    pub(super) head: Option<Oid>,
    /// The ref that `HEAD` points at, when it is told.
    pub(super) head_target: Option<String>,
}

/// What a component's `version` and `branch` come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A commit that a ref points at.
    Ref {
        /// The full name of the ref, or `HEAD`.
        name: String,
        /// The commit.
        commit: Oid,
    },
    /// A commit by its full id, which no ref points at.
    Commit(Oid),
    /// The beginning of a commit id.
    Prefix(String),
}

/// Refuses what can be no commit, tag, branch or range of versions.
pub(in crate::source) fn check_names(version: Option<&str>, branch: Option<&str>) -> Result<(), SourceError> {
    let invalid = |name: &str, about: About, what: &str| {
        let message = format!("`{}` is not a valid {what}", foreign(name));
        Err(SourceError::new(INVALID, message).about(about))
    };
    let fits = |name: &str| git2::Reference::is_valid_name(&format!("refs/heads/{name}")) && !name.starts_with('-');
    if let Some(version) = version
        && !fits(version)
        && (version.starts_with('-') || Constraints::parse(version).is_err())
    {
        let what = "version: a commit, tag, branch or range of versions, no revision expression";
        return invalid(version, About::Version, what);
    }
    if let Some(branch) = branch
        && !fits(branch)
    {
        return invalid(branch, About::Branch, "branch or ref name");
    }
    Ok(())
}

impl Advertised {
    /// The refs of a repository on this machine.
    pub(super) fn of(repository: &Repository) -> Result<Self, git2::Error> {
        let mut found = Self::default();
        for reference in repository.references()? {
            let reference = reference?;
            let Ok(name) = reference.name() else { continue };
            // Refs that point nowhere or at no commit are nobody's wish.
            if let Ok(commit) = reference.peel_to_commit() {
                found.refs.insert(name.to_owned(), commit.id());
            }
        }
        if let Ok(head) = repository.find_reference("HEAD") {
            found.head_target = head.symbolic_target().ok().flatten().map(str::to_owned);
            found.head = head.peel_to_commit().ok().map(|commit| commit.id());
        }
        Ok(found)
    }

    /// Finds what is wanted: `version` wins over `branch`; with neither the default branch.
    pub(super) fn find(&self, version: Option<&str>, branch: Option<&str>, shown: &str) -> Result<Wanted, SourceError> {
        if self.refs.is_empty() && self.head.is_none() && version.is_none_or(|version| full_id(version).is_none()) {
            let message = format!("the repository {shown} is empty: it has no commits and no branch");
            return Err(SourceError::world(NOT_FOUND, message));
        }
        if let Some(version) = version {
            return self.version(version, shown);
        }
        if let Some(branch) = branch {
            let found = [format!("refs/heads/{branch}"), format!("refs/tags/{branch}")];
            return self.first(&found).ok_or_else(|| self.not_found(branch, "branch or tag", About::Branch, shown));
        }
        match self.head {
            Some(commit) => {
                Ok(Wanted::Ref { name: self.head_target.clone().unwrap_or_else(|| "HEAD".to_owned()), commit })
            }
            None => {
                let target = self.head_target.as_deref().unwrap_or("nothing");
                let message =
                    format!("the HEAD of {shown} points at `{}`, a branch that does not exist", foreign(target));
                Err(SourceError::world(NOT_FOUND, message).help("name a `branch` or `version`"))
            }
        }
    }

    fn version(&self, version: &str, shown: &str) -> Result<Wanted, SourceError> {
        if let Some(id) = full_id(version) {
            let name = self.refs.iter().find(|(_, commit)| **commit == id).map(|(name, _)| name.clone());
            return Ok(match name {
                Some(name) => Wanted::Ref { name, commit: id },
                None => Wanted::Commit(id),
            });
        }
        let remote_form = version.strip_prefix("origin/").map(|rest| format!("refs/heads/{rest}"));
        let mut names = vec![format!("refs/tags/{version}"), format!("refs/heads/{version}")];
        names.extend(remote_form);
        if version.starts_with("refs/") {
            names.push(version.to_owned());
        }
        if let Some(found) = self.first(&names) {
            return Ok(found);
        }
        let range = Constraints::parse(version).ok();
        if let Some(found) = range.as_ref().and_then(|range| self.highest(range)) {
            return Ok(found);
        }
        let is_hex = (4..40).contains(&version.len()) && version.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex {
            return Ok(Wanted::Prefix(version.to_ascii_lowercase()));
        }
        match range {
            Some(_) => Err(self.unsatisfied(version, shown)),
            None => Err(self.not_found(version, "commit, tag or branch", About::Version, shown)),
        }
    }

    /// The highest tag that a range of versions accepts.
    fn highest(&self, range: &Constraints) -> Option<Wanted> {
        let accepted = self.versions().filter(|(version, ..)| range.check(version));
        // Of equal ones, such as `1.2.0` and `v1.2.0`, the first by name.
        let (_, tag, commit) =
            accepted.max_by(|(one, one_tag, _), (other, other_tag, _)| one.cmp(other).then(other_tag.cmp(one_tag)))?;
        Some(Wanted::Ref { name: format!("{TAGS}{tag}"), commit })
    }

    /// The tags that are versions, with or without a `v` before them.
    pub(super) fn versions(&self) -> impl Iterator<Item = (Version, &str, Oid)> {
        self.refs.iter().filter_map(|(name, commit)| {
            let tag = name.strip_prefix(TAGS)?;
            // A number alone is a date or the like, unless it says that it is a version.
            let is_version = tag.starts_with('v') || tag.contains('.');
            let version = Version::parse(tag).ok().filter(|_| is_version)?;
            Some((version, tag, *commit))
        })
    }

    fn unsatisfied(&self, range: &str, shown: &str) -> SourceError {
        let message = format!("no tag of {shown} is a version that `{}` accepts", foreign(range));
        let error = SourceError::new(NOT_FOUND, message).about(About::Version);
        let mut versions: Vec<_> = self.versions().map(|(version, tag, _)| (version, tag)).collect();
        versions.sort_by(|(one, _), (other, _)| other.cmp(one));
        let newest: Vec<String> = versions.iter().take(5).map(|(_, tag)| format!("`{}`", foreign(tag))).collect();
        match newest.is_empty() {
            true => error.help("it has no tags that are versions; name a commit, a tag or a branch"),
            false => {
                error.help(format!("its newest are {}; pre-releases need a range like `>=1.0.0-0`", newest.join(", ")))
            }
        }
    }

    fn first(&self, names: &[String]) -> Option<Wanted> {
        names
            .iter()
            .find_map(|name| self.refs.get(name).map(|commit| Wanted::Ref { name: name.clone(), commit: *commit }))
    }

    /// The error for a name that is not there, with the nearest names that are.
    pub(super) fn not_found(&self, name: &str, what: &str, about: About, shown: &str) -> SourceError {
        let message = format!("there is no {what} `{}` in {shown}: not found", foreign(name));
        let error = SourceError::new(NOT_FOUND, message).about(about);
        match self.nearest(name) {
            Some(near) => error.help(format!("did you mean `{}`?", foreign(near))),
            None => error,
        }
    }

    fn nearest(&self, name: &str) -> Option<&str> {
        let candidates = self
            .refs
            .keys()
            .filter_map(|full| full.strip_prefix("refs/heads/").or_else(|| full.strip_prefix("refs/tags/")));
        crate::diag::nearest(name, candidates)
    }
}

/// A full commit id.
pub(super) fn full_id(text: &str) -> Option<Oid> {
    (text.len() == 40).then(|| Oid::from_str(text).ok()).flatten()
}
