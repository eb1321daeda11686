use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, Read as _};
use std::iter;
#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::{MALFORMED, MODIFIED, SourceError};
use super::folder::{FileKind, list_folder};
use super::trace::{self, DiskFolder, Question};
use crate::diag::{Code, Diagnostic};

/// What stands at a path of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
}

/// One entry of a directory listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The entry's own name, without its folder.
    pub name: String,
    /// What it is, after following links.
    pub kind: EntryKind,
}

/// Why a [`Tree`] could not be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TreeError {
    /// Nothing stands there.
    #[error("{path}: no such file or directory")]
    Missing {
        /// The path as shown to users.
        path: String,
    },
    /// A link, or a path with `..`, leads out of the tree.
    #[error("{path}: leads outside of {root}, by a link or `..`")]
    Escapes {
        /// The path as shown to users.
        path: String,
        /// The root as shown to users.
        root: String,
    },
    /// A socket, device or the like.
    #[error("{path}: neither a regular file nor a directory")]
    Irregular {
        /// The path as shown to users.
        path: String,
    },
    /// A file that differs from its digest in the lock.
    #[error("`{path}` was modified: expected {expected} of {of}, found {found}")]
    Modified {
        /// The path as shown to users.
        path: String,
        /// The source as shown to users.
        of: String,
        /// The digest that follows from the lock.
        expected: String,
        /// The digest of what is there, or why there is none.
        found: String,
    },
    /// The operating system or the object database said no.
    #[error("{path}: {message}")]
    Io {
        /// The path as shown to users.
        path: String,
        /// Its words.
        message: String,
    },
}

/// What [`Tree::read_up_to`] gives.
#[derive(Clone, Debug)]
pub enum Held {
    /// The content.
    Whole(Arc<[u8]>),
    /// The size in bytes of a file that can be read and was not.
    Size(u64),
}

impl TreeError {
    /// The diagnostic: of a code that the reader chooses, unless content differs from the lock.
    pub fn diagnostic(&self, code: Code) -> Diagnostic {
        match self {
            Self::Modified { .. } => Diagnostic::from(SourceError::from(self.clone())),
            _ => Diagnostic::error(code, self.to_string()),
        }
    }
}

impl From<TreeError> for SourceError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Modified { .. } => Self::policy(MODIFIED, error.to_string())
                .help("run `kiln vendor` to restore what kiln.lock pins, or change the source itself"),
            error => Self::new(MALFORMED, error.to_string()),
        }
    }
}

/// Something that can be read like a folder. Paths are relative, separated by `/`, normalised, and
/// never contain `..`; the empty path is the root.
pub trait Backing: Send + Sync {
    /// What stands at a path; `None` when nothing does.
    fn kind(&self, path: &str) -> Result<Option<EntryKind>, TreeError>;
    /// The content of a file.
    fn read(&self, path: &str) -> Result<Arc<[u8]>, TreeError>;
    /// The content of a file, or its size alone when it is larger than `most` and that saves work.
    fn read_up_to(&self, path: &str, _most: u64) -> Result<Held, TreeError> {
        self.read(path).map(Held::Whole)
    }
    /// The entries of a folder, sorted bytewise by name.
    fn list(&self, path: &str) -> Result<Vec<Entry>, TreeError>;
    /// The path as users should see it.
    fn display(&self, path: &str) -> String;
    /// The folder on disk, for hooks and editors; `None` when the tree is not a plain folder.
    fn on_disk(&self, path: &str) -> Option<PathBuf>;
}

/// A read-only file tree: a folder, an unpacked archive, or a commit. Cheap to clone.
#[derive(Clone)]
pub struct Tree {
    backing: Arc<dyn Backing>,
    prefix: String,
}

impl Tree {
    /// A tree over any backing.
    pub fn new(backing: impl Backing + 'static) -> Self {
        Self { backing: Arc::new(backing), prefix: String::new() }
    }

    /// The folder `root`; users see paths below `shown` (empty for paths relative to the root).
    /// Links are followed as long as they stay below `root`.
    pub fn directory(root: impl Into<PathBuf>, shown: impl Into<String>) -> Self {
        let root = root.into();
        let bound = root.canonicalize().unwrap_or_else(|_| root.clone());
        Self::new(Directory::new(DiskFolder { root, shares_charts: false }, bound, shown.into()))
    }

    /// The folder of a chart. Besides what [`Tree::directory`] follows, relative links in `charts/` may
    /// lead to other charts: repositories share charts in this way. From there no link leads further.
    pub fn chart_directory(root: impl Into<PathBuf>, shown: impl Into<String>) -> Self {
        let root = root.into();
        let bound = root.canonicalize().unwrap_or_else(|_| root.clone());
        Self::new(Directory::new(DiskFolder { root, shares_charts: true }, bound, shown.into()))
    }

