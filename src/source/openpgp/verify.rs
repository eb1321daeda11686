use ed25519_dalek::Verifier as _;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};

use super::error::{OpenPgpError, Result};
use super::key::{Material, PublicKey};
use super::signature::Signature;

/// Larger keys are refused: checking takes time that grows with the key.
const MAX_RSA_BITS: usize = 16_384;
const MIN_RSA_BITS: usize = 1024;
const MAX_DSA_BYTES: usize = 512;

impl PublicKey {
    /// Checks that the key has made a signature over the parts.
    pub(super) fn verify(&self, parts: &[&[u8]], signature: &Signature) -> Result<()> {
        let fail = |what: &str| OpenPgpError::Signature(format!("{what} verification failure"));
        if self.algorithm != signature.algorithm {
            let what = "public key and signature use different algorithms";
            return Err(OpenPgpError::Signature(what.to_owned()));
        }
        let digest = signature.hash.digest(&[parts, &[&signature.suffix]].concat());
        let number = |at: usize| signature.numbers.get(at).map(Vec::as_slice).unwrap_or_default();
        let (name, holds) = match &self.material {
            Material::Rsa { modulus, exponent } => {
                ("RSA", rsa(modulus, exponent, signature, &digest, number(0)).is_some())
            }
            Material::Dsa { prime, order, generator, value } => {
                ("DSA", dsa([prime, order, generator, value], &digest, number(0), number(1)))
            }
            Material::P256(point) => ("ECDSA", p256(point, &digest, number(0), number(1)).is_some()),
            Material::Ed25519(point) => {
                let (name, bytes) = match self.algorithm {
                    27 => ("Ed25519", number(0).to_vec()),
                    _ => ("EdDSA", [padded::<32>(number(0)), padded::<32>(number(1))].concat()),
                };
                (name, ed25519(point, &digest, &bytes).is_some())
            }
            Material::NoSigner => return Err(fail("public key")),
        };
        if holds { Ok(()) } else { Err(fail(name)) }
    }
}

fn rsa(modulus: &[u8], exponent: &[u8], signature: &Signature, digest: &[u8], number: &[u8]) -> Option<()> {
    let modulus = BigUint::from_bytes_be(modulus);
    if modulus.bits() < MIN_RSA_BITS {
        return None;
    }
    let size = modulus.bits().div_ceil(8);
    let key = RsaPublicKey::new_with_max_size(modulus, BigUint::from_bytes_be(exponent), MAX_RSA_BITS).ok()?;
    let scheme = Pkcs1v15Sign { hash_len: Some(digest.len()), prefix: signature.hash.prefix().into() };
    let mut bytes = vec![0; size.checked_sub(number.len())?];
    bytes.extend(number);
    key.verify(scheme, digest, &bytes).ok()
}

fn dsa([prime, order, generator, value]: [&Vec<u8>; 4], digest: &[u8], r: &[u8], s: &[u8]) -> bool {
    if prime.len() > MAX_DSA_BYTES || order.len() > 64 || order.len() < 20 {
        return false;
    }
    let number = |bytes: &[u8]| BigUint::from_bytes_be(bytes);
    let (p, q, g, y) = (number(prime), number(order), number(generator), number(value));
    let (r, s) = (number(r), number(s));
    let (zero, two) = (BigUint::from(0_u8), BigUint::from(2_u8));
    if q <= two || p <= q || r == zero || s == zero || r >= q || s >= q {
        return false;
    }
    let digest = number(&digest[..digest.len().min(q.bits().div_ceil(8))]);
    // The order is prime, so that a power gives the inverse.
    let inverse = s.modpow(&(&q - &two), &q);
    let (one, other) = ((digest * &inverse) % &q, (&r * &inverse) % &q);
    let found = (g.modpow(&one, &p) * y.modpow(&other, &p)) % &p;
    found % &q == r
}

fn p256(point: &[u8], digest: &[u8], r: &[u8], s: &[u8]) -> Option<()> {
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
    let signature = p256::ecdsa::Signature::from_scalars(padded::<32>(r), padded::<32>(s)).ok()?;
    key.verify_prehash(digest, &signature).ok()
}

fn ed25519(point: &[u8; 32], digest: &[u8], signature: &[u8]) -> Option<()> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(point).ok()?;
    let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
    key.verify(digest, &signature).ok()
}

/// A number with leading zeros; one that is too long becomes nothing, which no signature is.
fn padded<const N: usize>(number: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    if let Some(start) = N.checked_sub(number.len()) {
        bytes[start..].copy_from_slice(number);
    }
    bytes
}
