use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::build::CheckoutBuilder;
use git2::{Commit, Delta, DiffOptions, FileMode, Repository, Tree};

use crate::source::atomic::write_as;
use crate::source::folder::TemporaryFolder;

/// Makes the files of a work tree, which stand as `from` has them, what a commit has: each by one rename, so that
/// it is old or new at every moment; then the index, which is of `index`. `false`, with nothing done, where files
/// that git does not know are in the way.
pub(super) fn follow_files(
    repository: &Repository,
    work: &Path,
    from: &Tree<'_>,
    index: &Tree<'_>,
    to: &Commit<'_>,
) -> Result<bool, git2::Error> {
    let tree = to.tree()?;
    let diff = repository.diff_tree_to_tree(Some(from), Some(&tree), None)?;
    let is_plain = |mode| matches!(mode, FileMode::Unreadable | FileMode::Blob | FileMode::BlobExecutable);
    if diff.deltas().any(|delta| !is_plain(delta.old_file().mode()) || !is_plain(delta.new_file().mode())) {
        // Links and submodules are libgit2's own business.
        return Ok(repository.checkout_tree(to.as_object(), Some(CheckoutBuilder::new().safe())).is_ok());
    }
    let (mut written, mut removed) = (Vec::new(), Vec::new());
    for delta in diff.deltas() {
        let file = if delta.status() == Delta::Deleted { delta.old_file() } else { delta.new_file() };
        let Some(path) = file.path().map(Path::to_path_buf) else { continue };
        if delta.status() == Delta::Added && fs::symlink_metadata(work.join(&path)).is_ok() {
            return Ok(false);
        }
        if delta.status() == Delta::Deleted { removed.push(path) } else { written.push(path) }
    }
    let failed = |error: io::Error| git2::Error::from_str(&error.to_string());
    write(repository, work, to, &written).map_err(failed)?;
    removed.iter().try_for_each(|path| remove(work, path)).map_err(failed)?;
    let mut entries = repository.index()?;
    entries.read(false)?;
    for path in paths(repository, index, &tree)? {
        match tree.get_path(&path) {
            Ok(_) => entries.add_path(&path)?,
            Err(_) => entries.remove_path(&path)?,
        }
    }
    entries.write().map(|()| true)
}

/// Whether the files of a work tree stand as a tree has them; files that git does not know do not count.
pub(super) fn stand_as(repository: &Repository, tree: &Tree<'_>) -> Result<bool, git2::Error> {
    let mut options = DiffOptions::new();
    options.ignore_submodules(true);
    Ok(repository.diff_tree_to_workdir(Some(tree), Some(&mut options))?.deltas().len() == 0)
}

/// The paths that differ between two trees.
fn paths(repository: &Repository, one: &Tree<'_>, other: &Tree<'_>) -> Result<BTreeSet<PathBuf>, git2::Error> {
    let diff = repository.diff_tree_to_tree(Some(one), Some(other), None)?;
    let files = diff.deltas().flat_map(|delta| {
        [delta.old_file().path().map(Path::to_path_buf), delta.new_file().path().map(Path::to_path_buf)]
    });
    Ok(files.flatten().collect())
}

/// Writes files as git would check them out, line endings and all.
fn write(repository: &Repository, work: &Path, commit: &Commit<'_>, paths: &[PathBuf]) -> io::Result<()> {
    if paths.is_empty() {
        return Ok(());
    }
    let aside = TemporaryFolder::below(repository.path(), "kiln-files-")?;
    let mut checkout = CheckoutBuilder::new();
    checkout.target_dir(aside.path()).force().recreate_missing(true).update_index(false).disable_pathspec_match(true);
    for path in paths {
        checkout.path(path);
    }
    let done = repository.checkout_tree(commit.as_object(), Some(&mut checkout));
    done.map_err(|error| io::Error::other(error.message().to_owned()))?;
    for path in paths {
        let file = aside.path().join(path);
        write_as(&work.join(path), &fs::read(&file)?, fs::metadata(&file)?.permissions())?;
    }
    Ok(())
}

/// Removes a file, and the folders that it leaves empty.
fn remove(work: &Path, path: &Path) -> io::Result<()> {
    match fs::remove_file(work.join(path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let above = path.ancestors().skip(1).take_while(|above| !above.as_os_str().is_empty());
    for folder in above {
        if fs::remove_dir(work.join(folder)).is_err() {
            break;
        }
    }
    Ok(())
}
