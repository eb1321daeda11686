use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::http::StatusCode;
use url::Url;

use super::action::Entry;
use crate::source::address::{Policy, shown};
use crate::source::credentials::{Environment, Token};
use crate::source::digest::Digest;
use crate::source::error::{INVALID, SourceError};
use crate::source::web::{Web, WebOptions};

/// So many requests in a row that fail end the use of a cache, and so many in all.
const IN_A_ROW: usize = 3;
const IN_ALL: usize = 20;
/// A failure that took longer ends it at once: others would take as long.
const SLOW: Duration = Duration::from_secs(1);

/// The longest that one request may take; the longest to connect, or to wait for more, is less.
const REQUEST: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(3);

/// The largest result, and the largest entry.
const LARGEST: u64 = 64 << 20;
const LARGEST_ENTRY: u64 = 1 << 20;

/// What may be done with a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheMode {
    /// Results are taken from it.
    #[default]
    Read,
    /// New ones are put there too.
    ReadWrite,
}

/// Where a cache is and how it is reached.
#[derive(Clone, Debug, Default)]
pub struct CacheOptions {
    /// Its URL, which may have a user and a password.
    pub url: String,
    /// What may be done with it.
    pub mode: CacheMode,
    /// Hosts that may be reached without encryption. This machine always may.
    pub allow_insecure: Vec<String>,
    /// Proxies, authorities and credentials.
    pub environment: Environment,
    /// A file with certificates of authorities that are trusted too.
    pub ca_file: Option<PathBuf>,
}

/// A cache on a server. Safe to ask from many threads; each request is waited for.
pub struct RemoteCache {
    web: Web,
    base: Url,
    token: Option<Token>,
    writes: AtomicBool,
    off: AtomicBool,
    /// What went wrong, the first of each sort.
    said: Mutex<Vec<String>>,
    found: AtomicUsize,
    missed: AtomicUsize,
    written: AtomicUsize,
    damaged: AtomicUsize,
    failed: AtomicUsize,
    in_a_row: AtomicUsize,
}

/// What was done with a cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheReport {
    /// How many results it had.
    pub found: usize,
    /// How many it had not.
    pub missed: usize,
    /// How many were put there.
    pub written: usize,
    /// What went wrong, in sentences.
    pub problems: Vec<String>,
}

impl fmt::Debug for RemoteCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteCache({})", shown(self.base.as_str()))
    }
}

