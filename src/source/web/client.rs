use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::{Request, Response, StatusCode, Uri, header};
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, DefaultConnector};
use url::Url;

use super::answer::{Answer, Reply};
use super::failure::{body_failed, call_failed};
use super::forward::{Forwarding, forwarded};
use super::proxy::{Proxies, forwarder};
use super::retry::{Tries, is_passing, may_pass, may_recover, retry_after};
use super::roots::roots;
use crate::source::address::{Policy, shown};
use crate::source::credentials::{Environment, Keyring, Offer, Purpose, RegistryLogin, Token};
use crate::source::error::{INVALID, LIMIT, MALFORMED, NOT_ALLOWED, SourceError};
use crate::source::{interrupt, progress};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// The most connections that [`Web::keeping_all`] keeps.
const KEPT: usize = 128;
/// The end of a short answer is read although nobody wants it: only then the connection can be used again.
const SHORT: u64 = 64 << 10;
const MAX_REDIRECTS: usize = 5;
const USER_AGENT: &str = concat!("kiln/", env!("CARGO_PKG_VERSION"));

/// Where a request may be redirected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum Redirects {
    /// Anywhere that the policy allows; credentials stay at the first host.
    AnyHost,
    /// To the same host only.
    SameHost,
}

/// What a web client is made of.
#[derive(Clone, Debug)]
pub(in crate::source) struct WebOptions {
    /// What may be reached.
    pub(in crate::source) policy: Policy,
    /// The longest that one transfer may take.
    pub(in crate::source) timeout: Duration,
    /// Proxies, authorities and credentials.
    pub(in crate::source) environment: Environment,
    /// A file with certificates of authorities that are trusted too.
    pub(in crate::source) ca_file: Option<PathBuf>,
}

/// The web client: one connection pool, TLS set up with the first request.
pub(in crate::source) struct Web {
    options: WebOptions,
    agent: OnceLock<Result<Agent, SourceError>>,
    proxies: Proxies,
    keyring: Keyring,
    /// The most connections that are kept for later requests, where that is not left to the library.
    kept: Option<usize>,
}

/// Who logs in.
#[derive(Clone, Copy)]
enum Login<'a> {
    /// Nobody.
    Nobody,
    /// The bearer of a token, where it is meant for; elsewhere whoever is known.
    Token(Option<&'a Token>),
}

/// A request, after its URL.
#[derive(Clone, Copy)]
struct Call<'a> {
    login: Login<'a>,
    purpose: Purpose,
    /// The content types that are understood.
    types: Option<&'a str>,
    /// The type and the bytes of what is sent.
    body: Option<(&'a str, &'a [u8])>,
    /// Whether they are put there, not posted.
    puts: bool,
    redirects: Redirects,
    deadline: Instant,
}

/// A file that was downloaded.
struct Downloaded {
    /// Where it came from, after redirects.
    url: Url,
    content: Vec<u8>,
    /// The `Link` header.
    link: Option<String>,
}

impl Web {
    pub(in crate::source) fn new(options: WebOptions) -> Self {
        let proxies = Proxies::read(&options.environment);
        let keyring = Keyring::new(options.environment.clone());
        Self { options, agent: OnceLock::new(), proxies, keyring, kept: None }
    }

    /// A client of which many threads ask one server: connections are kept for all of them.
    pub(in crate::source) fn keeping_all(options: WebOptions) -> Self {
        Self { kept: Some(KEPT), ..Self::new(options) }
    }

    /// When a transfer that starts now has to be done.
    pub(in crate::source) fn deadline(&self) -> Instant {
        Instant::now() + self.options.timeout
    }

    fn agent(&self) -> Result<&Agent, SourceError> {
        let agent = self.agent.get_or_init(|| {
            let roots = roots(&self.options.environment, self.options.ca_file.as_deref())?;
            let mut config = Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .user_agent(USER_AGENT)
                .proxy(None)
                .tls_config(TlsConfig::builder().root_certs(roots).build())
                .timeout_connect(Some(CONNECT_TIMEOUT.min(self.options.timeout)))
                .timeout_per_read(Some(STALL_TIMEOUT.min(self.options.timeout)));
            if let Some(kept) = self.kept {
                config = config.max_idle_connections(kept).max_idle_connections_per_host(kept);
            }
            let connector = DefaultConnector::new().chain(Forwarding);
            Ok(Agent::with_parts(config.build(), connector, DefaultResolver::default()))
        });
        agent.as_ref().map_err(Clone::clone)
    }