    /// Files in memory, by path; users see paths below `shown`.
    pub fn memory(files: BTreeMap<String, Arc<[u8]>>, shown: impl Into<String>) -> Self {
        Self::new(Memory { files, shown: shown.into() })
    }

    /// What stands at a path; `None` when nothing does.
    pub fn kind(&self, path: &str) -> Result<Option<EntryKind>, TreeError> {
        self.backing.kind(&self.full(path)?)
    }

    /// Whether a regular file stands at a path.
    pub fn is_file(&self, path: &str) -> bool {
        matches!(self.kind(path), Ok(Some(EntryKind::File)))
    }

    /// Whether a directory stands at a path.
    pub fn is_dir(&self, path: &str) -> bool {
        matches!(self.kind(path), Ok(Some(EntryKind::Dir)))
    }

    /// The content of a file.
    pub fn read(&self, path: &str) -> Result<Arc<[u8]>, TreeError> {
        self.backing.read(&self.full(path)?)
    }

    /// The content of a file, or its size alone when it is larger than `most` bytes and that saves work.
    pub fn read_up_to(&self, path: &str, most: u64) -> Result<Held, TreeError> {
        self.backing.read_up_to(&self.full(path)?, most)
    }

    /// The entries of a folder, sorted bytewise by name.
    pub fn list(&self, path: &str) -> Result<Vec<Entry>, TreeError> {
        self.backing.list(&self.full(path)?)
    }

    /// The tree below a folder. Whether the folder exists shows when it is read.
    pub fn subtree(&self, path: &str) -> Result<Tree, TreeError> {
        Ok(Tree { backing: Arc::clone(&self.backing), prefix: self.full(path)? })
    }

    /// The folder that this tree stands in, and its name there; `None` at the backing's own root.
    pub fn parent(&self) -> Option<(Tree, String)> {
        let (folder, name) = match self.prefix.rsplit_once('/') {
            Some((folder, name)) => (folder, name),
            None if self.prefix.is_empty() => return None,
            None => ("", self.prefix.as_str()),
        };
        Some((Tree { backing: Arc::clone(&self.backing), prefix: folder.to_owned() }, name.to_owned()))
    }

    /// Whether both are the same place of the same backing.
    pub fn same(&self, other: &Tree) -> bool {
        Arc::ptr_eq(&self.backing, &other.backing) && self.prefix == other.prefix
    }

    /// A name for the place: the address of the backing, which is its own as long as a tree of it lives,
    /// and the path there. Two trees with the same are [the same](Tree::same).
    pub fn identity(&self) -> (usize, &str) {
        (Arc::as_ptr(&self.backing).cast::<()>().addr(), &self.prefix)
    }

    /// The path as users should see it.
    pub fn display(&self, path: &str) -> String {
        match self.full(path) {
            Ok(full) => self.backing.display(&full),
            Err(_) => path.to_owned(),
        }
    }

    /// The folder or file on disk, for hooks and editors; `None` when the tree is not a plain folder.
    pub fn on_disk(&self, path: &str) -> Option<PathBuf> {
        self.backing.on_disk(&self.full(path).ok()?)
    }

    /// Normalises a path below this tree's own root; `..` may not climb above the backing's root.
    fn full(&self, path: &str) -> Result<String, TreeError> {
        let mut parts: Vec<&str> = self.prefix.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    if parts.pop().is_none() {
                        return Err(TreeError::Escapes { path: path.to_owned(), root: self.backing.display("") });
                    }
                }
                part => parts.push(part),
            }
        }
        Ok(parts.join("/"))
    }
}

impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tree({})", self.backing.display(&self.prefix))
    }
}

struct Directory {
    /// Where it is, and whether links in `charts/` may lead to charts elsewhere.
    folder: Arc<DiskFolder>,
    /// Where links may lead: the root without links.
    bound: PathBuf,
    shown: String,
    /// Folders that are reached without any link, so that what they hold needs no proof.
    straight: Mutex<HashSet<String>>,
}

impl Directory {
    fn new(folder: DiskFolder, bound: PathBuf, shown: String) -> Self {
        Self { folder: Arc::new(folder), bound, shown, straight: Mutex::default() }
    }

