use std::fmt;
use std::time::Duration;

use super::Tls;

/// A user's name and password. Never prints.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub username: String,
    /// The password.
    pub password: String,
}

impl Login {
    /// Whether there is something to send: helm sends both or none.
    pub fn is_whole(&self) -> bool {
        !self.username.is_empty() && !self.password.is_empty()
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

/// How a file is asked for.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The user, if one is named.
    pub login: Login,
    /// The URL that the login was given for: another host does not get it.
    pub login_for: String,
    /// Sends the login to every host (`--pass-credentials`).
    pub login_for_all: bool,
    /// Certificates.
    pub tls: Tls,
    /// The `Accept` header; empty for none.
    pub accept: &'static str,
    /// How long the whole transfer may take.
    pub timeout: Duration,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            login: Login::default(),
            login_for: String::new(),
            login_for_all: false,
            tls: Tls::default(),
            accept: "",
            timeout: Duration::from_secs(120),
        }
    }
}
