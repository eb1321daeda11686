//! Whether a text is an address of the web or of mail, as the library `govalidator` judges it: Helm's
//! `lint` does. Its judgement is its own; the standards would often judge otherwise.

mod url;

use std::fmt::Write as _;

use super::regexp::Regexp;

/// The most characters of a URL.
const MAX_URL_CHARS: usize = 2083;
/// A URL is longer than this many bytes.
const MIN_URL_BYTES: usize = 3;

/// `IsRequestURL`: whether the text is a URL with a scheme.
pub fn is_request_url(text: &str) -> bool {
    url::parse(text, true).is_some_and(|url| !url.scheme.is_empty())
}

/// `IsURL`: whether the text looks like the address of a page; the scheme may be left out.
pub fn is_url(text: &str) -> bool {
    let chars = text.chars().count();
    if chars >= MAX_URL_CHARS || text.len() <= MIN_URL_BYTES || text.starts_with('.') {
        return false;
    }
    let whole = match text.contains(':') && !text.contains("://") {
        true => format!("http://{text}"),
        false => text.to_owned(),
    };
    let Some(url) = url::parse(&whole, false) else { return false };
    if url.host.starts_with('.') || (url.host.is_empty() && !url.path.is_empty() && !url.path.contains('.')) {
        return false;
    }
    matches(&url_pattern(), text)
}

/// `IsEmail`: whether the text is an address of mail.
pub fn is_email(text: &str) -> bool {
    matches(&email_pattern(), text)
}

fn matches(pattern: &str, text: &str) -> bool {
    Regexp::compile(pattern).is_ok_and(|pattern| pattern.is_match(text.as_bytes()))
}

fn url_pattern() -> String {
    let letter = r"[a-zA-Z\x{a1}-\x{ffff}]";
    let sign = r"[a-zA-Z\x{a1}-\x{ffff}0-9]";
    let numbers = r"([1-9]\d?|1\d\d|2[01]\d|22[0-3]|24\d|25[0-5])(\.(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])){2}(\.([0-9]\d?|1\d\d|2[0-4]\d|25[0-5]))";
    let subdomain = r"((www\.)|([a-zA-Z0-9]+([-_\.]?[a-zA-Z0-9])*[a-zA-Z0-9]\.[a-zA-Z0-9]+))?";
    let host = r"[a-zA-Z0-9]([a-zA-Z0-9-_]+)?[a-zA-Z0-9]([-\.][a-zA-Z0-9]+)*";
    let scheme = r"(ftp|tcp|udp|wss?|https?)://";
    let hex = hex_address();
    format!(
        r"^({scheme})?(\S+@)?(({numbers}|\[({hex})\]|(({host})|({subdomain}))?(({sign}+-?-?)*{sign}+)(\.{letter}+)?))\.?(:\d{{1,5}})?([/?#]\S*)?$"
    )
}

/// The addresses of IPv6, with what may be shortened.
fn hex_address() -> String {
    let part = "[0-9a-fA-F]{1,4}";
    let octet = "(25[0-5]|(2[0-4]|1?[0-9])?[0-9])";
    let dotted = format!(r"({octet}\.){{3}}{octet}");
    let mut pattern = format!("({part}:){{7}}{part}|({part}:){{1,7}}:|:((:{part}){{1,7}}|:)");
    for before in 1..7 {
        let _ = write!(pattern, "|({part}:){{1,{before}}}(:{part}){{1,{}}}", 7 - before);
    }
    let _ = write!(
        pattern,
        "|fe80:(:[0-9a-fA-F]{{0,4}}){{0,4}}%[0-9a-zA-Z]+|::(ffff(:0{{1,4}})?:)?{dotted}|({part}:){{1,4}}:{dotted}"
    );
    pattern
}

fn email_pattern() -> String {
    let beyond = r"\x{A0}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFEF}";
    let atom = format!(r"[a-zA-Z\d!#$%&'*+\-/=?^_`{{|}}~{beyond}]+");
    // Of a quoted name the library takes one sign.
    let quoted = format!(
        r"([\x01-\x08\x0b\x0c\x0e-\x1f\x7f\x21\x23-\x5b\x5d-\x7e{beyond}]|\(([\x01-\x09\x0b-\x7f]|[{beyond}]))"
    );
    let local = format!(r"({atom}(\.{atom})*)|(\x22{quoted}?\x22)");
    let (letter, sign) = (format!("[a-zA-Z{beyond}]"), format!(r"[a-zA-Z\d{beyond}]"));
    let label = format!(r"({sign}([a-zA-Z\d\-._~{beyond}]*{sign})?\.)+");
    let last = format!(r"{letter}([a-zA-Z\d\-_~{beyond}]*{letter})?");
    format!(r"^({local})@{label}{last}\.?$")
}

#[cfg(test)]
mod tests;
