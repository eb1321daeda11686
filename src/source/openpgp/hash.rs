use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::error::{Result, unsupported};

/// The hash functions that signatures are made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(super) fn of_id(id: u8) -> Result<Self> {
        Ok(match id {
            2 => Hash::Sha1,
            8 => Hash::Sha256,
            9 => Hash::Sha384,
            10 => Hash::Sha512,
            11 => Hash::Sha224,
            id => return Err(unsupported(format!("hash function {id}"))),
        })
    }

    pub(super) fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        fn over<D: sha2::Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut digest = D::new();
            parts.iter().for_each(|part| digest.update(part));
            digest.finalize().to_vec()
        }
        match self {
            Hash::Sha1 => over::<Sha1>(parts),
            Hash::Sha224 => over::<Sha224>(parts),
            Hash::Sha256 => over::<Sha256>(parts),
            Hash::Sha384 => over::<Sha384>(parts),
            Hash::Sha512 => over::<Sha512>(parts),
        }
    }

    /// What stands before the digest in an RSA signature: the function's name and the length, in DER.
    pub(super) fn prefix(self) -> Vec<u8> {
        let sha2 = |last: u8, length: u8| {
            [
                &[0x30, length + 17, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last][..],
                &[0x05, 0x00, 0x04, length],
            ]
            .concat()
        };
        match self {
            Hash::Sha1 => {
                vec![0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14]
            }
            Hash::Sha224 => sha2(4, 28),
            Hash::Sha256 => sha2(1, 32),
            Hash::Sha384 => sha2(2, 48),
            Hash::Sha512 => sha2(3, 64),
        }
    }
}