    fn at(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.folder.root.clone() } else { self.folder.root.join(path) }
    }

    /// What stands at a path, links followed, after proving that none leads out of the bound.
    fn look(&self, path: &str) -> Result<Option<(PathBuf, fs::Metadata)>, TreeError> {
        let place = self.at(path);
        let own = match fs::symlink_metadata(&place) {
            Ok(own) => own,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(self.io(path, &error)),
        };
        if !own.is_symlink() && self.is_straight(parent(path)) {
            return Ok(Some((place, own)));
        }
        let found = match place.canonicalize() {
            Ok(real) if real.starts_with(&self.bound) || self.is_in_shared_chart(path, &real) => fs::metadata(&place),
            Ok(_) => return Err(TreeError::Escapes { path: self.display(path), root: self.display("") }),
            Err(error) => Err(error),
        };
        match found {
            Ok(found) => Ok(Some((place, found))),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(self.io(path, &error)),
        }
    }

    /// Opens a regular file, and tells its size.
    fn open(&self, path: &str) -> Result<(fs::File, u64), TreeError> {
        // Most files are no links and lie in folders that are none: opening them is proof enough.
        #[cfg(unix)]
        if self.is_straight(parent(path))
            && let Ok(file) = open_plainly(&self.at(path))
            && let Ok(found) = file.metadata()
            && found.is_file()
        {
            return Ok((file, found.len()));
        }
        let Some((place, found)) = self.look(path)? else {
            return Err(TreeError::Missing { path: self.display(path) });
        };
        if found.is_dir() {
            return Err(TreeError::Io { path: self.display(path), message: "is a directory".to_owned() });
        }
        if !found.is_file() {
            return Err(TreeError::Irregular { path: self.display(path) });
        }
        let file = fs::File::open(&place).map_err(|error| self.io(path, &error))?;
        Ok((file, found.len()))
    }

    /// Whether a path leads through a link in `charts/` to another chart, and `real` is a part of that.
    fn is_in_shared_chart(&self, path: &str, real: &Path) -> bool {
        let mut ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        self.folder.shares_charts
            && ends.any(|end| {
                let link = &path[..end];
                let folder = parent(link);
                let place = self.at(link);
                (folder == "charts" || folder.ends_with("/charts"))
                    && fs::read_link(&place).is_ok_and(|target| target.is_relative())
                    && self.at(folder).canonicalize().is_ok_and(|folder| folder.starts_with(&self.bound))
                    && place
                        .canonicalize()
                        .is_ok_and(|chart| chart.join("Chart.yaml").is_file() && real.starts_with(chart))
            })
    }

    fn is_straight(&self, folder: &str) -> bool {
        if folder.is_empty() || self.straight.lock().unwrap_or_else(PoisonError::into_inner).contains(folder) {
            return true;
        }
        let straight = fs::symlink_metadata(self.at(folder)).is_ok_and(|own| own.is_dir())
            && (!folder.contains('/') || self.is_straight(parent(folder)));
        if straight {
            self.straight.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned());
        }
        straight
    }

    fn io(&self, path: &str, error: &io::Error) -> TreeError {
        if is_missing(error) {
            return TreeError::Missing { path: self.display(path) };
        }
        TreeError::Io { path: self.display(path), message: error.to_string() }
    }
}

/// Opens a file, but no link and without waiting for the other end of a pipe.
#[cfg(unix)]
fn open_plainly(place: &Path) -> io::Result<fs::File> {
    use rustix::fs::OFlags;
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    fs::OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(place)
}

