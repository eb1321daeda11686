use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream};

use super::advertisement::{self, Resumed};
use super::channel::UPLOAD_PACK;
use super::meter::Meter;
use crate::source::error::{SourceError, UNREACHABLE};
use crate::source::web::{Tries, is_passing};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// The git protocol over a plain socket.
pub(super) struct SocketTransport {
    host: String,
    port: u16,
    path: String,
    meter: Meter,
}

impl SocketTransport {
    pub(super) fn new(host: String, port: u16, path: String, meter: Meter) -> Self {
        Self { host, port, path, meter }
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let unreachable = |error: &io::Error, what: &str| {
            self.meter.fail(SourceError::world(UNREACHABLE, format!("{}: {what}: {error}", self.meter.shown())))
        };
        let addresses = (&*self.host, self.port)
            .to_socket_addrs()
            .map_err(|error| unreachable(&error, "cannot resolve the host"))?;
        let addresses: Vec<_> = addresses.collect();
        let mut tries = Tries::new(self.meter.deadline());
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        loop {
            for address in &addresses {
                match TcpStream::connect_timeout(address, CONNECT_TIMEOUT.min(self.meter.remaining()?)) {
                    Ok(stream) => return Ok(stream),
                    Err(error) => last = error,
                }
            }
            if !is_passing(last.kind()) || !tries.wait(None).map_err(|error| self.meter.fail(error))? {
                return Err(unreachable(&last, "cannot connect"));
            }
        }
    }

    /// Asks for a service; gives the list of refs that it begins with, and what follows.
    pub(super) fn open(&self, service: &str) -> io::Result<(Vec<u8>, SocketStream)> {
        let mut stream = SocketStream { stream: self.connect()?, meter: self.meter.clone() };
        let request = format!("{service} {}\0host={}\0", self.path, self.host);
        stream.write_all(format!("{:04x}{request}", request.len() + 4).as_bytes())?;
        let refs = advertisement::read(&mut stream, &self.meter)?;
        Ok((refs, stream))
    }

    fn start(&self) -> io::Result<Resumed<SocketStream>> {
        let (refs, stream) = self.open(UPLOAD_PACK)?;
        Ok(Resumed::new(refs, stream, &self.meter))
    }
}

impl SmartSubtransport for SocketTransport {
    fn action(&self, _url: &str, service: Service) -> Result<Box<dyn SmartSubtransportStream>, git2::Error> {
        if service != Service::UploadPackLs {
            return Err(git2::Error::from_str("the git protocol is only read from"));
        }
        let stream = self.start().map_err(|error| git2::Error::from_str(&error.to_string()))?;
        Ok(Box::new(stream))
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

/// A connection to a git daemon.
pub(super) struct SocketStream {
    stream: TcpStream,
    meter: Meter,
}

impl Read for SocketStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let patience = STALL_TIMEOUT.min(self.meter.remaining()?);
        let count = self
            .stream
            .set_read_timeout(Some(patience))
            .and_then(|()| self.stream.read(buffer))
            .map_err(|error| self.meter.broken(&error))?;
        self.meter.count(count)?;
        Ok(count)
    }
}

impl Write for SocketStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let patience = STALL_TIMEOUT.min(self.meter.remaining()?);
        self.stream
            .set_write_timeout(Some(patience))
            .and_then(|()| self.stream.write(bytes))
            .map_err(|error| self.meter.broken(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
