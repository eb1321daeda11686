use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::manifest::{FOLDER, Kind, Manifest, kind};
use super::read::{GitPlace, Modified, read_file, why};
use super::tree::vendored_tree;
use crate::source::carry::named;
use crate::source::digest;
use crate::source::error::SourceError;
use crate::source::listing::{Listing, SUBMODULE};
use crate::source::lock::Lock;
use crate::source::pin::Pin;
use crate::source::tree::Tree;

/// The vendor folder of a project, opened for reading.
#[derive(Clone, Debug)]
pub struct Vendor {
    folder: PathBuf,
    shown: String,
    /// Places by kind and digest.
    places: HashMap<(Kind, String), String>,
}

impl Vendor {
    /// Opens the `vendor` folder of a project; `None` when `kiln vendor` made none. `project` is what
    /// messages call the project's folder, empty for the current one.
    pub fn open(folder: &Path, project: &str) -> Result<Option<Self>, SourceError> {
        let (folder, shown) = place(folder, project);
        let manifest = Manifest::read(&folder, &shown)?;
        Ok(manifest.map(|manifest| {
            let places =
                manifest.sources.into_iter().map(|item| ((item.kind, item.sha256().to_owned()), item.place)).collect();
            Self { folder, shown, places }
        }))
    }

    /// The folder as shown to users.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// What the lock pins and the folder lacks, as asked for, sorted.
    pub fn missing(&self, lock: &Lock) -> Vec<String> {
        let lacking = lock.entries().filter(|(_, entry)| self.place(&entry.pin).is_none());
        lacking.map(|(spec, _)| spec.to_string()).collect()
    }

    /// The tree of a commit.
    pub(in crate::source) fn tree(&self, pin: &Pin) -> Option<Result<Tree, SourceError>> {
        let place = self.git_place(pin)?;
        Some(place.listing(pin.sha256()).map(|listing| vendored_tree(place, listing)).map_err(SourceError::from))
    }

    /// The bytes of an archive or a file.
    pub(in crate::source) fn bytes(&self, pin: &Pin) -> Option<Result<Vec<u8>, SourceError>> {
        let place = self.place(pin).filter(|_| !matches!(pin, Pin::Git { .. }))?;
        let modified = |found: String| Modified {
            path: format!("{}/{place}", self.shown),
            of: named(pin),
            expected: format!("sha256:{}", pin.sha256()),
            found,
        };
        let read = read_file(&self.folder.join(place)).map_err(|error| modified(why(&error)));
        let proven = read.and_then(|bytes| match digest::sha256_hex(&bytes) {
            found if found == pin.sha256() => Ok(bytes),
            found => Err(modified(format!("sha256:{found}"))),
        });
        Some(proven.map_err(SourceError::from))
    }

    /// A commit with all that it holds.
    pub(in crate::source) fn commit(&self, pin: &Pin) -> Option<Result<VendoredCommit, SourceError>> {
        let place = self.git_place(pin)?;
        let read = || -> Result<VendoredCommit, Modified> {
            let (object, listing) = (place.object(pin.resolved())?, place.listing(pin.sha256())?);
            Ok(VendoredCommit { object, listing, files: VendoredFiles { place: place.clone() } })
        };
        Some(read().map_err(SourceError::from))
    }

    /// Checks every byte of a pin's content; `None` when it is not vendored.
    pub(in crate::source) fn check(&self, pin: &Pin) -> Option<Result<(), SourceError>> {
        let Some(place) = self.git_place(pin) else {
            return self.bytes(pin).map(|read| read.map(drop));
        };
        let checked = place.listing(pin.sha256()).and_then(|listing| {
            let files = listing.entries.par_iter().filter(|entry| entry.mode != SUBMODULE);
            files.map(|entry| place.read(entry).map(drop)).collect::<Result<Vec<()>, Modified>>()
        });
        Some(checked.map(drop).map_err(SourceError::from))
    }

    fn place(&self, pin: &Pin) -> Option<&str> {
        self.places.get(&(kind(pin), pin.sha256().to_owned())).map(String::as_str)
    }

    fn git_place(&self, pin: &Pin) -> Option<GitPlace> {
        let place = self.place(pin).filter(|_| matches!(pin, Pin::Git { .. }))?;
        Some(GitPlace { folder: self.folder.join(place), shown: format!("{}/{place}", self.shown), of: named(pin) })
    }
}

/// A vendored commit.
#[derive(Debug)]
pub(in crate::source) struct VendoredCommit {
    /// The commit as git stores it, proven by its id.
    pub(in crate::source) object: Vec<u8>,
    /// What its tree holds, proven by the digest in the lock.
    pub(in crate::source) listing: Listing,
    /// The contents.
    pub(in crate::source) files: VendoredFiles,
}

/// The contents of a vendored commit.
#[derive(Debug)]
pub(in crate::source) struct VendoredFiles {
    place: GitPlace,
}

impl VendoredFiles {
    /// The content of an entry, proven by its digest.
    pub(in crate::source) fn read(&self, entry: &crate::source::listing::Listed) -> Result<Vec<u8>, SourceError> {
        Ok(self.place.read(entry)?)
    }
}

/// The vendor folder of a project, on disk and as shown to users.
pub(super) fn place(project: &Path, shown: &str) -> (PathBuf, String) {
    let shown = match shown {
        "" | "." => FOLDER.to_owned(),
        project => format!("{}/{FOLDER}", project.trim_end_matches('/')),
    };
    (project.join(FOLDER), shown)
}
