use std::io;
use std::process::Command;

use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream};

use super::advertisement::{self, Resumed};
use super::channel::UPLOAD_PACK;
use super::meter::Meter;
use super::piped::Piped;
use crate::source::address::SshAddress;
use crate::source::credentials::Environment;

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

    /// Starts a service; gives the list of refs that it begins with, and what follows.
    pub(super) fn open(&self, service: &str) -> io::Result<(Vec<u8>, Piped)> {
        let mut stream = Piped::start("ssh", command(&self.address, service, &self.environment), &self.meter)?;
        match advertisement::read(&mut stream, &self.meter) {
            Ok(refs) => Ok((refs, stream)),
            Err(error) if stream.has_ended() => {
                Err(stream.explain(error, "check that `ssh` to this host works without questions"))
            }
            Err(error) => Err(error),
        }
    }

    fn start(&self) -> io::Result<Resumed<Piped>> {
        let (refs, stream) = self.open(UPLOAD_PACK)?;
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
fn command(address: &SshAddress, service: &str, environment: &Environment) -> Command {
    let mut command = match environment.get("GIT_SSH_COMMAND") {
        Some(line) => {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{line} \"$@\""), "ssh"]);
            command
        }
        None => Command::new("ssh"),
    };
    command.args(arguments(address, service)).env_clear().envs(environment.all());
    command
}

/// The arguments of `ssh`. Host and user hold plain characters only and start with no dash; the path
/// is quoted for the remote shell.
fn arguments(address: &SshAddress, service: &str) -> Vec<String> {
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
    arguments.push(format!("{service} '{quoted}'"));
    arguments
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read;
    use std::os::unix::fs::PermissionsExt;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::source::error::SourceError;

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
        let arguments = arguments(&address("o'r; touch x"), UPLOAD_PACK);
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
