use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::armor::armored;
use super::cursor::Cursor;
use super::error::{OpenPgpError, Result, structure};
use super::hash::Hash;
use super::key::PublicKey;
use super::signature::{Signature, kind, over};

/// Kinds of packets.
mod tag {
    pub const SIGNATURE: u8 = 2;
    pub const SECRET_KEY: u8 = 5;
    pub const PUBLIC_KEY: u8 = 6;
    pub const SECRET_SUBKEY: u8 = 7;
    pub const USER_ID: u8 = 13;
    pub const PUBLIC_SUBKEY: u8 = 14;
    pub const USER_ATTRIBUTE: u8 = 17;
}

/// Public keys, each with its owner's names and the keys below it.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    entities: Vec<Entity>,
}

/// Who made a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The names of the key's owner, sorted.
    pub names: Vec<String>,
    /// The fingerprint of the main key in upper-case hex.
    pub fingerprint: String,
    /// Whether the signature is made over SHA-1, for which texts with the same digest can be made.
    pub is_weak: bool,
}

#[derive(Clone, Debug)]
struct Entity {
    primary: PublicKey,
    identities: BTreeMap<String, Identity>,
    subkeys: Vec<Subkey>,
    revocations: Vec<Signature>,
}

#[derive(Clone, Debug)]
struct Identity {
    signature: Option<Signature>,
    revocations: Vec<Signature>,
}

#[derive(Clone, Debug)]
struct Subkey {
    key: PublicKey,
    binding: Option<Signature>,
    revocations: Vec<Signature>,
}

/// What the signatures that come next are about.
enum Subject {
    Primary,
    Identity(String),
    Subkey,
    Other,
}

impl Keyring {
    /// Reads a keyring of packets, as GnuPG kept them until version 2.1 and as `gpg --export` writes
    /// them. Keys that cannot be used are passed over; without one that can the error is about the
    /// last of them.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut cursor = Cursor { rest: bytes };
        let mut keyring = Self::default();
        let mut open: Option<(Entity, Subject)> = None;
        let mut failed = None;
        while let Some(packet) = cursor.packet()? {
            let starts = matches!(packet.tag, tag::PUBLIC_KEY | tag::SECRET_KEY);
            if starts {
                keyring.close(open.take(), &mut failed);
                match Entity::begin(packet.body) {
                    Ok(entity) => open = Some((entity, Subject::Primary)),
                    Err(error) => failed = Some(error),
                }
                continue;
            }
            let Some((entity, subject)) = &mut open else {
                failed.get_or_insert_with(|| structure("first packet was not a public/private key"));
                continue;
            };
            if let Err(error) = entity.take(packet.tag, packet.body, subject) {
                failed = Some(error);
                open = None;
            }
        }
        keyring.close(open, &mut failed);
        match (keyring.entities.is_empty(), failed) {
            (true, Some(error)) => Err(error),
            _ => Ok(keyring),
        }
    }

    /// Reads a keyring of packets or the text form of one (`gpg --export --armor`).
    pub fn parse_any(bytes: &[u8]) -> Result<Self> {
        match armored(bytes, "PGP PUBLIC KEY BLOCK") {
            Some(packets) => Self::parse(&packets),
            None => Self::parse(bytes),
        }
    }

    fn close(&mut self, open: Option<(Entity, Subject)>, failed: &mut Option<OpenPgpError>) {
        let Some((entity, _)) = open else { return };
        if entity.identities.is_empty() {
            *failed = Some(structure("v4 entity without any identities"));
            return;
        }
        if entity.subkeys.iter().any(|subkey| subkey.binding.is_none()) {
            *failed = Some(structure("subkey packet not followed by signature"));
            return;
        }
        self.entities.push(entity);
    }

    /// Finds who made a signature over a text. `now` is in seconds since 1970: keys and signatures
    /// have their time.
    ///
    /// # Errors
    /// The signature is of no key that may sign, does not fit the text, or does not count any more.
    pub fn signer(&self, signed: &[u8], signature: &[u8], now: u64) -> Result<Signer> {
        let mut cursor = Cursor { rest: signature };
        while let Some(packet) = cursor.packet()? {
            if packet.tag != tag::SIGNATURE {
                return Err(structure("non signature packet found"));
            }
            let signature = match Signature::parse(packet.body) {
                Ok(signature) => signature,
                Err(OpenPgpError::Unsupported(_)) => continue,
                Err(error) => return Err(error),
            };
            let issuer = signature.issuer.ok_or_else(|| structure("signature doesn't have an issuer"))?;
            let keys: Vec<_> = self.entities.iter().flat_map(|entity| entity.signers(&issuer)).collect();
            if keys.is_empty() {
                continue;
            }
            if !matches!(signature.kind, kind::BINARY | kind::TEXT) {
                return Err(OpenPgpError::Unsupported(format!("signature type {}", signature.kind)));
            }
            let mut failed = OpenPgpError::UnknownSigner;
            for (entity, subkey) in keys {
                let key = subkey.map_or(&entity.primary, |subkey| &subkey.key);
                match key.verify(&[signed], &signature) {
                    Ok(()) => {
                        entity.check(subkey, &signature, now)?;
                        return Ok(entity.signer(&signature));
                    }
                    Err(error) => failed = error,
                }
            }
            return Err(failed);
        }
        Err(OpenPgpError::UnknownSigner)
    }

    /// Whether a main key with this fingerprint, in hex, is here.
    pub fn has(&self, fingerprint: &str) -> bool {
        self.entities.iter().any(|entity| hex(&entity.primary.fingerprint).eq_ignore_ascii_case(fingerprint))
    }
}

impl Entity {
    fn begin(body: &[u8]) -> Result<Self> {
        let primary = PublicKey::parse(body)?;
        if !primary.can_sign() {
            return Err(structure("primary key cannot be used for signatures"));
        }
        Ok(Self { primary, identities: BTreeMap::new(), subkeys: Vec::new(), revocations: Vec::new() })
    }

    /// Takes a packet that follows the main key.
    fn take(&mut self, tag: u8, body: &[u8], subject: &mut Subject) -> Result<()> {
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
    fn signers<'e>(&'e self, id: &'e [u8; 8]) -> impl Iterator<Item = (&'e Self, Option<&'e Subkey>)> {
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
    fn check(&self, subkey: Option<&Subkey>, signature: &Signature, now: u64) -> Result<()> {
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

    fn signer(&self, signature: &Signature) -> Signer {
        Signer {
            names: self.identities.keys().cloned().collect(),
            fingerprint: hex(&self.primary.fingerprint),
            is_weak: signature.hash == Hash::Sha1,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}
