use super::cursor::Cursor;
use super::error::{OpenPgpError, Result, structure, unsupported};
use super::hash::Hash;

/// What a signature says of what it is made over.
pub(super) mod kind {
    pub const BINARY: u8 = 0x00;
    pub const TEXT: u8 = 0x01;
    pub const CERTIFICATION: std::ops::RangeInclusive<u8> = 0x10..=0x13;
    pub const SUBKEY_BINDING: u8 = 0x18;
    pub const KEY_REVOCATION: u8 = 0x20;
    pub const SUBKEY_REVOCATION: u8 = 0x28;
    pub const CERTIFICATION_REVOCATION: u8 = 0x30;
}

/// May sign data.
const FLAG_SIGN: u8 = 0x02;

/// A signature of version 4.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    pub(super) kind: u8,
    pub(super) algorithm: u8,
    pub(super) hash: Hash,
    /// What is hashed after the content.
    pub(super) suffix: Vec<u8>,
    /// Seconds since 1970.
    pub(super) created: u32,
    /// Seconds after `created`; 0 for never.
    pub(super) expires: u32,
    /// Seconds after the key's making; 0 for never.
    pub(super) key_expires: u32,
    /// The id of the key that says to have made it.
    pub(super) issuer: Option<[u8; 8]>,
    pub(super) flags: Option<u8>,
    pub(super) is_primary: bool,
    /// The signature of a subkey about its main key.
    pub(super) embedded: Option<Box<Signature>>,
    /// A statement that must be understood.
    pub(super) critical_notation: Option<String>,
    /// The numbers of the signature itself.
    pub(super) numbers: Vec<Vec<u8>>,
}

impl Signature {
    /// Reads the body of a packet.
    pub(super) fn parse(body: &[u8]) -> Result<Self> {
        Self::nested(body, true)
    }

    fn nested(body: &[u8], may_embed: bool) -> Result<Self> {
        let mut cursor = Cursor { rest: body };
        let version = cursor.byte()?;
        if version != 4 {
            return Err(unsupported(format!("signature packet version {version}")));
        }
        let [kind, algorithm, hash] = cursor.array()?;
        if !matches!(algorithm, 1 | 3 | 17 | 19 | 22 | 27) {
            return Err(unsupported(format!("public key algorithm {algorithm}")));
        }
        let length = cursor.short()?;
        let hashed = cursor.take(length)?;
        let head = &body[..6 + length];
        let counted = u32::try_from(head.len()).map_err(|_| structure("a signature that is too long"))?;
        let mut signature = Self {
            kind,
            algorithm,
            hash: Hash::of_id(hash)?,
            suffix: [head, &[4, 0xff], &counted.to_be_bytes()].concat(),
            created: 0,
            expires: 0,
            key_expires: 0,
            issuer: None,
            flags: None,
            is_primary: false,
            embedded: None,
            critical_notation: None,
            numbers: Vec::new(),
        };
        let mut has_time = false;
        let mut parts = Cursor { rest: hashed };
        while let Some((kind, content)) = parts.subpacket()? {
            has_time |= kind & 0x7f == 2;
            signature.part(kind, content, true, may_embed)?;
        }
        if !has_time {
            return Err(structure("no creation time in signature"));
        }
        let length = cursor.short()?;
        let mut parts = Cursor { rest: cursor.take(length)? };
        while let Some((kind, content)) = parts.subpacket()? {
            signature.part(kind, content, false, may_embed)?;
        }
        // Two bytes of the digest, for a quick look.
        cursor.take(2)?;
        signature.numbers = match algorithm {
            1 | 3 => vec![cursor.number()?.to_vec()],
            27 => vec![cursor.take(64)?.to_vec()],
            _ => vec![cursor.number()?.to_vec(), cursor.number()?.to_vec()],
        };
        Ok(signature)
    }

    /// Takes one part. Outside of what is hashed anybody may have written it: only what leads to the
    /// key is taken from there.
    fn part(&mut self, kind: u8, content: &[u8], is_hashed: bool, may_embed: bool) -> Result<()> {
        let (is_critical, kind) = (kind & 0x80 != 0, kind & 0x7f);
        let word = || <[u8; 4]>::try_from(content).map(u32::from_be_bytes).map_err(|_| OpenPgpError::UnexpectedEnd);
        match (kind, is_hashed) {
            (16, _) => {
                self.issuer = Some(content.try_into().map_err(|_| structure("issuer subpacket with bad length"))?)
            }
            (33, _) => {
                if let [4, .., a, b, c, d, e, f, g, h] = *content
                    && content.len() == 21
                {
                    self.issuer = Some([a, b, c, d, e, f, g, h]);
                }
            }
            (32, _) if may_embed => self.embedded = Some(Box::new(Self::nested(content, false)?)),
            (2, true) => self.created = word()?,
            (3, true) => self.expires = word()?,
            (9, true) => self.key_expires = word()?,
            (25, true) => self.is_primary = content.first().is_some_and(|byte| *byte != 0),
            (27, true) => self.flags = Some(content.first().copied().unwrap_or_default()),
            (20, true) if is_critical => {
                let name = content.get(8..).unwrap_or_default();
                self.critical_notation = Some(String::from_utf8_lossy(name).into_owned());
            }
            // Preferences, servers, reasons and features change nothing here.
            (2 | 3 | 4 | 5 | 7 | 9 | 11 | 12 | 20..=35 | 39, _) => {}
            (kind, true) if is_critical => {
                return Err(unsupported(format!("unknown critical signature subpacket type {kind}")));
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the key that the signature is about may sign data.
    pub(super) fn lets_sign(&self) -> bool {
        self.flags.is_some_and(|flags| flags & FLAG_SIGN != 0)
    }

    /// Whether the signature counts at a time.
    pub(super) fn is_expired(&self, now: u64) -> bool {
        over(self.created, self.expires, now)
    }
}

/// Whether something made at one time and good for some seconds is over, or yet to come.
pub(super) fn over(created: u32, seconds: u32, now: u64) -> bool {
    let created = u64::from(created);
    created > now || (seconds != 0 && created + u64::from(seconds) < now)
}
