use super::digest;
use super::lock::Lock;
use super::pin::Pin;
use super::tree::{EntryKind, Tree, TreeError};

/// Where a copy differs from what it is a copy of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyDifference {
    /// The file, as users see it.
    pub path: String,
    /// SHA-256 of the file in the original; absent when it has no such file.
    pub expected: Option<String>,
    /// SHA-256 of the file in the copy; absent when it has no such file.
    pub found: Option<String>,
}

/// Compares a copy that `fab install` made with the pinned original. In `charts/` there may be the
/// dependencies that it completed the chart with: archives that the lock pins, and folders of the same
/// source. The `.git` of a clone does not matter.
pub fn compare_copy(pin: &Pin, original: &Tree, copy: &Tree, lock: &Lock) -> Result<Option<CopyDifference>, TreeError> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    files(original, "", &mut ours)?;
    files(copy, "", &mut theirs)?;
    let differs = |path: &str, expected: Option<&[u8]>, found: Option<&[u8]>| CopyDifference {
        path: copy.display(path),
        expected: expected.map(digest::sha256_hex),
        found: found.map(digest::sha256_hex),
    };
    if let (Pin::Http { .. }, [own], [other]) = (pin, ours.as_slice(), theirs.as_slice()) {
        // A manifest is kept under the component's name.
        let (own, found) = (original.read(own)?, copy.read(other)?);
        return Ok((own != found).then(|| differs(other, Some(&own), Some(&found))));
    }
    let mut names_folders = false;
    for path in &ours {
        let own = original.read(path)?;
        names_folders |= (path.ends_with("Chart.yaml") || path.ends_with("requirements.yaml"))
            && own.windows(7).any(|bytes| bytes == b"file://");
        match copy.is_file(path) {
            false => return Ok(Some(differs(path, Some(&own), None))),
            true => {
                let found = copy.read(path)?;
                if own != found {
                    return Ok(Some(differs(path, Some(&own), Some(&found))));
                }
            }
        }
    }
    ours.sort_unstable();
    for path in theirs.iter().filter(|path| ours.binary_search(path).is_err()) {
        let found = copy.read(path)?;
        let in_charts = path.starts_with("charts/") || path.contains("/charts/");
        let is_locked = || {
            let sha256 = digest::sha256_hex(&found);
            lock.entries().any(|(_, entry)| entry.pin.sha256() == sha256)
        };
        if !(in_charts && (is_locked() || names_folders)) {
            return Ok(Some(differs(path, None, Some(&found))));
        }
    }
    Ok(None)
}

/// The paths of all files, but those of `.git`.
fn files(tree: &Tree, folder: &str, found: &mut Vec<String>) -> Result<(), TreeError> {
    for entry in tree.list(folder)? {
        let path = if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) };
        match entry.kind {
            EntryKind::Dir if path == ".git" => {}
            EntryKind::Dir => files(tree, &path, found)?,
            EntryKind::File => found.push(path),
        }
    }
    Ok(())
}
