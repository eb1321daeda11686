use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::scope::Scope;

/// A secret that is sent to where it is meant for. It never prints.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::source) struct Token {
    header: String,
    /// Where it may be sent; without one to the host that is asked first.
    scope: Option<Scope>,
    /// What it was found as, for messages.
    origin: String,
}

impl Token {
    /// A token or `user:password`, sent as git does for `https://SECRET@host/`.
    pub(in crate::source) fn basic(secret: &str) -> Self {
        let secret = secret.trim();
        let pair = if secret.contains(':') { secret.to_owned() } else { format!("{secret}:") };
        Self { header: format!("Basic {}", STANDARD.encode(pair)), scope: None, origin: String::new() }
    }

    /// A name and a password.
    pub(in crate::source) fn login(name: &str, password: &str) -> Self {
        let pair = format!("{name}:{password}");
        Self { header: format!("Basic {}", STANDARD.encode(pair)), scope: None, origin: String::new() }
    }

    /// What a registry's token service handed out.
    pub(in crate::source) fn bearer(secret: &str) -> Self {
        Self { header: format!("Bearer {secret}"), scope: None, origin: String::new() }
    }

    /// The same secret, for a place.
    pub(in crate::source) fn within(self, scope: Scope) -> Self {
        Self { scope: Some(scope), ..self }
    }

    /// The same secret, for one host that the one it was meant for named: a registry's token service.
    pub(in crate::source) fn for_host_of(&self, url: &Url) -> Self {
        Self { scope: Scope::host_of(url), ..self.clone() }
    }

    /// Says what it was found as, such as `the variable KILN_TOKEN_X`.
    pub(super) fn found_as(self, origin: impl Into<String>) -> Self {
        Self { origin: origin.into(), ..self }
    }

    /// What it was found as.
    pub(in crate::source) fn origin(&self) -> &str {
        if self.origin.is_empty() { "the token" } else { &self.origin }
    }

    /// The place that it is bound to.
    pub(super) fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// The `Authorization` header for a request to `here`, when one to `first` was made with it.
    pub(in crate::source) fn header_for(&self, first: &Url, here: &Url) -> Option<&str> {
        let same_host = Scope::host_of(first) == Scope::host_of(here);
        let covered = self.scope.as_ref().is_none_or(|scope| scope.covers(here));
        (same_host && covered).then_some(self.header.as_str())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
