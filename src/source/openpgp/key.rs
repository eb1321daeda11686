use super::cursor::Cursor;
use super::error::{OpenPgpError, Result, structure, unsupported};
use super::hash::Hash;

/// The curves by their object identifiers.
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const ED25519: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

/// A public key of version 4.
#[derive(Clone, Debug)]
pub(super) struct PublicKey {
    /// When it was made, in seconds since 1970.
    pub(super) created: u32,
    /// Its number among the algorithms.
    pub(super) algorithm: u8,
    pub(super) material: Material,
    /// What fingerprints and signatures about the key are made over.
    pub(super) hashed: Vec<u8>,
    pub(super) fingerprint: Vec<u8>,
}

/// The numbers of a key.
#[derive(Clone, Debug)]
pub(super) enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    Dsa {
        prime: Vec<u8>,
        order: Vec<u8>,
        generator: Vec<u8>,
        value: Vec<u8>,
    },
    /// A point of P-256, as SEC 1 writes it.
    P256(Vec<u8>),
    Ed25519([u8; 32]),
    /// A key that only encrypts.
    NoSigner,
}

impl PublicKey {
    /// Reads the body of a packet with a public key, or the public part of one with a secret key.
    pub(super) fn parse(body: &[u8]) -> Result<Self> {
        let mut cursor = Cursor { rest: body };
        let version = cursor.byte()?;
        if version != 4 {
            return Err(unsupported(format!("public key version {version}")));
        }
        let created = cursor.word()?;
        let algorithm = cursor.byte()?;
        let material = material(&mut cursor, algorithm)?;
        let public = &body[..body.len() - cursor.rest.len()];
        let length = u16::try_from(public.len()).map_err(|_| structure("a key that is too long"))?;
        let hashed = [&[0x99][..], &length.to_be_bytes(), public].concat();
        let fingerprint = Hash::Sha1.digest(&[&hashed]);
        Ok(Self { created, algorithm, material, hashed, fingerprint })
    }

    /// The last eight bytes of the fingerprint.
    pub(super) fn id(&self) -> &[u8] {
        &self.fingerprint[self.fingerprint.len() - 8..]
    }

    pub(super) fn can_sign(&self) -> bool {
        !matches!(self.material, Material::NoSigner)
    }
}

fn material(cursor: &mut Cursor<'_>, algorithm: u8) -> Result<Material> {
    let mut number = || cursor.number().map(<[u8]>::to_vec);
    Ok(match algorithm {
        1 | 3 => Material::Rsa { modulus: number()?, exponent: number()? },
        2 => {
            number()?;
            number()?;
            Material::NoSigner
        }
        17 => Material::Dsa { prime: number()?, order: number()?, generator: number()?, value: number()? },
        16 => {
            number()?;
            number()?;
            number()?;
            Material::NoSigner
        }
        18 => {
            object_id(cursor)?;
            cursor.number()?;
            let parameters = cursor.byte()?;
            cursor.take(usize::from(parameters))?;
            Material::NoSigner
        }
        19 => match object_id(cursor)? {
            P256 => Material::P256(cursor.number()?.to_vec()),
            _ => return Err(unsupported("elliptic curves other than P-256")),
        },
        22 => match (object_id(cursor)?, cursor.number()?) {
            (ED25519, [0x40, point @ ..]) => Material::Ed25519(point.try_into().map_err(|_| odd_point())?),
            (ED25519, _) => return Err(odd_point()),
            _ => return Err(unsupported("Edwards curves other than Ed25519")),
        },
        27 => Material::Ed25519(cursor.array()?),
        25 => {
            cursor.take(32)?;
            Material::NoSigner
        }
        other => return Err(unsupported(format!("public key type: {other}"))),
    })
}

fn odd_point() -> OpenPgpError {
    structure("a point that is not on its curve")
}

fn object_id<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8]> {
    let length = cursor.byte()?;
    cursor.take(usize::from(length))
}
