use std::collections::HashMap;
use std::sync::Mutex;

use serde::Deserialize;
use url::Url;

use super::manifest::{Manifest, TYPES};
use super::wanted::{Wanted, is_sha256};
use crate::golang::semver::Version;
use crate::source::address::shown;
use crate::source::chart_repo::choice::choose;
use crate::source::chart_repo::fetch::MAX_ARCHIVE_BYTES;
use crate::source::digest;
use crate::source::error::{CORRUPT, INVALID, LIMIT, MALFORMED, NOT_FOUND, SourceError, foreign};
use crate::source::web::{Token, Web};

/// The largest manifest, list of tags or token that is read.
pub(super) const MAX_DOCUMENT_BYTES: u64 = 4 * 1024 * 1024;
/// How many tags are asked for at once, and how often.
const TAGS_A_PAGE: usize = 1000;
const MAX_PAGES: usize = 50;
/// How many manifests of an index are looked at.
const MAX_LISTED: usize = 32;

/// Charts in an OCI registry, below a path of it.
pub(in crate::source) struct Registry<'a> {
    pub(super) web: &'a Web,
    /// The registry's URL with the path that charts are below.
    url: Url,
    /// The token for the registry, from `access.yaml`.
    pub(super) token: Option<Token>,
    /// The tokens to send, by chart: those of the registry's token service where it has one.
    pub(super) granted: Mutex<HashMap<String, Option<Token>>>,
}

/// A chart as a registry names it.
#[derive(Debug)]
pub(in crate::source) struct Pulled {
    /// The version that was chosen; the version that was asked for when a digest was given.
    pub(in crate::source) version: String,
    /// Whether a digest was given, so that the version is still to be read.
    pub(in crate::source) by_digest: bool,
    /// The reference of the archive: `REGISTRY/CHART@sha256:DIGEST`.
    pub(in crate::source) archive: String,
    /// SHA-256 of the manifest in hex.
    pub(in crate::source) manifest: String,
    /// SHA-256 of the archive in hex.
    pub(in crate::source) sha256: String,
    /// The reference of the signed statement about the archive, if there is one.
    pub(in crate::source) provenance: Option<String>,
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

pub(super) type Result<T> = std::result::Result<T, SourceError>;

impl<'a> Registry<'a> {
    /// A registry; one on a host that may be insecure is reached by http.
    pub(in crate::source) fn new(web: &'a Web, url: Url, insecure: &[String], token: Option<Token>) -> Self {
        let mut url = url;
        let host = url.host_str().unwrap_or_default().to_owned();
        if insecure.iter().any(|name| name.eq_ignore_ascii_case(&host)) {
            // An https URL with a host can always become an http one.
            let _ = url.set_scheme("http");
        }
        Self { web, url, token, granted: Mutex::default() }
    }

    pub(in crate::source) fn has_no_index(&self) -> SourceError {
        SourceError::new(INVALID, format!("{} is a registry, which has no index", shown(self.url.as_str())))
    }

    /// Settles which archive a chart and its version, range or digest mean. `asked` is the registry
    /// as asked, for the record.
    pub(in crate::source) fn resolve(&self, asked: &str, chart: &str, version: &str) -> Result<Pulled> {
        let wanted = Wanted::parse(chart, version)?;
        let chart = wanted.chart;
        if let Some(digest) = wanted.digest {
            return self.pulled(asked, chart, wanted.version, &format!("sha256:{digest}"));
        }
        if Version::parse_strict(wanted.version).is_ok() {
            // Tags cannot hold `+`.
            return match self.pulled(asked, chart, wanted.version, &wanted.version.replace('+', "_")) {
                Err(error) if error.code == NOT_FOUND => Err(self.not_there(asked, &wanted).unwrap_or(error)),
                answer => answer,
            };
        }
        let version = self.choose(asked, &wanted)?;
        self.pulled(asked, chart, &version, &version.replace('+', "_"))
    }

    /// Says which versions there are when one is not; nothing when it cannot be told.
    fn not_there(&self, asked: &str, wanted: &Wanted<'_>) -> Option<SourceError> {
        self.choose(asked, wanted).err().filter(|error| error.code == NOT_FOUND && error.help.is_some())
    }

    fn choose(&self, asked: &str, wanted: &Wanted<'_>) -> Result<String> {
        let place = format!("{}/{}", shown(asked.trim_end_matches('/')), wanted.chart);
        let versions = self.versions(wanted.chart)?;
        let names: Vec<&str> = versions.iter().map(String::as_str).collect();
        let at = choose(&names, |_| true, wanted.version, wanted.chart, &place)?;
        Ok(names[at].to_owned())
    }

    /// Reads the manifest of a tag or digest, and of an index the one that is a chart.
    fn pulled(&self, asked: &str, chart: &str, version: &str, reference: &str) -> Result<Pulled> {
        let (url, text) = self.manifest(chart, reference)?;
        let manifest = digest::sha256_hex(&text);
        let mut found: Manifest = parse(&url, &text)?;
        if found.chart().is_none() {
            let listed: Vec<String> = found.listed().into_iter().take(MAX_LISTED).map(str::to_owned).collect();
            for digest in listed {
                let (url, text) = self.manifest(chart, &format!("sha256:{digest}"))?;
                found = parse(&url, &text)?;
                if found.chart().is_some() {
                    break;
                }
            }
        }
        let Some(sha256) = found.chart() else {
            let message = format!("{} is no Helm chart", shown(url.as_str()));
            return Err(SourceError::world(MALFORMED, message));
        };
        let base = format!("{}/{chart}@sha256:", asked.trim_end_matches('/'));
        Ok(Pulled {
            version: version.to_owned(),
            by_digest: reference.starts_with("sha256:"),
            archive: format!("{base}{sha256}"),
            manifest,
            sha256: sha256.to_owned(),
            provenance: found.provenance().map(|digest| format!("{base}{digest}")),
        })
    }

