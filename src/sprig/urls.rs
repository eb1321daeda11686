//! `urlParse` and `urlJoin`: Go's `net/url` between text and a map of parts.

use crate::golang::strconv;
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Map as Dict, Str as Text};
use crate::value::{Map, Str, Value};

use super::address;
use super::call::{Outcome, bytes, fixed, map};
use super::strings::find;

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("urlParse", &[Text], url_parse),
    fixed("urlJoin", &[Dict], url_join),
    // Names are never looked up, as in Helm without --enable-dns.
    fixed("getHostByName", &[Text], |_, _| Ok("".into())),
];

/// The parts of a URL that have their own rules for escaping.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

/// Whether a byte must be escaped in a part.
fn must_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    match part {
        Part::Host | Part::Zone => !b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Part::Path => !b"$&+,/:;=@".contains(&byte),
        Part::User => !b"$&+,;=".contains(&byte),
        Part::Fragment => !b"$&+,/:;=?@!()*".contains(&byte),
    }
}

fn escape(text: &[u8], part: Part) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match must_escape(*byte, part) {
            true => out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]),
            false => out.push(*byte),
        }
    }
    out
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    match pair {
        [high, low, ..] => Some((digit(*high)? << 4 | digit(*low)?) as u8),
        _ => None,
    }
}

fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        if *first != b'%' {
            if matches!(part, Part::Host | Part::Zone) && first.is_ascii() && must_escape(*first, part) {
                return Err(format!("invalid character {} in host name", strconv::quote(&[*first])));
            }
            out.push(*first);
            rest = tail;
            continue;
        }
        let escaped = &rest[..rest.len().min(3)];
        let wrong = || format!("invalid URL escape {}", strconv::quote(escaped));
        let byte = hex_pair(tail).ok_or_else(wrong)?;
        // Hosts escape only what is not ASCII; the zone of an address may also escape spaces and
        // what hosts need not escape.
        let allowed = escaped == b"%25"
            || match part {
                Part::Host => !byte.is_ascii(),
                Part::Zone => byte == b' ' || !must_escape(byte, Part::Host),
                _ => true,
            };
        if !allowed {
            return Err(wrong());
        }
        out.push(byte);
        rest = &rest[3..];
    }
    Ok(out)
}

/// Splits at the first separator, which belongs to neither side.
fn cut(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == separator) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

#[derive(Default)]
struct Url {
    scheme: Vec<u8>,
    opaque: Vec<u8>,
    user: Option<User>,
    host: Vec<u8>,
    path: Vec<u8>,
    query: Vec<u8>,
    fragment: Vec<u8>,
}

struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl User {
    fn print(&self) -> Vec<u8> {
        let mut out = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            out.push(b':');
            out.extend(escape(password, Part::User));
        }
        out
    }
}

/// `url.Parse`, with its error texts.
fn parse(text: &[u8]) -> Result<Url, String> {
    let failed = |text: &[u8], error: String| format!("parse {}: {error}", strconv::quote(text));
    let (main, fragment) = cut(text, b'#');
    let mut url = parse_main(main).map_err(|error| failed(main, error))?;
    url.fragment = unescape(fragment.unwrap_or_default(), Part::Fragment).map_err(|error| failed(text, error))?;
    Ok(url)
}

/// What a check of a URL needs to know of it.
pub struct UrlShape {
    /// Whether it has a scheme.
    pub is_absolute: bool,
    /// The host with its port and brackets.
    pub host: Vec<u8>,
}

/// Reads a URL (`url.Parse`). The error is Go's.
pub fn url_shape(text: &[u8]) -> Result<UrlShape, String> {
    parse(text).map(|url| UrlShape { is_absolute: !url.scheme.is_empty(), host: url.host })
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
    url.path = unescape(rest, Part::Path)?;
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
    let address = match find(name, b"%25") {
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
fn hostname(host: &[u8]) -> &[u8] {
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

impl Url {
    /// `URL.String`.
    fn print(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.print_hierarchy(&mut out);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend(escape(&self.fragment, Part::Fragment));
        }
        out
    }

    fn print_hierarchy(&self, out: &mut Vec<u8>) {
        let named = !self.host.is_empty() || self.user.is_some();
        if named || !self.scheme.is_empty() && !self.path.is_empty() {
            out.extend_from_slice(b"//");
        }
        if let Some(user) = &self.user {
            out.extend(user.print());
            out.push(b'@');
        }
        out.extend(escape(&self.host, Part::Host));
        let path = if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) };
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            out.push(b'/');
        }
        // A colon in the first segment of a relative path would look like a scheme.
        if out.is_empty() && cut(&path, b'/').0.contains(&b':') {
            out.extend_from_slice(b"./");
        }
        out.extend(path);
    }
}

fn url_parse(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let url = parse(bytes(args, 0)).map_err(|error| CallError::from(format!("unable to parse url: {error}")))?;
    let user = url.user.as_ref().map(User::print).unwrap_or_default();
    let hostname = hostname(&url.host).to_vec();
    Ok(Value::map([
        ("scheme", Value::str(url.scheme)),
        ("host", Value::str(url.host)),
        ("hostname", Value::str(hostname)),
        ("path", Value::str(url.path)),
        ("query", Value::str(url.query)),
        ("opaque", Value::str(url.opaque)),
        ("fragment", Value::str(url.fragment)),
        ("userinfo", Value::str(user)),
    ]))
}

/// A part of the map; "" when it is missing.
fn part(parts: &Map, key: &str) -> Result<Vec<u8>, CallError> {
    match parts.get(key) {
        None => Ok(Vec::new()),
        Some(Value::Str(text)) => Ok(Str::as_bytes(&text).to_vec()),
        Some(Value::Nil) => Err(super::call::NIL_POINTER.into()),
        Some(other) => {
            Err(format!("unable to parse {key} key, must be of type string, but {} found", other.kind().name()).into())
        }
    }
}

fn url_join(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let parts = map(args, 0);
    let mut url = Url {
        scheme: part(&parts, "scheme")?,
        host: part(&parts, "host")?,
        path: part(&parts, "path")?,
        query: part(&parts, "query")?,
        opaque: part(&parts, "opaque")?,
        fragment: part(&parts, "fragment")?,
        user: None,
    };
    let user = part(&parts, "userinfo")?;
    if !user.is_empty() {
        let whole = [b"proto://", &user[..], b"@host"].concat();
        url.user = parse(&whole).map_err(|error| format!("unable to parse userinfo in dict: {error}"))?.user;
    }
    Ok(Value::str(url.print()))
}
