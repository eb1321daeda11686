use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ureq::{Proxy, ProxyProtocol};
use url::{Host, Url};

use crate::source::credentials::Environment;
use crate::source::error::{INVALID, SourceError};

/// The proxies that the environment names, as curl and git read it: `https_proxy` for https,
/// `http_proxy` for http, `all_proxy` for what has none of its own, each in small letters or in
/// capitals; `no_proxy` says for which hosts none counts.
pub(super) struct Proxies {
    https: Option<Result<Proxy, SourceError>>,
    http: Option<Result<Proxy, SourceError>>,
    exceptions: Vec<String>,
}

impl Proxies {
    pub(super) fn read(environment: &Environment) -> Self {
        let first = |names: [&'static str; 4]| {
            let (name, value) = names.into_iter().find_map(|name| Some((name, environment.get(name)?)))?;
            Some(Proxy::new(value.trim()).map_err(|_| {
                // The value may hold a password.
                let message = format!("the variable `{name}` holds no URL of a proxy");
                SourceError::world(INVALID, message).help("write it like `http://proxy.example.com:3128`")
            }))
        };
        let exceptions = environment.get("no_proxy").or_else(|| environment.get("NO_PROXY")).unwrap_or_default();
        Self {
            https: first(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            http: first(["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]),
            exceptions: exceptions.split([',', ' ']).map(|part| part.trim().to_ascii_lowercase()).collect(),
        }
    }

    /// The proxy for a URL.
    pub(super) fn of(&self, url: &Url) -> Result<Option<&Proxy>, SourceError> {
        let proxy = if url.scheme() == "https" { &self.https } else { &self.http };
        match proxy {
            Some(proxy) if !self.is_exception(url) => proxy.as_ref().map(Some).map_err(Clone::clone),
            _ => Ok(None),
        }
    }

    fn is_exception(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        let port = url.port_or_known_default();
        self.exceptions.iter().filter(|rule| !rule.is_empty()).any(|rule| matches(rule, &host, port))
    }
}

/// Whether a rule of `no_proxy` is about a host: `*`, a name (with all below it), an address, a
/// network such as `10.0.0.0/8`; each but the last may have a port.
fn matches(rule: &str, host: &Host<&str>, port: Option<u16>) -> bool {
    if rule == "*" {
        return true;
    }
    let address = match host {
        Host::Ipv4(ip) => Some(IpAddr::from(*ip)),
        Host::Ipv6(ip) => Some(IpAddr::from(*ip)),
        Host::Domain(_) => None,
    };
    if let Some((network, bits)) = rule.split_once('/') {
        let network = network.parse::<IpAddr>().ok().zip(bits.parse::<u32>().ok());
        return network.zip(address).is_some_and(|((network, bits), address)| is_within(network, bits, address));
    }
    let (rule, wanted) = match rule.rsplit_once(':') {
        Some((name, digits)) if !name.contains(':') || name.ends_with(']') => (name, digits.parse::<u16>().ok()),
        _ => (rule, None),
    };
    if wanted.is_some() && wanted != port {
        return false;
    }
    if let Ok(own) = rule.trim_matches(['[', ']']).parse::<IpAddr>() {
        return address == Some(own);
    }
    let name = rule.trim_start_matches("*.").trim_matches('.');
    match host {
        Host::Domain(host) => {
            let host = host.trim_end_matches('.').to_ascii_lowercase();
            host.strip_suffix(name).is_some_and(|rest| !name.is_empty() && (rest.is_empty() || rest.ends_with('.')))
        }
        _ => false,
    }
}

fn is_within(network: IpAddr, bits: u32, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

/// How a proxy is asked for a URL that is not encrypted: by the whole URL instead of a tunnel, which
/// many allow for https only. Gives the host and port to connect to, and the login's header.
pub(super) fn forwarder(proxy: &Proxy, url: &Url) -> Option<(String, Option<String>)> {
    if url.scheme() != "http" || proxy.protocol() != ProxyProtocol::Http {
        return None;
    }
    let login = match (proxy.username(), proxy.password()) {
        (None, None) => None,
        (name, password) => {
            let pair = format!("{}:{}", name.unwrap_or_default(), password.unwrap_or_default());
            Some(format!("Basic {}", STANDARD.encode(pair)))
        }
    };
    Some((format!("{}:{}", proxy.host(), proxy.port()), login))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_names_addresses_networks_and_ports() {
        for (rules, url, expected) in [
            ("*", "https://a.example/", true),
            ("example.com", "https://example.com/", true),
            ("example.com", "https://git.example.com/", true),
            (".example.com", "https://git.example.com/", true),
            ("*.example.com", "https://git.example.com/", true),
            ("example.com", "https://notexample.com/", false),
            ("EXAMPLE.com", "https://example.com/", true),
            ("a.example, b.example", "https://b.example/", true),
            ("example.com:8443", "https://example.com/", false),
            ("example.com:443", "https://example.com/", true),
            ("10.1.2.3", "http://10.1.2.3/", true),
            ("10.0.0.0/8", "http://10.9.9.9:80/", true),
            ("10.0.0.0/8", "http://11.9.9.9/", false),
            ("0.0.0.0/0", "http://11.9.9.9/", true),
            ("::1", "http://[::1]:8080/", true),
            ("fd00::/8", "http://[fd12::1]/", true),
            ("", "https://example.com/", false),
            (".", "https://example.com/", false),
        ] {
            let proxies = Proxies::read(&Environment::of([("ALL_PROXY", "http://p:1"), ("NO_PROXY", rules)]));
            let found = proxies.of(&Url::parse(url).unwrap()).unwrap().is_none();
            assert_eq!(found, expected, "{rules} {url}");
        }
    }

    #[test]
    fn each_protocol_has_its_proxy_and_small_letters_win() {
        let variables = [("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:1"), ("ALL_PROXY", "socks5://c:1")];
        let proxies = Proxies::read(&Environment::of(variables));
        let host = |url: &str| proxies.of(&Url::parse(url).unwrap()).unwrap().unwrap().host().to_owned();
        assert_eq!(host("https://x/"), "b");
        assert_eq!(host("http://x/"), "c");
        let proxies = Proxies::read(&Environment::of([("HTTP_PROXY", "ftp://me:s3cret@x")]));
        assert!(proxies.of(&Url::parse("https://x/").unwrap()).unwrap().is_none());
        let error = proxies.of(&Url::parse("http://x/").unwrap()).unwrap_err();
        assert!(error.message.contains("`HTTP_PROXY`") && !error.message.contains("s3cret"), "{error}");
    }
}
