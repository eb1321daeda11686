use crate::source::error::foreign;

/// The parts of a `scheme://authority/rest` text; nothing is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    pub(super) userinfo: Option<&'a str>,
    /// Host and port.
    pub(super) host: &'a str,
    /// From the first `/`, `?` or `#` on.
    pub(super) rest: &'a str,
}

/// Splits a URL; `None` when there is no `://`.
pub(super) fn split(url: &str) -> Option<Parts<'_>> {
    let (scheme, after) = url.split_once("://")?;
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, rest) = after.split_at(end);
    let (userinfo, host) = match authority.rsplit_once('@') {
        Some((userinfo, host)) => (Some(userinfo), host),
        None => (None, authority),
    };
    Some(Parts { scheme, userinfo, host, rest })
}

/// The URL without userinfo; of an ssh URL only the password goes, as the user is part of the address.
pub(in crate::source) fn without_credentials(url: &str) -> String {
    let Some(parts) = split(url) else { return url.to_owned() };
    let user = match parts.userinfo {
        Some(userinfo) if parts.scheme.eq_ignore_ascii_case("ssh") => {
            userinfo.split(':').next().filter(|u| !u.is_empty())
        }
        _ => None,
    };
    match user {
        Some(user) => format!("{}://{user}@{}{}", parts.scheme, parts.host, parts.rest),
        None => format!("{}://{}{}", parts.scheme, parts.host, parts.rest),
    }
}

/// The URL for messages: no credentials, no values of query parameters, control characters escaped.
pub(in crate::source) fn shown(url: &str) -> String {
    let clean = without_credentials(url);
    let Some((place, query)) = clean.split_once('?') else { return foreign(&clean) };
    let names: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) => format!("{name}=…"),
            None => pair.to_owned(),
        })
        .collect();
    foreign(&format!("{place}?{}", names.join("&")))
}

/// Whether a query parameter is of the kind that carries a secret.
pub(in crate::source) fn carries_secret(query: &str) -> bool {
    const WORDS: [&str; 7] = ["token", "secret", "password", "passwd", "signature", "credential", "apikey"];
    query.split('&').filter_map(|pair| pair.split_once('=')).any(|(name, value)| {
        let name = name.to_ascii_lowercase().replace(['-', '_'], "");
        !value.is_empty() && (matches!(&*name, "sig" | "key" | "auth") || WORDS.iter().any(|word| name.contains(word)))
    })
}
