use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file so that it has its old or its new content at every moment: into a temporary file
/// beside it, to the disk, then renamed. Makes the folder.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes, set_readable)
}

/// Writes a file that only its owner may read.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes, |_| Ok(()))
}

fn replace(path: &Path, bytes: &[u8], set_mode: fn(&fs::File) -> io::Result<()>) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".kiln-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    set_mode(file.as_file())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Puts a folder in the place of another, which may not exist yet: at once where the file system can
/// exchange folders, otherwise by way of `aside`. All three must be on one file system. What was
/// replaced is left at `staged` or `aside`; when only `aside` is left, a killed run was at work, and
/// `aside` is to be renamed back.
pub fn swap_folders(staged: &Path, folder: &Path, aside: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    if !folder.exists() {
        return fs::rename(staged, folder);
    }
    if exchange(staged, folder).is_ok() {
        return Ok(());
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

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
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
