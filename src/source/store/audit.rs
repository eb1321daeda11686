use git2::Oid;
use rayon::prelude::*;

use super::content::Store;
use super::inventory::{Stored, StoredKind};
use super::stamp::{Since, Stamp, file_sha256};
use crate::source::error::{SourceError, foreign};
use crate::source::git;

impl Store {
    /// Checks every byte of everything in the store against its digest, whatever was verified before.
    /// Gives how much there is, and what is damaged with what is wrong with it.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn audit(&self) -> Result<(usize, Vec<(Stored, String)>), SourceError> {
        let all = self.inventory()?;
        let count = all.len();
        let checked = all.into_par_iter().filter_map(|stored| {
            let problem = match stored.kind {
                StoredKind::Git => repository_problem(&stored),
                StoredKind::Chart | StoredKind::File => file_problem(&stored),
            };
            problem.map(|problem| (stored, problem))
        });
        Ok((count, checked.collect()))
    }
}

/// What is wrong with a file that is named by its digest.
fn file_problem(stored: &Stored) -> Option<String> {
    let name = stored.path.file_stem().unwrap_or_default().to_string_lossy();
    match file_sha256(&stored.path) {
        Ok(found) if found == name => None,
        Ok(found) => Some(format!("expected sha256:{}, found sha256:{found}", foreign(&name))),
        Err(error) => Some(error.to_string()),
    }
}

/// What is wrong with a repository: its packs, an object, or a tree that was complete once.
fn repository_problem(stored: &Stored) -> Option<String> {
    let stamp = Stamp::read(&stored.stamp).unwrap_or_default();
    if let Since::Differs { path, expected, found } = stamp.since(&stored.path) {
        return Some(format!("`{}`: expected sha256:{expected}, found {found}", foreign(&path)));
    }
    let damaged = |error: git2::Error| foreign(error.message());
    let check = || -> Result<(), String> {
        let repository = git::open_bare(&stored.path).map_err(damaged)?;
        let odb = repository.odb().map_err(damaged)?;
        let mut ids: Vec<Oid> = Vec::new();
        odb.foreach(|id| {
            ids.push(*id);
            true
        })
        .map_err(damaged)?;
        // Reading checks an object against its id.
        ids.iter().try_for_each(|id| odb.read(*id).map(drop)).map_err(damaged)?;
        for (commit, tree, sha256) in stamp.trees() {
            let id = Oid::from_str(tree).map_err(damaged)?;
            let census = git::census(&repository, id, commit).map_err(|error| error.message)?;
            if census.sha256 != *sha256 {
                return Err(format!("commit {commit}: expected sha256:{sha256}, found sha256:{}", census.sha256));
            }
        }
        Ok(())
    };
    check().err()
}
