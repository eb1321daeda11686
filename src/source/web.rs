use std::io::Read;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ureq::Agent;
use ureq::http::{Response, StatusCode, header};
use url::Url;

use super::address::{Policy, shown};
use super::error::{LIMIT, MALFORMED, NOT_ALLOWED, NOT_FOUND, SourceError, UNAUTHORIZED, UNREACHABLE, foreign};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: usize = 5;
const USER_AGENT: &str = concat!("kiln/", env!("CARGO_PKG_VERSION"));

/// A secret that never prints.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token {
    header: String,
}

impl Token {
    /// Sent as git does for `https://SECRET@host/`.
    pub(super) fn basic(secret: &str) -> Self {
        let secret = secret.trim();
        let pair = if secret.contains(':') { secret.to_owned() } else { format!("{secret}:") };
        Self { header: format!("Basic {}", STANDARD.encode(pair)) }
    }

    /// What a registry's token service handed out.
    pub(super) fn bearer(secret: &str) -> Self {
        Self { header: format!("Bearer {secret}") }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Where a request may be redirected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redirects {
    /// Anywhere that the policy allows; credentials stay at the first host.
    AnyHost,
    /// To the same host only.
    SameHost,
}

/// The web client: one connection pool, TLS set up with the first https request. Proxies are taken
/// from the usual environment variables.
pub(super) struct Web {
    agent: OnceLock<Agent>,
    policy: Policy,
    timeout: Duration,
}

/// An answer with a body that is still to be read.
pub(super) struct Answer {
    /// Where the body came from, after redirects.
    pub(super) url: Url,
    /// The content type, lower case, without parameters.
    pub(super) content_type: String,
    /// The body, not yet bounded.
    pub(super) body: Box<dyn Read + Send>,
}

impl Web {
    pub(super) fn new(policy: Policy, timeout: Duration) -> Self {
        Self { agent: OnceLock::new(), policy, timeout }
    }

    /// When a transfer that starts now has to be done.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }

    fn agent(&self) -> &Agent {
        self.agent.get_or_init(|| {
            Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .user_agent(USER_AGENT)
                .timeout_connect(Some(CONNECT_TIMEOUT.min(self.timeout)))
                .timeout_per_read(Some(STALL_TIMEOUT.min(self.timeout)))
                .build()
                .new_agent()
        })
    }

    /// Downloads a whole file of at most `limit` bytes; `what` names it in messages.
    pub(super) fn download(
        &self,
        url: &Url,
        token: Option<&Token>,
        limit: u64,
        what: &str,
    ) -> Result<(Url, Vec<u8>), SourceError> {
        self.download_as(url, token, None, limit, what)
    }

    /// Downloads, naming the content types that are understood.
    pub(super) fn download_as(
        &self,
        url: &Url,
        token: Option<&Token>,
        types: Option<&str>,
        limit: u64,
        what: &str,
    ) -> Result<(Url, Vec<u8>), SourceError> {
        let (here, response) = self.send(url, token, types, Redirects::AnyHost, self.deadline())?;
        let answer = accept(here, response, token.is_some())?;
        read_body(url, answer.body, limit, what).map(|content| (answer.url, content))
    }

    /// Downloads one page of a list in JSON, with its `Link` header.
    pub(super) fn download_page(
        &self,
        url: &Url,
        token: Option<&Token>,
        limit: u64,
        what: &str,
    ) -> Result<(Vec<u8>, Option<String>), SourceError> {
        let (here, response) = self.send(url, token, Some("application/json"), Redirects::AnyHost, self.deadline())?;
        let link = response.headers().get(header::LINK).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let answer = accept(here, response, token.is_some())?;
        read_body(url, answer.body, limit, what).map(|content| (content, link))
    }

    /// Asks for a URL and follows redirects. Any status but 200 is an error.
    pub(super) fn get(
        &self,
        url: &Url,
        token: Option<&Token>,
        redirects: Redirects,
        deadline: Instant,
    ) -> Result<Answer, SourceError> {
        let (here, response) = self.send(url, token, None, redirects, deadline)?;
        accept(here, response, token.is_some())
    }

    /// How a server wants to be authorised for a URL; `None` when it answers anybody.
    pub(super) fn challenge(&self, url: &Url) -> Result<Option<String>, SourceError> {
        let (here, response) = self.send(url, None, None, Redirects::SameHost, self.deadline())?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(None);
        }
        match response.headers().get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()) {
            Some(challenge) => Ok(Some(challenge.to_owned())),
            None => accept(here, response, false).map(|_| None),
        }
    }

