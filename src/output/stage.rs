use std::fs;
use std::io::{self, Write};
use std::path::Path;

use walkdir::WalkDir;

use super::changes::Change;
use super::{ChangeSet, OutputSet, interrupt};
use crate::source::list_folder;

/// Builds the new tree in `staging`, an empty folder on the file system of `old`: new and changed
/// files are written, everything else of the old tree, if there is one, is linked in.
pub fn build(
    staging: &Path,
    old: Option<&Path>,
    wanted: &OutputSet,
    changes: &ChangeSet,
    sync: bool,
) -> io::Result<()> {
    if let Some(old) = old {
        keep(staging, old, changes)?;
    }
    let mut made = Some(staging.to_path_buf());
    for (path, content) in wanted.iter() {
        if matches!(changes.changes.get(path), Some(Change::Added | Change::Changed)) {
            interrupt::check()?;
            let place = staging.join(path);
            if made.as_deref() != place.parent() {
                create_parent(&place)?;
                made = place.parent().map(Path::to_path_buf);
            }
            write(&place, content, sync)?;
        }
    }
    Ok(())
}

/// Links everything into the new tree that stays as it is.
fn keep(staging: &Path, old: &Path, changes: &ChangeSet) -> io::Result<()> {
    for entry in WalkDir::new(old).min_depth(1) {
        interrupt::check()?;
        let entry = entry?;
        let Ok(below) = entry.path().strip_prefix(old) else { continue };
        let place = staging.join(below);
        if entry.file_type().is_dir() {
            if list_folder(entry.path())?.is_empty() && !only_owned_was_here(below, changes) {
                fs::create_dir_all(&place)?;
            }
            continue;
        }
        if below.to_str().is_some_and(|path| changes.changes.contains_key(path)) {
            continue;
        }
        create_parent(&place)?;
        link(entry.path(), &place, entry.file_type())?;
    }
    Ok(())
}

/// An empty folder of the old tree is somebody's own unless kiln's files used to be in it; kiln
/// never leaves an empty folder behind, so it is kept.
fn only_owned_was_here(below: &Path, changes: &ChangeSet) -> bool {
    changes.changes.iter().any(|(path, change)| {
        *change == Change::Removed && Path::new(path).parent().is_some_and(|parent| parent.starts_with(below))
    })
}

fn create_parent(place: &Path) -> io::Result<()> {
    match place.parent() {
        Some(parent) => fs::create_dir_all(parent),
        None => Ok(()),
    }
}

/// Links a file that stays. Where the file system has no hard links it is copied with its time.
fn link(from: &Path, to: &Path, kind: fs::FileType) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(_) if kind.is_file() => {
            fs::copy(from, to)?;
            let modified = fs::metadata(from)?.modified()?;
            fs::File::options().write(true).open(to)?.set_modified(modified)
        }
        #[cfg(unix)]
        Err(_) if kind.is_symlink() => std::os::unix::fs::symlink(fs::read_link(from)?, to),
        Err(error) => Err(error),
    }
}

fn write(place: &Path, content: &[u8], sync: bool) -> io::Result<()> {
    let mut file = fs::File::create_new(place)?;
    file.write_all(content)?;
    if sync {
        file.sync_all()?;
    }
    Ok(())
}
