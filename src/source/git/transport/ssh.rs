use std::io::{self, Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream};

use super::advertisement::{self, Resumed};
use super::meter::Meter;
use crate::source::address::SshAddress;
use crate::source::error::{SourceError, UNREACHABLE, foreign};

/// The most bytes kept of what `ssh` complains about.
const MAX_COMPLAINT_BYTES: u64 = 4096;

/// ssh by way of the `ssh` program: keys, agents, known hosts and jump hosts are its business.
pub(super) struct SshTransport {
    address: SshAddress,
    meter: Meter,
}

impl SshTransport {
    pub(super) fn new(address: SshAddress, meter: Meter) -> Self {
        Self { address, meter }
    }

    fn start(&self) -> io::Result<Resumed<SshStream>> {
        let mut stream = SshStream::start(&self.address, &self.meter)?;
        let refs = match advertisement::read(&mut stream, &self.meter) {
            Ok(refs) => refs,
            Err(error) if stream.ended => return Err(stream.explain(error)),
            Err(error) => return Err(error),
        };
        Ok(Resumed::new(refs, stream))
    }
}

impl SmartSubtransport for SshTransport {
    fn action(&self, _url: &str, service: Service) -> Result<Box<dyn SmartSubtransportStream>, git2::Error> {
        if service != Service::UploadPackLs {
            return Err(git2::Error::from_str("sources are only read from"));
        }
        let stream = self.start().map_err(|error| git2::Error::from_str(&error.to_string()))?;
        Ok(Box::new(stream))
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

/// The arguments of `ssh`. Host and user hold plain characters only and start with no dash; the path
/// is quoted for the remote shell.
pub(super) fn arguments(address: &SshAddress) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ForwardAgent=no", "-o", "ForwardX11=no", "-T"]
            .map(str::to_owned)
            .to_vec();
    if let Some(port) = address.port {
        arguments.extend(["-p".to_owned(), port.to_string()]);
    }
    if let Some(user) = &address.user {
        arguments.extend(["-l".to_owned(), user.clone()]);
    }
    arguments.extend(["--".to_owned(), address.host.clone()]);
    let quoted = address.path.replace('\'', r"'\''").replace('!', r"'\!'");
    arguments.push(format!("git-upload-pack '{quoted}'"));
    arguments
}

struct SshStream {
    input: ChildStdin,
    output: ChildStdout,
    complaint: Option<JoinHandle<String>>,
    /// The program has nothing more to say.
    ended: bool,
    /// Ends the watch over the program when dropped.
    _done: Sender<()>,
    child: Arc<Mutex<Child>>,
    meter: Meter,
}

impl SshStream {
    fn start(address: &SshAddress, meter: &Meter) -> io::Result<Self> {
        let unreachable = |words: String| meter.fail(SourceError::world(UNREACHABLE, words));
        let mut child = Command::new("ssh")
            .args(arguments(address))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| unreachable(format!("{}: cannot start `ssh`: {error}", meter.shown())))?;
        let (Some(input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(unreachable(format!("{}: `ssh` has no pipes", meter.shown())));
        };
        let complaint = thread::spawn(move || listen(errors));
        let child = Arc::new(Mutex::new(child));
        let (done, ended) = mpsc::channel::<()>();
        let left = meter.remaining()?;
        let watched = Arc::clone(&child);
        let slow = meter.clone();
        thread::spawn(move || {
            if ended.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
                let _kept = slow.fail(slow.too_slow());
                // A program that has just ended cannot be ended again, which is fine.
                let _ = watched.lock().unwrap_or_else(PoisonError::into_inner).kill();
            }
        });
        Ok(Self { input, output, complaint: Some(complaint), ended: false, _done: done, child, meter: meter.clone() })
    }

    /// Puts what `ssh` complained about into the failure.
    fn explain(mut self, error: io::Error) -> io::Error {
        let complaint = self.complaint.take().and_then(|listener| listener.join().ok()).unwrap_or_default();
        if complaint.trim().is_empty() {
            return error;
        }
        let words = format!("{}: ssh: {}", self.meter.shown(), foreign(&complaint));
        self.meter.replace(
            SourceError::world(UNREACHABLE, words).help("check that `ssh` to this host works without questions"),
        )
    }

    fn end(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Reads everything so that the program never waits, and keeps the beginning.
fn listen(mut errors: ChildStderr) -> String {
    let mut kept = Vec::new();
    // What cannot be read is not shown.
    let _ = errors.by_ref().take(MAX_COMPLAINT_BYTES).read_to_end(&mut kept);
    let _ = io::copy(&mut errors, &mut io::sink());
    String::from_utf8_lossy(&kept).into_owned()
}

impl Drop for SshStream {
    fn drop(&mut self) {
        self.end();
    }
}

impl Read for SshStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.output.read(buffer).map_err(|error| self.meter.broken(&error))?;
        self.ended |= count == 0;
        self.meter.count(count)?;
        Ok(count)
    }
}

impl Write for SshStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.input.write(bytes).map_err(|error| self.meter.broken(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.input.flush()
    }
}
