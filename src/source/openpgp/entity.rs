use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::error::{OpenPgpError, Result, structure};
use super::hash::Hash;
use super::key::PublicKey;
use super::keyring::Signer;
use super::signature::{Signature, kind, over};

/// Kinds of packets.
pub(super) mod tag {
    pub const SIGNATURE: u8 = 2;
    pub const SECRET_KEY: u8 = 5;
    pub const PUBLIC_KEY: u8 = 6;
    pub const SECRET_SUBKEY: u8 = 7;
    pub const USER_ID: u8 = 13;
    pub const PUBLIC_SUBKEY: u8 = 14;
    pub const USER_ATTRIBUTE: u8 = 17;
}

/// A main key with its names and the keys below it.
#[derive(Clone, Debug)]
pub(super) struct Entity {
    pub(super) primary: PublicKey,
    pub(super) identities: BTreeMap<String, Identity>,
    pub(super) subkeys: Vec<Subkey>,
    revocations: Vec<Signature>,
}

#[derive(Clone, Debug)]
pub(super) struct Identity {
    signature: Option<Signature>,
    revocations: Vec<Signature>,
}

#[derive(Clone, Debug)]
pub(super) struct Subkey {
    pub(super) key: PublicKey,
    pub(super) binding: Option<Signature>,
    revocations: Vec<Signature>,
}

/// What the signatures that come next are about.
pub(super) enum Subject {
    Primary,
    Identity(String),
    Subkey,
    Other,
}

impl Entity {
    pub(super) fn begin(body: &[u8]) -> Result<Self> {
        let primary = PublicKey::parse(body)?;
        if !primary.can_sign() {
            return Err(structure("primary key cannot be used for signatures"));
        }
        Ok(Self { primary, identities: BTreeMap::new(), subkeys: Vec::new(), revocations: Vec::new() })
    }

    /// Takes a packet that follows the main key.
    pub(super) fn take(&mut self, tag: u8, body: &[u8], subject: &mut Subject) -> Result<()> {
        match tag {
            tag::USER_ID => *subject = Subject::Identity(String::from_utf8_lossy(body).into_owned()),
            tag::USER_ATTRIBUTE => *subject = Subject::Other,
            tag::PUBLIC_SUBKEY | tag::SECRET_SUBKEY => match PublicKey::parse(body) {
                Ok(key) => {
                    self.subkeys.push(Subkey { key, binding: None, revocations: Vec::new() });
                    *subject = Subject::Subkey;
                }
                Err(OpenPgpError::Unsupported(_)) => *subject = Subject::Other,
                Err(error) => return Err(error),
            },
            tag::SIGNATURE => match Signature::parse(body) {
                Ok(signature) => self.signed(signature, subject)?,
                Err(OpenPgpError::Unsupported(_)) => {}
                Err(error) => return Err(error),
            },
            // What GnuPG notes for itself, and what nobody knows.
            _ => {}
        }
        Ok(())
    }

    fn signed(&mut self, signature: Signature, subject: &Subject) -> Result<()> {
        match subject {
            Subject::Primary if signature.kind == kind::KEY_REVOCATION => {
                self.primary
                    .verify(&[&self.primary.hashed], &signature)
                    .map_err(|_| structure("revocation signature signed by alternate key"))?;
                self.revocations.push(signature);
            }
            Subject::Primary | Subject::Other => {}
            Subject::Identity(name) => self.named(name, signature)?,
            Subject::Subkey => self.bound(signature)?,
        }
        Ok(())
    }

    /// A signature about a name. Those of others are passed over.
    fn named(&mut self, name: &str, signature: Signature) -> Result<()> {
        let is_certification = kind::CERTIFICATION.contains(&signature.kind);
        if !is_certification && signature.kind != kind::CERTIFICATION_REVOCATION {
            return Err(structure("user ID signature with wrong type"));
        }
        if signature.issuer.as_ref().map(<[u8; 8]>::as_slice) != Some(self.primary.id()) {
            return Ok(());
        }
        let length = u32::try_from(name.len()).map_err(|_| structure("a name that is too long"))?;
        let parts = [&self.primary.hashed[..], &[0xb4], &length.to_be_bytes(), name.as_bytes()];
        let invalid = |error: OpenPgpError| structure(format!("user ID self-signature invalid: {error}"));
        self.primary.verify(&parts, &signature).map_err(invalid)?;
        let identity = self
            .identities
            .entry(name.to_owned())
            .or_insert_with(|| Identity { signature: None, revocations: Vec::new() });
        if !is_certification {
            identity.revocations.push(signature);
        } else if identity.signature.as_ref().is_none_or(|own| signature.created > own.created) {
            identity.signature = Some(signature);
        }
        Ok(())
    }

