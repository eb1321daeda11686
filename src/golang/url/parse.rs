use super::super::strconv;
use super::address;
use super::escape::{Part, unescape};
use super::{Url, User};

/// Splits at the first separator, which belongs to neither side.
pub(super) fn cut(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == separator) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// `url.Parse`, with its error texts.
pub fn parse(text: &[u8]) -> Result<Url, String> {
    let failed = |text: &[u8], error: String| format!("parse {}: {error}", strconv::quote(text));
    let (main, fragment) = cut(text, b'#');
    let mut url = parse_main(main).map_err(|error| failed(main, error))?;
    url.fragment = unescape(fragment.unwrap_or_default(), Part::Fragment).map_err(|error| failed(text, error))?;
    Ok(url)
}

fn parse_main(text: &[u8]) -> Result<Url, String> {
    if text.iter().any(u8::is_ascii_control) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let mut url = Url::default();
    if text == b"*" {
        url.path = text.to_vec();
        return Ok(url);
    }
    let (scheme, rest) = scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    let (mut rest, query) = cut(rest, b'?');
    url.query = query.unwrap_or_default().to_vec();
    if !rest.starts_with(b"/") {
        if !url.scheme.is_empty() {
            url.opaque = rest.to_vec();
            return Ok(url);
        }
        if cut(rest, b'/').0.contains(&b':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    if let Some(authority) = rest.strip_prefix(b"//").filter(|_| !url.scheme.is_empty() || !rest.starts_with(b"///")) {
        let end = authority.iter().position(|byte| *byte == b'/').unwrap_or(authority.len());
        (url.user, url.host) = parse_authority(&url.scheme, &authority[..end])?;
        rest = &authority[end..];
    }
    url.set_path(rest)?;
    Ok(url)
}

/// The scheme (empty when there is none) and what follows it.
fn scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok((b"", text))
}

fn parse_authority(scheme: &[u8], authority: &[u8]) -> Result<(Option<User>, Vec<u8>), String> {
    let Some(at) = authority.iter().rposition(|byte| *byte == b'@') else {
        return Ok((None, parse_host(scheme, authority)?));
    };
    let host = parse_host(scheme, &authority[at + 1..])?;
    let user = &authority[..at];
    if !user.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte)) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = cut(user, b':');
    let name = unescape(name, Part::User)?;
    let password = password.map(|password| unescape(password, Part::User)).transpose()?;
    Ok((Some(User { name, password }), host))
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    match host.iter().rposition(|byte| *byte == b'[') {
        Some(0) => return parse_literal(host),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    // Only the web's schemes are strict about a second colon.
    let is_colon = |byte: &u8| *byte == b':';
    let colon = match scheme {
        b"http" | b"https" => host.iter().position(is_colon),
        _ => host.iter().rposition(is_colon),
    };
    if let Some(colon) = colon {
        check_port(&host[colon..])?;
    }
    unescape(host, Part::Host)
}

/// An IPv6 address in brackets, perhaps with a zone and a port.
fn parse_literal(host: &[u8]) -> Result<Vec<u8>, String> {
    let close = host.iter().rposition(|byte| *byte == b']').ok_or("missing ']' in host")?;
    let (name, port) = (&host[1..close], &host[close + 1..]);
    check_port(port)?;
    let address = match name.windows(3).position(|three| three == b"%25") {
        Some(zone) => [unescape(&name[..zone], Part::Host)?, unescape(&name[zone..], Part::Zone)?].concat(),
        None => unescape(name, Part::Host)?,
    };
    match address::parse(&address) {
        Err(error) => Err(format!("invalid host: {error}")),
        Ok(address::Family::V4) => Err("invalid IP-literal".to_owned()),
        Ok(address::Family::V6) => Ok([b"[", &address[..], b"]", port].concat()),
    }
}

/// Nothing, or a colon and digits.
fn check_port(port: &[u8]) -> Result<(), String> {
    let valid = match port {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if valid { Ok(()) } else { Err(format!("invalid port {} after host", strconv::quote(port))) }
}

/// `URL.Hostname`: without port and brackets.
pub fn hostname(host: &[u8]) -> &[u8] {
    if host.starts_with(b"[")
        && let Some(close) = host.iter().rposition(|byte| *byte == b']')
    {
        return &host[1..close];
    }
    match host.iter().rposition(|byte| *byte == b':') {
        Some(colon) if check_port(&host[colon..]).is_ok() => &host[..colon],
        _ => host,
    }
}
