use url::Url;

use crate::source::address::shown;
use crate::source::error::{SourceError, UNREACHABLE, foreign};

/// The error of a request that got no answer.
pub(super) fn call_failed(url: &Url, error: &ureq::Error) -> SourceError {
    let place = shown(url.as_str());
    match error {
        ureq::Error::HostNotFound => unresolved(&place),
        // The words of the standard library, which has no kind of error for this.
        ureq::Error::Io(error) if error.to_string().contains("lookup address") => unresolved(&place),
        ureq::Error::Timeout(what) => {
            SourceError::world(UNREACHABLE, format!("{place} is too slow: timed out ({what})"))
                .help("raise `--timeout`, or try again")
        }
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => tls(&place, &error.to_string()),
        // What rustls finds while shaking hands comes through the connection.
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => tls(&place, &error.to_string()),
        ureq::Error::ConnectProxyFailed(why) => {
            SourceError::world(UNREACHABLE, format!("{place}: the proxy refuses: {}", foreign(why)))
                .help("check the proxy variables; `no_proxy` names hosts that are reached without")
        }
        error => SourceError::world(UNREACHABLE, format!("{place}: {}", foreign(&error.to_string()))),
    }
}

fn tls(place: &str, words: &str) -> SourceError {
    SourceError::world(UNREACHABLE, format!("{place}: the TLS connection failed: {}", foreign(words)))
        .help("check the certificate and the clock of this machine; name your own authorities with `--ca-file`")
}

fn unresolved(place: &str) -> SourceError {
    SourceError::world(UNREACHABLE, format!("cannot resolve the host of {place}"))
        .help("check the host name and the network")
}

/// The error of a body that broke off.
pub(in crate::source) fn body_failed(url: &Url, error: &std::io::Error) -> SourceError {
    let place = shown(url.as_str());
    let words = foreign(&error.to_string());
    match error.kind() {
        std::io::ErrorKind::TimedOut => {
            SourceError::world(UNREACHABLE, format!("{place} is too slow: timed out ({words})"))
                .help("raise `--timeout`, or try again")
        }
        _ => SourceError::world(UNREACHABLE, format!("{place}: the answer is incomplete, it ended early: {words}")),
    }
}
