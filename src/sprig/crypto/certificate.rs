//! Certificates: authorities, self-signed and signed ones, with new or given keys.

use std::borrow::Cow;
use std::net::IpAddr;

use rsa::rand_core::RngCore;

use crate::golang::fmt;
use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::{Int, List as Items, Named, Str as Text};
use crate::value::{Object, Value};

use super::super::call::{Outcome, bytes, fixed, int};
use super::super::encode::base64;
use super::super::random::Stream;
use super::keys::{PRIMES, PrivateKey};
use super::x509::{self, Issuer, Template};

const CERTIFICATE: &str = "sprig.certificate";

/// The functions of this file.
pub static TABLE: &[Func] = &[
    fixed("buildCustomCert", &[Text, Text], build_custom),
    fixed("genCA", &[Text, Int], |call, args| authority(call, args, None)),
    fixed("genCAWithKey", &[Text, Int, Text], |call, args| authority(call, args, Some(2))),
    fixed("genSelfSignedCert", &[Text, Items, Items, Int], |call, args| self_signed(call, args, None)),
    fixed("genSelfSignedCertWithKey", &[Text, Items, Items, Int, Text], |call, args| self_signed(call, args, Some(4))),
    fixed("genSignedCert", &[Text, Items, Items, Int, Named(CERTIFICATE)], |call, args| signed(call, args, None)),
    fixed("genSignedCertWithKey", &[Text, Items, Items, Int, Named(CERTIFICATE), Text], |call, args| {
        signed(call, args, Some(5))
    }),
];

/// Words in each of the two primes of the RSA keys that are made for certificates: 2048 bits.
const PRIME_WORDS: usize = 16;

/// Sprig's certificate with its key, both as PEM text.
struct Certificate {
    cert: String,
    key: String,
}

impl Object for Certificate {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(CERTIFICATE)
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(self.cert.as_str().into()),
            "Key" => Some(self.key.as_str().into()),
            _ => None,
        }
    }

    fn print(&self) -> Vec<u8> {
        format!("{{{} {}}}", self.cert, self.key).into_bytes()
    }

    fn to_data(&self) -> Value {
        Value::map([("Cert", self.cert.as_str().into()), ("Key", self.key.as_str().into())])
    }

    fn equal(&self, other: &dyn Object) -> Option<bool> {
        let other: &dyn std::any::Any = other;
        other.downcast_ref::<Self>().map(|other| self.cert == other.cert && self.key == other.key)
    }
}

/// What reading a key and signing with it takes off the execution's fuel.
const SIGNATURE: u64 = 50_000;

fn build_custom(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    call.exec.charge(SIGNATURE)?;
    let cert = base64(bytes(args, 0)).map_err(|_| "unable to decode base64 certificate")?;
    let key = base64(bytes(args, 1)).map_err(|_| "unable to decode base64 private key")?;
    Issuer::from_pem(&cert, "decodedCert.Bytes")?;
    PrivateKey::from_pem(&key).map_err(|error| format!("error parsing private key: {error}"))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Certificate { cert: text(cert), key: text(key) }.into())
}

/// The key for a new certificate: the PEM text of an argument, or a new RSA key.
fn key(
    call: &mut Call<'_>,
    stream: &mut Stream,
    args: &[Value],
    given: Option<usize>,
) -> Result<PrivateKey, CallError> {
    let key = match given {
        Some(index) => {
            call.exec.charge(SIGNATURE)?;
            PrivateKey::from_pem(bytes(args, index)).map_err(|error| format!("parsing private key: {error}"))
        }
        None => {
            call.exec.charge(PRIMES)?;
            PrivateKey::rsa::<PRIME_WORDS>(stream).map_err(|error| format!("error generating rsa key: {error}"))
        }
    };
    key.map_err(CallError::from)
}

/// The strings of a list argument; nil is an empty list. Another item is an error, worded by `wrong`.
fn strings(args: &[Value], index: usize, wrong: fn(String) -> String) -> Result<Vec<Vec<u8>>, CallError> {
    let items = args[index].as_list().map(|list| list.items()).unwrap_or_default();
    let strings = items.iter().map(|item| match item {
        Value::Str(text) => Ok(text.as_bytes().to_vec()),
        other => Err(wrong(String::from_utf8_lossy(&fmt::sprintf(b"%v", std::slice::from_ref(other))).into_owned())),
    });
    Ok(strings.collect::<Result<_, _>>()?)
}

/// The template of a certificate with a common name, names in the arguments from `names` on, and a
/// number of days at `days`.
fn template<'a>(
    call: &mut Call<'_>,
    stream: &mut Stream,
    args: &'a [Value],
    names: Option<usize>,
    days: usize,
) -> Result<Template<'a>, CallError> {
    let (mut addresses, mut hosts) = (Vec::new(), Vec::new());
    if let Some(index) = names {
        for address in strings(args, index, |item| format!("error parsing ip: {item} is not a string"))? {
            let text = String::from_utf8_lossy(&address);
            addresses.push(text.parse::<IpAddr>().map_err(|_| format!("error parsing ip: {text}"))?);
        }
        hosts =
            strings(args, index + 1, |item| format!("error processing alternate dns name: {item} is not a string"))?;
    }
    let site = call.site();
    let (seconds, nanoseconds) = call.exec.host().now(&site)?;
    // Go counts the span in nanoseconds, which wraps after 292 years.
    const DAY: i64 = 24 * 3600 * 1_000_000_000;
    let span = DAY.wrapping_mul(int(args, days)).saturating_add(i64::from(nanoseconds));
    let mut serial = [0; 16];
    stream.fill_bytes(&mut serial);
    Ok(Template {
        name: bytes(args, 0),
        addresses,
        hosts,
        validity: (seconds, seconds.saturating_add(span.div_euclid(1_000_000_000))),
        serial,
        authority: false,
    })
}

fn finish(template: &Template<'_>, key: &PrivateKey, issuer: Option<&Issuer>, signer: &PrivateKey) -> Outcome {
    let cert = x509::create(template, key, issuer, signer)
        .map_err(|error| CallError::from(format!("error creating certificate: {error}")))?;
    Ok(Certificate { cert, key: key.to_pem() }.into())
}

fn authority(call: &mut Call<'_>, args: &[Value], given: Option<usize>) -> Outcome {
    let mut stream = Stream::new(call)?;
    let key = key(call, &mut stream, args, given)?;
    let mut template = template(call, &mut stream, args, None, 1)?;
    template.authority = true;
    finish(&template, &key, None, &key)
}

fn self_signed(call: &mut Call<'_>, args: &[Value], given: Option<usize>) -> Outcome {
    let mut stream = Stream::new(call)?;
    let key = key(call, &mut stream, args, given)?;
    let template = template(call, &mut stream, args, Some(1), 3)?;
    finish(&template, &key, None, &key)
}

fn signed(call: &mut Call<'_>, args: &[Value], given: Option<usize>) -> Outcome {
    let mut stream = Stream::new(call)?;
    let key = key(call, &mut stream, args, given)?;
    let authority = args[4].as_object::<Certificate>().ok_or("unable to decode certificate")?;
    let issuer = Issuer::from_pem(authority.cert.as_bytes(), "decodedSignerCert.Bytes")?;
    let signer = PrivateKey::from_pem(authority.key.as_bytes())
        .map_err(|error| format!("error parsing private key: {error}"))?;
    let template = template(call, &mut stream, args, Some(1), 3)?;
    finish(&template, &key, Some(&issuer), &signer)
}
