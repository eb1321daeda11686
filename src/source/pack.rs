use super::Digest;

/// Writes parts one after the other, to be read by an [`Unpacker`].
#[derive(Debug, Default)]
pub struct Packer {
    bytes: Vec<u8>,
}

impl Packer {
    /// Adds a number; small ones take little room.
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Adds a digest.
    pub fn digest(&mut self, digest: &Digest) {
        self.bytes.extend_from_slice(&digest.0);
    }

    /// Adds something or its absence.
    pub fn maybe<T>(&mut self, value: Option<T>, add: impl FnOnce(&mut Self, T)) {
        self.number(value.is_some().into());
        if let Some(value) = value {
            add(self, value);
        }
    }

    /// Adds the number of items, then each of them.
    pub fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>, mut add: impl FnMut(&mut Self, T)) {
        self.number(items.len() as u64);
        items.for_each(|item| add(self, item));
    }

    /// All that was added.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads what a [`Packer`] wrote. Everything is `None` that cannot have been written so.
#[derive(Clone, Debug)]
pub struct Unpacker<'a> {
    rest: &'a [u8],
}

impl<'a> Unpacker<'a> {
    /// A reader of packed bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next number.
    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let (first, rest) = self.rest.split_first()?;
            self.rest = rest;
            let low = u64::from(first & 0x7f);
            if shift == 63 && low > 1 {
                return None;
            }
            number |= low << shift;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// The next bytes.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.plain(length)
    }

    /// The next text.
    pub fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// The next digest.
    pub fn digest(&mut self) -> Option<Digest> {
        self.plain(32)?.try_into().ok().map(Digest)
    }

    /// The next yes or no.
    pub fn flag(&mut self) -> Option<bool> {
        match self.number()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// What is there or absent.
    pub fn maybe<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.flag()? { read(self).map(Some) } else { Some(None) }
    }

    /// The next list.
    pub fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = usize::try_from(self.number()?).ok()?;
        // Each item takes a byte at least: a damaged number asks for no more room than there are bytes.
        if count > self.rest.len() {
            return None;
        }
        (0..count).map(|_| read(self)).collect()
    }

    /// `Some` when everything was read.
    pub fn end(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }

    fn plain(&mut self, length: usize) -> Option<&'a [u8]> {
        let (found, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again_and_no_part_of_it_does() {
        let digest = Digest::of(b"x");
        let mut packer = Packer::default();
        packer.number(u64::MAX);
        packer.text("\u{e4}");
        packer.digest(&digest);
        packer.maybe(Some(300), Packer::number);
        packer.maybe(None, Packer::number);
        packer.list([1, 2].into_iter(), Packer::number);
        let bytes = packer.finish();
        let read = |bytes: &[u8]| {
            let mut from = Unpacker::new(bytes);
            let head = (from.number()?, from.text()?.to_owned(), from.digest()?);
            let tail = (from.maybe(Unpacker::number)?, from.maybe(Unpacker::number)?, from.list(Unpacker::number)?);
            from.end()?;
            Some((head, tail))
        };
        let whole = ((u64::MAX, "\u{e4}".to_owned(), digest), (Some(300), None, vec![1, 2]));
        assert_eq!(read(&bytes), Some(whole));
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]), None, "{end}");
        }
        assert_eq!(read(&[&bytes[..], b"x"].concat()), None);
        assert_eq!(Unpacker::new(&[0xff; 11]).number(), None);
        assert_eq!(Unpacker::new(&[0xff, 0xff, 0xff, 0x7f]).list(Unpacker::number), None);
    }
}
