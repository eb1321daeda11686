use std::io::{self, Read, Write};
use std::process::Command;

use super::advertisement;
use super::connection::Connection;
use super::guard::Guard;
use super::meter::Meter;
use super::piped::Piped;
use super::socket::SocketTransport;
use super::ssh::SshTransport;
use super::web::WebTransport;
use crate::source::error::SourceError;

/// The service that hands out objects.
pub(in crate::source::git) const UPLOAD_PACK: &str = "git-upload-pack";
/// The service that takes objects and moves refs.
pub(in crate::source::git) const RECEIVE_PACK: &str = "git-receive-pack";

/// One exchange with a service of a git server: it says what refs there are, gets one request, and
/// answers it.
pub(in crate::source::git) struct Channel {
    /// The list of refs, as lines of the protocol.
    pub(in crate::source::git) refs: Vec<u8>,
    service: &'static str,
    line: Line,
    meter: Meter,
}

enum Line {
    /// The request follows on the same connection.
    Open(Box<dyn Duplex>),
    /// Each step is a request of its own.
    Web(Box<WebTransport>),
}

trait Duplex: Read + Write {}

impl<S: Read + Write> Duplex for S {}

impl Channel {
    /// Asks a server for a service.
    pub(in crate::source::git) fn open(
        connection: &Connection,
        service: &'static str,
        meter: &Meter,
    ) -> Result<Self, SourceError> {
        let opened = match connection {
            Connection::Web(web) => {
                let web = WebTransport::new(web.clone(), meter.clone());
                let refs = web.refs(service).map_err(|error| meter.fail(error));
                let refs = refs.and_then(|refs| match refs.len() > advertisement::MAX_BYTES {
                    true => Err(advertisement::too_large(meter)),
                    false => meter.count(refs.len()).map(|()| advertisement::plain(refs)),
                });
                refs.map(|refs| (refs, Line::Web(Box::new(web))))
            }
            Connection::Ssh { address, environment } => {
                let ssh = SshTransport::new(address.clone(), environment.clone(), meter.clone());
                ssh.open(service).map(|(refs, stream)| (refs, Line::Open(Box::new(stream))))
            }
            Connection::Daemon { host, port, path } => {
                let socket = SocketTransport::new(host.clone(), *port, path.clone(), meter.clone());
                socket.open(service).map(|(refs, stream)| (refs, Line::Open(Box::new(stream))))
            }
        };
        Self::from(opened, service, meter)
    }

    /// Starts a program of this machine that is the service.
    pub(in crate::source::git) fn start(
        command: Command,
        service: &'static str,
        meter: &Meter,
    ) -> Result<Self, SourceError> {
        let opened =
            Piped::start("git", command, meter).and_then(|mut stream| match advertisement::read(&mut stream, meter) {
                Ok(refs) => Ok((refs, Line::Open(Box::new(stream) as Box<dyn Duplex>))),
                Err(error) if stream.has_ended() => Err(stream.explain(error, "check the repository with `git fsck`")),
                Err(error) => Err(error),
            });
        Self::from(opened, service, meter)
    }

    fn from(opened: io::Result<(Vec<u8>, Line)>, service: &'static str, meter: &Meter) -> Result<Self, SourceError> {
        let (refs, line) = opened.map_err(|error| reason(meter, &error))?;
        Ok(Self { refs, service, line, meter: meter.clone() })
    }

    /// Ends without a request.
    pub(in crate::source::git) fn leave(self) {
        if let Line::Open(mut stream) = self.line {
            // Only politeness: the server notices the end anyway.
            let _ = stream.write_all(b"0000").and_then(|()| stream.flush());
        }
    }

    /// Sends the request and gives what answers it.
    pub(in crate::source::git) fn ask(self, request: &[u8]) -> Result<Box<dyn Read>, SourceError> {
        let guard = (self.service == UPLOAD_PACK).then(|| Box::new(self.meter.guard()));
        let body: Box<dyn Read> = match self.line {
            Line::Web(web) => {
                let answer = web.post(self.service, request);
                let answer = answer.inspect_err(|error| drop(self.meter.fail(error.clone())))?;
                answer.body
            }
            Line::Open(mut stream) => {
                // A server that has heard enough may close its ear and still say why.
                let sent = stream.write_all(request).and_then(|()| stream.flush());
                if let Err(error) = sent
                    && error.kind() != io::ErrorKind::BrokenPipe
                    && self.meter.remaining().is_err()
                {
                    return Err(reason(&self.meter, &error));
                }
                Box::new(stream)
            }
        };
        Ok(Box::new(Answer { body, guard, meter: self.meter }))
    }
}

/// Why a connection failed.
fn reason(meter: &Meter, error: &io::Error) -> SourceError {
    meter.failure().unwrap_or_else(|| {
        meter.broken(error);
        meter.failure().expect("it was just said")
    })
}

/// An answer that is bounded, and watched where it holds objects.
struct Answer {
    body: Box<dyn Read>,
    guard: Option<Box<Guard>>,
    meter: Meter,
}

impl Read for Answer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer).map_err(|error| self.meter.broken(&error))?;
        self.meter.count(count)?;
        if let Some(guard) = &mut self.guard {
            self.meter.watch(guard, &buffer[..count])?;
        }
        Ok(count)
    }
}