impl RemoteCache {
    /// A cache at a URL. Nothing is asked yet.
    ///
    /// # Errors
    /// When the URL is none, or is not allowed: `https`, or `http` to this machine and to hosts that may be
    /// reached without encryption.
    pub fn new(options: CacheOptions) -> Result<Self, SourceError> {
        let refuse = |why: &str| {
            let message = format!("`{}` is no URL of a cache: {why}", shown(&options.url));
            SourceError::new(INVALID, message).help("write it like `https://cache.example.com/`")
        };
        let mut base = Url::parse(options.url.trim()).map_err(|error| refuse(&error.to_string()))?;
        let host = base.host_str().ok_or_else(|| refuse("it has no host"))?.to_owned();
        if base.query().is_some() || base.fragment().is_some() {
            return Err(refuse("it has a query"));
        }
        let token = login(&base);
        // Never part of a message.
        if base.set_username("").and_then(|()| base.set_password(None)).is_err() {
            return Err(refuse("it cannot have a user"));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let mut allow_insecure = options.allow_insecure;
        if is_this_machine(&base) {
            allow_insecure.push(host);
        }
        let policy = Policy { allow_insecure, project: PathBuf::new() };
        policy.allows_web(&base)?;
        let (environment, ca_file) = (options.environment, options.ca_file);
        Ok(Self {
            web: Web::keeping_all(WebOptions { policy, timeout: CONNECT, environment, ca_file }),
            base,
            token,
            writes: AtomicBool::new(options.mode == CacheMode::ReadWrite),
            off: AtomicBool::new(false),
            said: Mutex::default(),
            found: AtomicUsize::new(0),
            missed: AtomicUsize::new(0),
            written: AtomicUsize::new(0),
            damaged: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
            in_a_row: AtomicUsize::new(0),
        })
    }

    /// The result of a key, if the cache has one whose digest fits.
    pub fn get(&self, key: &Digest) -> Option<Vec<u8>> {
        if self.is_off() {
            return None;
        }
        let result = self.look(key);
        let count = if result.is_some() { &self.found } else { &self.missed };
        count.fetch_add(1, Ordering::Relaxed);
        result
    }

    fn look(&self, key: &Digest) -> Option<Vec<u8>> {
        let message = self.fetch("ac", key, LARGEST_ENTRY)?;
        let Some(entry) = Entry::unpack(&message, key) else {
            self.damage("an entry is none of kiln's");
            return None;
        };
        let result = match entry.contents {
            Some(contents) => contents,
            None if entry.size == 0 => Vec::new(),
            None if entry.size > LARGEST => return None,
            None => self.fetch("cas", &entry.digest, entry.size)?,
        };
        if Digest::of(&result) != entry.digest {
            self.damage("a content does not fit its digest");
            return None;
        }
        Some(result)
    }

    /// Puts a result there, in a cache that may be written to. The content comes first, so that no entry
    /// leads to nothing.
    pub fn put(&self, key: &Digest, result: &[u8]) {
        if !self.takes() || result.len() as u64 > LARGEST {
            return;
        }
        let entry = Entry::of(result);
        let content = entry.contents.is_some() || self.send("cas", &entry.digest, result);
        if content && self.send("ac", key, &entry.pack(key)) {
            self.written.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether it is left alone.
    pub fn is_off(&self) -> bool {
        self.off.load(Ordering::Relaxed)
    }

    /// Whether results may be put there.
    pub fn takes(&self) -> bool {
        self.writes.load(Ordering::Relaxed) && !self.is_off()
    }

    /// Leaves it alone from now on, and says why.
    pub fn give_up(&self, why: &str) {
        if !self.off.swap(true, Ordering::Relaxed) {
            let message = format!("the cache {} is not used for the rest of the run: {why}", shown(self.base.as_str()));
            self.say(message);
        }
    }

    /// What was done so far.
    pub fn report(&self) -> CacheReport {
        let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let mut problems = self.said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (failed, damaged) = (count(&self.failed), count(&self.damaged));
        if failed > 0 && !self.is_off() {
            problems.push(format!("the cache {} did not answer {failed} requests", shown(self.base.as_str())));
        }
        if damaged > 1 {
            problems.push(format!("the cache {} gave {damaged} damaged answers", shown(self.base.as_str())));
        }
        CacheReport { found: count(&self.found), missed: count(&self.missed), written: count(&self.written), problems }
    }

    fn url(&self, kind: &str, digest: &Digest) -> Option<Url> {
        self.base.join(&format!("{kind}/{digest}")).ok()
    }

    /// What stands under a digest, at most so many bytes of it.
    fn fetch(&self, kind: &str, digest: &Digest, limit: u64) -> Option<Vec<u8>> {
        let (url, started) = (self.url(kind, digest)?, Instant::now());
        match self.web.once(&url, None, self.token.as_ref(), limit, started + REQUEST) {
            Ok((StatusCode::OK, body)) => {
                self.in_a_row.store(0, Ordering::Relaxed);
                Some(body)
            }
            Ok((StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::NO_CONTENT, _)) => {
                self.in_a_row.store(0, Ordering::Relaxed);
                None
            }
            Ok((status, _)) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                self.fail(&format!("answers {status}"), started);
                None
            }
            // It will not answer otherwise.
            Ok((status, _)) => {
                self.give_up(&format!("answers {status}"));
                None
            }
            Err(error) => {
                self.fail(&error.message, started);
                None
            }
        }
    }

    fn send(&self, kind: &str, digest: &Digest, content: &[u8]) -> bool {
        let Some(url) = self.url(kind, digest) else { return false };
        let started = Instant::now();
        match self.web.once(&url, Some(content), self.token.as_ref(), LARGEST_ENTRY, started + REQUEST) {
            Ok((status, _)) if status.is_success() => {
                self.in_a_row.store(0, Ordering::Relaxed);
                true
            }
            // A full disk, or a cache that may only be read: what is there can still be taken.
            Ok((status, _)) => {
                if self.writes.swap(false, Ordering::Relaxed) {
                    self.say(format!(
                        "the cache {} takes no results ({status}); none are sent for the rest of the run",
                        shown(self.base.as_str())
                    ));
                }
                false
            }
            Err(error) => {
                self.fail(&error.message, started);
                false
            }
        }
    }

    /// Takes note of a request that failed and may succeed the next time.
    fn fail(&self, why: &str, started: Instant) {
        let (failed, in_a_row) =
            (self.failed.fetch_add(1, Ordering::Relaxed) + 1, self.in_a_row.fetch_add(1, Ordering::Relaxed) + 1);
        if in_a_row >= IN_A_ROW || failed >= IN_ALL || started.elapsed() > SLOW {
            self.give_up(why);
        }
    }

    fn damage(&self, what: &str) {
        if self.damaged.fetch_add(1, Ordering::Relaxed) == 0 {
            self.say(format!("the cache {} is damaged: {what}; rendered instead", shown(self.base.as_str())));
        }
    }

    fn say(&self, message: String) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }
}

/// The user and the password of a URL, sent to its host alone.
fn login(url: &Url) -> Option<Token> {
    let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
    if user.is_empty() && password.is_empty() {
        return None;
    }
    Some(Token::login(&user, &password).for_host_of(url))
}

/// A part of a URL without its percent signs.
fn decoded(text: &str) -> String {
    let query = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(query.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
