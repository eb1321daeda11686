use super::Reading;
use crate::diag::{Code, Diagnostic};
use crate::span::Span;

const INVALID_NAME: Code = Code("component.invalid-name");

/// The longest name: one file name with room for an extension.
const LONGEST: usize = 200;

/// Checks a component's name, which becomes a file or folder name and a release name.
///
/// A name that could lead out of the output folder or be taken for git's own is always an error. A
/// name that is fine for a file but not for Kubernetes is questionable.
pub fn check_name(name: &str, place: &Span, reading: Reading) -> Option<Diagnostic> {
    if name.is_empty() {
        let message = "the name is missing or empty";
        let help = "add `name:`; it becomes the name of the output file";
        return Some(reading.questionable(INVALID_NAME, message).at(place.clone(), "").help(help));
    }
    if let Some(why) = unusable(name) {
        let shown: String = name.chars().take(60).flat_map(char::escape_debug).collect();
        let message = format!("the name `{shown}` {why}");
        let help = "use lower case letters, digits, `-` and `.`: the name becomes a file name and a release name";
        return Some(Diagnostic::error(INVALID_NAME, message).at(place.clone(), "").help(help));
    }
    if is_dns_like(name) {
        return None;
    }
    let message = format!("the name `{name}` is not a valid Kubernetes name");
    let help = "use lower case letters, digits, `-` and `.`, and begin and end with a letter or digit";
    Some(reading.questionable(INVALID_NAME, message).at(place.clone(), "").help(help))
}

fn unusable(name: &str) -> Option<&'static str> {
    if name.len() > LONGEST {
        return Some("is too long for a file name");
    }
    if name.contains(['/', '\\']) {
        return Some("has a path separator");
    }
    if name.chars().any(char::is_control) {
        return Some("has a control character");
    }
    if !name.is_ascii() {
        return Some("has Unicode characters beyond ASCII, some of which look alike or are invisible");
    }
    if name.starts_with('.') {
        return Some("begins with a dot, which is reserved (`.`, `..`, `.git`)");
    }
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b' ' | b'+' | b'@');
    if !name.bytes().all(fine) {
        return Some("has characters that do not belong in a file name");
    }
    None
}

fn is_dns_like(name: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = name.as_bytes();
    edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}
