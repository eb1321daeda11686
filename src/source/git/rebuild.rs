use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use git2::{ObjectType, Oid, Repository};

use super::pack::write_pack;
use super::setup::open_bare;
use crate::source::error::{CORRUPT, SourceError, foreign};
use crate::source::listing::{Listed, Listing, SUBMODULE};

/// The mode of a folder in git.
const FOLDER: u32 = 0o40_000;

/// A commit as git stores it.
pub(in crate::source) fn commit_object(repository: &Repository, commit: &str) -> Result<Vec<u8>, git2::Error> {
    let odb = repository.odb()?;
    Ok(odb.read(Oid::from_str(commit)?)?.data().to_vec())
}

/// The objects of a commit, made anew from its files. As ids are digests, they are the same objects.
pub(in crate::source) struct Rebuilt<'l> {
    commit: Vec<u8>,
    /// By id, each once.
    trees: BTreeMap<Oid, Vec<u8>>,
    /// One entry for each content.
    blobs: Vec<&'l Listed>,
}

impl<'l> Rebuilt<'l> {
    /// Makes the trees of a listing and proves that the commit is what its id says, and that its tree
    /// is that of the listing. `read` gives the content of an entry.
    ///
    /// # Errors
    /// Those of `read`; a commit or tree that is not the one expected.
    pub(in crate::source) fn of(
        object: Vec<u8>,
        listing: &'l Listing,
        (commit, tree): (&str, &str),
        shown: &str,
        read: impl Fn(&Listed) -> Result<Vec<u8>, SourceError>,
    ) -> Result<Self, SourceError> {
        let refuse = |what: &str, expected: &str, found: &str| {
            let message =
                format!("{shown}: the {what} is not the one that is pinned: expected {expected}, found {found}");
            SourceError::policy(CORRUPT, message)
        };
        let failed =
            |error: git2::Error| SourceError::policy(CORRUPT, format!("{shown}: {}", foreign(error.message())));
        let found = Oid::hash_object(ObjectType::Commit, &object).map_err(failed)?.to_string();
        if found != commit {
            return Err(refuse("commit", commit, &found));
        }
        let named = object.strip_prefix(b"tree ").and_then(|rest| rest.get(..40)).unwrap_or_default();
        if named != tree.as_bytes() {
            return Err(refuse("tree of the commit", tree, &foreign(&String::from_utf8_lossy(named))));
        }
        let mut ids: HashMap<&str, Oid> = HashMap::new();
        let mut blobs = Vec::new();
        let mut root = Folder::default();
        for entry in &listing.entries {
            let id = match ids.get(&*entry.content) {
                _ if entry.mode == SUBMODULE => Oid::from_str(&entry.content).map_err(failed)?,
                Some(id) => *id,
                None => {
                    let id = Oid::hash_object(ObjectType::Blob, &read(entry)?).map_err(failed)?;
                    blobs.push(entry);
                    ids.insert(&entry.content, id);
                    id
                }
            };
            root.insert(&entry.path, entry.mode, id);
        }
        let mut trees = BTreeMap::new();
        let made = root.write(&mut trees).map_err(failed)?;
        if made.to_string() != tree {
            return Err(refuse("tree", tree, &made.to_string()));
        }
        Ok(Self { commit: object, trees, blobs })
    }

    /// Puts the objects into a bare repository as one pack, whole or not at all.
    pub(in crate::source) fn put(
        &self,
        into: &Path,
        read: impl Fn(&Listed) -> Result<Vec<u8>, SourceError>,
    ) -> Result<(), SourceError> {
        let repository = open_bare(into).map_err(|error| Failed::from(error).0)?;
        let odb = repository.odb().map_err(|error| Failed::from(error).0)?;
        let commit = [Object::Made(ObjectType::Commit, &self.commit)];
        let trees = self.trees.values().map(|tree| Object::Made(ObjectType::Tree, tree));
        let blobs = self.blobs.iter().map(|entry| Object::Blob(entry));
        let objects: Vec<Object<'_>> = commit.into_iter().chain(trees).chain(blobs).collect();
        let written = write_pack(&odb, &objects, |object| match object {
            Object::Made(kind, content) => Ok((*kind, content.to_vec())),
            Object::Blob(entry) => Ok((ObjectType::Blob, read(entry).map_err(Failed)?)),
        });
        written.map(drop).map_err(|Failed(error)| error)
    }
}

enum Object<'r> {
    Made(ObjectType, &'r [u8]),
    Blob(&'r Listed),
}

struct Failed(SourceError);

impl From<git2::Error> for Failed {
    fn from(error: git2::Error) -> Self {
        Self(SourceError::world(crate::source::error::STORE, format!("the store: {}", foreign(error.message()))))
    }
}

/// A folder of a tree that is being made.
#[derive(Default)]
struct Folder {
    /// By name; those of folders end with `/`, which gives git's order.
    children: BTreeMap<Vec<u8>, Child>,
}

enum Child {
    Folder(Folder),
    Entry(u32, Oid),
}

impl Folder {
    fn insert(&mut self, path: &[u8], mode: u32, id: Oid) {
        let mut here = self;
        let mut rest = path;
        while let Some(end) = rest.iter().position(|byte| *byte == b'/') {
            let child = here.children.entry(rest[..=end].to_vec()).or_insert_with(|| Child::Folder(Self::default()));
            let Child::Folder(folder) = child else { return };
            here = folder;
            rest = &rest[end + 1..];
        }
        here.children.insert(rest.to_vec(), Child::Entry(mode, id));
    }

    /// Adds the trees of the folder and of all below it; gives its id. The depth of listings is
    /// bounded.
    fn write(&self, trees: &mut BTreeMap<Oid, Vec<u8>>) -> Result<Oid, git2::Error> {
        let mut text = Vec::new();
        for (name, child) in &self.children {
            let (mode, id) = match child {
                Child::Entry(mode, id) => (*mode, *id),
                Child::Folder(folder) => (FOLDER, folder.write(trees)?),
            };
            text.extend_from_slice(format!("{mode:o} ").as_bytes());
            text.extend_from_slice(name.strip_suffix(b"/").unwrap_or(name));
            text.push(0);
            text.extend_from_slice(id.as_bytes());
        }
        let id = Oid::hash_object(ObjectType::Tree, &text)?;
        trees.insert(id, text);
        Ok(id)
    }
}
