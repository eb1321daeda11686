use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use git2::{ObjectType, Oid, Repository};

use super::census::{LFS_MARK, LFS_MAX_BYTES};
use super::setup::open_bare;
use crate::source::links::{End, Step, walk};
use crate::source::tree::{Backing, Entry, EntryKind, Tree, TreeError};

/// The largest file that is read from a commit.
const MAX_FILE_BYTES: usize = 100 * 1024 * 1024;

/// The files of a tree in a repository's object database. Users see paths below `shown`.
pub(in crate::source) fn git_tree(repository: PathBuf, root: Oid, shown: String) -> Result<Tree, git2::Error> {
    let first = open_bare(&repository)?;
    first.find_tree(root)?;
    Ok(Tree::new(GitTree { repository, handles: Mutex::new(vec![first]), root, shown, folders: Mutex::default() }))
}

/// Reads straight from the object database; libgit2 checks every object against its id.
struct GitTree {
    repository: PathBuf,
    /// Open handles that no thread is using.
    handles: Mutex<Vec<Repository>>,
    root: Oid,
    shown: String,
    folders: Mutex<HashMap<Oid, Arc<[Child]>>>,
}

/// An entry of a git tree.
struct Child {
    name: String,
    id: Oid,
    kind: ChildKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ChildKind {
    File,
    Folder,
    Link,
    Submodule,
}

/// What a path leads to.
#[derive(Clone, Copy)]
enum Place {
    File(Oid),
    Folder(Oid),
    /// An empty folder, as a clone without submodules shows it.
    Submodule,
}

impl GitTree {
    fn with<T>(&self, path: &str, work: impl FnOnce(&Repository) -> Result<T, git2::Error>) -> Result<T, TreeError> {
        let idle = self.handles.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let handle = match idle {
            Some(handle) => Ok(handle),
            None => open_bare(&self.repository),
        };
        let result = handle.and_then(|handle| {
            let result = work(&handle);
            self.handles.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
            result
        });
        result.map_err(|error| TreeError::Io {
            path: self.display(path),
            message: format!("the store is corrupt ({}); run `kiln install`", error.message()),
        })
    }

    fn children(&self, path: &str, id: Oid) -> Result<Arc<[Child]>, TreeError> {
        if let Some(known) = self.folders.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(known));
        }
        let children: Arc<[Child]> = self.with(path, |repository| {
            let tree = repository.find_tree(id)?;
            let mut children = Vec::with_capacity(tree.len());
            for entry in tree.iter() {
                // Names that are no UTF-8 are left out, as in folders on disk.
                let Ok(name) = entry.name() else { continue };
                let kind = match (entry.kind(), entry.filemode()) {
                    (Some(ObjectType::Tree), _) => ChildKind::Folder,
                    (Some(ObjectType::Commit), _) => ChildKind::Submodule,
                    (_, 0o120000) => ChildKind::Link,
                    _ => ChildKind::File,
                };
                children.push(Child { name: name.to_owned(), id: entry.id(), kind });
            }
            children.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(children.into())
        })?;
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&children));
        Ok(children)
    }

    /// Walks a path, following links as long as they stay in the tree.
    fn locate(&self, path: &str) -> Result<Option<Place>, TreeError> {
        let escapes = || TreeError::Escapes { path: self.display(path), root: self.display("") };
        let found = walk(
            self.root,
            path,
            |path| self.display(path),
            |folder, name| {
                let children = self.children(path, folder)?;
                let Ok(at) = children.binary_search_by(|child| child.name.as_str().cmp(name)) else { return Ok(None) };
                let child = &children[at];
                Ok(Some(match child.kind {
                    ChildKind::Folder => Step::Folder(child.id),
                    ChildKind::File => Step::Leaf(Place::File(child.id)),
                    ChildKind::Submodule => Step::Leaf(Place::Submodule),
                    ChildKind::Link => {
                        let target = self.blob(path, child.id)?;
                        Step::Link(std::str::from_utf8(&target).map_err(|_| escapes())?.to_owned())
                    }
                }))
            },
        )?;
        Ok(found.map(|end| match end {
            End::Folder(id) => Place::Folder(id),
            End::Leaf(place) => place,
        }))
    }

    fn blob(&self, path: &str, id: Oid) -> Result<Arc<[u8]>, TreeError> {
        let content = self.with(path, |repository| {
            let odb = repository.odb()?;
            let (size, _) = odb.read_header(id)?;
            if size > MAX_FILE_BYTES {
                return Ok(None);
            }
            Ok(Some(Arc::from(odb.read(id)?.data())))
        })?;
        content.ok_or_else(|| TreeError::Io {
            path: self.display(path),
            message: format!("is larger than the limit of {MAX_FILE_BYTES} bytes"),
        })
    }
}

/// Whether a file is of a kind whose content kiln interprets, so that a pointer in its place is an error.
fn is_interpreted(path: &str) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    matches!(extension.as_deref(), Some("yaml" | "yml" | "json" | "tpl" | "tgz"))
}

impl Backing for GitTree {
    fn kind(&self, path: &str) -> Result<Option<EntryKind>, TreeError> {
        Ok(self.locate(path)?.map(|place| match place {
            Place::File(_) => EntryKind::File,
            Place::Folder(_) | Place::Submodule => EntryKind::Dir,
        }))
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>, TreeError> {
        match self.locate(path)? {
            Some(Place::File(id)) => {
                let content = self.blob(path, id)?;
                if content.len() <= LFS_MAX_BYTES && content.starts_with(LFS_MARK) && is_interpreted(path) {
                    let message = "is a Git LFS pointer, not the file; kiln does not fetch LFS objects".to_owned();
                    return Err(TreeError::Io { path: self.display(path), message });
                }
                Ok(content)
            }
            Some(Place::Folder(_) | Place::Submodule) => {
                Err(TreeError::Io { path: self.display(path), message: "is a directory".to_owned() })
            }
            None => Err(TreeError::Missing { path: self.display(path) }),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<Entry>, TreeError> {
        let id = match self.locate(path)? {
            Some(Place::Folder(id)) => id,
            Some(Place::Submodule) => return Ok(Vec::new()),
            Some(Place::File(_)) | None => return Err(TreeError::Missing { path: self.display(path) }),
        };
        let children = self.children(path, id)?;
        let mut entries = Vec::with_capacity(children.len());
        for child in children.iter() {
            let kind = match child.kind {
                ChildKind::File => EntryKind::File,
                ChildKind::Folder | ChildKind::Submodule => EntryKind::Dir,
                ChildKind::Link => {
                    let below = if path.is_empty() { child.name.clone() } else { format!("{path}/{}", child.name) };
                    self.kind(&below)?.ok_or_else(|| TreeError::Missing { path: self.display(&below) })?
                }
            };
            entries.push(Entry { name: child.name.clone(), kind });
        }
        Ok(entries)
    }

    fn display(&self, path: &str) -> String {
        match (self.shown.as_str(), path) {
            (shown, "") => shown.to_owned(),
            ("", path) => path.to_owned(),
            (shown, path) => format!("{shown}/{path}"),
        }
    }

    fn on_disk(&self, _path: &str) -> Option<PathBuf> {
        None
    }
}
