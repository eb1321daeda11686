use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid, Repository};
use walkdir::WalkDir;

use super::{Base, Plan, PublishError};
use crate::source::write_atomically;

/// A folder on this machine: a plain one, or a working copy, whose `.git` is not looked into.
pub struct FolderBase {
    folder: PathBuf,
    files: BTreeMap<String, Oid>,
}

impl FolderBase {
    /// Lists the files of a folder, which need not exist. Links are files of their own; they are not
    /// followed.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn open(folder: &Path) -> Result<Self, PublishError> {
        let mut files = BTreeMap::new();
        let is_git = |name: &std::ffi::OsStr| name == ".git";
        let walk = WalkDir::new(folder).follow_links(false).into_iter();
        for entry in walk.filter_entry(|entry| entry.depth() != 1 || !is_git(entry.file_name())) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if error.depth() == 0 && !folder.exists() => break,
                Err(error) => {
                    let path = error.path().unwrap_or(folder).display().to_string();
                    let source = error.into_io_error().unwrap_or_else(|| io::ErrorKind::Other.into());
                    return Err(PublishError::Io { action: "read", path, source });
                }
            };
            if entry.file_type().is_dir() {
                continue;
            }
            let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            let name = below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            let content = match entry.file_type().is_symlink() {
                true => fs::read_link(entry.path()).map(|target| target.to_string_lossy().into_owned().into_bytes()),
                false if entry.file_type().is_file() => fs::read(entry.path()),
                // A pipe or a socket is in the way of whatever belongs there.
                false => Ok(b"special file".to_vec()),
            };
            let content = content.map_err(PublishError::io("read", entry.path().display().to_string()))?;
            let id = Oid::hash_object(ObjectType::Blob, &content).map_err(PublishError::git("digest a file"))?;
            files.insert(name, id);
        }
        Ok(Self { folder: folder.to_owned(), files })
    }

    /// Makes the folder follow a plan, each file by one rename. `pending` is recorded while that goes on, so
    /// that a run that is cut off leaves no file without an owner; `manifests` come last.
    ///
    /// # Errors
    /// When something cannot be written or removed.
    pub fn follow(
        &self,
        plan: &Plan,
        pending: &(String, Vec<u8>),
        manifests: &BTreeMap<String, Option<Vec<u8>>>,
        objects: &Repository,
    ) -> Result<(), PublishError> {
        // Contents that only the folder has are read before anything is overwritten.
        let mut contents = BTreeMap::new();
        for id in plan.changes.iter().filter_map(|change| change.now) {
            if objects.find_blob(id).is_err()
                && let Some((path, _)) = self.files.iter().find(|(_, there)| **there == id)
            {
                contents.insert(id, self.read(path)?);
            }
        }
        self.write(&pending.0, &pending.1)?;
        for change in &plan.changes {
            let Some(id) = change.now else { continue };
            match contents.get(&id) {
                Some(content) => self.write(&change.path, content)?,
                None => {
                    let blob = objects.find_blob(id).map_err(PublishError::git("read a rendered file"))?;
                    self.write(&change.path, blob.content())?;
                }
            }
        }
        for change in plan.changes.iter().filter(|change| change.now.is_none()) {
            self.remove(&change.path)?;
        }
        for (path, text) in manifests {
            match text {
                Some(text) => self.write(path, text)?,
                None => self.remove(path)?,
            }
        }
        self.remove(&pending.0)
    }

    fn write(&self, path: &str, content: &[u8]) -> Result<(), PublishError> {
        let file = self.inside(path)?;
        write_atomically(&file, content).map_err(PublishError::io("write", file.display().to_string()))
    }

    fn remove(&self, path: &str) -> Result<(), PublishError> {
        let file = self.inside(path)?;
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PublishError::io("remove", file.display().to_string())(error));
            }
            _ => {}
        }
        // Folders vanish when nothing is left in them.
        let mut folder = file.parent();
        while let Some(above) = folder.filter(|above| *above != self.folder) {
            if fs::remove_dir(above).is_err() {
                break;
            }
            folder = above.parent();
        }
        Ok(())
    }

    /// A path below the folder; none of the folders on the way may be a link.
    fn inside(&self, path: &str) -> Result<PathBuf, PublishError> {
        let mut place = self.folder.clone();
        let parts: Vec<&str> = path.split('/').collect();
        for (at, part) in parts.iter().enumerate() {
            place.push(part);
            let is_link = fs::symlink_metadata(&place).is_ok_and(|meta| meta.is_symlink());
            if is_link && at + 1 < parts.len() {
                let source = io::Error::other("a symlink leads out of the folder");
                return Err(PublishError::Io { action: "write", path: place.display().to_string(), source });
            }
        }
        Ok(place)
    }
}

impl Base for FolderBase {
    fn files(&self) -> &BTreeMap<String, Oid> {
        &self.files
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, PublishError> {
        if !self.files.contains_key(path) {
            return Ok(Vec::new());
        }
        let file = self.folder.join(path);
        fs::read(&file).map_err(PublishError::io("read", file.display().to_string()))
    }
}
