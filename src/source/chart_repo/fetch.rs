use std::fs;
use std::path::{Path, PathBuf};

use url::Url;

use super::index::Index;
use super::registry::Registry;
use crate::source::address::{shown, without_credentials};
use crate::source::archive::{ArchiveBudget, Naming, unpack_tgz};
use crate::source::error::{CORRUPT, LIMIT, MALFORMED, NOT_ALLOWED, NOT_FOUND, SourceError, UNREACHABLE, foreign};
use crate::source::rewrite::Rewrites;
use crate::source::tree::stays_below;
use crate::source::web::{Token, Web};
use crate::span::Span;

/// The largest index that is read.
const MAX_INDEX_BYTES: u64 = 64 * 1024 * 1024;
/// The largest packed archive that is fetched.
pub(super) const MAX_ARCHIVE_BYTES: u64 = 100 * 1024 * 1024;

/// Where a chart repository is.
pub(in crate::source) enum ChartPlace<'a> {
    /// A folder with `index.yaml` in it.
    Local(PathBuf),
    /// On the web.
    Web {
        /// The client.
        web: &'a Web,
        /// The repository's URL.
        url: Url,
        /// The token for its host.
        token: Option<Token>,
    },
    /// A registry.
    Registry(Registry<'a>),
}

/// An archive as an index offers it.
pub(in crate::source) struct Offer {
    /// The version that was chosen.
    pub(in crate::source) version: String,
    /// Where the archive is, absolute; any of them will do.
    pub(in crate::source) archives: Vec<String>,
    /// What the index says of its content.
    pub(in crate::source) digest: Option<String>,
    /// What is odd about it, for people.
    pub(in crate::source) oddities: Vec<String>,
    /// Where the index says so.
    pub(in crate::source) place: Span,
}

impl Offer {
    /// The digest of the index, if it is one of SHA-256, in lower-case hex.
    pub(in crate::source) fn sha256(&self) -> Option<String> {
        let digest = self.digest.as_deref()?;
        let hex = digest.strip_prefix("sha256:").unwrap_or(digest).to_ascii_lowercase();
        (hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hex)
    }

    /// Compares content with what the index says of it, when it says something.
    pub(in crate::source) fn check(&self, archive: &str, found: &str) -> Result<(), SourceError> {
        let Some(digest) = self.digest.as_deref().filter(|_| self.sha256().as_deref() != Some(found)) else {
            return Ok(());
        };
        let expected = foreign(digest.strip_prefix("sha256:").unwrap_or(digest));
        let message = format!(
            "the archive {} differs from its digest in the index: expected {expected}, found {found}",
            shown(archive)
        );
        Err(SourceError::policy(CORRUPT, message).at(self.place.clone()))
    }
}

/// Fetches the index of a repository.
pub(in crate::source) fn read_index(place: &ChartPlace<'_>) -> Result<Index, SourceError> {
    match place {
        ChartPlace::Local(folder) => {
            let path = folder.join("index.yaml");
            Index::parse(read_local(&path, MAX_INDEX_BYTES)?, &path.display().to_string())
        }
        ChartPlace::Web { web, url, token } => {
            let url = below(url, "index.yaml");
            let (_, bytes) = web.download(&url, token.as_ref(), MAX_INDEX_BYTES, "the chart index")?;
            Index::parse(bytes, &shown(url.as_str()))
        }
        ChartPlace::Registry(registry) => Err(registry.has_no_index()),
    }
}

/// Chooses a version. `asked` is the repository's URL as asked, which relative archive URLs are
/// joined to for the record.
pub(in crate::source) fn offer(index: &Index, asked: &str, chart: &str, wanted: &str) -> Result<Offer, SourceError> {
    let entry = index.choose(chart, wanted)?;
    if entry.urls.is_empty() {
        let name = format!("chart `{}` {}", foreign(chart), foreign(&entry.version));
        let message = format!("the index of {} has no URL for {name}", shown(asked));
        return Err(SourceError::world(MALFORMED, message).at(entry.place));
    }
    let refuse = |message: String| Err(SourceError::policy(NOT_ALLOWED, message).at(entry.place.clone()));
    if entry.version.contains(['/', '\\']) || entry.version.starts_with('.') {
        return refuse(format!("`{}` is not a version", foreign(&entry.version)));
    }
    if let Some(url) = entry.urls.iter().find(|url| without_credentials(url) != **url) {
        return refuse(format!("the index of {} has a credential in the URL {}", shown(asked), shown(url)));
    }
    let absolute = |location: &String| match (Url::parse(location), Url::parse(asked)) {
        (Ok(url), _) => url.to_string(),
        (Err(_), Ok(base)) => below(&base, location).to_string(),
        (Err(_), Err(_)) => location.clone(),
    };
    Ok(Offer {
        archives: entry.urls.iter().map(absolute).collect(),
        version: entry.version,
        digest: entry.digest,
        oddities: entry.oddities,
        place: entry.place,
    })
}

