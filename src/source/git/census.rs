use std::collections::HashMap;

use git2::{ObjectType, Odb, Oid, Repository};

use crate::source::digest;
use crate::source::error::{CORRUPT, LIMIT, MALFORMED, SourceError, foreign};
use crate::source::listing::{Listed, Listing};

/// The most files of a commit, each counted as often as it has a path.
const MAX_FILES: u64 = 200_000;
/// The most bytes of a commit's files, counted likewise.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// The most bytes of one file.
const MAX_FILE_BYTES: u64 = 100 * 1024 * 1024;
/// The deepest nesting of folders.
const MAX_DEPTH: usize = 200;

/// The beginning of a Git LFS pointer.
pub(super) const LFS_MARK: &[u8] = b"version https://git-lfs.github.com/spec/";
/// No pointer is longer.
pub(super) const LFS_MAX_BYTES: usize = 1024;

/// What a commit's tree holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Census {
    /// SHA-256 over paths, modes and contents, in hex.
    pub sha256: String,
    /// What the digest is made of.
    pub listing: Listing,
    /// The object of each entry of the listing.
    pub ids: Vec<Oid>,
    /// The paths of submodules, which are not fetched.
    pub submodules: Vec<String>,
    /// The paths of Git LFS pointers.
    pub lfs: Vec<String>,
}

/// Checks every object of a tree against its id, every name, and the limits; digests the whole.
pub(in crate::source) fn census(repository: &Repository, tree: Oid, shown: &str) -> Result<Census, SourceError> {
    let odb = repository.odb().map_err(|error| damaged(shown, &error))?;
    let mut survey = Survey { repository, odb: &odb, shown, sizes: HashMap::new(), blobs: HashMap::new() };
    survey.hold(tree)?;
    let mut found = Census::default();
    survey.list(tree, &mut Vec::new(), &mut found)?;
    found.sha256 = found.listing.sha256();
    Ok(found)
}

/// Checks every name of a tree and the limits, without reading a file.
pub(super) fn measure(repository: &Repository, tree: Oid, shown: &str) -> Result<(), SourceError> {
    let odb = repository.odb().map_err(|error| damaged(shown, &error))?;
    Survey { repository, odb: &odb, shown, sizes: HashMap::new(), blobs: HashMap::new() }.hold(tree)
}

#[derive(Clone, Copy, Default)]
struct Size {
    files: u64,
    bytes: u64,
}

struct Survey<'a> {
    repository: &'a Repository,
    odb: &'a Odb<'a>,
    shown: &'a str,
    /// Sizes of trees that were measured, so that a tree used many times costs once.
    sizes: HashMap<Oid, Size>,
    blobs: HashMap<Oid, (String, bool)>,
}

impl Survey<'_> {
    /// Holds a tree against the limits.
    fn hold(&mut self, tree: Oid) -> Result<(), SourceError> {
        let total = self.measure(tree, 0)?;
        if total.files > MAX_FILES {
            let message = format!(
                "{} has {} files, which is over the limit of {MAX_FILES}: too many files",
                self.shown, total.files
            );
            return Err(SourceError::policy(LIMIT, message));
        }
        if total.bytes > MAX_BYTES {
            let message =
                format!("{} has {} bytes, which is larger than the limit of {MAX_BYTES}", self.shown, total.bytes);
            return Err(SourceError::policy(LIMIT, message));
        }
        Ok(())
    }

    /// Counts without unfolding: a tree that repeats itself is measured once.
    fn measure(&mut self, id: Oid, depth: usize) -> Result<Size, SourceError> {
        if let Some(size) = self.sizes.get(&id) {
            return Ok(*size);
        }
        if depth > MAX_DEPTH {
            let message = format!("{} nests folders deeper than the limit of {MAX_DEPTH}", self.shown);
            return Err(SourceError::policy(LIMIT, message));
        }
        let tree = self.repository.find_tree(id).map_err(|error| damaged(self.shown, &error))?;
        let mut size = Size::default();
        for entry in tree.iter() {
            check_name(entry.name_bytes(), self.shown)?;
            match entry.kind() {
                Some(ObjectType::Tree) => {
                    let below = self.measure(entry.id(), depth + 1)?;
                    size.files = size.files.saturating_add(below.files);
                    size.bytes = size.bytes.saturating_add(below.bytes);
                }
                Some(ObjectType::Blob) => {
                    let (bytes, _) = self.odb.read_header(entry.id()).map_err(|error| damaged(self.shown, &error))?;
                    let bytes = bytes as u64;
                    if bytes > MAX_FILE_BYTES {
                        let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
                        let message = format!(
                            "the file `{}` in {} is larger than the limit of {MAX_FILE_BYTES} bytes",
                            foreign(&name),
                            self.shown
                        );
                        return Err(SourceError::policy(LIMIT, message));
                    }
                    size.files = size.files.saturating_add(1);
                    size.bytes = size.bytes.saturating_add(bytes);
                }
                _ => {}
            }
        }
        self.sizes.insert(id, size);
        Ok(size)
    }

    fn list(&mut self, id: Oid, path: &mut Vec<u8>, found: &mut Census) -> Result<(), SourceError> {
        let tree = self.repository.find_tree(id).map_err(|error| damaged(self.shown, &error))?;
        for entry in tree.iter() {
            let before = path.len();
            path.extend_from_slice(entry.name_bytes());
            if entry.kind() == Some(ObjectType::Tree) {
                path.push(b'/');
                self.list(entry.id(), path, found)?;
                path.truncate(before);
                continue;
            }
            let content = if entry.kind() == Some(ObjectType::Blob) {
                let (content, is_lfs) = self.blob(entry.id())?;
                if is_lfs {
                    found.lfs.push(String::from_utf8_lossy(path).into_owned());
                }
                content
            } else {
                found.submodules.push(String::from_utf8_lossy(path).into_owned());
                entry.id().to_string()
            };
            let mode = u32::try_from(entry.filemode_raw()).unwrap_or_default();
            found.listing.entries.push(Listed { path: path.clone(), mode, content });
            found.ids.push(entry.id());
            path.truncate(before);
        }
        Ok(())
    }

    fn blob(&mut self, id: Oid) -> Result<(String, bool), SourceError> {
        if let Some(known) = self.blobs.get(&id) {
            return Ok(known.clone());
        }
        let object = self.odb.read(id).map_err(|error| damaged(self.shown, &error))?;
        let content = object.data();
        let is_lfs = content.len() <= LFS_MAX_BYTES && content.starts_with(LFS_MARK);
        let known = (digest::sha256_hex(content), is_lfs);
        self.blobs.insert(id, known.clone());
        Ok(known)
    }
}

/// Names that would mean something else than a file of the tree.
fn check_name(name: &[u8], shown: &str) -> Result<(), SourceError> {
    let bad = matches!(name, b"" | b"." | b"..") || name.contains(&b'/') || name.eq_ignore_ascii_case(b".git");
    if !bad {
        return Ok(());
    }
    let name = String::from_utf8_lossy(name).into_owned();
    Err(SourceError::policy(
        MALFORMED,
        format!("{shown} contains an entry with the invalid path name `{}`", foreign(&name)),
    ))
}

fn damaged(shown: &str, error: &git2::Error) -> SourceError {
    SourceError::policy(CORRUPT, format!("{shown} is damaged: {}", foreign(error.message())))
}
