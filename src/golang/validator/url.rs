/// The parts of a URL that the judgement needs.
pub struct Url<'t> {
    /// The scheme as written.
    pub scheme: &'t str,
    /// Host and port.
    pub host: &'t str,
    /// The path, with escapes.
    pub path: &'t str,
}

/// Whether and how `net/url` reads a text: as the address in a request, which has no fragment and begins
/// with a scheme or `/`, or as any reference.
pub fn parse(text: &str, is_request: bool) -> Option<Url<'_>> {
    let (text, fragment) = match text.split_once('#') {
        Some((text, fragment)) if !is_request => (text, fragment),
        _ => (text, ""),
    };
    let is_control = |byte: u8| byte < 0x20 || byte == 0x7f;
    if text.bytes().any(is_control) || !has_good_escapes(fragment) || (is_request && text.is_empty()) {
        return None;
    }
    let (scheme, rest) = scheme(text)?;
    let (rest, _) = rest.split_once('?').unwrap_or((rest, ""));
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            return Some(Url { scheme, host: "", path: "" });
        }
        let first = rest.split('/').next().unwrap_or_default();
        if is_request || first.contains(':') {
            return None;
        }
    }
    let (host, path) = match rest.strip_prefix("//").filter(|_| !scheme.is_empty() || !rest.starts_with("///")) {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (host(authority)?, path)
        }
        None => ("", rest),
    };
    has_good_escapes(path).then_some(Url { scheme, host, path })
}

/// The scheme and what follows it.
fn scheme(text: &str) -> Option<(&str, &str)> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return None,
            b':' => return Some((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Some(("", text))
}

/// The host and port of an authority whose parts are all sound.
fn host(authority: &str) -> Option<&str> {
    let host = match authority.rsplit_once('@') {
        None => authority,
        Some((user, host)) => {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
            if !user.bytes().all(allowed) || !has_good_escapes(user) {
                return None;
            }
            host
        }
    };
    let (name, port) = match host.strip_prefix('[') {
        Some(_) => {
            let end = host.rfind(']')?;
            let address = &host[1..end];
            let address = address.split_once("%25").map_or(address, |(address, _)| address);
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return None;
            }
            ("", &host[end + 1..])
        }
        None => host.split_at(host.rfind(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.bytes().all(is_digit));
    let allowed = |byte: u8| byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"%".contains(&byte);
    // Only bytes beyond ASCII may be escaped in a host.
    let escapes_beyond = name.match_indices('%').all(|(at, _)| {
        name.as_bytes().get(at + 1).is_some_and(|byte| matches!(byte, b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F'))
    });
    (is_port(port) && name.bytes().all(allowed) && escapes_beyond && has_good_escapes(name)).then_some(host)
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn has_good_escapes(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.match_indices('%').all(|(at, _)| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}
