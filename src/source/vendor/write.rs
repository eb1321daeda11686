use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::compare::{ATTRIBUTES, Difference, IGNORE, compare_vendor, foreign_files};
use super::folder::place;
use super::layout::{Lies, is_link, lay_out, stays_inside};
use super::manifest::{INVALID, MANIFEST, Manifest};
use crate::source::atomic::swap_folders;
use crate::source::carry::{Carried, Commit, carried, is_missing, lacking, named};
use crate::source::error::{MALFORMED, SourceError};
use crate::source::folder::remove_folder;
use crate::source::lock::Lock;
use crate::source::pin::Pin;
use crate::source::store::Store;

/// How many names a message lists.
const LISTED: usize = 10;

/// What `kiln vendor` did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendored {
    /// The folder as shown to users.
    pub folder: String,
    /// How many sources it holds.
    pub sources: usize,
    /// How the folder differed before; empty when nothing was written.
    pub changes: Vec<Difference>,
}

/// Makes the `vendor` folder of a project what a lock pins. The new folder is staged in `.kiln/` and
/// swapped in at once, so a failure leaves the old one. `shown` names the project's folder.
///
/// # Errors
/// Content that neither the store nor the folder has; files in the folder that others put there.
pub fn write_vendor(project: &Path, shown: &str, lock: &Lock, store: &Store) -> Result<Vendored, SourceError> {
    let (folder, shown_folder) = place(project, shown);
    let state = State::enter(project)?;
    if state.aside.exists() && !folder.exists() {
        fs::rename(&state.aside, &folder).map_err(|error| failed(&folder, &error))?;
    }
    check_own(&folder, &shown_folder)?;
    let manifest = Manifest::of(lock);
    let sources = lock.len();
    let changes = compare_vendor(project, shown, lock)?;
    if changes.is_empty() {
        return Ok(Vendored { folder: shown_folder, sources, changes });
    }
    let staged = state.staged.clone();
    let written = stage(&staged, &manifest, lock, store)
        .and_then(|()| swap_folders(&staged, &folder, &state.aside).map_err(|error| failed(&folder, &error)));
    let cleaned = remove_folder(&staged).and_then(|()| remove_folder(&state.aside));
    written?;
    cleaned.map_err(|error| failed(&staged, &error))?;
    Ok(Vendored { folder: shown_folder, sources, changes })
}

/// Where the new folder is made; held by one process at a time.
struct State {
    staged: PathBuf,
    aside: PathBuf,
    _held: File,
}

impl State {
    fn enter(project: &Path) -> Result<Self, SourceError> {
        let folder = project.join(".kiln");
        let enter = || -> io::Result<Self> {
            fs::create_dir_all(&folder)?;
            let ignore = folder.join(".gitignore");
            if !ignore.exists() {
                fs::write(&ignore, "*\n")?;
            }
            let held = File::options().create(true).truncate(false).write(true).open(folder.join("vendor.lock"))?;
            held.lock()?;
            let (staged, aside) = (folder.join("vendor.new"), folder.join("vendor.old"));
            remove_folder(&staged)?;
            Ok(Self { staged, aside, _held: held })
        };
        enter().map_err(|error| failed(&folder, &error))
    }
}

/// Refuses a folder that is somebody else's, or that holds somebody else's files: they would be lost.
fn check_own(folder: &Path, shown: &str) -> Result<(), SourceError> {
    match fs::symlink_metadata(folder) {
        Ok(meta) if !meta.is_dir() => {
            let message = format!("`{shown}` is in the way: it is no folder");
            return Err(SourceError::new(INVALID, message).help("move it away"));
        }
        _ => {}
    }
    let others = foreign_files(folder, shown)?;
    if others.is_empty() {
        return Ok(());
    }
    let more = others.len().saturating_sub(LISTED);
    let mut names: Vec<String> = others.iter().take(LISTED).map(|path| format!("`{}`", path.escape_debug())).collect();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let message = format!("`{shown}` holds files that `kiln vendor` did not write: {}", names.join(", "));
    Err(SourceError::new(INVALID, message).help("move them elsewhere; the folder is kiln's alone"))
}

