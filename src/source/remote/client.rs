use std::collections::HashMap;
use std::io::Read as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ureq::Agent;
use ureq::http::{HeaderMap, Response, StatusCode, header};
use url::Url;

use crate::golang::{strconv, url as go_url};

use super::{Asking, Login, Tls, words};

const USER_AGENT: &str = concat!("kiln/", env!("CARGO_PKG_VERSION"));
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: usize = 10;
/// The largest file that is fetched. The index of the largest public repository has a tenth of it.
const MAX_BYTES: u64 = 256 << 20;

/// The web as helm reaches it. Proxies are taken from the usual environment variables.
#[derive(Default)]
pub struct Remote {
    agents: Mutex<HashMap<Tls, Agent>>,
}

/// An answer of whatever status.
pub(super) struct Answer {
    /// Where it came from in the end.
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A request, after its URL.
pub(super) struct Call<'a> {
    pub tls: &'a Tls,
    /// The `Authorization` header; empty for none. It stays with the host of the first URL.
    pub authorization: &'a str,
    pub accept: &'a str,
    pub timeout: Duration,
    /// A form to be posted.
    pub form: Option<&'a str>,
}

/// Why a request got no answer.
pub(super) struct CallError {
    /// The text of Go's `url.Error`.
    pub message: String,
    /// Whether the server speaks http where https was asked for.
    pub is_plain_http: bool,
}

impl CallError {
    fn of(message: String) -> Self {
        Self { message, is_plain_http: false }
    }
}

impl Remote {
    /// Fetches a file by `http` or `https`. Any status but 200 is an error; errors are helm's texts.
    pub fn get(&self, href: &str, asking: &Asking) -> Result<Vec<u8>, String> {
        go_url::parse(href.as_bytes())?;
        let authorization =
            match asking.login.is_whole() && (asking.login_for_all || same_host(&asking.login_for, href)) {
                true => basic(&asking.login),
                false => String::new(),
            };
        let call = Call {
            tls: &asking.tls,
            authorization: &authorization,
            accept: asking.accept,
            timeout: asking.timeout,
            form: None,
        };
        let answer = self.call(href, &call).map_err(|error| error.message)?;
        if answer.status != StatusCode::OK {
            return Err(format!("failed to fetch {href} : {}", status_text(answer.status)));
        }
        Ok(answer.body)
    }

    /// Sends a request and follows redirects.
    pub(super) fn call(&self, href: &str, call: &Call<'_>) -> Result<Answer, CallError> {
        let deadline = Instant::now() + call.timeout;
        let first = Url::parse(href).map_err(|error| {
            CallError::of(format!("parse {}: {error}", strconv::quote(without_password(href).as_bytes())))
        })?;
        let agent = self.agent(call.tls).map_err(CallError::of)?;
        let mut here = first.clone();
        let mut shown = without_password(href);
        let mut authorization = call.authorization;
        let mut redirects = 0;
        loop {
            let method = if call.form.is_some() { "Post" } else { "Get" };
            let failed =
                |message: String| CallError::of(format!("{method} {}: {message}", strconv::quote(shown.as_bytes())));
            if !matches!(here.scheme(), "http" | "https") {
                return Err(failed(format!("unsupported protocol scheme {:?}", here.scheme())));
            }
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            let response = send(&agent, &here, authorization, call, left).map_err(|error| CallError {
                is_plain_http: words::is_plain_http(&error),
                ..failed(words::call_failed(&here, &error))
            })?;
            let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            let Some(location) = location.filter(|_| call.form.is_none() && is_redirect(response.status())) else {
                return read(here, response);
            };
            let next = here.join(location).map_err(|error| {
                failed(format!("failed to parse Location header {}: {error}", strconv::quote(location.as_bytes())))
            })?;
            shown = without_password(location);
            redirects += 1;
            if redirects >= MAX_REDIRECTS {
                let shown = strconv::quote(shown.as_bytes());
                return Err(CallError::of(format!("{method} {shown}: stopped after {MAX_REDIRECTS} redirects")));
            }
            if !may_follow(&first, &next) {
                authorization = "";
            }
            here = next;
        }
    }

    fn agent(&self, tls: &Tls) -> Result<Agent, String> {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(agent) = agents.get(tls) {
            return Ok(agent.clone());
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(USER_AGENT)
            // An archive must arrive as it is, not unpacked on the way.
            .accept_encoding("identity")
            .timeout_per_read(Some(STALL_TIMEOUT))
            .tls_config(tls.config()?)
            .build()
            .new_agent();
        agents.insert(tls.clone(), agent.clone());
        Ok(agent)
    }
}

fn send(
    agent: &Agent,
    url: &Url,
    authorization: &str,
    call: &Call<'_>,
    timeout: Duration,
) -> Result<Response<ureq::Body>, ureq::Error> {
    let headers = [(header::AUTHORIZATION, authorization), (header::ACCEPT, call.accept)];
    let headers = headers.into_iter().filter(|(_, value)| !value.is_empty());
    match call.form {
        None => {
            let request = headers.fold(agent.get(url.as_str()), |request, (name, value)| request.header(name, value));
            request.config().timeout_global(Some(timeout)).build().call()
        }
        Some(form) => {
            let request = headers.fold(agent.post(url.as_str()), |request, (name, value)| request.header(name, value));
            let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            request.config().timeout_global(Some(timeout)).build().send(form)
        }
    }
}

fn read(url: Url, response: Response<ureq::Body>) -> Result<Answer, CallError> {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    let reader = response.into_body().into_with_config().limit(u64::MAX).reader();
    let result = reader.take(MAX_BYTES + 1).read_to_end(&mut body);
    if body.len() as u64 > MAX_BYTES {
        let message =
            format!("{}: the answer is larger than the limit of {MAX_BYTES} bytes", without_password(url.as_str()));
        return Err(CallError::of(message));
    }
    match result {
        Ok(_) => Ok(Answer { url, status, headers, body }),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(CallError::of("unexpected EOF".to_owned()))
        }
        Err(error) => Err(CallError::of(words::call_failed(&url, &ureq::Error::Io(error)))),
    }
}

/// The header of a login.
pub(super) fn basic(login: &Login) -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:{}", login.username, login.password)))
}

/// `404 Not Found`.
fn status_text(status: StatusCode) -> String {
    format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default())
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Scheme, host and port as written decide whom a login belongs to, as in helm.
fn same_host(one: &str, other: &str) -> bool {
    match (go_url::parse(one.as_bytes()), go_url::parse(other.as_bytes())) {
        (Ok(one), Ok(other)) => one.scheme == other.scheme && one.host == other.host,
        _ => false,
    }
}

/// Whether a login may follow a redirect: as in Go to the same host and those below it, but never
/// from https to http.
fn may_follow(first: &Url, next: &Url) -> bool {
    let (Some(first_host), Some(next_host)) = (first.host_str(), next.host_str()) else { return false };
    let below = next_host.strip_suffix(first_host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    below && (first.scheme() == next.scheme() || next.scheme() == "https")
}

/// The URL for messages, as Go shows it.
fn without_password(href: &str) -> String {
    let Some((scheme, rest)) = href.split_once("://") else { return href.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let user = rest[..end].rsplit_once('@').and_then(|(user, host)| Some((user.split_once(':')?.0, host)));
    match user {
        Some((name, host)) => format!("{scheme}://{name}:***@{host}{}", &rest[end..]),
        None => href.to_owned(),
    }
}
