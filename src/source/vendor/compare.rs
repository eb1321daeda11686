use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::Path;

use rayon::prelude::*;
use walkdir::WalkDir;

use super::folder::place;
use super::layout::{Lies, is_link, lay_out};
use super::manifest::{INVALID, Kind, MANIFEST, Manifest};
use super::read::{GitPlace, commit_id, read_file, read_link};
use crate::source::digest;
use crate::source::error::SourceError;
use crate::source::lock::Lock;

/// Keeps the bytes whatever git is told elsewhere: no line endings are converted, nothing is filtered.
pub(super) const ATTRIBUTES: &str = "* -text -ident -filter -working-tree-encoding linguist-vendored\n";
/// Takes everything along, also what the project's own `.gitignore` names.
pub(super) const IGNORE: &str = "!*\n";

/// How a vendor folder differs from what a lock pins. Paths start at the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// A file, or all of a source, is not there.
    Missing(String),
    /// A file has another content.
    Changed(String),
    /// A file that the lock knows nothing of.
    Superfluous(String),
}

impl Difference {
    /// The path.
    pub fn path(&self) -> &str {
        match self {
            Self::Missing(path) | Self::Changed(path) | Self::Superfluous(path) => path,
        }
    }
}

/// Prints what `kiln vendor` would do about it: `+` add, `~` replace, `-` remove.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self {
            Self::Missing(_) => '+',
            Self::Changed(_) => '~',
            Self::Superfluous(_) => '-',
        };
        write!(f, "{mark} {}", self.path().escape_debug())
    }
}

/// Compares the vendor folder of a project with what a lock pins, file by file. Needs no store: the
/// lock's digests prove what the folder says about itself. `shown` names the project's folder.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn compare_vendor(project: &Path, shown: &str, lock: &Lock) -> Result<Vec<Difference>, SourceError> {
    let (folder, shown) = place(project, shown);
    let manifest = Manifest::of(lock);
    let text = manifest.text()?;
    let mut expected = expected(&folder, &manifest);
    expected.files.insert(MANIFEST.to_owned(), Expected::File(digest::sha256_hex(text.as_bytes())));
    let named = |path: &str| format!("{shown}/{path}");
    let present = present(&folder, &shown)?;
    let mut differences: Vec<Difference> = expected
        .unproven
        .iter()
        .map(|(path, missing)| match missing {
            true => Difference::Missing(named(path)),
            false => Difference::Changed(named(path)),
        })
        .collect();
    let known: Vec<Option<Difference>> = expected
        .files
        .par_iter()
        .map(|(path, content)| {
            if !present.contains(path) {
                return Some(Difference::Missing(named(path)));
            }
            let here = folder.join(path);
            let same = match content {
                Expected::File(sha256) => read_file(&here).is_ok_and(|bytes| digest::sha256_hex(&bytes) == *sha256),
                Expected::Link(sha256) => read_link(&here).is_ok_and(|bytes| digest::sha256_hex(&bytes) == *sha256),
                Expected::Commit(id) => read_file(&here).is_ok_and(|bytes| commit_id(&bytes) == *id),
            };
            (!same).then(|| Difference::Changed(named(path)))
        })
        .collect();
    differences.extend(known.into_iter().flatten());
    let owned = |path: &String| expected.files.contains_key(path) || expected.covers(path);
    differences.extend(present.iter().filter(|path| !owned(path)).map(|path| Difference::Superfluous(named(path))));
    differences.sort_by(|a, b| a.path().cmp(b.path()));
    Ok(differences)
}

/// The files in the folder that no `kiln vendor` wrote: those that its own manifest does not account
/// for. Paths start at the folder.
pub(super) fn foreign_files(folder: &Path, shown: &str) -> Result<Vec<String>, SourceError> {
    let present = present(folder, shown)?;
    let Some(manifest) = Manifest::read(folder, shown)? else { return Ok(present.into_iter().collect()) };
    let expected = expected(folder, &manifest);
    let own = |path: &String| path == MANIFEST || expected.files.contains_key(path) || expected.covers(path);
    Ok(present.into_iter().filter(|path| !own(path)).collect())
}

/// A content, by its digest.
enum Expected {
    File(String),
    Link(String),
    /// By its id.
    Commit(String),
}

/// What a folder should hold, by path.
struct Content {
    files: BTreeMap<String, Expected>,
    /// Lists of files that are missing or not what the digest says, with whether they are missing.
    unproven: Vec<(String, bool)>,
}

impl Content {
    /// Whether a path belongs to a source of which it cannot be told what it holds.
    fn covers(&self, path: &str) -> bool {
        self.unproven.iter().any(|(list, _)| {
            let place = list.strip_suffix(".files").unwrap_or(list);
            let rest = path.strip_prefix(place);
            rest.is_some_and(|rest| rest == ".files" || rest.starts_with('/') || rest.starts_with(".aside/"))
        })
    }
}

fn expected(folder: &Path, manifest: &Manifest) -> Content {
    let fixed = [(".gitattributes", ATTRIBUTES), (".gitignore", IGNORE)];
    let fixed = fixed.map(|(name, text)| (name.to_owned(), Expected::File(digest::sha256_hex(text.as_bytes()))));
    let mut content = Content { files: fixed.into(), unproven: Vec::new() };
    let mut seen = BTreeSet::new();
    for item in manifest.sources.iter().filter(|item| seen.insert(&item.place)) {
        if item.kind != Kind::Git {
            content.files.insert(item.place.clone(), Expected::File(item.sha256().to_owned()));
            continue;
        }
        let place = GitPlace { folder: folder.join(&item.place), shown: item.place.clone(), of: item.source.clone() };
        let list = format!("{}.files", item.place);
        let id = item.resolved.clone().unwrap_or_default();
        content.files.insert(format!("{}.commit", item.place), Expected::Commit(id));
        let Ok(listing) = place.listing(item.sha256()) else {
            let missing = !folder.join(&list).exists();
            content.unproven.push((list, missing));
            continue;
        };
        content.files.insert(list, Expected::File(digest::sha256_hex(listing.text().as_bytes())));
        for (entry, lies) in listing.entries.iter().zip(lay_out(&listing)) {
            let sha256 = entry.content.clone();
            match lies {
                Lies::There(path) if is_link(entry) => {
                    content.files.insert(format!("{}/{path}", item.place), Expected::Link(sha256));
                }
                Lies::There(path) => {
                    content.files.insert(format!("{}/{path}", item.place), Expected::File(sha256));
                }
                Lies::Aside => {
                    content.files.insert(format!("{}.aside/{sha256}", item.place), Expected::File(sha256));
                }
                Lies::Nowhere => {}
            }
        }
    }
    content
}

/// Everything in the folder but folders, by path; links are not followed.
fn present(folder: &Path, shown: &str) -> Result<BTreeSet<String>, SourceError> {
    let mut paths = BTreeSet::new();
    for entry in WalkDir::new(folder).min_depth(1) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error)
                if error.depth() == 0
                    && error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound) =>
            {
                break;
            }
            Err(error) => return Err(SourceError::world(INVALID, format!("`{shown}`: {error}"))),
        };
        if entry.file_type().is_dir() {
            continue;
        }
        let Ok(below) = entry.path().strip_prefix(folder) else { continue };
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        paths.insert(parts.join("/"));
    }
    Ok(paths)
}
