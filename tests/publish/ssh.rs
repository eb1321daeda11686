//! Publishing over ssh, to a real server.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::servers::rows;
use crate::support::{Ended, Place, has};

/// `sshd` for the user who runs the tests, with keys of its own: that of `KILN_TEST_SSHD`, else the system's. Ended
/// when dropped.
struct Sshd {
    child: Child,
    port: u16,
    user: String,
    /// The command that logs in there.
    client: String,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sshd {
    /// `None`, with a plain reason on stderr, where there is no sshd, or where it does not start.
    fn start(folder: &Path) -> Option<Self> {
        let program = std::env::var_os("KILN_TEST_SSHD").map_or_else(|| PathBuf::from("/usr/sbin/sshd"), PathBuf::from);
        if !program.is_file() {
            eprintln!("SKIPPED: no sshd at `{}` (Debian: openssh-server; or set KILN_TEST_SSHD)", program.display());
            return None;
        }
        let output = |program: &str, words: &[&str]| {
            let output = Command::new(program).args(words).stdin(Stdio::null()).output().ok()?;
            output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let path = |name: &str| folder.join(name).display().to_string();
        for key in ["host", "user", "stranger"] {
            if output("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &path(key)]).is_none() {
                eprintln!("SKIPPED: no `ssh-keygen` (Debian: openssh-client)");
                return None;
            }
        }
        let user = output("id", &["-un"])?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\n\
             MaxStartups 100\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nPermitRootLogin yes\n",
            path("host"),
            path("user.pub")
        );
        fs::write(path("sshd_config"), settings).unwrap();
        let host_key = fs::read_to_string(path("host.pub")).unwrap();
        fs::write(path("known_hosts"), format!("[127.0.0.1]:{port} {host_key}")).unwrap();
        let mut child = Command::new(&program)
            .args(["-D", "-e", "-f", &path("sshd_config")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(path("sshd.log")).unwrap())
            .spawn()
            .inspect_err(|error| eprintln!("SKIPPED: cannot start `{}`: {error}", program.display()))
            .ok()?;
        let is_up = (0..250).any(|_| {
            thread::sleep(Duration::from_millis(20));
            TcpStream::connect(("127.0.0.1", port)).is_ok() || child.try_wait().is_ok_and(|ended| ended.is_some())
        });
        if !is_up || child.try_wait().is_ok_and(|ended| ended.is_some()) {
            let log = fs::read_to_string(path("sshd.log")).unwrap_or_default();
            eprintln!("SKIPPED: sshd does not start here: {}", log.trim());
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        let client = format!("ssh -F none -i '{}' -o UserKnownHostsFile='{}'", path("user"), path("known_hosts"));
        Some(Self { child, port, user, client })
    }
}

#[test]
fn a_server_over_ssh() {
    if !has("git") {
        return;
    }
    let place = Place::new();
    let keys = tempfile::tempdir().unwrap();
    let Some(server) = Sshd::start(keys.path()) else { return };
    let target = place.folder.path().join("target.git");
    let url = format!("ssh://{}@127.0.0.1:{}{}", server.user, server.port, target.display());
    rows(&place, &url, &[("GIT_SSH_COMMAND", &server.client)]);
    let tip = place.tip("main");
    // A key that the server does not know, and a server whose key is not the one that is known.
    place.bump(9);
    let publish = |client: &str| {
        let mut command = place.command(&["publish", "--repo", &url, "--allow-rollback"]);
        Ended::of(&command.env("GIT_SSH_COMMAND", client).output().unwrap())
    };
    let stranger = format!("'{}'", keys.path().join("stranger").display());
    let key = format!("'{}'", keys.path().join("user").display());
    publish(&server.client.replace(&key, &format!("{stranger} -o IdentitiesOnly=yes")))
        .expect(6)
        .says("Permission denied");
    fs::write(
        keys.path().join("known_hosts"),
        fs::read_to_string(keys.path().join("stranger.pub"))
            .map(|other| format!("[127.0.0.1]:{} {other}", server.port))
            .unwrap(),
    )
    .unwrap();
    publish(&server.client).expect(6).says("REMOTE HOST IDENTIFICATION HAS CHANGED");
    assert_eq!(place.tip("main"), tip);
}
