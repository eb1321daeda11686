//! Folders that are read where the new output is in its place already and nothing may go wrong any more: the
//! standard library's way panics when the system fails to close one.

use std::ffi::OsString;
use std::io;
use std::path::Path;

/// The names of what a folder holds, in no order.
#[cfg(unix)]
pub(super) fn names(path: &Path) -> io::Result<Vec<OsString>> {
    use std::os::unix::ffi::OsStringExt;

    use rustix::fs::{CWD, Dir};

    let mut names = Vec::new();
    for entry in Dir::read_from(opened(CWD, path)?)? {
        let name = entry?.file_name().to_owned().into_bytes();
        if !matches!(&*name, b"." | b"..") {
            names.push(OsString::from_vec(name));
        }
    }
    Ok(names)
}

/// The names of what a folder holds, in no order.
#[cfg(not(unix))]
pub(super) fn names(path: &Path) -> io::Result<Vec<OsString>> {
    std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
}

/// Removes a folder, which need not be there, with all that it holds. Links are not followed.
#[cfg(unix)]
pub(super) fn remove(path: &Path) -> io::Result<()> {
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

#[cfg(unix)]
fn opened(parent: impl std::os::fd::AsFd, name: impl rustix::path::Arg) -> rustix::io::Result<std::os::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags, openat};

    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

/// Removes all that a folder holds.
#[cfg(unix)]
fn empty(parent: impl std::os::fd::AsFd, name: impl rustix::path::Arg) -> rustix::io::Result<()> {
    use rustix::fs::{AtFlags, Dir, unlinkat};
    use rustix::io::Errno;

    let folder = opened(parent, name)?;
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
#[cfg(not(unix))]
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
