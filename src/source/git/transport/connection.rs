use std::cell::RefCell;
use std::sync::Arc;

use git2::Remote;
use git2::transport::Transport;
use url::Url;

use super::meter::Meter;
use super::socket::SocketTransport;
use super::ssh::SshTransport;
use super::web::WebTransport;
use crate::source::address::SshAddress;
use crate::source::credentials::Environment;
use crate::source::web::{Token, Web};

/// The URL that libgit2 is given for every remote.
pub(in crate::source::git) const REMOTE_URL: &str = "kiln://remote/";
const SCHEME: &str = "kiln";

/// Where to connect to.
#[derive(Clone)]
pub(in crate::source) enum Connection {
    /// https, or http where that is allowed.
    Web(WebConnection),
    /// ssh.
    Ssh {
        /// The address.
        address: SshAddress,
        /// What `ssh` is started with; `GIT_SSH_COMMAND` may name another.
        environment: Environment,
    },
    /// The git protocol.
    Daemon {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// The path, with its leading slash.
        path: String,
    },
}

/// A repository on the web.
#[derive(Clone)]
pub(in crate::source) struct WebConnection {
    /// The client.
    pub(in crate::source) web: Arc<Web>,
    /// The repository's URL.
    pub(in crate::source) url: Url,
    /// The token for its host.
    pub(in crate::source) token: Option<Token>,
}

thread_local! {
    /// The connection that a transport made on this thread uses.
    static CURRENT: RefCell<Option<(Connection, Meter)>> = const { RefCell::new(None) };
}

/// Runs libgit2 calls that connect to `connection`.
pub(in crate::source::git) fn within<T>(connection: &Connection, meter: &Meter, work: impl FnOnce() -> T) -> T {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            CURRENT.with(|current| current.borrow_mut().take());
        }
    }
    CURRENT.with(|current| *current.borrow_mut() = Some((connection.clone(), meter.clone())));
    let _reset = Reset;
    work()
}

/// Makes the transport known to libgit2. To be called once, before any other use of it.
#[allow(unsafe_code)]
pub(in crate::source::git) fn register() -> Result<(), git2::Error> {
    // SAFETY: registration must not run beside the creation of transports; it runs once, from the
    // set-up that every use of libgit2 waits for.
    unsafe { git2::transport::register(SCHEME, create) }
}

fn create(remote: &Remote<'_>) -> Result<Transport, git2::Error> {
    let current = CURRENT.with(|current| current.borrow().clone());
    match current {
        Some((Connection::Web(web), meter)) => Transport::smart(remote, true, WebTransport::new(web, meter)),
        Some((Connection::Ssh { address, environment }, meter)) => {
            Transport::smart(remote, false, SshTransport::new(address, environment, meter))
        }
        Some((Connection::Daemon { host, port, path }, meter)) => {
            Transport::smart(remote, false, SocketTransport::new(host, port, path, meter))
        }
        None => Err(git2::Error::from_str("no connection is set up")),
    }
}
