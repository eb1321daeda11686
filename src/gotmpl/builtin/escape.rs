//! `html`, `js` and `urlquery`.

use std::io::Write;

use crate::golang::fmt;
use crate::golang::strconv::is_print;
use crate::value::{Str, Value};

use super::super::lex::decode_rune;

/// The text of all arguments: each printed as an action prints it, spaced as `print` spaces them.
pub(super) fn joined(args: &[Value]) -> Str {
    if let [Value::Str(text)] = args {
        return text.clone();
    }
    let mut out = Vec::new();
    let mut after_string = true;
    for arg in args {
        // What stands for nil is a string in Go.
        let is_string = matches!(arg, Value::Nil | Value::Str(_));
        if !is_string && !after_string {
            out.push(b' ');
        }
        fmt::print_action(&mut out, arg);
        after_string = is_string;
    }
    Str::from(out)
}

pub(super) fn html(text: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text.as_bytes() {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            other => out.push(*other),
        }
    }
    out
}

pub(super) fn js(text: &Str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(rest.len());
    while let Some((rune, width)) = decode_rune(rest) {
        match rune {
            '\\' | '\'' | '"' => out.extend_from_slice(&[b'\\', rune as u8]),
            '<' | '>' | '&' | '=' | '\0'..='\x1f' => unicode_escape(&mut out, rune),
            '\x20'..='\x7f' => out.push(rune as u8),
            _ if is_print(rune) => out.extend_from_slice(&rest[..width]),
            _ => unicode_escape(&mut out, rune),
        }
        rest = &rest[width..];
    }
    out
}

fn unicode_escape(out: &mut Vec<u8>, rune: char) {
    write!(out, "\\u{:04X}", rune as u32).expect("writing to memory does not fail");
}

/// Go's `url.QueryEscape`.
pub(super) fn url_query(text: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            b' ' => out.push(b'+'),
            other => write!(out, "%{other:02X}").expect("writing to memory does not fail"),
        }
    }
    out
}
