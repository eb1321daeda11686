use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::address::shown;
use super::archive::unpack_source;
use super::chart_repo::read_local;
use super::error::{MALFORMED, SourceError};
use super::tree::Tree;
use super::web::{Token, Web};
use crate::diag::Blame;

/// The largest single file that is fetched.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Where a file is.
pub(super) enum FilePlace<'a> {
    /// On this machine, by the operator's rewriting.
    Local(PathBuf),
    /// On the web.
    Web {
        /// The client.
        web: &'a Web,
        /// The file's URL.
        url: Url,
        /// The token for its host.
        token: Option<Token>,
    },
}

/// Fetches a file. Any status but 200 is an error, so that no error page is taken for it.
pub(super) fn fetch_file(place: &FilePlace<'_>) -> Result<Vec<u8>, SourceError> {
    match place {
        FilePlace::Local(path) => read_local(path, MAX_BYTES),
        FilePlace::Web { web, url, token } => {
            web.download(url, token.as_ref(), MAX_BYTES, "the file").map(|(_, bytes)| bytes)
        }
    }
}

/// Whether a URL names an archive by the end of its path: `.tgz`, `.tar.gz` or `.tar`.
pub fn names_archive(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".tgz", ".tar.gz", ".tar"].iter().any(|end| path.ends_with(end))
}

/// Refuses what cannot be what the URL promises: a page for people, an archive that is none.
pub(super) fn check_file(url: &str, bytes: &[u8]) -> Result<(), SourceError> {
    let text = bytes.trim_ascii_start();
    let (promised, name) = if names_archive(url) { ("no archive", "archive") } else { ("not YAML", "manifest") };
    // A merge key is the only thing in YAML that begins like this, and nothing begins with one.
    if text.starts_with(b"<") {
        let message = format!("{} is an HTML page, {promised}", shown(url));
        return Err(SourceError::world(MALFORMED, message)
            .help(format!("use the URL that gives the {name} itself; many servers have a `raw` one")));
    }
    if text.is_empty() {
        return Err(SourceError::world(MALFORMED, format!("{} is empty", shown(url))));
    }
    open_file(url, bytes.to_vec()).map(drop).map_err(|error| SourceError { blame: Blame::Policy, ..error })
}

/// The tree of a fetched file: what an archive holds, or the one file, whose name ends like a
/// manifest's.
pub(super) fn open_file(url: &str, bytes: Vec<u8>) -> Result<Tree, SourceError> {
    if names_archive(url) {
        return unpack_source(&bytes, &shown(url)).map_err(|error| SourceError::new(MALFORMED, error.to_string()));
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("download");
    let lower = name.to_ascii_lowercase();
    let end = if [".yaml", ".yml", ".json"].iter().any(|end| lower.ends_with(end)) { "" } else { ".yaml" };
    Ok(Tree::memory([(format!("{name}{end}"), Arc::from(bytes))].into(), shown(url)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_like_manifests() {
        let name = |url: &str| open_file(url, b"a: 1".to_vec()).unwrap().list("").unwrap()[0].name.clone();
        assert_eq!(name("https://h/m.yaml?x=1.json"), "m.yaml");
        assert_eq!(name("https://h/M.YML"), "M.YML");
        assert_eq!(name("https://h/all"), "all.yaml");
        assert_eq!(name("https://h/"), "download.yaml");
        assert!(names_archive("https://h/a.tar.gz?x") && names_archive("https://h/a.TGZ"));
        assert!(!names_archive("https://h/a.zip") && !names_archive("https://h/?a.tgz"));
    }

    #[test]
    fn pages_and_broken_archives_are_refused() {
        let refusal = |url: &str, bytes: &[u8]| check_file(url, bytes).unwrap_err().message;
        assert_eq!(refusal("https://h/m.yaml", b"\n <!DOCTYPE html>"), "https://h/m.yaml is an HTML page, not YAML");
        assert_eq!(refusal("https://h/m.tgz", b"<html>"), "https://h/m.tgz is an HTML page, no archive");
        assert_eq!(refusal("https://h/m.yaml", b" \n"), "https://h/m.yaml is empty");
        assert!(refusal("https://h/m.tgz", b"PK\x03\x04").contains("https://h/m.tgz: "));
        assert!(check_file("https://h/m.yaml", b"a: 1").is_ok());
    }
}
