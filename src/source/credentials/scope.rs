use url::Url;

/// Where a credential may be sent: a scheme, a host with its port, and the beginning of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) struct Scope {
    scheme: Scheme,
    /// The host as URLs have it.
    host: String,
    port: u16,
    /// Without the slash at its end; empty for the whole host.
    path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Https,
    Http,
    /// A registry, by whichever of the two it is reached.
    Registry,
}

impl Scope {
    /// The scope that a text such as `https://host/path/` or `oci://host/path` names. `None` for what
    /// is no such URL, or holds more than that.
    pub(in crate::source) fn parse(text: &str) -> Option<Self> {
        let (scheme, web) = match text.split_once("://")? {
            (scheme, rest) if scheme.eq_ignore_ascii_case("oci") => (Scheme::Registry, format!("https://{rest}")),
            (scheme, _) if scheme.eq_ignore_ascii_case("http") => (Scheme::Http, text.to_owned()),
            (scheme, _) if scheme.eq_ignore_ascii_case("https") => (Scheme::Https, text.to_owned()),
            _ => return None,
        };
        let url = Url::parse(&web).ok()?;
        let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        let scope = Self::of(&url).filter(|_| is_plain && url.fragment().is_none())?;
        Some(Self { scheme, ..scope })
    }

    /// The URL and everything below it.
    pub(in crate::source) fn of(url: &Url) -> Option<Self> {
        let scheme = if url.scheme() == "https" { Scheme::Https } else { Scheme::Http };
        let (host, port) = (url.host_str()?.to_owned(), url.port_or_known_default()?);
        Some(Self { scheme, host, port, path: url.path().trim_end_matches('/').to_owned() })
    }

    /// The host of a URL, with all of its paths.
    pub(in crate::source) fn host_of(url: &Url) -> Option<Self> {
        Self::of(url).map(|scope| Self { path: String::new(), ..scope })
    }

    /// The scheme and host that the scope is of, for messages.
    pub(super) fn shown(&self) -> String {
        let scheme = match self.scheme {
            Scheme::Https => "https",
            Scheme::Http => "http",
            Scheme::Registry => "oci",
        };
        format!("{scheme}://{}{}", self.host, self.path)
    }

    /// How much of a path the scope names: of several that cover a URL the longest counts.
    pub(super) fn length(&self) -> usize {
        self.path.len()
    }

    /// Whether a request to the URL lies in it. Paths are compared by whole segments; a repository is
    /// the same with `.git` at its end and without.
    pub(in crate::source) fn covers(&self, url: &Url) -> bool {
        let same_scheme = match self.scheme {
            Scheme::Https => url.scheme() == "https",
            Scheme::Http => url.scheme() == "http",
            Scheme::Registry => matches!(url.scheme(), "https" | "http"),
        };
        if !same_scheme || url.host_str() != Some(&self.host) {
            return false;
        }
        let path = match self.scheme {
            Scheme::Registry => url.path().strip_prefix("/v2").unwrap_or(url.path()),
            Scheme::Https | Scheme::Http => url.path(),
        };
        let port = url.port_or_known_default() == Some(self.port)
            // A registry without a port in its name is on that of the protocol.
            || (self.scheme == Scheme::Registry && self.port == 443 && url.port().is_none());
        port && below(path, &self.path)
    }
}

/// Whether a path is `prefix` or below it.
fn below(path: &str, prefix: &str) -> bool {
    let bare = |path: &str| path.strip_suffix(".git").unwrap_or(path).to_owned();
    let segments = || path.split('/').filter(|segment| !segment.is_empty());
    if segments().any(is_dots) {
        return false;
    }
    let mut wanted = prefix.split('/').filter(|segment| !segment.is_empty()).peekable();
    let mut found = segments();
    while let Some(segment) = wanted.next() {
        let Some(own) = found.next() else { return false };
        let same = if wanted.peek().is_none() { bare(own) == bare(segment) } else { own == segment };
        if !same {
            return false;
        }
    }
    true
}

/// Segments that a server may take for `.` or `..`.
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".." || plain.contains("%2f") && plain.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(scope: &str, url: &str) -> bool {
        Scope::parse(scope).unwrap().covers(&Url::parse(url).unwrap())
    }

    #[test]
    fn scheme_host_port_and_whole_segments_count() {
        for (scope, url, expected) in [
            ("https://h.example/", "https://h.example/a/b", true),
            ("https://h.example", "https://h.example:443/", true),
            ("https://h.example/org", "https://h.example/org", true),
            ("https://h.example/org/", "https://h.example/org/r.git/info/refs?service=x", true),
            ("https://h.example/org", "https://h.example/organisation/r", false),
            ("https://h.example/org/r", "https://h.example/org/r.git/info/refs", true),
            ("https://h.example/org/r.git", "https://h.example/org/r/info/refs", true),
            ("https://h.example/org", "https://h.example/org/../other", false),
            ("https://h.example/org", "https://h.example/org/%2e%2e/other", false),
            ("https://h.example/org", "https://h.example/org/..%2Fother/x", false),
            ("https://h.example/", "http://h.example/", false),
            ("http://h.example/", "https://h.example/", false),
            ("https://h.example/", "https://h.example:8443/", false),
            ("https://h.example/", "https://h.example.evil.invalid/", false),
            ("https://h.example/", "https://sub.h.example/", false),
            ("https://H.EXAMPLE/", "https://h.example/", true),
            ("oci://r.example/org", "https://r.example/v2/org/web/tags/list", true),
            ("oci://r.example/org", "https://r.example/v2/other/web/tags/list", false),
            ("oci://r.example:5000/org", "http://r.example:5000/v2/org/web/tags/list", true),
            ("oci://r.example:5000", "https://r.example/v2/", false),
        ] {
            assert_eq!(covers(scope, url), expected, "{scope} {url}");
        }
    }

    #[test]
    fn what_is_no_place_names_no_scope() {
        for text in
            ["h.example", "ssh://h/x", "https://", "https://u:p@h/", "https://h/?a=b", "https://h/#x", "", "git@h:x"]
        {
            assert_eq!(Scope::parse(text), None, "{text}");
        }
    }
}
