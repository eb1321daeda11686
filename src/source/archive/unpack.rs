use std::collections::BTreeMap;
use std::sync::Arc;

use tar::EntryType;

use super::{ArchiveError, ArchiveProblem, gzip};
use crate::source::tree::Tree;

/// The largest file that is taken out of an archive, as in Helm: 5 MiB.
pub const MAX_MEMBER_BYTES: u64 = 5 * 1024 * 1024;
/// The most bytes that an archive and the archives in it may unpack to, as in Helm: 100 MiB.
pub const MAX_UNPACKED_BYTES: u64 = 100 * 1024 * 1024;
/// The most members that an archive and the archives in it may have.
pub const MAX_MEMBERS: usize = 20_000;
/// Room for headers and padding in the inflated stream, over the bytes of the files themselves.
const FRAMING_BYTES: u64 = 32 * 1024 * 1024;

/// What may still be unpacked. One budget serves a chart together with the archives inside it, so
/// that many small bombs do not add up.
#[derive(Clone, Debug)]
pub struct ArchiveBudget {
    pub(super) bytes: u64,
    pub(super) members: usize,
}

impl Default for ArchiveBudget {
    fn default() -> Self {
        Self { bytes: MAX_UNPACKED_BYTES, members: MAX_MEMBERS }
    }
}

/// How the paths of members become paths of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// The first segment is dropped, whatever it is called, as Helm does with charts.
    DropFirstSegment,
    /// Paths are kept.
    Keep,
}

/// Unpacks a gzipped tar archive. `shown` is the archive's name in messages and the root of the
/// tree's displayed paths. Of members with the same path the last one counts, as in Helm.
///
/// Contents are taken as they are: a byte order mark is left for the reader to drop.
pub fn unpack_tgz(bytes: &[u8], shown: &str, naming: Naming, budget: &mut ArchiveBudget) -> Result<Tree, ArchiveError> {
    let files = inflate_members(bytes, naming, Links::Refuse, budget);
    let files = files.map_err(|problem| ArchiveError { archive: shown.to_owned(), problem })?;
    Ok(Tree::memory(files, shown))
}

/// Unpacks a tar archive of anything, gzipped or not. When all of it is in one folder, as in the
/// archives that git servers make, that folder is the root of the tree. Links are left out.
pub fn unpack_source(bytes: &[u8], shown: &str) -> Result<Tree, ArchiveError> {
    let mut budget = ArchiveBudget::default();
    let files = match gzip::is_gzip(bytes) {
        true => inflate_members(bytes, Naming::Keep, Links::LeaveOut, &mut budget),
        false => read_members(bytes, Naming::Keep, Links::LeaveOut, &mut budget),
    };
    let mut files = files.map_err(|problem| ArchiveError { archive: shown.to_owned(), problem })?;
    if let Some(top) = only_folder(&files) {
        files = files.into_iter().map(|(path, content)| (path[top.len() + 1..].to_owned(), content)).collect();
    }
    Ok(Tree::memory(files, shown))
}

/// The folder that all files are in.
fn only_folder(files: &BTreeMap<String, Arc<[u8]>>) -> Option<String> {
    let (top, _) = files.keys().next()?.split_once('/')?;
    let is_below = |path: &String| path.strip_prefix(top).is_some_and(|rest| rest.starts_with('/'));
    files.keys().all(is_below).then(|| top.to_owned())
}

/// What becomes of links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Links {
    Refuse,
    LeaveOut,
}

fn inflate_members(
    bytes: &[u8],
    naming: Naming,
    links: Links,
    budget: &mut ArchiveBudget,
) -> Result<BTreeMap<String, Arc<[u8]>>, ArchiveProblem> {
    let inflated = gzip::inflate(bytes, budget.bytes.saturating_add(FRAMING_BYTES))?;
    match read_members(&inflated.bytes, naming, links, budget) {
        // The part that fits tells the cause best: too many members, or one that is refused.
        Ok(_) | Err(ArchiveProblem::UnexpectedEnd | ArchiveProblem::Header(_)) if inflated.cut_off => {
            Err(ArchiveProblem::TooLarge)
        }
        files => files,
    }
}