/// Writes all of the folder.
fn stage(staged: &Path, manifest: &Manifest, lock: &Lock, store: &Store) -> Result<(), SourceError> {
    let mut pins: BTreeMap<&str, &Pin> = BTreeMap::new();
    for item in &manifest.sources {
        let pin = lock
            .entries()
            .map(|(_, entry)| &entry.pin)
            .find(|pin| pin.sha256() == item.sha256() && super::manifest::kind(pin) == item.kind);
        if let Some(pin) = pin {
            pins.insert(&item.place, pin);
        }
    }
    let put = |path: &Path, bytes: &[u8]| -> Result<(), SourceError> {
        let parent = path.parent().unwrap_or(staged);
        fs::create_dir_all(parent).and_then(|()| fs::write(path, bytes)).map_err(|error| failed(path, &error))
    };
    let results: Vec<Result<(), SourceError>> = pins
        .par_iter()
        .map(|(place, pin)| match carried(store, pin)? {
            Carried::Bytes(bytes) => put(&staged.join(place), &bytes),
            Carried::Commit(commit) => write_commit(staged, place, &commit),
        })
        .collect();
    let (missing, others): (Vec<_>, Vec<_>) = results
        .into_iter()
        .zip(pins.values())
        .filter_map(|(result, pin)| Some((result.err()?, pin)))
        .partition(|(error, _)| is_missing(error));
    if let Some((error, _)) = others.into_iter().next() {
        return Err(error);
    }
    if !missing.is_empty() {
        return Err(lacking(missing.iter().map(|(_, pin)| named(pin)).collect()));
    }
    put(&staged.join(".gitattributes"), ATTRIBUTES.as_bytes())?;
    put(&staged.join(".gitignore"), IGNORE.as_bytes())?;
    put(&staged.join(MANIFEST), manifest.text()?.as_bytes())
}

fn write_commit(staged: &Path, place: &str, commit: &Commit) -> Result<(), SourceError> {
    commit.listing.check().map_err(|why| {
        SourceError::policy(MALFORMED, format!("the list of files of `{place}` makes no sense: {why}"))
    })?;
    let folder = staged.join(place);
    let list = staged.join(format!("{place}.files"));
    let object = staged.join(format!("{place}.commit"));
    let aside = staged.join(format!("{place}.aside"));
    let prepare = fs::create_dir_all(&folder).and_then(|()| fs::write(&list, commit.listing.text()));
    let prepare = prepare.and_then(|()| fs::write(&object, &commit.object));
    prepare.map_err(|error| failed(&list, &error))?;
    for (at, (entry, lies)) in commit.listing.entries.iter().zip(lay_out(&commit.listing)).enumerate() {
        let (path, own) = match lies {
            Lies::There(path) => (folder.join(&path), Some(path)),
            Lies::Aside => (aside.join(&entry.content), None),
            Lies::Nowhere => continue,
        };
        let bytes = commit.read(at, entry)?;
        let write = || -> io::Result<()> {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            match (&own, std::str::from_utf8(&bytes)) {
                // A link that leads out is written as git does where links cannot be made: as a file.
                (Some(own), Ok(target)) if is_link(entry) && stays_inside(own, target) => make_link(target, &path),
                _ => {
                    fs::write(&path, &bytes)?;
                    if entry.is_executable() { make_executable(&path) } else { Ok(()) }
                }
            }
        };
        write().map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

#[cfg(unix)]
fn make_link(target: &str, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn make_link(target: &str, path: &Path) -> io::Result<()> {
    fs::write(path, target)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn failed(path: &Path, error: &io::Error) -> SourceError {
    SourceError::world(INVALID, format!("cannot write `{}`: {error}", path.display()))
}