/// Reads a file of which the size is known, unless it changes meanwhile, to where its content stays.
fn read_whole(file: &mut fs::File, size: u64) -> io::Result<Arc<[u8]>> {
    let mut content: Arc<[u8]> = iter::repeat_n(0, usize::try_from(size).unwrap_or(0)).collect();
    let mut filled = 0;
    if let Some(buffer) = Arc::get_mut(&mut content) {
        while filled < buffer.len() {
            match file.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    match filled {
        // Files of the kernel have no size until they are read.
        0 => {
            let mut all = Vec::new();
            file.read_to_end(&mut all)?;
            Ok(all.into())
        }
        filled if filled == content.len() => Ok(content),
        filled => Ok(content[..filled].into()),
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The path of the folder that holds a path.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl Directory {
    fn kind_of(&self, path: &str) -> Result<Option<EntryKind>, TreeError> {
        match self.look(path)? {
            None => Ok(None),
            Some((_, found)) if found.is_dir() => Ok(Some(EntryKind::Dir)),
            Some((_, found)) if found.is_file() => Ok(Some(EntryKind::File)),
            Some(_) => Err(TreeError::Irregular { path: self.display(path) }),
        }
    }

    fn content(&self, path: &str) -> Result<Arc<[u8]>, TreeError> {
        let (mut file, size) = self.open(path)?;
        read_whole(&mut file, size).map_err(|error| self.io(path, &error))
    }

    fn content_up_to(&self, path: &str, most: u64) -> Result<Held, TreeError> {
        let (mut file, size) = self.open(path)?;
        if size > most {
            return Ok(Held::Size(size));
        }
        read_whole(&mut file, size).map(Held::Whole).map_err(|error| self.io(path, &error))
    }

    fn entries(&self, path: &str) -> Result<Vec<Entry>, TreeError> {
        let Some((place, _)) = self.look(path)? else {
            return Err(TreeError::Missing { path: self.display(path) });
        };
        let mut entries = Vec::new();
        for listed in list_folder(&place).map_err(|error| self.io(path, &error))? {
            let Ok(name) = listed.name.into_string() else { continue };
            let kind = match listed.kind {
                FileKind::File => EntryKind::File,
                FileKind::Folder => EntryKind::Dir,
                FileKind::Other => {
                    let below = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                    self.kind_of(&below)?.ok_or_else(|| TreeError::Missing { path: self.display(&below) })?
                }
            };
            entries.push(Entry { name, kind });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }
}

impl Backing for Directory {
    fn kind(&self, path: &str) -> Result<Option<EntryKind>, TreeError> {
        let answer = self.kind_of(path);
        trace::note(&self.folder, path, Question::Kind, || trace::of_kind(&answer));
        answer
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>, TreeError> {
        let answer = self.content(path);
        trace::note(&self.folder, path, Question::Content, || trace::of_content(&answer));
        answer
    }

    fn read_up_to(&self, path: &str, most: u64) -> Result<Held, TreeError> {
        let answer = self.content_up_to(path, most);
        trace::note(&self.folder, path, Question::ContentUpTo(most), || trace::of_held(&answer));
        answer
    }

    fn list(&self, path: &str) -> Result<Vec<Entry>, TreeError> {
        let answer = self.entries(path);
        trace::note(&self.folder, path, Question::Entries, || trace::of_entries(&answer));
        answer
    }

    fn display(&self, path: &str) -> String {
        match (self.shown.is_empty(), path.is_empty()) {
            (true, true) => ".".to_owned(),
            (true, false) => path.to_owned(),
            (false, true) => self.shown.clone(),
            (false, false) => format!("{}/{path}", self.shown.trim_end_matches('/')),
        }
    }

    fn on_disk(&self, path: &str) -> Option<PathBuf> {
        Some(self.at(path))
    }
}

struct Memory {
    files: BTreeMap<String, Arc<[u8]>>,
    shown: String,
}

impl Backing for Memory {
    fn kind(&self, path: &str) -> Result<Option<EntryKind>, TreeError> {
        if self.files.contains_key(path) {
            return Ok(Some(EntryKind::File));
        }
        let below = if path.is_empty() { String::new() } else { format!("{path}/") };
        let first = self.files.range(below.clone()..).next();
        let found = path.is_empty() || first.is_some_and(|(name, _)| name.starts_with(&below));
        Ok(found.then_some(EntryKind::Dir))
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>, TreeError> {
        self.files.get(path).cloned().ok_or_else(|| TreeError::Missing { path: self.display(path) })
    }

    fn list(&self, path: &str) -> Result<Vec<Entry>, TreeError> {
        if self.kind(path)? != Some(EntryKind::Dir) {
            return Err(TreeError::Missing { path: self.display(path) });
        }
        let below = if path.is_empty() { String::new() } else { format!("{path}/") };
        let mut entries: BTreeMap<&str, EntryKind> = BTreeMap::new();
        for name in self.files.range(below.clone()..).map(|(name, _)| name) {
            let Some(rest) = name.strip_prefix(&below) else { break };
            match rest.split_once('/') {
                Some((dir, _)) => entries.insert(dir, EntryKind::Dir),
                None => entries.insert(rest, EntryKind::File),
            };
        }
        Ok(entries.into_iter().map(|(name, kind)| Entry { name: name.to_owned(), kind }).collect())
    }

    fn display(&self, path: &str) -> String {
        match (self.shown.is_empty(), path.is_empty()) {
            (true, _) => path.to_owned(),
            (false, true) => self.shown.clone(),
            (false, false) => format!("{}/{path}", self.shown.trim_end_matches('/')),
        }
    }

    fn on_disk(&self, _path: &str) -> Option<PathBuf> {
        None
    }
}

/// Whether a relative path stays below its start: no `..`, no root, no prefix.
pub fn stays_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests;