    /// A signature about the last subkey. One that lets it sign needs the subkey's own word too.
    fn bound(&mut self, signature: Signature) -> Result<()> {
        let Some(subkey) = self.subkeys.last_mut() else { return Ok(()) };
        if !matches!(signature.kind, kind::SUBKEY_BINDING | kind::SUBKEY_REVOCATION) {
            return Err(structure("subkey signature with wrong type"));
        }
        let invalid = |error: OpenPgpError| structure(format!("subkey signature invalid: {error}"));
        let parts = [&self.primary.hashed[..], &subkey.key.hashed];
        self.primary.verify(&parts, &signature).map_err(invalid)?;
        if signature.lets_sign() {
            let embedded = signature.embedded.as_deref();
            let embedded = embedded.ok_or_else(|| invalid(structure("signing subkey is missing cross-signature")))?;
            subkey.key.verify(&parts, embedded).map_err(invalid)?;
        }
        if signature.kind == kind::SUBKEY_REVOCATION {
            subkey.revocations.push(signature);
        } else if subkey.binding.as_ref().is_none_or(|own| signature.created > own.created) {
            subkey.binding = Some(signature);
        }
        Ok(())
    }

    /// The keys with an id that may sign: the main key, and those below it.
    pub(super) fn signers<'e>(&'e self, id: &'e [u8; 8]) -> impl Iterator<Item = (&'e Self, Option<&'e Subkey>)> {
        let own = self.primary.id() == id && self.self_signature().is_some_and(Signature::lets_sign);
        let below = self
            .subkeys
            .iter()
            .filter(move |subkey| subkey.key.id() == id && subkey.binding.as_ref().is_some_and(Signature::lets_sign));
        own.then_some((self, None)).into_iter().chain(below.map(move |subkey| (self, Some(subkey))))
    }

    /// The identity that counts: one marked as such, else the newest.
    fn identity(&self) -> Option<&Identity> {
        let known = self.identities.values().filter(|identity| identity.signature.is_some());
        known.max_by_key(|identity| identity.signature.as_ref().map(|own| (own.is_primary, own.created)))
    }

    fn self_signature(&self) -> Option<&Signature> {
        self.identity()?.signature.as_ref()
    }

    /// Checks that key and signature still count.
    pub(super) fn check(&self, subkey: Option<&Subkey>, signature: &Signature, now: u64) -> Result<()> {
        let own = self.self_signature().ok_or_else(|| structure("key without a signature of its own"))?;
        let binding = subkey.and_then(|subkey| subkey.binding.as_ref());
        let embedded = binding.and_then(|binding| binding.embedded.as_deref());
        let all: Vec<&Signature> = [Some(signature), Some(own), binding, embedded].into_iter().flatten().collect();
        if let Some(name) = all.iter().find_map(|one| one.critical_notation.as_ref()) {
            return Err(OpenPgpError::Signature(format!("unknown critical notation: {name}")));
        }
        let counts = |revocations: &[Signature]| revocations.iter().any(|revocation| !revocation.is_expired(now));
        let identity = self.identity().map(|identity| identity.revocations.as_slice()).unwrap_or_default();
        if counts(&self.revocations) || counts(identity) || subkey.is_some_and(|subkey| counts(&subkey.revocations)) {
            return Err(OpenPgpError::KeyRevoked);
        }
        let key_over = |key: &PublicKey, binding: &Signature| over(key.created, binding.key_expires, now);
        let subkey_over = subkey.zip(binding).is_some_and(|(subkey, binding)| key_over(&subkey.key, binding));
        if key_over(&self.primary, own) || subkey_over {
            return Err(OpenPgpError::KeyExpired);
        }
        match all.iter().any(|one| one.is_expired(now)) {
            true => Err(OpenPgpError::SignatureExpired),
            false => Ok(()),
        }
    }

    pub(super) fn signer(&self, signature: &Signature) -> Signer {
        Signer {
            names: self.identities.keys().cloned().collect(),
            fingerprint: hex(&self.primary.fingerprint),
            is_weak: signature.hash == Hash::Sha1,
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}