    /// Downloads a whole file of at most `limit` bytes; `what` names it in messages.
    pub(in crate::source) fn download(
        &self,
        url: &Url,
        token: Option<&Token>,
        limit: u64,
        what: &str,
    ) -> Result<(Url, Vec<u8>), SourceError> {
        self.download_as(url, token, None, limit, what)
    }

    /// Downloads, naming the content types that are understood.
    pub(in crate::source) fn download_as(
        &self,
        url: &Url,
        token: Option<&Token>,
        types: Option<&str>,
        limit: u64,
        what: &str,
    ) -> Result<(Url, Vec<u8>), SourceError> {
        self.fetch(url, Login::Token(token), types, limit, what).map(|file| (file.url, file.content))
    }

    /// Downloads one page of a list in JSON, with its `Link` header.
    pub(in crate::source) fn download_page(
        &self,
        url: &Url,
        token: Option<&Token>,
        limit: u64,
        what: &str,
    ) -> Result<(Vec<u8>, Option<String>), SourceError> {
        self.fetch(url, Login::Token(token), Some("application/json"), limit, what)
            .map(|file| (file.content, file.link))
    }

    /// Downloads a file with this login or none, whatever else is known for its host.
    pub(in crate::source) fn download_with(
        &self,
        url: &Url,
        token: Option<&Token>,
        limit: u64,
        what: &str,
    ) -> Result<Vec<u8>, SourceError> {
        let login = token.map_or(Login::Nobody, |token| Login::Token(Some(token)));
        self.fetch(url, login, None, limit, what).map(|file| file.content)
    }

    /// Downloads a file, again if it broke off and that may pass.
    fn fetch(
        &self,
        url: &Url,
        login: Login<'_>,
        types: Option<&str>,
        limit: u64,
        what: &str,
    ) -> Result<Downloaded, SourceError> {
        let (redirects, deadline) = (Redirects::AnyHost, self.deadline());
        let call = Call { login, purpose: Purpose::File, types, body: None, puts: false, redirects, deadline };
        let mut tries = Tries::new(deadline);
        loop {
            let reply = self.send(url, &call)?;
            let link = reply.response.headers().get(header::LINK).and_then(|value| value.to_str().ok());
            let link = link.map(str::to_owned);
            let length = reply.response.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
            let length = length.and_then(|length| length.parse().ok());
            let answer = reply.accept()?;
            length.into_iter().for_each(progress::expected);
            let mut content = Vec::new();
            let read = Heard(answer.body).take(limit + 1).read_to_end(&mut content);
            if content.len() as u64 > limit {
                let message = format!("{what} {} is larger than the limit of {limit} bytes", shown(url.as_str()));
                return Err(SourceError::policy(LIMIT, message));
            }
            match read {
                Ok(_) => return Ok(Downloaded { url: answer.url, content, link }),
                Err(error) if is_passing(error.kind()) && tries.wait(None)? => {}
                Err(error) => return Err(body_failed(url, &error)),
            }
        }
    }

    /// Asks for a step of git's protocol and follows redirects. Any status but 200 is an error.
    pub(in crate::source) fn get(
        &self,
        url: &Url,
        token: Option<&Token>,
        redirects: Redirects,
        deadline: Instant,
    ) -> Result<Answer, SourceError> {
        let login = Login::Token(token);
        self.send(
            url,
            &Call { login, purpose: Purpose::Git, types: None, body: None, puts: false, redirects, deadline },
        )?
        .accept()
    }

    /// Posts a step of git's protocol and hands out the answer. Redirects are refused.
    pub(in crate::source) fn post(
        &self,
        url: &Url,
        token: Option<&Token>,
        content_type: &str,
        body: &[u8],
        deadline: Instant,
    ) -> Result<Answer, SourceError> {
        let (login, body) = (Login::Token(token), Some((content_type, body)));
        let redirects = Redirects::SameHost;
        self.send(url, &Call { login, purpose: Purpose::Git, types: None, body, puts: false, redirects, deadline })?
            .accept()
    }

