//! Private keys: making, reading and writing them in the forms that Go writes, and signing.

use std::{panic, thread};

use ed25519_dalek::Signer as _;
use p256::elliptic_curve::sec1::ToSec1Point;
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey, EncodeRsaPublicKey};
use rsa::rand_core::RngCore;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha2::{Digest, Sha256};

use crate::gotmpl::{Call, Func};
use crate::value::Param::Str as Text;
use crate::value::Value;

use super::super::call::{Outcome, fixed, text};
use super::super::random::Stream;
use super::der::{self, Reader};
use super::dsa::DsaKey;
use super::{pem, primes, sieve};

/// The functions of this file.
pub static TABLE: &[Func] = &[fixed("genPrivateKey", &[Text], gen_private_key)];

const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const SHA256_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const ECDSA_WITH_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];
const ED25519: &[u8] = &[0x2B, 0x65, 0x70];

/// The frame of a SHA-256 digest in an RSA signature (PKCS #1 version 1.5).
pub const SHA256_PREFIX: &[u8] =
    &[0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// A private key of any kind that Sprig knows.
pub enum PrivateKey {
    /// RSA.
    Rsa(Box<RsaPrivateKey>),
    /// ECDSA on the curve P-256.
    Ec(p256::SecretKey),
    /// Ed25519.
    Ed25519(ed25519_dalek::SigningKey),
    /// DSA, which cannot sign certificates.
    Dsa(DsaKey),
}

/// What a new RSA key of 2,048 bits takes off the execution's fuel, which then allows for 250: charts that
/// put checksums of certificates into their manifests make each of them many times.
pub const PRIMES: u64 = 80_000;
/// The same for RSA keys of 4,096 bits and for DSA keys, which may run for seconds.
const LARGE_PRIMES: u64 = 2_500_000;
/// What a small key takes.
const SMALL_KEY: u64 = 2_000;

fn gen_private_key(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    call.exec.charge(match text(args, 0).as_bytes() {
        b"" | b"rsa" | b"dsa" => LARGE_PRIMES,
        _ => SMALL_KEY,
    })?;
    let mut stream = Stream::new(call)?;
    let key = match text(args, 0).as_bytes() {
        b"" | b"rsa" => {
            PrivateKey::rsa::<32>(&mut stream).map_err(|error| format!("failed to generate private key: {error}"))?
        }
        b"dsa" => PrivateKey::Dsa(DsaKey::generate(&mut stream)),
        b"ecdsa" => PrivateKey::ec(&mut stream),
        b"ed25519" => {
            let mut seed = [0; 32];
            stream.fill_bytes(&mut seed);
            PrivateKey::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed))
        }
        other => return Ok(Value::str([b"Unknown type ", other].concat())),
    };
    Ok(key.to_pem().into())
}

/// An algorithm identifier.
fn algorithm(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
    der::constructed(der::SEQUENCE, &[der::element(der::OID, oid), parameters.to_vec()])
}

impl PrivateKey {
    /// A new RSA key of two primes of so many words.
    pub fn rsa<const WORDS: usize>(stream: &mut Stream) -> Result<Self, String> {
        let (first, second) = (stream.fork(), stream.fork());
        let (first, second) = both(|| primes::rsa_prime::<WORDS>(first.clone()), || primes::rsa_prime::<WORDS>(second));
        RsaPrivateKey::from_p_q(primes::big(&first), primes::big(&second), sieve::EXPONENT.into())
            .map(|key| Self::Rsa(Box::new(key)))
            .map_err(|error| error.to_string())
    }

    fn ec(stream: &mut Stream) -> Self {
        loop {
            let mut scalar = [0; 32];
            stream.fill_bytes(&mut scalar);
            // Nearly every number is below the curve's order.
            if let Ok(key) = p256::SecretKey::from_slice(&scalar) {
                return Self::Ec(key);
            }
        }
    }

    /// Reads the first block of a PEM text. The errors are Sprig's.
    pub fn from_pem(text: &[u8]) -> Result<Self, String> {
        let (label, content) = pem::decode(text).ok_or("no PEM data in input")?;
        if label == "PRIVATE KEY" {
            return pkcs8(&content).map_err(|error| format!("decoding PEM as PKCS#8: {error}"));
        }
        let kind = label
            .strip_suffix(" PRIVATE KEY")
            .ok_or_else(|| format!("no private key data in PEM block of type {label}"))?;
        match kind {
            "RSA" => rsa_from(&content).map_err(|error| format!("parsing RSA private key from PEM: {error}")),
            "EC" => ec_from(&content).map_err(|error| format!("parsing EC private key from PEM: {error}")),
            "DSA" => DsaKey::from_der(&content)
                .map(Self::Dsa)
                .ok_or_else(|| "parsing DSA private key from PEM: asn1: structure error".to_owned()),
            _ => Err(format!("invalid private key type {label}")),
        }
    }

