use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ureq::http::{StatusCode, header};

use super::credentials::{Credentials, CredentialsError};
use super::reference::Reference;
use crate::golang::semver::{Constraints, Version};
use crate::golang::url as go_url;
use crate::source::remote::client::{Answer, Call, CallError};
use crate::source::remote::{Login, Remote, Tls};

const TIMEOUT: Duration = Duration::from_secs(300);
/// How many pages of tags are read.
const MAX_PAGES: usize = 1000;

/// Access to registries with the logins and flags of one command line.
pub struct Registry {
    remote: Arc<Remote>,
    tls: Tls,
    plain_http: bool,
    pub(super) credentials: Credentials,
    /// Whether a registry turned out to speak http only. Then nobody's login is sent.
    fell_back: AtomicBool,
    /// The `Authorization` header by host and repository.
    granted: Mutex<HashMap<String, String>>,
}

impl Registry {
    /// `plain_http` asks without TLS; certificates and such outweigh it, as in helm.
    pub fn new(remote: Arc<Remote>, tls: Tls, plain_http: bool, credentials: Credentials) -> Self {
        let plain_http = plain_http && tls == Tls::default();
        Self { remote, tls, plain_http, credentials, fell_back: AtomicBool::new(false), granted: Mutex::default() }
    }

    /// Checks a reference and settles which tag or digest is meant: the version when it is one, else
    /// the highest tag that the range accepts. Gives the whole reference.
    pub fn resolve(&self, text: &str, wanted: &str) -> Result<String, String> {
        let url = go_url::parse(text.as_bytes()).map_err(|_| format!("invalid chart URL format: {text}"))?;
        let place = [&url.host[..], &url.path].concat();
        let reference = Reference::parse(&String::from_utf8_lossy(&place))?;
        let wanted = match (wanted, reference.tag.as_str()) {
            ("", tag) => tag,
            (wanted, tag) if !tag.is_empty() && tag != wanted => {
                return Err(format!("chart reference and version mismatch: {wanted} is not {tag}"));
            }
            (wanted, _) => wanted,
        };
        let Reference { registry, repository, digest, .. } = &reference;
        if !digest.is_empty() {
            if !wanted.is_empty() {
                let tagged = Reference { tag: wanted.replace('+', "_"), digest: String::new(), ..reference.clone() };
                // Where a digest is given nothing need be tagged.
                if let Ok((_, found)) = self.manifest(&tagged)
                    && found != *digest
                {
                    return Err(format!("chart reference digest mismatch: {found} is not {digest}"));
                }
            }
            return Ok(format!("oci://{registry}/{repository}@{digest}"));
        }
        let tag = match Version::parse(wanted) {
            Ok(_) => wanted.to_owned(),
            Err(_) => {
                let tags = self.tags(&reference)?;
                if tags.is_empty() {
                    return Err(format!("Unable to locate any tags in provided repository: {text}"));
                }
                choose(&tags, wanted)?
            }
        };
        Ok(format!("oci://{registry}/{repository}:{tag}"))
    }

    /// The versions that a repository's tags name, highest first.
    pub fn versions(&self, text: &str) -> Result<Vec<String>, String> {
        self.tags(&Reference::parse(text)?)
    }

    fn tags(&self, reference: &Reference) -> Result<Vec<String>, String> {
        #[derive(serde::Deserialize)]
        struct Page {
            #[serde(default)]
            tags: Option<Vec<String>>,
        }
        let mut versions: Vec<Version> = Vec::new();
        let mut url = self.url(reference, "tags/list");
        for _ in 0..MAX_PAGES {
            let answer = self.ask(reference, &url, "")?;
            if answer.status != StatusCode::OK {
                return Err(answer.refusal("GET"));
            }
            let page: Page = serde_json::from_slice(&answer.body)
                .map_err(|error| format!("{}: failed to decode response: {error}", answer.asked("GET")))?;
            let tags = page.tags.unwrap_or_default();
            versions.extend(tags.iter().filter_map(|tag| Version::parse_strict(&tag.replace('_', "+")).ok()));
            match next_page(&answer) {
                Some(next) => url = next,
                None => break,
            }
        }
        versions.sort_by(|one, other| other.cmp(one));
        Ok(versions.iter().map(ToString::to_string).collect())
    }