/// A bad archive is told when it is fetched, not when rendering.
pub(in crate::source) fn check_archive(bytes: &[u8], archive: &str) -> Result<(), SourceError> {
    unpack_tgz(bytes, &shown(archive), Naming::DropFirstSegment, &mut ArchiveBudget::default())
        .map(drop)
        .map_err(|error| SourceError::policy(MALFORMED, error.to_string()))
}

/// Fetches an archive by the URL that was recorded for it. One that lies below the repository as
/// asked comes from where the repository really is.
pub(in crate::source) fn download_archive(
    place: &ChartPlace<'_>,
    asked: &str,
    archive: &str,
    rewrites: &Rewrites,
) -> Result<Vec<u8>, SourceError> {
    let base = format!("{}/", asked.trim_end_matches('/'));
    // A rule of its own for archives leads elsewhere than that of the repository.
    match (place, archive.strip_prefix(&base).filter(|_| rewrites.treat_alike(asked, archive))) {
        (ChartPlace::Registry(registry), _) => registry.fetch_blob(asked, archive, "the archive"),
        (ChartPlace::Local(folder), Some(rest)) => {
            let rest = rest.split('?').next().unwrap_or(rest);
            if !stays_below(Path::new(rest)) {
                let message = format!("the archive `{}` leads outside of {}", foreign(rest), shown(asked));
                return Err(SourceError::policy(NOT_ALLOWED, message));
            }
            read_local(&folder.join(rest), MAX_ARCHIVE_BYTES)
        }
        (ChartPlace::Web { web, url, token }, Some(rest)) => {
            let (path, query) = match rest.split_once('?') {
                Some((path, query)) => (path, Some(query)),
                None => (rest, None),
            };
            let mut url = below(url, path);
            url.set_query(query.or(url.query().map(str::to_owned).as_deref()));
            let (_, bytes) = web.download(&url, token.as_ref(), MAX_ARCHIVE_BYTES, "the archive")?;
            Ok(bytes)
        }
        (place, None) => {
            let (target, _) = rewrites.apply(archive);
            let url = Url::parse(&target).map_err(|error| {
                SourceError::world(MALFORMED, format!("{}: not a valid URL: {error}", shown(archive)))
            })?;
            match (url.scheme(), place) {
                // Only the operator's rewriting leads to files; an index may not.
                ("file", _) if target != archive => {
                    let path = url.to_file_path().map_err(|()| {
                        SourceError::world(MALFORMED, format!("{} names no absolute path", shown(&target)))
                    })?;
                    read_local(&path, MAX_ARCHIVE_BYTES)
                }
                (_, ChartPlace::Web { web, url: repository, token }) => {
                    let own = repository.origin() == url.origin();
                    let token = token.as_ref().filter(|_| own);
                    web.download(&url, token, MAX_ARCHIVE_BYTES, "the archive").map(|(_, bytes)| bytes)
                }
                (_, ChartPlace::Local(_) | ChartPlace::Registry(_)) => {
                    let message = format!("the local chart index of {} leads to {}", shown(asked), shown(archive));
                    Err(SourceError::policy(NOT_ALLOWED, message).help("rewrite that URL to a mirror too"))
                }
            }
        }
    }
}

/// A URL below a repository's, as Helm joins them: the repository counts as a folder and keeps its query.
fn below(base: &Url, path: &str) -> Url {
    let mut folder = base.clone();
    folder.set_path(&format!("{}/", base.path().trim_end_matches('/')));
    let mut url = folder.join(path).unwrap_or(folder);
    if url.query().is_none() {
        url.set_query(base.query());
    }
    url
}

/// Reads a local file of at most `limit` bytes.
pub(in crate::source) fn read_local(path: &Path, limit: u64) -> Result<Vec<u8>, SourceError> {
    let failed = |error: std::io::Error| {
        let code = if error.kind() == std::io::ErrorKind::NotFound { NOT_FOUND } else { UNREACHABLE };
        SourceError::world(code, format!("`{}`: {error}", path.display()))
    };
    let meta = fs::metadata(path).map_err(failed)?;
    if !meta.is_file() {
        return Err(SourceError::world(MALFORMED, format!("`{}` is not a file", path.display())));
    }
    if meta.len() > limit {
        let message = format!("`{}` is larger than the limit of {limit} bytes", path.display());
        return Err(SourceError::policy(LIMIT, message));
    }
    fs::read(path).map_err(failed)
}
