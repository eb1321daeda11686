//! Base64 and base32 (the error of decoding is the result), and checksums.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::gotmpl::{Call, Func};
use crate::value::Param::Str as Text;
use crate::value::Value;

use super::call::{Outcome, bytes, fixed};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("b64enc", &[Text], b64enc),
    fixed("b64dec", &[Text], |_, args| Ok(decoded(base64(bytes(args, 0))))),
    fixed("b32enc", &[Text], b32enc),
    fixed("b32dec", &[Text], |_, args| Ok(decoded(base32(bytes(args, 0))))),
    fixed("sha1sum", &[Text], |_, args| Ok(hex(&Sha1::digest(bytes(args, 0))).into())),
    fixed("sha256sum", &[Text], |_, args| Ok(hex(&Sha256::digest(bytes(args, 0))).into())),
    fixed("sha512sum", &[Text], |_, args| Ok(hex(&Sha512::digest(bytes(args, 0))).into())),
    fixed("adler32sum", &[Text], adler32sum),
];

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(2 * digest.len()), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn decoded(result: Result<Vec<u8>, String>) -> Value {
    result.map_or_else(Value::from, Value::str)
}

fn b64enc(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    Ok(STANDARD.encode(bytes(args, 0)).into())
}

/// The value of a base64 digit.
fn sextet(byte: u8) -> Option<u32> {
    match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Go's `base64.StdEncoding.DecodeString`: line ends are skipped, padding is required, spare bits
/// may be set. The error names the byte that Go's names.
pub fn base64(source: &[u8]) -> Result<Vec<u8>, String> {
    let corrupt = |at: usize| format!("illegal base64 data at input byte {at}");
    let mut out = Vec::with_capacity(source.len() / 4 * 3 + 3);
    let is_line_end = |byte: u8| byte == b'\n' || byte == b'\r';
    let mut at = 0;
    loop {
        let (mut group, mut digits) = (0_u32, 0_usize);
        while digits < 4 {
            let Some(&byte) = source.get(at) else {
                return if digits == 0 { Ok(out) } else { Err(corrupt(at - digits)) };
            };
            at += 1;
            if let Some(value) = sextet(byte) {
                group = group << 6 | value;
                digits += 1;
                continue;
            }
            if is_line_end(byte) {
                continue;
            }
            if byte != b'=' || digits < 2 {
                return Err(corrupt(at - 1));
            }
            let skip =
                |at: usize| source[at..].iter().position(|byte| !is_line_end(*byte)).map_or(source.len(), |n| at + n);
            if digits == 2 {
                at = skip(at);
                match source.get(at) {
                    None => return Err(corrupt(source.len())),
                    Some(b'=') => at += 1,
                    Some(_) => return Err(corrupt(at - 1)),
                }
            }
            at = skip(at);
            if at < source.len() {
                return Err(corrupt(at));
            }
            let spread = (group << (6 * (4 - digits))).to_be_bytes();
            out.extend_from_slice(&spread[1..digits]);
            return Ok(out);
        }
        out.extend_from_slice(&group.to_be_bytes()[1..]);
    }
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn b32enc(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let source = bytes(args, 0);
    let mut out = String::with_capacity(source.len().div_ceil(5) * 8);
    for part in source.chunks(5) {
        let group = (0..5).fold(0_u64, |group, index| group << 8 | u64::from(part.get(index).copied().unwrap_or(0)));
        let digits = (part.len() * 8).div_ceil(5);
        for index in 0..8 {
            let value = (group >> (35 - 5 * index)) & 31;
            out.push(if index < digits { char::from(BASE32[value as usize]) } else { '=' });
        }
    }
    Ok(out.into())
}

/// Go's `base32.StdEncoding.DecodeString`; places in the error count without line ends.
fn base32(source: &[u8]) -> Result<Vec<u8>, String> {
    let source: Vec<u8> = source.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let corrupt = |at: usize| Err(format!("illegal base32 data at input byte {at}"));
    let mut out = Vec::with_capacity(source.len() / 8 * 5 + 5);
    let mut at = 0;
    while at < source.len() {
        let (mut group, mut digits) = (0_u64, 0_usize);
        let mut ended = false;
        while digits < 8 && !ended {
            let Some(&byte) = source.get(at) else { return corrupt(at - digits) };
            at += 1;
            let left = source.len() - at;
            if byte == b'=' && digits >= 2 && left < 8 {
                if left + digits < 7 {
                    return corrupt(source.len());
                }
                if let Some(other) = source[at..].iter().take(7 - digits).position(|byte| *byte != b'=') {
                    return corrupt(at + other - 1);
                }
                if matches!(digits, 3 | 6) {
                    return corrupt(at - 1);
                }
                ended = true;
                continue;
            }
            let Some(value) = BASE32.iter().position(|digit| *digit == byte) else { return corrupt(at - 1) };
            group = group << 5 | value as u64;
            digits += 1;
        }
        let spread = (group << (5 * (8 - digits))).to_be_bytes();
        out.extend_from_slice(&spread[3..3 + digits * 5 / 8]);
        if ended {
            break;
        }
    }
    Ok(out)
}

fn adler32sum(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    const MODULUS: u32 = 65521;
    let (low, high) = bytes(args, 0).iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % MODULUS;
        (low, (high + low) % MODULUS)
    });
    Ok((high << 16 | low).to_string().into())
}
