use std::io::{self, Read, Write};
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream};

use super::advertisement::{self, Resumed};
use super::meter::Meter;
use crate::source::address::SshAddress;
use crate::source::credentials::Environment;
use crate::source::error::{SourceError, UNREACHABLE, foreign};
use crate::source::program::Program;

/// Nobody is asked anything, nothing of ours is lent to the server, and a server that is gone is noticed.
const OPTIONS: [&str; 7] = [
    "BatchMode=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "ConnectTimeout=10",
    "ConnectionAttempts=3",
    "ServerAliveInterval=10",
    "ServerAliveCountMax=3",
];

/// The most bytes kept of what `ssh` complains about.
const MAX_COMPLAINT_BYTES: u64 = 4096;

/// ssh by way of the `ssh` program, or the command in `GIT_SSH_COMMAND`: keys, agents, known hosts and
/// jump hosts are its business.
pub(super) struct SshTransport {
    environment: Environment,
    address: SshAddress,
    meter: Meter,
}

impl SshTransport {
    pub(super) fn new(address: SshAddress, environment: Environment, meter: Meter) -> Self {
        Self { environment, address, meter }
    }

    fn start(&self) -> io::Result<Resumed<SshStream>> {
        let mut stream = SshStream::start(command(&self.address, &self.environment), &self.meter)?;
        let refs = match advertisement::read(&mut stream, &self.meter) {
            Ok(refs) => refs,
            Err(error) if stream.ended => return Err(stream.explain(error)),
            Err(error) => return Err(error),
        };
        Ok(Resumed::new(refs, stream, &self.meter))
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

/// The command that connects. `GIT_SSH_COMMAND` is a line for the shell, as in git.
fn command(address: &SshAddress, environment: &Environment) -> Command {
    let mut command = match environment.get("GIT_SSH_COMMAND") {
        Some(line) => {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{line} \"$@\""), "ssh"]);
            command
        }
        None => Command::new("ssh"),
    };
    command.args(arguments(address)).env_clear().envs(environment.all());
    command
}

/// The arguments of `ssh`. Host and user hold plain characters only and start with no dash; the path
/// is quoted for the remote shell.
fn arguments(address: &SshAddress) -> Vec<String> {
    let mut arguments: Vec<String> =
        OPTIONS.iter().flat_map(|option| ["-o".to_owned(), (*option).to_owned()]).collect();
    arguments.push("-T".to_owned());
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
    /// Ended when dropped.
    _program: Program,
    meter: Meter,
}

impl SshStream {
    fn start(mut command: Command, meter: &Meter) -> io::Result<Self> {
        let unreachable = |words: String| meter.fail(SourceError::world(UNREACHABLE, words));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let slow = meter.clone();
        let late = move || {
            let _kept = slow.fail(slow.too_slow());
        };
        let mut program = Program::start(&mut command, meter.remaining()?, late)
            .map_err(|error| unreachable(format!("{}: cannot start `ssh`: {error}", meter.shown())))?;
        let (Some(input), Some(output), Some(errors)) = program.pipes() else {
            return Err(unreachable(format!("{}: `ssh` has no pipes", meter.shown())));
        };
        let complaint = Some(thread::spawn(move || listen(errors)));
        Ok(Self { input, output, complaint, ended: false, _program: program, meter: meter.clone() })
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
}

/// Reads everything so that the program never waits, and keeps the beginning.
fn listen(mut errors: ChildStderr) -> String {
    let mut kept = Vec::new();
    // What cannot be read is not shown.
    let _ = errors.by_ref().take(MAX_COMPLAINT_BYTES).read_to_end(&mut kept);
    let _ = io::copy(&mut errors, &mut io::sink());
    String::from_utf8_lossy(&kept).into_owned()
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::time::{Duration, Instant};

    use super::*;

    fn address(path: &str) -> SshAddress {
        SshAddress { user: Some("git".into()), host: "h.invalid".into(), port: Some(22), path: path.to_owned() }
    }

    /// Runs a shell script in the place of `ssh`.
    fn start(script: &str, patience: Duration) -> (io::Result<Vec<u8>>, Option<SourceError>) {
        let folder = tempfile::TempDir::new().unwrap();
        let program = folder.path().join("ssh");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let meter = Meter::new("h.invalid:r".to_owned(), Instant::now() + patience);
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let environment = Environment::of([("PATH", &*path)]);
        let transport = SshTransport::new(address("/r"), environment, meter.clone());
        let read = transport.start().and_then(|mut stream| {
            let mut text = Vec::new();
            stream.read_to_end(&mut text).map(|_| text)
        });
        (read, meter.failure())
    }

    #[test]
    fn the_path_is_quoted_and_the_host_comes_last() {
        let arguments = arguments(&address("o'r; touch x"));
        assert_eq!(arguments[arguments.len() - 7..arguments.len() - 1], ["-p", "22", "-l", "git", "--", "h.invalid"]);
        assert_eq!(arguments.last().unwrap(), r"git-upload-pack 'o'\''r; touch x'");
    }

    #[test]
    fn what_the_program_says_is_read_and_its_complaint_told() {
        let (read, _) = start("printf '0008abcd00000008NAK\n'", Duration::from_secs(10));
        assert_eq!(read.unwrap(), b"0008abcd00000008NAK\n");
        let (_, failure) = start("echo 'Permission denied (publickey).' >&2; exit 255", Duration::from_secs(10));
        assert!(failure.unwrap().message.contains("ssh: Permission denied (publickey)."));
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let started = Instant::now();
        let (_, failure) = start("exec sleep 60", Duration::from_millis(200));
        assert!(failure.unwrap().message.contains("too slow"));
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