    /// A PEM block in the form that Go uses for the kind.
    pub fn to_pem(&self) -> String {
        match self {
            Self::Rsa(key) => {
                let content = key.to_pkcs1_der().map(|document| document.as_bytes().to_vec()).unwrap_or_default();
                pem::encode("RSA PRIVATE KEY", &content)
            }
            Self::Ec(key) => {
                let content = der::constructed(
                    der::SEQUENCE,
                    &[
                        der::integer(&[1]),
                        der::element(der::OCTET_STRING, &key.to_bytes()),
                        der::element(der::context(0), &der::element(der::OID, P256)),
                        der::element(der::context(1), &der::bit_string(&self.public_bytes())),
                    ],
                );
                pem::encode("EC PRIVATE KEY", &content)
            }
            Self::Ed25519(key) => {
                let content = der::constructed(
                    der::SEQUENCE,
                    &[
                        der::integer(&[0]),
                        algorithm(ED25519, &[]),
                        der::element(der::OCTET_STRING, &der::element(der::OCTET_STRING, key.as_bytes())),
                    ],
                );
                pem::encode("PRIVATE KEY", &content)
            }
            Self::Dsa(key) => pem::encode("DSA PRIVATE KEY", &key.to_der()),
        }
    }

    /// The public key's bits, as they stand in a certificate.
    pub fn public_bytes(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => {
                key.to_public_key().to_pkcs1_der().map(|document| document.into_vec()).unwrap_or_default()
            }
            Self::Ec(key) => key.public_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::Ed25519(key) => key.verifying_key().as_bytes().to_vec(),
            Self::Dsa(_) => Vec::new(),
        }
    }

    /// The public key with its algorithm (SubjectPublicKeyInfo); `None` for DSA.
    pub fn public_info(&self) -> Option<Vec<u8>> {
        let algorithm = match self {
            Self::Rsa(_) => algorithm(RSA_ENCRYPTION, &der::element(der::NULL, &[])),
            Self::Ec(_) => algorithm(EC_PUBLIC_KEY, &der::element(der::OID, P256)),
            Self::Ed25519(_) => algorithm(ED25519, &[]),
            Self::Dsa(_) => return None,
        };
        Some(der::constructed(der::SEQUENCE, &[algorithm, der::bit_string(&self.public_bytes())]))
    }

    /// The identifier of the algorithm that [`sign`](Self::sign) uses; `None` for DSA.
    pub fn signature_algorithm(&self) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(_) => Some(algorithm(SHA256_WITH_RSA, &der::element(der::NULL, &[]))),
            Self::Ec(_) => Some(algorithm(ECDSA_WITH_SHA256, &[])),
            Self::Ed25519(_) => Some(algorithm(ED25519, &[])),
            Self::Dsa(_) => None,
        }
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Self::Rsa(key) => {
                let scheme = Pkcs1v15Sign { hash_len: Some(32), prefix: SHA256_PREFIX.into() };
                key.sign(scheme, &Sha256::digest(message)).map_err(|error| error.to_string())
            }
            Self::Ec(key) => {
                let signature: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from(key).sign(message);
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Self::Ed25519(key) => Ok(key.sign(message).to_bytes().to_vec()),
            Self::Dsa(_) => Err("x509: certificate private key does not implement crypto.Signer".to_owned()),
        }
    }
}

/// Does two things at the same time if there is a thread to be had.
fn both<A: Send, B>(first: impl Fn() -> A + Sync, second: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let started = thread::Builder::new().spawn_scoped(scope, &first);
        let second = second();
        let first = match started.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => panic::resume_unwind(panic),
            Err(_) => first(),
        };
        (first, second)
    })
}

fn rsa_from(content: &[u8]) -> Result<PrivateKey, String> {
    RsaPrivateKey::from_pkcs1_der(content)
        .map(|key| PrivateKey::Rsa(Box::new(key)))
        .map_err(|error| format!("x509: failed to parse private key: {error}"))
}

fn ec_from(content: &[u8]) -> Result<PrivateKey, String> {
    p256::SecretKey::from_sec1_der(content)
        .map(PrivateKey::Ec)
        .map_err(|_| "x509: no key on the curve P-256, the only one that is supported".to_owned())
}

fn pkcs8(content: &[u8]) -> Result<PrivateKey, String> {
    let parts = || {
        let mut fields = Reader::new(Reader::new(content).expect(der::SEQUENCE)?);
        fields.expect(der::INTEGER)?;
        let kind = Reader::new(fields.expect(der::SEQUENCE)?).expect(der::OID)?;
        Some((kind, fields.expect(der::OCTET_STRING)?))
    };
    let (kind, key) = parts().ok_or("x509: failed to parse private key")?;
    match kind {
        RSA_ENCRYPTION => rsa_from(key),
        EC_PUBLIC_KEY => ec_from(key),
        ED25519 => {
            let seed = Reader::new(key).expect(der::OCTET_STRING).and_then(|seed| seed.try_into().ok());
            let seed = seed.ok_or("x509: invalid Ed25519 private key")?;
            Ok(PrivateKey::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed)))
        }
        _ => Err("x509: PKCS#8 wrapping contained private key with unknown algorithm".to_owned()),
    }
}
