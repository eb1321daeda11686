use std::sync::Arc;

use git2::{Oid, Repository};

use super::address::shown;
use super::error::{CORRUPT, MISSING, SourceError, foreign};
use super::listing::{Listed, Listing};
use super::pin::Pin;
use super::store::Store;
use super::vendor::{VendoredCommit, VendoredFiles};

/// How many names a message lists.
const LISTED: usize = 10;

/// The whole content of a pin, proven by its digest, to be carried elsewhere.
pub(super) enum Carried {
    /// A commit.
    Commit(Commit),
    /// An archive or a file.
    Bytes(Arc<[u8]>),
}

/// The files of a commit, wherever they come from.
pub(super) struct Commit {
    /// The commit itself: author, message, and the id of the tree, as git stores it.
    pub(super) object: Vec<u8>,
    /// What its tree holds.
    pub(super) listing: Listing,
    contents: Contents,
}

enum Contents {
    /// In a repository, by the ids of the objects.
    Repository(Box<Repository>, Vec<Oid>),
    /// In the vendor folder.
    Vendored(VendoredFiles),
}

impl Commit {
    /// From a repository of the store; the ids stand at the places of the entries.
    pub(super) fn of_repository(object: Vec<u8>, listing: Listing, repository: Repository, ids: Vec<Oid>) -> Self {
        Self { object, listing, contents: Contents::Repository(Box::new(repository), ids) }
    }

    /// The content of the entry at a place of the listing.
    pub(super) fn read(&self, at: usize, entry: &Listed) -> Result<Vec<u8>, SourceError> {
        match &self.contents {
            Contents::Vendored(files) => files.read(entry),
            Contents::Repository(repository, ids) => {
                let damaged = |error: git2::Error| {
                    let message = format!("the store's copy of `{}`: {}", entry.shown(), foreign(error.message()));
                    SourceError::policy(CORRUPT, message).help("run `kiln install`")
                };
                let found = match ids.get(at) {
                    Some(id) => repository.find_blob(*id),
                    None => Err(git2::Error::from_str("no such entry")),
                };
                found.map(|blob| blob.content().to_vec()).map_err(damaged)
            }
        }
    }
}

/// The content of a pin: from the store, which is never edited, or else from the vendor folder.
pub(super) fn carried(store: &Store, pin: &Pin) -> Result<Carried, SourceError> {
    match from_store(store, pin) {
        Err(error) if error.code == MISSING || error.code == CORRUPT => from_vendor(store, pin).unwrap_or(Err(error)),
        carried => carried,
    }
}

fn from_store(store: &Store, pin: &Pin) -> Result<Carried, SourceError> {
    match pin {
        Pin::Git { .. } => store.commit(pin).map(Carried::Commit),
        Pin::Chart { .. } | Pin::Http { .. } => store.stored_bytes(pin).map(|bytes| Carried::Bytes(bytes.into())),
    }
}

fn from_vendor(store: &Store, pin: &Pin) -> Option<Result<Carried, SourceError>> {
    let vendor = store.vendor()?;
    if let Some(commit) = vendor.commit(pin) {
        return Some(commit.map(|VendoredCommit { object, listing, files }| {
            Carried::Commit(Commit { object, listing, contents: Contents::Vendored(files) })
        }));
    }
    Some(vendor.bytes(pin)?.map(|bytes| Carried::Bytes(bytes.into())))
}

/// The problem of a pin whose content is nowhere.
pub(super) fn is_missing(error: &SourceError) -> bool {
    error.code == MISSING
}

/// The error about contents that are nowhere, named by what messages call them.
pub(super) fn lacking(names: Vec<String>) -> SourceError {
    let more = names.len().saturating_sub(LISTED);
    let mut listed = names;
    listed.truncate(LISTED);
    if more > 0 {
        listed.push(format!("{more} more"));
    }
    SourceError::world(MISSING, format!("neither the store nor `vendor` has {}", listed.join(", ")))
        .help("run `kiln install`")
}

/// What messages call the content of a pin.
pub(super) fn named(pin: &Pin) -> String {
    match pin {
        Pin::Git { url, commit, .. } => format!("{}@{}", shown(url), commit.get(..10).unwrap_or(commit)),
        Pin::Chart { url, chart, version, .. } => {
            format!("chart `{}` {} of {}", foreign(chart), foreign(version), shown(url))
        }
        Pin::Http { url, .. } => shown(url),
    }
}
