use super::armor::armored;
use super::cursor::Cursor;
use super::entity::{Entity, Subject, hex, tag};
use super::error::{OpenPgpError, Result, structure};
use super::signature::{Signature, kind};

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
