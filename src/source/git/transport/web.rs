use std::io::{self, Cursor, Read, Write};
use std::sync::{Mutex, PoisonError};

use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream};
use url::Url;

use super::advertisement;
use super::channel::UPLOAD_PACK;
use super::connection::WebConnection;
use super::guard::Guard;
use super::meter::Meter;
use crate::source::address::shown;
use crate::source::error::{MALFORMED, SourceError, foreign};
use crate::source::web::{Answer, Redirects, body_failed};

/// The smart protocol over https.
pub(super) struct WebTransport {
    connection: WebConnection,
    /// The repository's URL after redirects.
    base: Mutex<Url>,
    meter: Meter,
}

impl WebTransport {
    pub(super) fn new(connection: WebConnection, meter: Meter) -> Self {
        let base = Mutex::new(connection.url.clone());
        Self { connection, base, meter }
    }

    fn base(&self) -> Url {
        self.base.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Posts a request to a service.
    pub(super) fn post(&self, service: &str, request: &[u8]) -> Result<Answer, SourceError> {
        let WebConnection { web, token, .. } = &self.connection;
        let url = below(&self.base(), service, None);
        web.post(&url, token.as_ref(), &format!("application/x-{service}-request"), request, self.meter.deadline())
    }

    /// Asks for the list of refs that a service begins with.
    pub(super) fn refs(&self, service: &str) -> Result<Vec<u8>, SourceError> {
        let url = below(&self.base(), "info/refs", Some(&format!("service={service}")));
        let WebConnection { web, token, .. } = &self.connection;
        let mut answer = web.get(&url, token.as_ref(), Redirects::SameHost, self.meter.deadline())?;
        if answer.content_type != format!("application/x-{service}-advertisement") {
            if is_dumb(&mut answer.body) {
                let message = format!(
                    "{} serves its repository as plain files (git's dumb protocol), which kiln does not read",
                    shown(self.connection.url.as_str())
                );
                let help = "let the server run `git http-backend`, or use ssh";
                return Err(SourceError::world(MALFORMED, message).help(help));
            }
            let message = format!(
                "{} is no git repository: it answers with `{}`",
                shown(self.connection.url.as_str()),
                foreign(&answer.content_type)
            );
            return Err(SourceError::world(MALFORMED, message));
        }
        let mut text = Vec::new();
        answer
            .body
            .by_ref()
            .take(advertisement::MAX_BYTES as u64 + 1)
            .read_to_end(&mut text)
            .map_err(|error| body_failed(&url, &error))?;
        if let Some(base) = answer.url.path().strip_suffix("/info/refs") {
            let mut moved = answer.url.clone();
            moved.set_path(base);
            moved.set_query(None);
            *self.base.lock().unwrap_or_else(PoisonError::into_inner) = moved;
        }
        Ok(text)
    }
}

/// Whether an answer is the file `info/refs` itself: lines of an id, a tab and the name of a ref.
fn is_dumb(body: &mut dyn Read) -> bool {
    let mut start = Vec::new();
    // What cannot be read is something else.
    let _ = body.take(46).read_to_end(&mut start);
    start.len() == 46 && start[..40].iter().all(u8::is_ascii_hexdigit) && start[40..] == *b"\trefs/"
}

/// A URL below a repository's.
fn below(base: &Url, path: &str, query: Option<&str>) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url.set_query(query);
    url
}

impl SmartSubtransport for WebTransport {
    fn action(&self, _url: &str, service: Service) -> Result<Box<dyn SmartSubtransportStream>, git2::Error> {
        match service {
            Service::UploadPackLs => {
                let text = self.refs(UPLOAD_PACK).map_err(|error| self.meter.fail(error));
                let text = text.and_then(|text| {
                    if text.len() > advertisement::MAX_BYTES {
                        return Err(advertisement::too_large(&self.meter));
                    }
                    self.meter.count(text.len())?;
                    Ok(advertisement::plain(text))
                });
                let text = text.map_err(|error| git2::Error::from_str(&error.to_string()))?;
                Ok(Box::new(Exchange::Answered(Box::new(Cursor::new(text)), self.meter.clone())))
            }
            Service::UploadPack => Ok(Box::new(Exchange::Asking(Box::new(Asking {
                url: below(&self.base(), "git-upload-pack", None),
                connection: self.connection.clone(),
                meter: self.meter.clone(),
                request: Vec::new(),
            })))),
            Service::ReceivePackLs | Service::ReceivePack => Err(git2::Error::from_str("sources are only read from")),
        }
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

/// One request and its answer: what libgit2 writes is collected and sent with the first read.
enum Exchange {
    Asking(Box<Asking>),
    Answered(Box<dyn Read + Send>, Meter),
    /// The answer to a request for objects.
    Watched(Box<dyn Read + Send>, Box<Guard>, Meter),
}

struct Asking {
    url: Url,
    connection: WebConnection,
    meter: Meter,
    request: Vec<u8>,
}

impl Read for Exchange {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Self::Asking(asking) = self {
            let Asking { url, connection, meter, request } = &**asking;
            let WebConnection { web, token, .. } = connection;
            let content_type = "application/x-git-upload-pack-request";
            let answer = web
                .post(url, token.as_ref(), content_type, request, meter.deadline())
                .map_err(|error| meter.fail(error))?;
            let meter = meter.clone();
            let guard = Box::new(meter.guard());
            *self = Self::Watched(answer.body, guard, meter);
        }
        match self {
            Self::Answered(body, meter) => {
                let count = body.read(buffer).map_err(|error| meter.broken(&error))?;
                meter.count(count)?;
                Ok(count)
            }
            Self::Watched(body, guard, meter) => {
                let count = body.read(buffer).map_err(|error| meter.broken(&error))?;
                meter.count(count)?;
                meter.watch(guard, &buffer[..count])?;
                Ok(count)
            }
            Self::Asking(_) => Ok(0),
        }
    }
}

impl Write for Exchange {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Asking(asking) => asking.request.write(bytes),
            Self::Answered(..) | Self::Watched(..) => Err(io::Error::other("the request was already sent")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
