use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::layout::is_link;
use crate::source::digest;
use crate::source::error::SourceError;
use crate::source::listing::{Listed, Listing};
use crate::source::tree::{TreeError, stays_below};

/// The largest vendored file that is read.
const MAX_BYTES: u64 = 100 * 1024 * 1024;

/// A vendored file that is not what the lock pins.
#[derive(Clone, Debug)]
pub(super) struct Modified {
    /// The path as shown to users.
    pub(super) path: String,
    /// The source as shown to users.
    pub(super) of: String,
    pub(super) expected: String,
    /// The digest of what is there, or why there is none.
    pub(super) found: String,
}

impl From<Modified> for TreeError {
    fn from(Modified { path, of, expected, found }: Modified) -> Self {
        Self::Modified { path, of, expected, found }
    }
}

impl From<Modified> for SourceError {
    fn from(modified: Modified) -> Self {
        Self::from(TreeError::from(modified))
    }
}

/// A commit in the vendor folder.
#[derive(Clone, Debug)]
pub(super) struct GitPlace {
    /// Its folder on disk.
    pub(super) folder: PathBuf,
    /// The folder as shown to users.
    pub(super) shown: String,
    /// The source as shown to users.
    pub(super) of: String,
}

impl GitPlace {
    /// What the commit holds, proven by the digest that the lock pins.
    pub(super) fn listing(&self, sha256: &str) -> Result<Listing, Modified> {
        let modified = |found: String| Modified {
            path: format!("{}.files", self.shown),
            of: self.of.clone(),
            expected: format!("sha256:{sha256}"),
            found,
        };
        let bytes = read_file(&self.beside("files")).map_err(|error| modified(why(&error)))?;
        let text = String::from_utf8(bytes).map_err(|_| modified("no text".to_owned()))?;
        let listing = Listing::parse(&text).map_err(modified)?;
        match listing.sha256() {
            found if found == sha256 => Ok(listing),
            found => Err(modified(format!("sha256:{found}"))),
        }
    }

    /// The commit as git stores it, proven by its id.
    pub(super) fn object(&self, commit: &str) -> Result<Vec<u8>, Modified> {
        let modified = |found: String| Modified {
            path: format!("{}.commit", self.shown),
            of: self.of.clone(),
            expected: format!("commit {commit}"),
            found,
        };
        let bytes = read_file(&self.beside("commit")).map_err(|error| modified(why(&error)))?;
        match commit_id(&bytes) {
            found if found == commit => Ok(bytes),
            found => Err(modified(format!("commit {found}"))),
        }
    }

    /// The content of an entry (of a link: its target), proven by its digest.
    pub(super) fn read(&self, entry: &Listed) -> Result<Vec<u8>, Modified> {
        let path = std::str::from_utf8(&entry.path).ok().filter(|path| stays_below(Path::new(path)));
        let own = path.map_or(Err(io::ErrorKind::NotFound.into()), |path| {
            let place = self.folder.join(path);
            if is_link(entry) { read_link(&place) } else { read_file(&place) }
        });
        let found = match own {
            Ok(bytes) => match digest::sha256_hex(&bytes) {
                found if found == entry.content => return Ok(bytes),
                found => format!("sha256:{found}"),
            },
            Err(error) => why(&error),
        };
        let aside = self.aside().join(&entry.content);
        match read_file(&aside) {
            Ok(bytes) if digest::sha256_hex(&bytes) == entry.content => Ok(bytes),
            _ => Err(Modified {
                path: format!("{}/{}", self.shown, entry.shown()),
                of: self.of.clone(),
                expected: format!("sha256:{}", entry.content),
                found,
            }),
        }
    }

    /// The folder of the entries that cannot lie at their own path.
    pub(super) fn aside(&self) -> PathBuf {
        self.beside("aside")
    }

    /// What lies beside the folder, by its extension.
    fn beside(&self, extension: &str) -> PathBuf {
        let mut path = self.folder.clone().into_os_string();
        path.push(".");
        path.push(extension);
        PathBuf::from(path)
    }
}

/// The id that git gives a commit.
pub(super) fn commit_id(object: &[u8]) -> String {
    git2::Oid::hash_object(git2::ObjectType::Commit, object).map(|id| id.to_string()).unwrap_or_default()
}

/// The content of a regular file; links are not followed.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let meta = fs::symlink_metadata(path)?;
    if !meta.is_file() {
        return Err(io::Error::other("no regular file"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len().min(MAX_BYTES)).unwrap_or(0));
    fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("larger than the limit of {MAX_BYTES} bytes")));
    }
    Ok(bytes)
}

/// The target of a link, or of the file that stands for it where links are not made.
pub(super) fn read_link(path: &Path) -> io::Result<Vec<u8>> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Ok(fs::read_link(path)?.into_os_string().into_encoded_bytes());
    }
    read_file(path)
}

/// Why a file could not be read, as the counterpart of a digest.
pub(super) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "no file".to_owned(),
        _ => error.to_string(),
    }
}
