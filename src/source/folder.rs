//! Folders are listed and removed so that nothing panics: the standard library's ways do when the system fails
//! to close a folder, which may happen when the new output is in its place and nothing may go wrong any more.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// What stands in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// Something else, such as a link, which is not followed.
    Other,
}

/// One thing that a folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name.
    pub name: OsString,
    /// What it is.
    pub kind: FileKind,
}

/// What a folder holds, in no order. The folder may be a link to one.
///
/// # Errors
/// When it cannot be opened or read.
#[cfg(unix)]
pub fn list_folder(path: &Path) -> io::Result<Vec<FolderEntry>> {
    use std::os::unix::ffi::OsStringExt;

    use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, openat};

    let folder = openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut listed = Vec::new();
    for entry in Dir::new(folder)? {
        let entry = entry?;
        if matches!(entry.file_name().to_bytes(), b"." | b"..") {
            continue;
        }
        let name = OsString::from_vec(entry.file_name().to_bytes().to_vec());
        let kind = match entry.file_type() {
            FileType::Directory => FileKind::Folder,
            FileType::RegularFile => FileKind::File,
            // Some file systems do not tell.
            FileType::Unknown => FileKind::of(&std::fs::symlink_metadata(path.join(&name))?),
            _ => FileKind::Other,
        };
        listed.push(FolderEntry { name, kind });
    }
    Ok(listed)
}

/// What a folder holds, in no order. The folder may be a link to one.
///
/// # Errors
/// When it cannot be opened or read.
#[cfg(not(unix))]
pub fn list_folder(path: &Path) -> io::Result<Vec<FolderEntry>> {
    let listed = |entry: std::fs::DirEntry| {
        Ok(FolderEntry { name: entry.file_name(), kind: FileKind::of(&entry.path().symlink_metadata()?) })
    };
    std::fs::read_dir(path)?.map(|entry| entry.and_then(listed)).collect()
}

impl FileKind {
    fn of(meta: &std::fs::Metadata) -> Self {
        match meta {
            meta if meta.is_dir() => Self::Folder,
            meta if meta.is_file() => Self::File,
            _ => Self::Other,
        }
    }
}

/// Removes a folder, which need not be there, with all that it holds. Links are not followed.
///
/// # Errors
/// When something cannot be removed: all that can be may be gone by then.
#[cfg(unix)]
pub fn remove_folder(path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, unlinkat};

    match empty(CWD, path) {
        Err(rustix::io::Errno::NOENT) => return Ok(()),
        done => done?,
    }
    match unlinkat(CWD, path, AtFlags::REMOVEDIR) {
        Err(error) if error != rustix::io::Errno::NOENT => Err(error.into()),
        _ => Ok(()),
    }
}

/// Removes all that a folder holds.
#[cfg(unix)]
fn empty(parent: impl std::os::fd::AsFd, name: impl rustix::path::Arg) -> rustix::io::Result<()> {
    use rustix::fs::{AtFlags, Dir, Mode, OFlags, openat, unlinkat};
    use rustix::io::Errno;

    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = openat(parent, name, flags, Mode::empty())?;
    for entry in Dir::read_from(&folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        match unlinkat(&folder, name, AtFlags::empty()) {
            // Linux says the one, others the other.
            Err(Errno::ISDIR | Errno::PERM) => {
                empty(&folder, name)?;
                unlinkat(&folder, name, AtFlags::REMOVEDIR)?;
            }
            Err(Errno::NOENT) => {}
            done => done?,
        }
    }
    Ok(())
}

/// Removes a folder, which need not be there, with all that it holds. Links are not followed.
///
/// # Errors
/// When something cannot be removed: all that can be may be gone by then.
#[cfg(not(unix))]
pub fn remove_folder(path: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A new folder that goes away when it is dropped. One that cannot be removed stays, for those who sweep where
/// it lies.
#[derive(Debug)]
pub struct TemporaryFolder {
    path: PathBuf,
}

impl TemporaryFolder {
    /// Makes a folder that only its owner may enter, below another one; its name begins with a prefix.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn below(parent: &Path, prefix: &str) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        Ok(Self { path: builder.prefix(prefix).tempdir_in(parent)?.keep() })
    }

    /// Makes a folder that may be entered as far as others may enter folders here; its name begins and ends as
    /// wanted.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn named(parent: &Path, prefix: &str, suffix: &str) -> io::Result<Self> {
        let made = tempfile::Builder::new().prefix(prefix).suffix(suffix).tempdir_in(parent)?;
        Ok(Self { path: made.keep() })
    }

    /// Makes a folder that only its owner may enter where the system wants such ones.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn anywhere(prefix: &str) -> io::Result<Self> {
        Self::below(&std::env::temp_dir(), prefix)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = remove_folder(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn folders_are_listed_and_removed_and_links_are_not_followed() {
        let top = tempfile::tempdir().unwrap();
        let path = |below: &str| top.path().join(below);
        fs::create_dir_all(path("a/b/c")).unwrap();
        fs::write(path("a/file"), "x").unwrap();
        fs::write(path("a/b/c/file"), "x").unwrap();
        fs::create_dir(path("kept")).unwrap();
        fs::write(path("kept/file"), "x").unwrap();
        let mut wanted = vec![("b", FileKind::Folder), ("file", FileKind::File)];
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(path("kept"), path("a/link")).unwrap();
            std::os::unix::fs::symlink(path("a"), path("to-a")).unwrap();
            wanted.push(("link", FileKind::Other));
            assert_eq!(list_folder(&path("to-a")).unwrap().len(), 3);
            assert!(remove_folder(&path("to-a")).is_err());
        }
        let mut listed = list_folder(&path("a")).unwrap();
        listed.sort_by(|one, other| one.name.cmp(&other.name));
        let listed: Vec<_> = listed.iter().map(|listed| (listed.name.to_str().unwrap(), listed.kind)).collect();
        assert_eq!(listed, wanted);
        remove_folder(&path("a")).unwrap();
        assert!(!path("a").exists() && path("kept/file").exists());
        remove_folder(&path("a")).unwrap();
        assert_eq!(list_folder(&path("a")).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(list_folder(&path("kept/file")).is_err());
    }

    #[test]
    fn temporary_folders_go_away_with_all_they_hold() {
        let top = tempfile::tempdir().unwrap();
        let made = TemporaryFolder::below(top.path(), "x-").unwrap();
        let path = made.path().to_owned();
        fs::create_dir(path.join("below")).unwrap();
        assert!(path.starts_with(top.path()) && path.file_name().unwrap().to_str().unwrap().starts_with("x-"));
        drop(made);
        assert!(!path.exists());
        assert!(TemporaryFolder::below(&top.path().join("none"), "x-").is_err());
    }
}