    /// Posts a form, as nobody, and gives the answer's bytes.
    pub(in crate::source) fn post_form(&self, url: &Url, form: &str, limit: u64) -> Result<Vec<u8>, SourceError> {
        let (login, redirects, deadline) = (Login::Nobody, Redirects::SameHost, self.deadline());
        let body = Some(("application/x-www-form-urlencoded", form.as_bytes()));
        let call = Call { login, purpose: Purpose::File, types: None, body, puts: false, redirects, deadline };
        let answer = self.send(url, &call)?.accept()?;
        let mut content = Vec::new();
        answer.body.take(limit).read_to_end(&mut content).map_err(|error| body_failed(url, &error))?;
        Ok(content)
    }

    /// Asks for a file, or puts one there, in one request: it is not tried again, except to log in, and no
    /// redirect is followed. Gives the status, and of a 200 the body of at most `limit` bytes.
    pub(in crate::source) fn once(
        &self,
        url: &Url,
        content: Option<&[u8]>,
        token: Option<&Token>,
        limit: u64,
        deadline: Instant,
    ) -> Result<(StatusCode, Vec<u8>), SourceError> {
        interrupt::check()?;
        let (login, purpose, redirects) = (Login::Token(token), Purpose::File, Redirects::SameHost);
        let body = content.map(|content| ("application/octet-stream", content));
        let call = Call { login, purpose, types: None, body, puts: true, redirects, deadline };
        let token = self.token(url, url, &call)?;
        let ask = |token: Option<&Token>| {
            let header = token.and_then(|token| token.header_for(url, url));
            self.try_once(url, header, &call)?.map_err(|error| call_failed(url, &error))
        };
        let mut response = ask(token.as_ref())?;
        if response.status() == StatusCode::UNAUTHORIZED && token.is_none() {
            let offer = self.keyring.after(url, purpose);
            if offer.token.is_some() {
                response = ask(offer.token.as_ref())?;
            }
        }
        let status = response.status();
        if status != StatusCode::OK {
            let _ = io::copy(&mut response.into_body().into_reader().take(SHORT), &mut io::sink());
            return Ok((status, Vec::new()));
        }
        let mut content = Vec::new();
        let mut body = response.into_body().into_reader().take(limit.saturating_add(1));
        body.read_to_end(&mut content).map_err(|error| body_failed(url, &error))?;
        if content.len() as u64 > limit {
            let message = format!("{} is larger than {limit} bytes", shown(url.as_str()));
            return Err(SourceError::policy(LIMIT, message));
        }
        Ok((status, content))
    }

