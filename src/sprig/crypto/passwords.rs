//! Password hashes, and passwords derived as Master Password does.

use bcrypt::Version;
use sha2::{Digest, Sha256};

use rsa::rand_core::RngCore;

use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Str as Text, Uint32};
use crate::value::{Str, Value};

use super::super::call::{Outcome, bytes, fixed, int, text};
use super::super::random::Stream;

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("bcrypt", &[Text], |call, args| Ok(hash(call, bytes(args, 0))?.into())),
    fixed("htpasswd", &[Text, Text], htpasswd),
    fixed("derivePassword", &[Uint32, Text, Text, Text, Text], derive_password),
];

/// The cost that Go's bcrypt takes by default.
const COST: u32 = 10;

/// What a bcrypt hash takes off the execution's fuel; it runs for about a twentieth of a second.
const BCRYPT: u64 = 600_000;
/// What a derived password takes; it runs for more than a tenth of a second.
const SCRYPT: u64 = 1_000_000;

/// The longest password that Go's bcrypt takes, in bytes.
const MAX_PASSWORD: usize = 72;

/// A bcrypt hash; what goes wrong is part of the result.
fn hash(call: &mut Call<'_>, password: &[u8]) -> Result<String, CallError> {
    if password.len() > MAX_PASSWORD {
        return Ok("failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes".to_owned());
    }
    call.exec.charge(BCRYPT)?;
    let mut salt = [0; 16];
    Stream::new(call)?.fill_bytes(&mut salt);
    Ok(match bcrypt::hash_with_salt(password, COST, salt) {
        Ok(parts) => parts.format_for_version(Version::TwoA),
        Err(error) => format!("failed to encrypt string with bcrypt: {error}"),
    })
}

fn htpasswd(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let user = text(args, 0);
    if user.as_bytes().contains(&b':') {
        return Ok(Value::str([b"invalid username: ", user.as_bytes()].concat()));
    }
    let hash = hash(call, bytes(args, 1))?;
    Ok(Value::str([user.as_bytes(), b":", hash.as_bytes()].concat()))
}

/// The salt's prefix that Master Password prescribes.
const SCOPE: &[u8] = b"com.lyndir.masterpassword";

/// Password types and their templates; each letter stands for a set of characters.
const TEMPLATES: &[(&str, &[&str])] = &[
    ("maximum", &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"]),
    (
        "long",
        &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
    ),
    ("medium", &["CvcnoCvc", "CvcCvcno"]),
    ("short", &["Cvcn"]),
    ("basic", &["aaanaaan", "aannaaan", "aaannaaa"]),
    ("pin", &["nnnn"]),
];

/// The characters that a template's letter stands for.
fn characters(letter: u8) -> &'static [u8] {
    match letter {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

fn derive_password(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let counter = int(args, 0) as u32;
    let (kind, password, user, site) = (text(args, 1), text(args, 2), text(args, 3), text(args, 4));
    let Some((_, templates)) = TEMPLATES.iter().find(|(name, _)| *kind == *name) else {
        return Ok(Value::str([b"cannot find password template ", kind.as_bytes()].concat()));
    };
    call.exec.charge(SCRYPT)?;
    let sized = |text: &Str| [&(text.len() as u32).to_be_bytes(), text.as_bytes()].concat();
    let salt = [SCOPE, &sized(user)].concat();
    let mut key = [0; 64];
    let params = scrypt::Params::new(15, 8, 2).map_err(|error| error.to_string())?;
    scrypt::scrypt(password.as_bytes(), &salt, &params, &mut key).map_err(|error| error.to_string())?;
    let seed = hmac(&key, &[SCOPE, &sized(site), &counter.to_be_bytes()].concat());
    let template = templates[usize::from(seed[0]) % templates.len()];
    let derived: Vec<u8> = template
        .bytes()
        .zip(&seed[1..])
        .map(|(letter, number)| {
            let characters = characters(letter);
            characters[usize::from(*number) % characters.len()]
        })
        .collect();
    Ok(Value::str(derived))
}

/// HMAC-SHA-256 with a key of one block.
fn hmac(key: &[u8; 64], message: &[u8]) -> [u8; 32] {
    let inner = Sha256::new().chain_update(key.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(key.map(|byte| byte ^ 0x5C)).chain_update(inner).finalize().into()
}