fn read_members(
    tar: &[u8],
    naming: Naming,
    links: Links,
    budget: &mut ArchiveBudget,
) -> Result<BTreeMap<String, Arc<[u8]>>, ArchiveProblem> {
    let malformed = |error: std::io::Error| ArchiveProblem::Header(error.to_string());
    let mut archive = tar::Archive::new(tar);
    let mut files = BTreeMap::new();
    for entry in archive.entries().map_err(malformed)? {
        let mut entry = entry.map_err(malformed)?;
        budget.members = budget.members.checked_sub(1).ok_or(ArchiveProblem::TooManyMembers)?;
        let name = entry.path_bytes().into_owned();
        if name.contains(&0) {
            return Err(ArchiveProblem::Header("a member's name contains NUL".to_owned()));
        }
        let name = String::from_utf8(name)
            .map_err(|error| ArchiveProblem::NotUtf8(String::from_utf8_lossy(error.as_bytes()).into_owned()))?;
        if let Some(extensions) = entry.pax_extensions().map_err(malformed)? {
            for extension in extensions {
                let extension = extension.map_err(malformed)?;
                if extension.key_bytes().starts_with(b"GNU.sparse") {
                    return Err(ArchiveProblem::NotAFile { member: name, what: "sparse file" });
                }
            }
        }
        let kind = entry.header().entry_type();
        let what = match kind {
            EntryType::Directory | EntryType::XGlobalHeader | EntryType::XHeader => continue,
            EntryType::Regular | EntryType::Continuous if name.ends_with('/') => continue,
            EntryType::Regular | EntryType::Continuous => None,
            EntryType::Symlink | EntryType::Link if links == Links::LeaveOut => continue,
            EntryType::Symlink => Some("symlink"),
            EntryType::Link => Some("hard link"),
            EntryType::Char | EntryType::Block => Some("device"),
            EntryType::Fifo => Some("fifo"),
            EntryType::GNUSparse => Some("sparse file"),
            _ => Some("special file"),
        };
        if let Some(what) = what {
            return Err(ArchiveProblem::NotAFile { member: name, what });
        }
        let path = member_path(&name, naming)?;
        let size = entry.size();
        if size > budget.bytes {
            return Err(ArchiveProblem::TooLarge);
        }
        if size > MAX_MEMBER_BYTES {
            return Err(ArchiveProblem::MemberTooLarge(name));
        }
        budget.bytes -= size;
        let start = usize::try_from(entry.raw_file_position()).map_err(|_| ArchiveProblem::TooLarge)?;
        let length = usize::try_from(size).map_err(|_| ArchiveProblem::TooLarge)?;
        let content =
            start.checked_add(length).and_then(|end| tar.get(start..end)).ok_or(ArchiveProblem::UnexpectedEnd)?;
        files.insert(path, Arc::from(content));
    }
    if files.is_empty() {
        return Err(ArchiveProblem::Empty);
    }
    Ok(files)
}

/// The checks of Helm's archive loader in its order, and one of ours: no member starts with `..`.
fn member_path(name: &str, naming: Naming) -> Result<String, ArchiveProblem> {
    let delimiter = if name.contains('\\') { '\\' } else { '/' };
    let (first, rest) = match (naming, name.split_once(delimiter)) {
        (Naming::DropFirstSegment, Some((first, rest))) => (first, rest),
        (Naming::DropFirstSegment, None) => (name, ""),
        (Naming::Keep, _) => ("", name),
    };
    let path = rest.replace(delimiter, "/");
    if path.starts_with('/') || (naming == Naming::Keep && name.starts_with('/')) {
        return Err(ArchiveProblem::Absolute(name.to_owned()));
    }
    let Some(path) = clean(&path) else { return Err(ArchiveProblem::Parent(name.to_owned())) };
    if path.is_empty() {
        return Err(ArchiveProblem::OutsideBase(name.to_owned()));
    }
    if first == ".." || path.starts_with("..") {
        return Err(ArchiveProblem::Parent(name.to_owned()));
    }
    let drive = path.as_bytes();
    if drive.len() > 2 && drive[0].is_ascii_alphabetic() && &drive[1..3] == b":/" {
        return Err(ArchiveProblem::IllegalName(name.to_owned()));
    }
    if first == "Chart.yaml" {
        return Err(ArchiveProblem::ChartYamlNotInBase(name.to_owned()));
    }
    Ok(path)
}

/// Resolves `.` and `..` lexically; `None` when the path climbs above its start.
fn clean(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