    /// Signs in and remembers the login, in the first file of the credentials.
    pub fn login(&mut self, host: &str, login: &Login) -> Result<(), String> {
        let host = registry_host(host);
        self.credentials.login_with(login);
        let reference = Reference {
            registry: host.to_owned(),
            repository: String::new(),
            tag: String::new(),
            digest: String::new(),
        };
        let failed = |error: String| format!("authenticating to {host:?}: {error}");
        let mut answer = self.ask(&reference, &self.base(host), "").map_err(failed)?;
        if self.fell_back.load(Ordering::Relaxed) && !self.plain_http {
            // The user names host and login in one command: only here a login goes where http is spoken.
            (self.plain_http, self.fell_back) = (true, AtomicBool::new(false));
            answer = self.ask(&reference, &self.base(host), "").map_err(failed)?;
        }
        if answer.status != StatusCode::OK {
            return Err(failed(answer.refusal("GET")));
        }
        self.credentials.put(host, login).map_err(|error| error.to_string())
    }

    /// Forgets the login of a registry.
    pub fn logout(&mut self, host: &str) -> Result<(), CredentialsError> {
        self.credentials.forget(host)
    }

    /// Sends a request, with the login that the registry asks for.
    pub(super) fn ask(&self, reference: &Reference, url: &str, accept: &str) -> Result<Answer, String> {
        let (host, repository) = (&reference.registry, &reference.repository);
        let name = format!("{host}/{repository}");
        let known = self.granted.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned().unwrap_or_default();
        let answer = self.get(url, &known, accept)?;
        let moved = go_url::parse(url.as_bytes()).map(|asked| {
            let found = go_url::parse(answer.url.as_str().as_bytes()).unwrap_or_default();
            (asked.scheme, asked.host) != (found.scheme, found.host)
        });
        // Whoever else a redirect leads to gets no login.
        if answer.status != StatusCode::UNAUTHORIZED || moved != Ok(false) {
            return Ok(answer);
        }
        let scope = match repository.as_str() {
            "" => String::new(),
            repository => format!("repository:{repository}:pull"),
        };
        match self.authorise(host, &scope, &answer)? {
            None => Ok(answer),
            Some(authorization) => {
                let answer = self.get(url, &authorization, accept)?;
                self.granted.lock().unwrap_or_else(PoisonError::into_inner).insert(name, authorization);
                Ok(answer)
            }
        }
    }

    pub(super) fn get(&self, url: &str, authorization: &str, accept: &str) -> Result<Answer, String> {
        let call = Call { tls: &self.tls, authorization, accept, timeout: TIMEOUT, form: None };
        let http = |url: &str| format!("http{}", url.trim_start_matches("https"));
        if self.fell_back.load(Ordering::Relaxed) && url.starts_with("https://") {
            let call = Call { authorization: "", ..call };
            return self.remote.call(&http(url), &call).map_err(|error| error.message);
        }
        match self.remote.call(url, &call) {
            // A registry that speaks http only is still asked, as anybody.
            Err(CallError { is_plain_http: true, .. }) if self.tls == Tls::default() => {
                self.fell_back.store(true, Ordering::Relaxed);
                let call = Call { authorization: "", ..call };
                self.remote.call(&http(url), &call).map_err(|error| error.message)
            }
            answer => answer.map_err(|error| error.message),
        }
    }

    pub(super) fn post(&self, url: &str, form: &str) -> Result<Answer, String> {
        let call = Call { tls: &self.tls, authorization: "", accept: "", timeout: TIMEOUT, form: Some(form) };
        self.remote.call(url, &call).map_err(|error| error.message)
    }

    fn base(&self, registry: &str) -> String {
        let scheme = if self.plain_http { "http" } else { "https" };
        let host = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
        format!("{scheme}://{host}/v2/")
    }

    /// `https://HOST/v2/REPOSITORY/REST`.
    pub(super) fn url(&self, reference: &Reference, rest: &str) -> String {
        format!("{}{}/{rest}", self.base(&reference.registry), reference.repository)
    }
}

/// The first tag that is the text, else the first that the range accepts.
fn choose(tags: &[String], wanted: &str) -> Result<String, String> {
    if !wanted.is_empty() && tags.iter().any(|tag| tag == wanted) {
        return Ok(wanted.to_owned());
    }
    let range = Constraints::parse(if wanted.is_empty() { "*" } else { wanted })?;
    let accepted = |tag: &&String| Version::parse(tag).is_ok_and(|version| range.check(&version));
    let none = || format!("Could not locate a version matching provided version string {wanted}");
    tags.iter().find(accepted).cloned().ok_or_else(none)
}

/// Where the `Link` header says that there is more.
fn next_page(answer: &Answer) -> Option<String> {
    let link = answer.headers.get(header::LINK)?.to_str().ok()?;
    let (target, rest) = link.strip_prefix('<')?.split_once('>')?;
    let next = answer.url.join(target).ok().filter(|next| next.origin() == answer.url.origin());
    next.filter(|_| rest.contains("rel=\"next\"")).map(|next| next.to_string())
}

/// The host of what the user names as a registry.
fn registry_host(text: &str) -> &str {
    let text = ["oci://", "http://", "https://"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
    text.split('/').next().unwrap_or(text)
}
