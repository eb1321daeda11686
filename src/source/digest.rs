use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::value::Frozen;

/// SHA-256 of some bytes in lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    finish(Sha256::new_with_prefix(bytes))
}

/// The digest of a running hash in lower-case hex.
pub(super) fn finish(hash: Sha256) -> String {
    hex(hash.finalize().iter().copied())
}

fn hex(bytes: impl Iterator<Item = u8>) -> String {
    bytes.fold(String::with_capacity(64), |mut text, byte| {
        for half in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(half.into(), 16));
        }
        text
    })
}

/// A SHA-256. Prints as lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Of bytes as they are.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.0.iter().copied()))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Bytes that gather before they are hashed: hashing small pieces costs more than copying them.
const GATHERED: usize = 4096;

/// Makes one digest of many parts. Each part is preceded by its length, so that parts cannot run
/// together.
pub struct Digester {
    hash: Sha256,
    gathered: Vec<u8>,
}

impl Digester {
    /// A digest for a purpose: digests for different ones differ.
    pub fn new(purpose: &str) -> Self {
        let mut own = Self { hash: Sha256::new(), gathered: Vec::with_capacity(GATHERED) };
        own.bytes(purpose.as_bytes());
        own
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.plain(bytes);
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Adds a text or its absence.
    pub fn maybe(&mut self, text: Option<&str>) {
        self.number(text.is_some().into());
        self.text(text.unwrap_or_default());
    }

    /// Adds a number.
    pub fn number(&mut self, number: u64) {
        self.plain(&number.to_le_bytes());
    }

    /// Adds another digest.
    pub fn digest(&mut self, digest: Digest) {
        self.plain(&digest.0);
    }

    /// Adds all fields of a value, those too that it may get one day: its `Debug` text.
    pub fn debug(&mut self, value: &dyn fmt::Debug) {
        self.text(&format!("{value:?}"));
    }

    /// Adds a value, with all that tells it from others: `0.0` from `-0.0`, `1` from `"1"`.
    pub fn frozen(&mut self, value: &Frozen) {
        match value {
            Frozen::Nil => self.plain(&[0]),
            Frozen::Bool(value) => self.plain(&[1 + u8::from(*value)]),
            Frozen::Int(kind, number) => {
                self.plain(&[3]);
                self.text(kind.name());
                self.number(number.cast_unsigned());
            }
            Frozen::Float(number) => {
                self.plain(&[4]);
                self.number(number.to_bits());
            }
            Frozen::Str(text) => {
                self.plain(&[5]);
                self.bytes(text.as_bytes());
            }
            Frozen::List(items) => {
                self.plain(&[6]);
                self.number(items.len() as u64);
                items.iter().for_each(|item| self.frozen(item));
            }
            Frozen::Map(map) => {
                self.plain(&[7]);
                self.number(map.len() as u64);
                for (name, item) in map.iter() {
                    self.bytes(name.as_bytes());
                    self.frozen(item);
                }
            }
        }
    }

    /// The digest of all parts.
    pub fn finish(mut self) -> Digest {
        self.hash.update(&self.gathered);
        Digest(self.hash.finalize().into())
    }

    fn plain(&mut self, bytes: &[u8]) {
        if self.gathered.len() + bytes.len() > GATHERED {
            self.hash.update(&self.gathered);
            self.gathered.clear();
        }
        if bytes.len() > GATHERED {
            self.hash.update(bytes);
        } else {
            self.gathered.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[&str]) -> Digest {
        let mut digester = Digester::new("test");
        parts.iter().for_each(|part| digester.text(part));
        digester.finish()
    }

    #[test]
    fn values_are_told_apart() {
        let of = |value: &Frozen| {
            let mut digester = Digester::new("test");
            digester.frozen(value);
            digester.finish()
        };
        let map = |value: Frozen| Frozen::map(vec![("a".into(), value)]);
        let values = [
            Frozen::Nil,
            Frozen::Bool(false),
            Frozen::Float(0.0),
            Frozen::Float(-0.0),
            Frozen::Float(f64::NAN),
            Frozen::str("1"),
            Frozen::Float(1.0),
            Frozen::Int(crate::value::IntKind::Int, 1),
            Frozen::Int(crate::value::IntKind::Int64, 1),
            Frozen::map(vec![]),
            Frozen::list(vec![]),
            map(Frozen::Nil),
            map(Frozen::map(vec![])),
            Frozen::list(vec![map(Frozen::Nil)]),
        ];
        for (at, value) in values.iter().enumerate() {
            let same = values.iter().position(|other| of(other) == of(value));
            assert_eq!(same, Some(at), "{value:?}");
        }
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["ab", ""]), of(&["ab"]));
        let long = "x".repeat(3000);
        assert_ne!(of(&[&long, &long, "a"]), of(&[&long, &long, "b"]));
        assert_ne!(of(&[&long.repeat(2), "a"]), of(&["a", &long.repeat(2)]));
        assert_eq!(Digest::of(b"").to_string(), sha256_hex(b""));
    }
}
