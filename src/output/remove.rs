use std::io;
use std::path::Path;

/// Removes a folder, which need not be there, with all that it holds. Links are not followed.
///
/// The standard library's way panics when the system fails to close a folder; this is used where the new
/// output is in its place already and nothing may go wrong any more.
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
#[cfg(not(unix))]
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
