use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::source::digest;

const HEADING: &str = "kiln store 1\n";

/// The proof that content was verified: the digest of each of its files, and how each looked to the
/// system then. As long as a file looks the same, nothing was written to it, and it need not be read
/// again to know that. A file that looks different is digested.
///
/// The time of a file's last change cannot be set by the one who changes it, unlike that of its last
/// writing. Where the system tells no such time, files never look the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamp {
    files: BTreeMap<String, Mark>,
    /// Of a repository: commit, tree and digest of each tree that was verified.
    trees: BTreeSet<(String, String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    sha256: String,
    look: Look,
}

/// What the system says about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    bytes: u64,
    written: i128,
    changed: i128,
    inode: u64,
}

/// What became of files since they were stamped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// They look the same.
    Untouched,
    /// They look different, but hold the same bytes: the store was copied or restored.
    Same,
    /// One differs.
    Differs {
        /// Its path below the entry.
        path: String,
        /// The digest that was stamped.
        expected: String,
        /// The digest that it has, or what is wrong with it.
        found: String,
    },
}

impl Stamp {
    /// Reads a stamp; one that is not whole counts as none.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        let (body, seal) = text.rsplit_once("end ")?;
        if seal.trim_end() != digest::sha256_hex(body.as_bytes()) {
            return None;
        }
        let mut stamp = Self::default();
        for line in body.strip_prefix(HEADING)?.lines() {
            let (word, rest) = line.split_once(' ')?;
            let parts: Vec<&str> = rest.splitn(6, ' ').collect();
            match (word, parts.as_slice()) {
                ("file", [sha256, bytes, written, changed, inode, path]) => {
                    let look = Look {
                        bytes: bytes.parse().ok()?,
                        written: written.parse().ok()?,
                        changed: changed.parse().ok()?,
                        inode: inode.parse().ok()?,
                    };
                    stamp.files.insert((*path).to_owned(), Mark { sha256: (*sha256).to_owned(), look });
                }
                ("tree", [commit, tree, sha256]) => {
                    stamp.trees.insert(((*commit).to_owned(), (*tree).to_owned(), (*sha256).to_owned()));
                }
                _ => return None,
            }
        }
        Some(stamp)
    }

    /// The text of the stamp; ends with a digest of itself.
    pub(super) fn text(&self) -> String {
        let mut text = HEADING.to_owned();
        for (path, Mark { sha256, look }) in &self.files {
            let Look { bytes, written, changed, inode } = look;
            let _ = writeln!(text, "file {sha256} {bytes} {written} {changed} {inode} {path}");
        }
        for (commit, tree, sha256) in &self.trees {
            let _ = writeln!(text, "tree {commit} {tree} {sha256}");
        }
        let seal = digest::sha256_hex(text.as_bytes());
        text.push_str(&format!("end {seal}\n"));
        text
    }

    /// A stamp of the files named, paths below `root`. Digests that `known` has for files that look
    /// the same are taken over. Files whose look means nothing here are left out.
    pub(super) fn of(root: &Path, paths: &[String], known: Option<&Self>) -> io::Result<Self> {
        let mut stamp = Self::default();
        for path in paths {
            let file = root.join(path);
            let Some(look) = Look::of(&fs::metadata(&file)?) else { continue };
            let sha256 = match known.and_then(|known| known.files.get(path)).filter(|mark| mark.look == look) {
                Some(mark) => mark.sha256.clone(),
                None => file_sha256(&file)?,
            };
            stamp.files.insert(path.clone(), Mark { sha256, look });
        }
        Ok(stamp)
    }

    /// Adds a tree that was verified.
    pub(super) fn add_tree(&mut self, commit: &str, tree: &str, sha256: &str) {
        self.trees.insert((commit.to_owned(), tree.to_owned(), sha256.to_owned()));
    }

    /// Adds the trees of an older stamp.
    pub(super) fn add_trees_of(&mut self, older: &Self) {
        self.trees.extend(older.trees.iter().cloned());
    }

    /// Whether a tree was verified with this digest.
    pub(super) fn has_tree(&self, commit: &str, tree: &str, sha256: &str) -> bool {
        self.trees.contains(&(commit.to_owned(), tree.to_owned(), sha256.to_owned()))
    }

    /// What became of the files.
    pub(super) fn since(&self, root: &Path) -> Since {
        let mut since = Since::Untouched;
        for (path, mark) in &self.files {
            let file = root.join(path);
            if fs::metadata(&file).ok().and_then(|meta| Look::of(&meta)) == Some(mark.look) {
                continue;
            }
            let found = file_sha256(&file).unwrap_or_else(|error| format!("nothing ({error})"));
            if found != mark.sha256 {
                return Since::Differs { path: path.clone(), expected: mark.sha256.clone(), found };
            }
            since = Since::Same;
        }
        // A stamp without files proves nothing.
        if self.files.is_empty() { Since::Same } else { since }
    }

    /// The trees that were verified: commit, tree, digest.
    pub(super) fn trees(&self) -> impl Iterator<Item = &(String, String, String)> {
        self.trees.iter()
    }

    /// Whether it has files at all.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

impl Look {
    #[cfg(unix)]
    fn of(meta: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Some(Self {
            bytes: meta.size(),
            written: nanoseconds(meta.mtime(), meta.mtime_nsec()),
            changed: nanoseconds(meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
        })
    }

    #[cfg(not(unix))]
    fn of(_meta: &Metadata) -> Option<Self> {
        None
    }
}

/// The digest of a file, of any size.
pub(super) fn file_sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(digest::finish(hash)),
            count => hash.update(&buffer[..count]),
        }
    }
}
