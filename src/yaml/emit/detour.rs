//! What the way through JSON does to strings before go-yaml emits them.
//!
//! `sigs.k8s.io/yaml.Marshal` writes JSON and reads it back as YAML. Most of that leaves no trace.
//! What remains: invalid UTF-8 becomes U+FFFD, characters that JSON leaves alone but YAML forbids
//! are errors, a next-line character folds as in any quoted scalar, and long keys are not found.

use std::borrow::Cow;

use crate::yaml::read::first_forbidden;

/// How long a key may be in JSON, quotes included, for go-yaml to see its colon.
const MAX_KEY: usize = 1024;

const FORBIDDEN: &str = "yaml: control characters are not allowed";

/// The string as it arrives at the emitter.
pub(super) fn string(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    if bytes.iter().all(|byte| (0x20..0x7F).contains(byte)) {
        return Ok(Cow::Borrowed(bytes));
    }
    let text = match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(_) => Cow::Borrowed(bytes),
        Cow::Owned(_) => Cow::Owned(replace_invalid(bytes)),
    };
    // Below U+0020 JSON escapes everything, so only what it leaves raw can be refused.
    let raw: &[u8] = &text;
    let mut from = 0;
    while let Some(at) = first_forbidden(&raw[from..]) {
        if raw[from + at] >= 0x20 {
            return Err(FORBIDDEN.to_owned());
        }
        from += at + 1;
    }
    if raw.windows(2).any(|pair| pair == b"\xC2\x85") {
        return fold_next_lines(raw).map(Cow::Owned);
    }
    Ok(text)
}

/// The key as it arrives at the emitter.
pub(super) fn key(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    let text = string(bytes)?;
    let folded = bytes.windows(2).any(|pair| pair == b"\xC2\x85");
    if folded || (bytes.len() * 6 + 2 > MAX_KEY && json_len(&text) + 2 > MAX_KEY) {
        return Err("yaml: did not find expected ',' or '}'".to_owned());
    }
    Ok(text)
}

/// Each invalid byte becomes U+FFFD.
fn replace_invalid(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        for _ in chunk.invalid() {
            out.extend_from_slice("\u{FFFD}".as_bytes());
        }
    }
    out
}

/// Length of a string in JSON in characters, without quotes.
fn json_len(text: &[u8]) -> usize {
    String::from_utf8_lossy(text)
        .chars()
        .map(|letter| match letter {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{C}' => 2,
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..'\u{20}' => 6,
            _ => 1,
        })
        .sum()
}

/// A raw next-line character is a line break in a quoted scalar: one becomes a space, further ones
/// line feeds, and blanks around them vanish.
fn fold_next_lines(text: &[u8]) -> Result<Vec<u8>, String> {
    let next_line = |at: usize| text[at..].starts_with(b"\xC2\x85");
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at] != b' ' && !next_line(at) {
            out.push(text[at]);
            at += 1;
            continue;
        }
        let start = at;
        let mut breaks = 0;
        let mut fresh_line = false;
        while at < text.len() && (text[at] == b' ' || next_line(at)) {
            fresh_line = next_line(at);
            breaks += usize::from(fresh_line);
            at += if fresh_line { 2 } else { 1 };
        }
        match breaks {
            0 => out.extend_from_slice(&text[start..at]),
            1 => out.push(b' '),
            _ => out.resize(out.len() + breaks - 1, b'\n'),
        }
        let indicator = text[at..].starts_with(b"---") || text[at..].starts_with(b"...");
        let blank = text.get(at + 3) == Some(&b' ') || (at + 3 < text.len() && next_line(at + 3));
        if fresh_line && indicator && blank {
            return Err("yaml: found unexpected document indicator".to_owned());
        }
    }
    Ok(out)
}