    /// What a locked manifest leads to; it must be the archive that is locked with it.
    pub(in crate::source) fn locked(&self, asked: &str, archive: &str, manifest: &str) -> Result<Pulled> {
        let (chart, sha256) = self.reference(asked, archive)?;
        let found = self.pulled(asked, chart, "", &format!("sha256:{manifest}"))?;
        if found.sha256 == sha256 {
            return Ok(found);
        }
        let message = format!(
            "the manifest sha256:{manifest} of {} leads to another archive than the lock says: expected {sha256}, found {}",
            shown(asked),
            found.sha256
        );
        Err(SourceError::policy(CORRUPT, message))
    }

    /// Fetches what has been recorded as `REGISTRY/CHART@sha256:DIGEST`.
    pub(in crate::source) fn fetch_blob(&self, asked: &str, reference: &str, what: &str) -> Result<Vec<u8>> {
        let (chart, expected) = self.reference(asked, reference)?;
        let url = self.below(chart, &format!("blobs/sha256:{expected}"))?;
        let token = self.authorised(chart, &url)?;
        let (_, bytes) = self.web.download(&url, token.as_ref(), MAX_ARCHIVE_BYTES, what)?;
        check(&url, expected, &bytes)?;
        Ok(bytes)
    }

    /// Chart and digest of a recorded reference.
    fn reference<'r>(&self, asked: &str, reference: &'r str) -> Result<(&'r str, &'r str)> {
        let base = asked.trim_end_matches('/');
        let below = reference.strip_prefix(base).and_then(|rest| rest.strip_prefix('/'));
        let parts = below.and_then(|rest| rest.split_once("@sha256:")).filter(|(_, digest)| is_sha256(digest));
        parts.ok_or_else(|| {
            let message = format!("`{}` is no reference to a chart in {}", foreign(reference), shown(asked));
            SourceError::policy(MALFORMED, message)
        })
    }

    /// The versions that the tags name.
    fn versions(&self, chart: &str) -> Result<Vec<String>> {
        let mut versions = Vec::new();
        let first = self.below(chart, "tags/list")?;
        let mut url = first.clone();
        url.query_pairs_mut().append_pair("n", &TAGS_A_PAGE.to_string());
        for _ in 0..MAX_PAGES {
            let token = self.authorised(chart, &url)?;
            let (bytes, link) = self.web.download_page(&url, token.as_ref(), MAX_DOCUMENT_BYTES, "the list of tags")?;
            let page: Tags = parse(&url, &bytes)?;
            let tags = page.tags.unwrap_or_default();
            let (full, last) = (tags.len() >= TAGS_A_PAGE, tags.last().cloned());
            versions.extend(tags.into_iter().map(|tag| tag.replace('_', "+")));
            let next = match (link.as_deref().and_then(|link| next_page(&url, link)), last) {
                (Some(next), _) => next,
                // Some registries cut the list at the size asked for and say nothing.
                (None, Some(last)) if full => {
                    let mut next = first.clone();
                    next.query_pairs_mut().append_pair("n", &TAGS_A_PAGE.to_string()).append_pair("last", &last);
                    next
                }
                (None, _) => return Ok(versions),
            };
            if next == url {
                return Ok(versions);
            }
            url = next;
        }
        let message = format!("chart `{}` has more tags than the limit of {MAX_PAGES} pages", foreign(chart));
        Err(SourceError::policy(LIMIT, message))
    }

    fn manifest(&self, chart: &str, reference: &str) -> Result<(Url, Vec<u8>)> {
        let url = self.below(chart, &format!("manifests/{reference}"))?;
        let token = self.authorised(chart, &url)?;
        let what = "the manifest";
        let (_, text) = self.web.download_as(&url, token.as_ref(), Some(TYPES), MAX_DOCUMENT_BYTES, what)?;
        if let Some(expected) = reference.strip_prefix("sha256:") {
            check(&url, expected, &text)?;
        }
        Ok((url, text))
    }

    /// `https://HOST/v2/PATH/CHART/REST`.
    fn below(&self, chart: &str, rest: &str) -> Result<Url> {
        let path = self.url.path().trim_matches('/');
        let middle = if path.is_empty() { chart.to_owned() } else { format!("{path}/{chart}") };
        let mut url = self.url.clone();
        url.set_path(&format!("/v2/{middle}/{rest}"));
        if url.path().split('/').any(|part| part == "..") {
            return Err(SourceError::new(INVALID, format!("`{}` is no path in a registry", foreign(&middle))));
        }
        Ok(url)
    }
}

/// Checks content that was asked for by its digest.
fn check(url: &Url, expected: &str, bytes: &[u8]) -> Result<()> {
    let found = digest::sha256_hex(bytes);
    if found == expected {
        return Ok(());
    }
    let message = format!("{} differs from its digest: expected {expected}, found {found}", shown(url.as_str()));
    Err(SourceError::policy(CORRUPT, message))
}

/// Where the `Link` header says that there is more; only the same registry counts.
fn next_page(here: &Url, link: &str) -> Option<Url> {
    let (target, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
    let next = here.join(target).ok().filter(|next| next.origin() == here.origin());
    next.filter(|_| rest.contains("rel=\"next\"") || rest.contains("rel=next"))
}

pub(super) fn parse<T: for<'de> Deserialize<'de>>(url: &Url, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        let message = format!("{} does not answer as a registry: {}", shown(url.as_str()), foreign(&error.to_string()));
        SourceError::world(MALFORMED, message)
    })
}
