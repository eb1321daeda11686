use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::folder::{FileKind, FolderEntry, TemporaryFolder, list_folder, remove_folder};
use super::interrupt::Temporary;

/// Writes a file so that it has its old or its new content at every moment: into a temporary file
/// beside it, to the disk, then renamed. Makes the folder.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes, set_readable)
}

/// Writes a file that only its owner may read.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes, |_| Ok(()))
}

/// Writes a file with these permissions, so that it has its old or its new content at every moment.
pub fn write_as(path: &Path, bytes: &[u8], permissions: fs::Permissions) -> io::Result<()> {
    replace(path, bytes, |file| file.set_permissions(permissions))
}

fn replace(path: &Path, bytes: &[u8], set_mode: impl FnOnce(&fs::File) -> io::Result<()>) -> io::Result<()> {
    let new = NewFile::beside(path)?;
    new.as_file().write_all(bytes)?;
    set_mode(new.as_file())?;
    new.put()
}

/// A file that is written beside its place and appears there when it is whole.
#[derive(Debug)]
pub struct NewFile {
    place: PathBuf,
    file: NamedTempFile,
    _temporary: Temporary,
}

impl NewFile {
    /// An empty file that only its owner may read. Makes the folder, and removes from it what killed
    /// processes left.
    pub fn beside(place: &Path) -> io::Result<Self> {
        let folder = match place.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder)?;
        sweep(folder);
        for _ in 0..ATTEMPTS {
            let file = tempfile::Builder::new().prefix(TEMPORARY).suffix(ENDING).tempfile_in(folder)?;
            let temporary = Temporary::new(file.path());
            if is_kept(file.as_file(), file.path()) {
                return Ok(Self { place: place.to_owned(), file, _temporary: temporary });
            }
        }
        Err(swept())
    }

    /// The file, to write to.
    pub fn as_file(&self) -> &fs::File {
        self.file.as_file()
    }

    /// Puts it into its place, when it is on the disk.
    pub fn put(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(&self.place).map(drop).map_err(|error| error.error)
    }
}

/// A folder that is filled beside its place and replaces what is there when it is whole.
#[derive(Debug)]
pub struct NewFolder {
    place: PathBuf,
    folder: TemporaryFolder,
    _lock: Option<fs::File>,
    _temporary: Temporary,
}

impl NewFolder {
    /// An empty folder. Removes what killed processes left beside it.
    pub fn beside(place: &Path) -> io::Result<Self> {
        let parent = place.parent().ok_or(io::ErrorKind::InvalidInput)?;
        sweep(parent);
        for _ in 0..ATTEMPTS {
            let folder = TemporaryFolder::named(parent, TEMPORARY, ENDING)?;
            let temporary = Temporary::new(folder.path());
            // Where folders cannot be opened, sweepers cannot open them either.
            let lock = fs::File::open(folder.path()).ok();
            if lock.as_ref().is_none_or(|lock| is_kept(lock, folder.path())) {
                return Ok(Self { place: place.to_owned(), folder, _lock: lock, _temporary: temporary });
            }
        }
        Err(swept())
    }

    /// The folder, to fill.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts it into its place. What was there is gone then.
    pub fn put(self) -> io::Result<()> {
        if fs::symlink_metadata(&self.place).is_ok_and(|meta| !meta.is_dir()) {
            fs::remove_file(&self.place)?;
        }
        let aside = self.folder.path().with_extension("old");
        swap_folders(self.folder.path(), &self.place, &aside)?;
        remove_folder(&aside)
    }
}

/// What the names of temporary files and folders begin with. Their makers keep them locked, so that those of
/// processes that were killed can be told.
const TEMPORARY: &str = ".kiln-";

/// What they end with.
const ENDING: &str = ".tmp";

/// How often one is made when others sweep at the same moment.
const ATTEMPTS: usize = 16;

/// Locks what was just made. Before that somebody may have taken it for a leftover: then it is not kept.
fn is_kept(made: &fs::File, path: &Path) -> bool {
    // A file system without locks has no sweepers either.
    made.try_lock().is_err() || is_same(made, path)
}

fn swept() -> io::Error {
    io::Error::other("what is under way is removed by somebody else")
}

/// Removes the temporary files and folders of processes that were killed.
fn sweep(folder: &Path) {
    for FolderEntry { name, kind } in list_folder(folder).unwrap_or_default() {
        let is_temporary = |name: &str| name.starts_with(TEMPORARY) && name.ends_with(ENDING);
        if !name.to_str().is_some_and(is_temporary) {
            continue;
        }
        let left = folder.join(name);
        let is_folder = match kind {
            FileKind::Folder => true,
            FileKind::File => false,
            FileKind::Other => continue,
        };
        let Ok(file) = fs::File::open(&left) else { continue };
        if file.try_lock().is_ok() && is_same(&file, &left) {
            let _ = if is_folder { remove_folder(&left) } else { fs::remove_file(&left) };
        }
    }
}

/// Whether an open file is still the one that its path names.
#[cfg(unix)]
pub(super) fn is_same(file: &fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(own), Ok(there)) = (file.metadata(), fs::symlink_metadata(path)) else { return false };
    (own.dev(), own.ino()) == (there.dev(), there.ino())
}

#[cfg(not(unix))]
pub(super) fn is_same(_file: &fs::File, path: &Path) -> bool {
    path.exists()
}

/// Puts a folder in the place of another, which may not exist yet: at once where the file system can
/// exchange folders, otherwise by way of `aside`. All three must be on one file system. What was
/// replaced is left at `staged` or `aside`; when only `aside` is left, a killed run was at work, and
/// `aside` is to be renamed back.
pub fn swap_folders(staged: &Path, folder: &Path, aside: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent().filter(|parent| !parent.is_dir()) {
        fs::create_dir_all(parent)?;
    }
    if !folder.exists() {
        return fs::rename(staged, folder);
    }
    match exchange(staged, folder) {
        // What cannot be exchanged here is renamed twice. After another error nothing is tried.
        Err(error) if !cannot_exchange(&error) => return Err(error),
        Err(_) => {}
        Ok(()) => return Ok(()),
    }
    if let Some(parent) = aside.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::rename(folder, aside)?;
    fs::rename(staged, folder).inspect_err(|_| {
        // The old tree goes back; if even that fails the next run does it.
        let _ = fs::rename(aside, folder);
    })
}

#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE)?)
}

/// Whether the system or the file system knows no exchange.
#[cfg(target_os = "linux")]
fn cannot_exchange(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let unknown = [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP, Errno::PERM];
    Errno::from_io_error(error).is_some_and(|error| unknown.contains(&error))
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
fn cannot_exchange(_: &io::Error) -> bool {
    true
}

/// Temporary files are private; what stays is readable as far as others may read files here.
#[cfg(unix)]
fn set_readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_readable(_file: &fs::File) -> io::Result<()> {
    Ok(())
}
