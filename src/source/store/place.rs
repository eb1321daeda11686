use std::path::{Path, PathBuf};

use super::content::Store;
use crate::source::digest;
use crate::source::pin::Pin;

/// The most characters of a URL that a folder's name shows.
const SHOWN_CHARS: usize = 40;

impl Store {
    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn git_path(&self, url: &str) -> PathBuf {
        self.root.join("git").join(format!("{}.git", name(url, &[url])))
    }

    pub(super) fn chart_path(&self, sha256: &str) -> PathBuf {
        self.root.join("charts").join(format!("{sha256}.tgz"))
    }

    pub(super) fn file_path(&self, sha256: &str) -> PathBuf {
        self.root.join("files").join(sha256)
    }

    /// The stamp of a pin's content.
    pub(super) fn stamp_path(&self, pin: &Pin) -> PathBuf {
        match pin {
            Pin::Git { url, .. } => self.repository_stamp(url),
            Pin::Chart { sha256, .. } => self.root.join("verified").join(format!("{sha256}.tgz")),
            Pin::Http { sha256, .. } => self.root.join("verified").join(sha256),
        }
    }

    pub(super) fn repository_stamp(&self, url: &str) -> PathBuf {
        self.root.join("verified").join(format!("{}.git", name(url, &[url])))
    }
}

/// A file name for a URL: its last segment for people, a digest of all parts for kiln.
pub(super) fn name(url: &str, parts: &[&str]) -> String {
    let last = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    let last = last.strip_suffix(".git").unwrap_or(last);
    let shown: String = last
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() || "-_.".contains(char) { char } else { '_' })
        .take(SHOWN_CHARS)
        .collect();
    let hash = digest::sha256_hex(parts.join("\0").as_bytes());
    format!("{}-{}", shown.trim_start_matches('.'), &hash[..16])
}
