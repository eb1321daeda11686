use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use url::Url;

use super::fetch::{ChartArchive, MAX_ARCHIVE_BYTES, check_archive};
use super::index::Index;
use crate::golang::semver::Version;
use crate::source::address::shown;
use crate::source::credentials::RegistryLogin;
use crate::source::digest;
use crate::source::error::{CORRUPT, INVALID, LIMIT, MALFORMED, SourceError, UNAUTHORIZED, foreign};
use crate::source::web::{Token, Web};

const CHART_LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// The largest manifest, list of tags or token that is read.
const MAX_DOCUMENT_BYTES: u64 = 4 * 1024 * 1024;
/// How many tags are asked for at once, and how often.
const TAGS_A_PAGE: usize = 1000;
const MAX_PAGES: usize = 50;

/// Charts in an OCI registry, below a path of it.
pub(in crate::source) struct Registry<'a> {
    web: &'a Web,
    /// The registry's URL with the path that charts are below.
    url: Url,
    /// The token for the registry, from `access.yaml`.
    token: Option<Token>,
    /// The tokens to send, by chart: those of the registry's token service where it has one.
    granted: Mutex<HashMap<String, Option<Token>>>,
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    media_type: String,
    digest: String,
}

#[derive(Deserialize)]
struct Granted {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
}

