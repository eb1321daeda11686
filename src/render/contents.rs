use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::helm;
use crate::source::{Digest, Digester, EntryKind, Tree, TreeError};
use crate::stack::Reading;

use super::manifests::is_manifest;

/// Folders nested deeper, or with more files, are not digested: nobody meant them as templates.
const DEEPEST: usize = 32;
const MOST_FILES: usize = 10_000;

/// How an engine reads a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Use {
    /// As a chart.
    Chart,
    /// As manifests, in a certain reading.
    Manifests {
        /// Whether folders below count, and only files with the names of manifests.
        strict: bool,
    },
    /// As native templates, which may include any file of their folder.
    Templates,
}

impl Use {
    /// Manifests in a reading.
    pub fn manifests(reading: Reading) -> Self {
        Self::Manifests { strict: reading.is_strict() }
    }
}

/// The digests of what units render. Each place is read once in a run, however many units use it.
#[derive(Default)]
pub struct Contents {
    known: Mutex<HashMap<Place, Known>>,
}

/// A tree, by its backing and its path there, and how it is read.
type Place = (usize, String, Use);

/// Holds the tree, so that no other backing gets its address.
struct Known {
    tree: Tree,
    digest: Arc<OnceLock<Option<Digest>>>,
}

impl Contents {
    /// The digest of all that an engine may read of a tree, wherever the tree stands; `None` when it
    /// cannot be told because something is missing, unreadable or far too large.
    pub fn digest(&self, tree: &Tree, used: Use) -> Option<Digest> {
        let (backing, path) = tree.identity();
        let place = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let known = known
                .entry((backing, path.to_owned(), used))
                .or_insert_with(|| Known { tree: tree.clone(), digest: Arc::default() });
            Arc::clone(&known.digest)
        };
        *place.get_or_init(|| digest(tree, used))
    }
}

impl Contents {
    /// Whether everything that was digested would get the same digest now.
    pub fn stand(&self) -> bool {
        let known: Vec<(Tree, Use, Option<Digest>)> = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let made =
                known.iter().filter_map(|((.., used), known)| Some((known.tree.clone(), *used, *known.digest.get()?)));
            made.collect()
        };
        known.into_iter().all(|(tree, used, before)| digest(&tree, used) == before)
    }
}

/// The digest as it is now.
fn digest(tree: &Tree, used: Use) -> Option<Digest> {
    match used {
        Use::Chart => helm::digest_of(tree).ok(),
        Use::Manifests { strict } => {
            let mut walk = Walk::new("manifests", Some(strict));
            match tree.kind("").ok()?? {
                EntryKind::File => walk.file(tree, "").ok()?,
                EntryKind::Dir => walk.folder(tree, "", 0)?,
            }
            Some(walk.digester.finish())
        }
        Use::Templates => {
            let mut walk = Walk::new("templates", None);
            let (folder, name) = match tree.kind("").ok()?? {
                EntryKind::File => tree.parent()?,
                EntryKind::Dir => (tree.clone(), String::new()),
            };
            walk.digester.text(&name);
            walk.folder(&folder, "", 0)?;
            Some(walk.digester.finish())
        }
    }
}

struct Walk {
    digester: Digester,
    /// For manifests, whether the reading is strict.
    manifests: Option<bool>,
    files: usize,
}

impl Walk {
    fn new(purpose: &str, manifests: Option<bool>) -> Self {
        Self { digester: Digester::new(purpose), manifests, files: 0 }
    }

    fn folder(&mut self, tree: &Tree, below: &str, depth: usize) -> Option<()> {
        for entry in tree.list(below).ok()? {
            let path = if below.is_empty() { entry.name.clone() } else { format!("{below}/{}", entry.name) };
            self.digester.text(&path);
            self.digester.number((entry.kind == EntryKind::Dir).into());
            let is_read = match (entry.kind, self.manifests) {
                (EntryKind::Dir, Some(strict)) => strict,
                (EntryKind::Dir, None) => true,
                (EntryKind::File, Some(true)) => is_manifest(&entry.name),
                (EntryKind::File, _) => true,
            };
            self.files += 1;
            if !is_read {
                continue;
            }
            if depth >= DEEPEST || self.files > MOST_FILES {
                return None;
            }
            match entry.kind {
                EntryKind::Dir => self.folder(tree, &path, depth + 1)?,
                EntryKind::File => self.file(tree, &path).ok()?,
            }
        }
        Some(())
    }

    fn file(&mut self, tree: &Tree, path: &str) -> Result<(), TreeError> {
        self.digester.bytes(&tree.read(path)?);
        Ok(())
    }
}
