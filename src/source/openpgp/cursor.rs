use super::error::{OpenPgpError, Result, structure, unsupported};

/// Bytes that are read from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
}

/// A packet: what kind of thing it holds, and its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(OpenPgpError::UnexpectedEnd)?;
        self.rest = rest;
        Ok(head)
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| OpenPgpError::UnexpectedEnd)
    }

    pub(super) fn short(&mut self) -> Result<usize> {
        Ok(usize::from(u16::from_be_bytes(self.array()?)))
    }

    pub(super) fn word(&mut self) -> Result<u32> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    fn length(&mut self) -> Result<usize> {
        let word = self.word()?;
        usize::try_from(word).map_err(|_| OpenPgpError::UnexpectedEnd)
    }

    /// A number of any size: its length in bits, then its bytes.
    pub(super) fn number(&mut self) -> Result<&'a [u8]> {
        let bits = self.short()?;
        self.take(bits.div_ceil(8))
    }

    /// The next packet; `None` at the end.
    pub(super) fn packet(&mut self) -> Result<Option<Packet<'a>>> {
        let Some(head) = self.rest.first().copied() else { return Ok(None) };
        self.rest = &self.rest[1..];
        if head & 0x80 == 0 {
            return Err(structure("tag byte does not have MSB set"));
        }
        let is_new = head & 0x40 != 0;
        let (tag, length) = match (is_new, head & 3) {
            (true, _) => (head & 0x3f, self.packet_length()?),
            (false, 0) => ((head >> 2) & 0xf, usize::from(self.byte()?)),
            (false, 1) => ((head >> 2) & 0xf, self.short()?),
            (false, 2) => ((head >> 2) & 0xf, self.length()?),
            (false, _) => ((head >> 2) & 0xf, self.rest.len()),
        };
        Ok(Some(Packet { tag, body: self.take(length)? }))
    }

    fn packet_length(&mut self) -> Result<usize> {
        match self.byte()? {
            length @ 0..192 => Ok(usize::from(length)),
            first @ 192..224 => Ok((usize::from(first) - 192) * 256 + usize::from(self.byte()?) + 192),
            // Keys and signatures come in one piece.
            224..255 => Err(unsupported("a packet in parts")),
            255 => self.length(),
        }
    }

    /// A part of a signature: its type with the bit that says it must be understood, and its bytes.
    pub(super) fn subpacket(&mut self) -> Result<Option<(u8, &'a [u8])>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let length = match self.byte()? {
            length @ 0..192 => usize::from(length),
            first @ 192..255 => (usize::from(first) - 192) * 256 + usize::from(self.byte()?) + 192,
            255 => self.length()?,
        };
        let body = self.take(length)?;
        let (kind, content) = body.split_first().ok_or_else(|| structure("zero length signature subpacket"))?;
        Ok(Some((*kind, content)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_have_lengths_in_two_ways() {
        let packets = |bytes: &[u8]| {
            let mut cursor = Cursor { rest: bytes };
            let mut found = Vec::new();
            while let Some(packet) = cursor.packet()? {
                found.push((packet.tag, packet.body.len()));
            }
            Ok(found)
        };
        assert_eq!(packets(&[0x98, 1, 0, 0xc6, 2, 0, 0]).unwrap(), [(6, 1), (6, 2)]);
        assert_eq!(packets(&[&[0xc2, 192, 0][..], &[0; 192]].concat()).unwrap(), [(2, 192)]);
        assert_eq!(packets(&[0x89, 0, 1, 7, 0x8b, 1, 2, 3]).unwrap(), [(2, 1), (2, 3)]);
        assert_eq!(packets(&[0x98, 2, 0]), Err::<Vec<(u8, usize)>, _>(OpenPgpError::UnexpectedEnd));
        assert!(packets(b"-----BEGIN").unwrap_err().to_string().contains("MSB"));
        assert_eq!(packets(&[0x9a, 0xff, 0xff, 0xff, 0xff]), Err(OpenPgpError::UnexpectedEnd));
    }
}