    /// How a server wants to be authorised for a URL; `None` when it answers anybody.
    pub(in crate::source) fn challenge(&self, url: &Url) -> Result<Option<String>, SourceError> {
        let (login, redirects, deadline) = (Login::Nobody, Redirects::SameHost, self.deadline());
        let call = Call { login, purpose: Purpose::File, types: None, body: None, puts: false, redirects, deadline };
        let reply = self.send(url, &call)?;
        if reply.response.status() != StatusCode::UNAUTHORIZED {
            return Ok(None);
        }
        match reply.response.headers().get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()) {
            Some(challenge) => Ok(Some(challenge.to_owned())),
            None => reply.accept().map(|_| None),
        }
    }

    /// What is known for the registry that a URL is of, and why there is nothing.
    pub(in crate::source) fn registry_login(
        &self,
        url: &Url,
    ) -> Result<(Option<RegistryLogin>, Vec<String>), SourceError> {
        self.keyring.registry(url)
    }

    /// Sends a request, logs in where that is asked for, and follows redirects.
    fn send(&self, url: &Url, call: &Call<'_>) -> Result<Reply, SourceError> {
        let mut here = url.clone();
        let mut offer = Offer::default();
        let mut asked = false;
        let mut redirected = 0;
        loop {
            self.options.policy.allows_web(&here)?;
            let token = match &offer.token {
                Some(token) => Some(token.clone()),
                None => self.token(url, &here, call)?,
            };
            let authorization = token.as_ref().and_then(|token| token.header_for(url, &here));
            let response = self.try_often(&here, authorization, call)?;
            let sent = token.as_ref().filter(|_| authorization.is_some()).map(|token| token.origin().to_owned());
            let refused = response.status() == StatusCode::UNAUTHORIZED && sent.is_none();
            if refused && !asked && matches!(call.login, Login::Token(_)) && is_same_host(url, &here) {
                (offer, asked) = (self.keyring.after(&here, call.purpose), true);
                if offer.token.is_some() {
                    continue;
                }
            }
            if !response.status().is_redirection() || call.body.is_some() {
                return Ok(Reply { url: here, response, sent, notes: offer.notes });
            }
            let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            let Some(next) = location.and_then(|location| here.join(location).ok()) else {
                let message = format!("{} answers with a redirect to nowhere", shown(here.as_str()));
                return Err(SourceError::world(MALFORMED, message));
            };
            check_redirect(&here, &next, call.redirects)?;
            self.options.policy.allows_web(&next).map_err(|error| SourceError {
                message: format!("{} redirects to {}: {}", shown(here.as_str()), shown(next.as_str()), error.message),
                ..error
            })?;
            redirected += 1;
            if redirected > MAX_REDIRECTS {
                let message = format!("{} redirects more than {MAX_REDIRECTS} times", shown(url.as_str()));
                return Err(SourceError::world(LIMIT, message));
            }
            here = next;
        }
    }

    /// What is sent with a request to `here` that began at `first`: nothing once it left that host.
    fn token(&self, first: &Url, here: &Url, call: &Call<'_>) -> Result<Option<Token>, SourceError> {
        match call.login {
            Login::Token(Some(token)) if token.header_for(first, here).is_some() => Ok(Some(token.clone())),
            Login::Token(_) if is_same_host(first, here) => self.keyring.before(here, call.purpose),
            Login::Nobody | Login::Token(_) => Ok(None),
        }
    }

    /// Sends one request again as long as what went wrong may pass.
    fn try_often(
        &self,
        url: &Url,
        authorization: Option<&str>,
        call: &Call<'_>,
    ) -> Result<Response<ureq::Body>, SourceError> {
        let mut tries = Tries::new(call.deadline);
        loop {
            interrupt::check()?;
            match self.try_once(url, authorization, call)? {
                Ok(response) if may_pass(response.status()) => {
                    if !tries.wait(retry_after(response.headers()))? {
                        return Ok(response);
                    }
                }
                Ok(response) => return Ok(response),
                Err(error) => {
                    if matches!(error, ureq::Error::Timeout(_)) {
                        tries.lost_time();
                    }
                    if !may_recover(&error) || !tries.wait(None)? {
                        return Err(call_failed(url, &error));
                    }
                }
            }
        }
    }

    /// Sends one request. The inner error is the connection's.
    fn try_once(
        &self,
        url: &Url,
        authorization: Option<&str>,
        call: &Call<'_>,
    ) -> Result<Result<Response<ureq::Body>, ureq::Error>, SourceError> {
        let proxy = self.proxies.of(url)?;
        let forwarder = proxy.and_then(|proxy| forwarder(proxy, url));
        let (target, proxy) = match &forwarder {
            None => (Uri::try_from(url.as_str()).map_err(|_| unreal(url))?, proxy.cloned()),
            Some((place, _)) => (forwarded(url, place).ok_or_else(|| unreal(url))?, None),
        };
        let mut request = Request::builder().uri(target);
        let mut headers = Vec::new();
        headers.extend(authorization.map(|value| (header::AUTHORIZATION, value)));
        headers.extend(call.types.map(|value| (header::ACCEPT, value)));
        headers.extend(call.body.map(|(value, _)| (header::CONTENT_TYPE, value)));
        if let Some((_, login)) = &forwarder {
            headers.push((header::HOST, &url[url::Position::BeforeHost..url::Position::AfterPort]));
            headers.extend(login.as_deref().map(|login| (header::PROXY_AUTHORIZATION, login)));
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let left = call.deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let agent = self.agent()?;
        Ok(match call.body {
            None => {
                let request = request.method("GET").body(()).map_err(|_| unreal(url))?;
                agent.run(agent.configure_request(request).timeout_global(Some(left)).proxy(proxy).build())
            }
            Some((_, body)) => {
                let method = if call.puts { "PUT" } else { "POST" };
                let request = request.method(method).body(body).map_err(|_| unreal(url))?;
                agent.run(agent.configure_request(request).timeout_global(Some(left)).proxy(proxy).build())
            }
        })
    }
}

/// A body whose arrival is told, and which ends when the process is to end.
struct Heard<R>(R);

impl<R: Read> Read for Heard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        interrupt::check().map_err(|error| io::Error::other(error.message))?;
        let count = self.0.read(buffer)?;
        progress::arrived(count as u64);
        Ok(count)
    }
}

/// The error for a URL that no request can be made of.
fn unreal(url: &Url) -> SourceError {
    SourceError::new(INVALID, format!("`{}` cannot be asked for by http", shown(url.as_str())))
}

fn is_same_host(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
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
