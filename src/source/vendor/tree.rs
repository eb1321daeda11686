use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::layout::is_link;
use super::read::GitPlace;
use crate::source::links::{End, Step, walk};
use crate::source::listing::{Listed, Listing, SUBMODULE};
use crate::source::tree::{Backing, Entry, EntryKind, Tree, TreeError};

/// The files of a vendored commit. What there is, and of which kind, comes from the proven listing, not
/// from the disk; links are resolved here and never followed on disk.
pub(super) fn vendored_tree(place: GitPlace, listing: Listing) -> Tree {
    let mut folders = vec![Folder::new()];
    for (at, entry) in listing.entries.iter().enumerate() {
        // Names that are no UTF-8 are left out, as in folders on disk.
        let Ok(path) = std::str::from_utf8(&entry.path) else { continue };
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut here = 0;
        for part in above.split('/').filter(|part| !part.is_empty()) {
            here = match folders[here].get(part) {
                Some(Node::Folder(next)) => *next,
                _ => {
                    folders.push(Folder::new());
                    let next = folders.len() - 1;
                    folders[here].insert(part.to_owned(), Node::Folder(next));
                    next
                }
            };
        }
        folders[here].insert(name.to_owned(), Node::Entry(at));
    }
    Tree::new(VendoredTree { place, listing, folders })
}

type Folder = BTreeMap<String, Node>;

#[derive(Clone, Copy)]
enum Node {
    Folder(usize),
    Entry(usize),
}

struct VendoredTree {
    place: GitPlace,
    listing: Listing,
    /// The root is the first one.
    folders: Vec<Folder>,
}

impl VendoredTree {
    fn locate(&self, path: &str) -> Result<Option<End<usize, usize>>, TreeError> {
        let step = |folder: usize, name: &str| -> Result<_, TreeError> {
            let Some(node) = self.folders[folder].get(name) else { return Ok(None) };
            let Some((at, entry)) = self.entry(*node) else {
                return Ok(match node {
                    Node::Folder(next) => Some(Step::Folder(*next)),
                    Node::Entry(_) => None,
                });
            };
            if !is_link(entry) {
                return Ok(Some(Step::Leaf(at)));
            }
            let target = String::from_utf8(self.place.read(entry)?);
            let escapes = |_| TreeError::Escapes { path: self.display(path), root: self.display("") };
            Ok(Some(Step::Link(target.map_err(escapes)?)))
        };
        walk(0, path, |path| self.display(path), step)
    }

    fn entry(&self, node: Node) -> Option<(usize, &Listed)> {
        match node {
            Node::Entry(at) => self.listing.entries.get(at).map(|entry| (at, entry)),
            Node::Folder(_) => None,
        }
    }

    fn is_submodule(&self, at: usize) -> bool {
        self.listing.entries.get(at).is_some_and(|entry| entry.mode == SUBMODULE)
    }
}

impl Backing for VendoredTree {
    fn kind(&self, path: &str) -> Result<Option<EntryKind>, TreeError> {
        Ok(self.locate(path)?.map(|end| match end {
            End::Leaf(at) if !self.is_submodule(at) => EntryKind::File,
            End::Leaf(_) | End::Folder(_) => EntryKind::Dir,
        }))
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>, TreeError> {
        match self.locate(path)? {
            Some(End::Leaf(at)) if !self.is_submodule(at) => Ok(Arc::from(self.place.read(&self.listing.entries[at])?)),
            Some(_) => Err(TreeError::Io { path: self.display(path), message: "is a directory".to_owned() }),
            None => Err(TreeError::Missing { path: self.display(path) }),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<Entry>, TreeError> {
        let folder = match self.locate(path)? {
            Some(End::Folder(folder)) => folder,
            Some(End::Leaf(at)) if self.is_submodule(at) => return Ok(Vec::new()),
            Some(End::Leaf(_)) | None => return Err(TreeError::Missing { path: self.display(path) }),
        };
        let entry = |(name, node): (&String, &Node)| {
            let kind = match self.entry(*node) {
                None => EntryKind::Dir,
                Some((at, _)) if self.is_submodule(at) => EntryKind::Dir,
                Some((_, entry)) if !is_link(entry) => EntryKind::File,
                Some(_) => {
                    let below = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                    self.kind(&below)?.ok_or_else(|| TreeError::Missing { path: self.display(&below) })?
                }
            };
            Ok(Entry { name: name.clone(), kind })
        };
        self.folders[folder].iter().map(entry).collect()
    }

    fn display(&self, path: &str) -> String {
        if path.is_empty() { self.place.shown.clone() } else { format!("{}/{path}", self.place.shown) }
    }

    fn on_disk(&self, _path: &str) -> Option<PathBuf> {
        // Hooks and editors get no way to these files: they are not the project's to change.
        None
    }
}