type Result<T> = std::result::Result<T, SourceError>;

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

    pub(super) fn has_no_index(&self) -> SourceError {
        SourceError::new(INVALID, format!("{} is a registry, which has no index", shown(self.url.as_str())))
    }

    /// Chooses a version among the tags and fetches the chart's archive.
    pub(in crate::source) fn fetch_chart(&self, asked: &str, chart: &str, wanted: &str) -> Result<ChartArchive> {
        let version = match Version::parse_strict(wanted) {
            Ok(_) => wanted.to_owned(),
            Err(_) => {
                let place = format!("{}/{chart}", shown(asked.trim_end_matches('/')));
                Index::of_versions(chart, self.versions(chart)?, &place).choose(chart, wanted)?.version.clone()
            }
        };
        // Tags cannot hold `+`.
        let tag = version.replace('+', "_");
        let url = self.below(chart, &format!("manifests/{tag}"))?;
        let text = self.document(&url, chart, MANIFEST_TYPE, "the manifest")?;
        let manifest: Manifest = parse(&url, &text)?;
        let Some(layer) = manifest.layers.iter().find(|layer| layer.media_type == CHART_LAYER) else {
            let message = format!("{} is no Helm chart", shown(url.as_str()));
            return Err(SourceError::world(MALFORMED, message));
        };
        let archive = format!("{}/{chart}@{}", asked.trim_end_matches('/'), layer.digest);
        let bytes = self.fetch_blob(asked, &archive)?;
        check_archive(&bytes, &archive)?;
        Ok(ChartArchive { version, archive, manifest: Some(digest::sha256_hex(&text)), bytes })
    }

    /// Fetches an archive by the reference that was recorded for it: `REGISTRY/CHART@sha256:DIGEST`.
    pub(super) fn fetch_blob(&self, asked: &str, archive: &str) -> Result<Vec<u8>> {
        let base = format!("{}/", asked.trim_end_matches('/'));
        let digest = archive.strip_prefix(&base).and_then(|rest| rest.split_once("@sha256:"));
        let Some((chart, expected)) = digest.filter(|(_, digest)| is_digest(digest)) else {
            let message = format!("`{}` is no reference to a chart in {}", foreign(archive), shown(asked));
            return Err(SourceError::policy(MALFORMED, message));
        };
        let url = self.below(chart, &format!("blobs/sha256:{expected}"))?;
        let token = self.authorised(chart, &url)?;
        let (_, bytes) = self.web.download(&url, token.as_ref(), MAX_ARCHIVE_BYTES, "the archive")?;
        let found = digest::sha256_hex(&bytes);
        if found != expected {
            let message =
                format!("{} differs from its digest: expected {expected}, found {found}", shown(url.as_str()));
            return Err(SourceError::policy(CORRUPT, message));
        }
        Ok(bytes)
    }

    /// The versions that the tags name.
    fn versions(&self, chart: &str) -> Result<Vec<String>> {
        let mut versions = Vec::new();
        let mut last: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut url = self.below(chart, "tags/list")?;
            url.query_pairs_mut().append_pair("n", &TAGS_A_PAGE.to_string());
            if let Some(last) = &last {
                url.query_pairs_mut().append_pair("last", last);
            }
            let page: Tags = parse(&url, &self.document(&url, chart, "application/json", "the list of tags")?)?;
            let tags = page.tags.unwrap_or_default();
            let full = tags.len() >= TAGS_A_PAGE;
            let next = tags.last().cloned();
            let fresh = next != last;
            versions.extend(tags.into_iter().map(|tag| tag.replace('_', "+")));
            if !full || !fresh {
                return Ok(versions);
            }
            last = next;
        }
        let message = format!("chart `{}` has more tags than the limit of {}", foreign(chart), MAX_PAGES * TAGS_A_PAGE);
        Err(SourceError::policy(LIMIT, message))
    }

    fn document(&self, url: &Url, chart: &str, types: &str, what: &str) -> Result<Vec<u8>> {
        let token = self.authorised(chart, url)?;
        self.web.download_as(url, token.as_ref(), Some(types), MAX_DOCUMENT_BYTES, what).map(|(_, bytes)| bytes)
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

    /// The token to send, asked for once for each chart: registries answer a first request with where
    /// to get one, even for what everybody may read.
    fn authorised(&self, chart: &str, url: &Url) -> Result<Option<Token>> {
        let mut granted = self.granted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = granted.get(chart) {
            return Ok(token.clone());
        }
        let token = match self.web.challenge(url)? {
            None => self.token.clone(),
            Some(challenge) => self.answer(&challenge, url)?,
        };
        granted.insert(chart.to_owned(), token.clone());
        Ok(token)
    }

    /// Follows a challenge: `Bearer realm="…",service="…",scope="…"`, or `Basic`.
    fn answer(&self, challenge: &str, url: &Url) -> Result<Option<Token>> {
        let (login, notes) = match &self.token {
            Some(token) => (Some(RegistryLogin::Direct(token.clone())), Vec::new()),
            None => self.web.registry_login(url)?,
        };
        let direct = |login| match login {
            Some(RegistryLogin::Direct(token)) => Some(token),
            Some(RegistryLogin::Identity(_)) | None => None,
        };
        let Some(parameters) = challenge_word(challenge, "Bearer") else { return Ok(direct(login)) };
        let parameters = challenge_parameters(parameters);
        let find = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let refuse = |words: &str| {
            let message = format!("{} asks for authorisation {words}", shown(url.as_str()));
            SourceError::world(UNAUTHORIZED, message)
        };
        let realm = find("realm").ok_or_else(|| refuse("without saying where to get it"))?;
        let mut service = Url::parse(realm).map_err(|_| refuse("at a place that is no URL"))?;
        for name in ["service", "scope"] {
            if let Some(value) = find(name) {
                service.query_pairs_mut().append_pair(name, value);
            }
        }
        // The login goes to the service that its own registry names, never from https to http.
        let is_safe = service.scheme() == "https" || url.scheme() == "http";
        let bytes = match login {
            Some(_) if !is_safe => return Err(refuse("over a connection that is not encrypted")),
            Some(RegistryLogin::Identity(secret)) => {
                let form = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs([("grant_type", "refresh_token"), ("client_id", "kiln"), ("refresh_token", &*secret)])
                    .extend_pairs(service.query_pairs())
                    .finish();
                service.set_query(None);
                self.web.post_form(&service, &form, MAX_DOCUMENT_BYTES)?
            }
            login => {
                let own = direct(login).map(|token| token.for_host_of(&service));
                let answer = self.web.download(&service, own.as_ref(), MAX_DOCUMENT_BYTES, "the token");
                answer.map_err(|error| error.with_notes(&notes))?.1
            }
        };
        let granted: Granted = parse(&service, &bytes)?;
        Ok(granted.token.or(granted.access_token).map(|secret| Token::bearer(&secret)))
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// What follows the name of a scheme in a `WWW-Authenticate` header, when it is that scheme.
pub(in crate::source) fn challenge_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (first, rest) = text.trim().split_once(' ')?;
    first.eq_ignore_ascii_case(word).then_some(rest)
}

/// Reads `key="value",key="value"`.
pub(in crate::source) fn challenge_parameters(text: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.trim_matches([',', ' ']).to_ascii_lowercase();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        parameters.push((key, value.to_owned()));
        rest = next;
    }
    parameters
}

fn parse<T: for<'de> Deserialize<'de>>(url: &Url, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        let message = format!("{} does not answer as a registry: {}", shown(url.as_str()), foreign(&error.to_string()));
        SourceError::world(MALFORMED, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_taken_apart() {
        let parameters = challenge_parameters(r#"realm="https://a/token",service="r", scope="repository:x:pull""#);
        let expected = [("realm", "https://a/token"), ("service", "r"), ("scope", "repository:x:pull")];
        assert_eq!(parameters, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(challenge_word("bearer x=y", "Bearer"), Some("x=y"));
        assert_eq!(challenge_word("Basic realm=x", "Bearer"), None);
    }
}