    fn send(
        &self,
        url: &Url,
        token: Option<&Token>,
        types: Option<&str>,
        redirects: Redirects,
        deadline: Instant,
    ) -> Result<(Url, Response<ureq::Body>), SourceError> {
        let mut here = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            self.policy.allows_web(&here)?;
            let mut request = self.agent().get(here.as_str());
            if let Some(token) = token.filter(|_| may_carry(url, &here)) {
                request = request.header(header::AUTHORIZATION, &token.header);
            }
            if let Some(types) = types {
                request = request.header(header::ACCEPT, types);
            }
            let response = request
                .config()
                .timeout_global(Some(remaining(deadline)))
                .build()
                .call()
                .map_err(|error| call_failed(&here, &error))?;
            if !response.status().is_redirection() {
                return Ok((here, response));
            }
            let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            let Some(next) = location.and_then(|location| here.join(location).ok()) else {
                let message = format!("{} answers with a redirect to nowhere", shown(here.as_str()));
                return Err(SourceError::world(MALFORMED, message));
            };
            check_redirect(&here, &next, redirects)?;
            self.policy.allows_web(&next).map_err(|error| SourceError {
                message: format!("{} redirects to {}: {}", shown(here.as_str()), shown(next.as_str()), error.message),
                ..error
            })?;
            here = next;
        }
        let message = format!("{} redirects more than {MAX_REDIRECTS} times", shown(url.as_str()));
        Err(SourceError::world(LIMIT, message))
    }

    /// Sends a body and hands out the answer. Redirects are refused.
    pub(super) fn post(
        &self,
        url: &Url,
        token: Option<&Token>,
        content_type: &str,
        body: &[u8],
        deadline: Instant,
    ) -> Result<Answer, SourceError> {
        self.policy.allows_web(url)?;
        let mut request = self.agent().post(url.as_str()).header(header::CONTENT_TYPE, content_type);
        if let Some(token) = token.filter(|_| may_carry(url, url)) {
            request = request.header(header::AUTHORIZATION, &token.header);
        }
        let response = request
            .config()
            .timeout_global(Some(remaining(deadline)))
            .build()
            .send(body)
            .map_err(|error| call_failed(url, &error))?;
        accept(url.clone(), response, token.is_some())
    }
}

/// Reads a whole body of at most `limit` bytes; `what` names it in messages.
fn read_body(url: &Url, body: impl Read, limit: u64, what: &str) -> Result<Vec<u8>, SourceError> {
    let mut content = Vec::new();
    let read = body.take(limit + 1).read_to_end(&mut content);
    if content.len() as u64 > limit {
        let message = format!("{what} {} is larger than the limit of {limit} bytes", shown(url.as_str()));
        return Err(SourceError::policy(LIMIT, message));
    }
    read.map_err(|error| body_failed(url, &error))?;
    Ok(content)
}

/// A token goes to the host that it was meant for, over https or within this machine.
fn may_carry(meant: &Url, here: &Url) -> bool {
    let same = meant.scheme() == here.scheme()
        && meant.host_str() == here.host_str()
        && meant.port_or_known_default() == here.port_or_known_default();
    same && (here.scheme() == "https" || is_loopback(here))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn check_redirect(here: &Url, next: &Url, redirects: Redirects) -> Result<(), SourceError> {
    let refuse = |why: &str| {
        let message = format!("{} redirects to {}: {why}", shown(here.as_str()), shown(next.as_str()));
        Err(SourceError::policy(NOT_ALLOWED, message).help("write the URL that it leads to as the source"))
    };
    if !matches!(next.scheme(), "https" | "http") {
        return refuse("the protocol is not allowed");
    }
    if here.scheme() == "https" && next.scheme() != "https" {
        return refuse("the redirect leaves https for plain http");
    }
    if redirects == Redirects::SameHost && here.host_str() != next.host_str() {
        return refuse("a redirect to another host is not followed");
    }
    Ok(())
}

fn accept(url: Url, response: Response<ureq::Body>, with_token: bool) -> Result<Answer, SourceError> {
    let status = response.status();
    let place = shown(url.as_str());
    match status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            let error = SourceError::world(UNAUTHORIZED, format!("{place} answers {status}"));
            return Err(error.help(if with_token {
                "check that the token of `access.yaml` is valid and may read there"
            } else {
                "name the environment variable that holds a token in `access.yaml` beside the component"
            }));
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            let error = SourceError::world(NOT_FOUND, format!("{place} answers {status}: not found"));
            return Err(error.help("check the URL; private sources also answer like this when no token is given"));
        }
        _ => return Err(SourceError::world(UNREACHABLE, format!("{place} answers {status}"))),
    }
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    // The readers bound the body themselves, with messages that name the limit.
    let body = Box::new(response.into_body().into_with_config().limit(u64::MAX).reader());
    Ok(Answer { url, content_type, body })
}

fn remaining(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
}

fn call_failed(url: &Url, error: &ureq::Error) -> SourceError {
    let place = shown(url.as_str());
    match error {
        ureq::Error::HostNotFound => unresolved(&place),
        // The words of the standard library, which has no kind of error for this.
        ureq::Error::Io(error) if error.to_string().contains("lookup address") => unresolved(&place),
        ureq::Error::Timeout(what) => {
            SourceError::world(UNREACHABLE, format!("{place} is too slow: timed out ({what})"))
                .help("raise `--timeout`, or try again")
        }
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => SourceError::world(
            UNREACHABLE,
            format!("{place}: the TLS connection failed: {}", foreign(&error.to_string())),
        )
        .help("check the certificate, the clock of this machine, and `SSL_CERT_FILE` for your own authorities"),
        error => SourceError::world(UNREACHABLE, format!("{place}: {}", foreign(&error.to_string()))),
    }
}

fn unresolved(place: &str) -> SourceError {
    SourceError::world(UNREACHABLE, format!("cannot resolve the host of {place}"))
        .help("check the host name and the network")
}

/// The error of a body that broke off.
pub(super) fn body_failed(url: &Url, error: &std::io::Error) -> SourceError {
    let place = shown(url.as_str());
    let words = foreign(&error.to_string());
    match error.kind() {
        std::io::ErrorKind::TimedOut => {
            SourceError::world(UNREACHABLE, format!("{place} is too slow: timed out ({words})"))
                .help("raise `--timeout`, or try again")
        }
        _ => SourceError::world(UNREACHABLE, format!("{place}: the answer is incomplete, it ended early: {words}")),
    }
}
