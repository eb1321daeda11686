//! What went wrong with a request, in the words of Go's `net/http`.

use std::io::ErrorKind;
use std::net::ToSocketAddrs as _;

use url::Url;

use crate::source::error::foreign;

/// Why no answer came from a URL.
pub fn call_failed(url: &Url, error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => no_such_host(url),
        ureq::Error::Io(error) if error.to_string().contains("lookup address") => no_such_host(url),
        ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
            format!("dial tcp {}: connect: connection refused", address(url))
        }
        ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionReset => {
            format!("read tcp {}: read: connection reset by peer", address(url))
        }
        ureq::Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => "EOF".to_owned(),
        ureq::Error::Timeout(_) => {
            "context deadline exceeded (Client.Timeout exceeded while awaiting headers)".to_owned()
        }
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) | ureq::Error::Io(_) => tls(&error.to_string()),
        error if is_disconnect(error) => "EOF".to_owned(),
        error => foreign(&error.to_string()),
    }
}

/// Whether what answers a request over https speaks plain http.
pub fn is_plain_http(error: &ureq::Error) -> bool {
    error.to_string().contains("InvalidContentType")
}

fn is_disconnect(error: &ureq::Error) -> bool {
    matches!(error, ureq::Error::Protocol(_)) && error.to_string().contains("disconnect")
}

fn tls(words: &str) -> String {
    let known = [
        ("InvalidContentType", "http: server gave HTTP response to HTTPS client"),
        ("UnknownIssuer", "tls: failed to verify certificate: x509: certificate signed by unknown authority"),
        ("CaUsedAsEndEntity", "tls: failed to verify certificate: x509: certificate signed by unknown authority"),
        ("Expired", "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"),
        ("NotValidYet", "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"),
        ("NotValidForName", "tls: failed to verify certificate: x509: certificate is not valid for this host"),
        ("peer closed connection", "EOF"),
        ("eof", "EOF"),
    ];
    match known.iter().find(|(sign, _)| words.contains(sign)) {
        Some((_, text)) => (*text).to_owned(),
        None => foreign(words),
    }
}

fn no_such_host(url: &Url) -> String {
    format!("dial tcp: lookup {}: no such host", url.host_str().unwrap_or_default())
}

/// The address that a name leads to, as Go prints it.
fn address(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let resolved = (host.trim_matches(['[', ']']), port).to_socket_addrs().ok().and_then(|mut found| found.next());
    resolved.map_or_else(|| format!("{host}:{port}"), |address| address.to_string())
}
