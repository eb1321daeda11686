//! Entries of the action cache: the message `ActionResult` of the Remote Execution API, version 2, with one
//! output file. Servers that check entries parse this message.

use crate::source::digest::Digest;

/// Results up to this size stand in the entry itself, which saves a request.
pub const INLINE: usize = 256 << 10;

/// Where the result of a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The digest of the result.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// The result itself, if it is small.
    pub contents: Option<Vec<u8>>,
}

/// The name of the output file: it says which key the entry is of.
fn name(key: &Digest) -> String {
    format!("kiln/{key}")
}

impl Entry {
    /// The entry of a result.
    pub fn of(result: &[u8]) -> Self {
        let contents = (result.len() <= INLINE).then(|| result.to_vec());
        Self { digest: Digest::of(result), size: result.len() as u64, contents }
    }

    /// The entry as a message.
    pub fn pack(&self, key: &Digest) -> Vec<u8> {
        let mut digest = Vec::new();
        bytes(1, self.digest.to_string().as_bytes(), &mut digest);
        number(2, self.size, &mut digest);
        let mut file = Vec::new();
        bytes(1, name(key).as_bytes(), &mut file);
        bytes(2, &digest, &mut file);
        if let Some(contents) = &self.contents {
            bytes(5, contents, &mut file);
        }
        let mut result = Vec::new();
        bytes(2, &file, &mut result);
        result
    }

    /// The entry that a message holds; `None` when it is none, or one of another key.
    pub fn unpack(message: &[u8], key: &Digest) -> Option<Self> {
        let file = fields(message)?.into_iter().find_map(|(tag, field)| match (tag, field) {
            (2, Field::Bytes(file)) => Some(file),
            _ => None,
        })?;
        let (mut path, mut digest, mut contents) = (None, None, None);
        for field in fields(file)? {
            match field {
                (1, Field::Bytes(own)) => path = Some(own),
                (2, Field::Bytes(own)) => digest = Some(own),
                (5, Field::Bytes(own)) if !own.is_empty() => contents = Some(own.to_vec()),
                _ => {}
            }
        }
        let (mut hash, mut size) = (None, 0);
        for field in fields(digest?)? {
            match field {
                (1, Field::Bytes(own)) => hash = Some(parse(own)?),
                (2, Field::Number(own)) => size = own,
                _ => {}
            }
        }
        (path? == name(key).as_bytes()).then_some(Self { digest: hash?, size, contents })
    }
}

/// A digest from its hex text.
fn parse(text: &[u8]) -> Option<Digest> {
    let text: &[u8; 64] = text.try_into().ok()?;
    let mut digest = [0; 32];
    for (byte, pair) in digest.iter_mut().zip(text.chunks(2)) {
        let half = |char: u8| char::from(char).to_digit(16).filter(|_| !char.is_ascii_uppercase());
        *byte = u8::try_from(half(pair[0])? * 16 + half(pair[1])?).ok()?;
    }
    Some(Digest(digest))
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn number(tag: u64, value: u64, out: &mut Vec<u8>) {
    if value != 0 {
        varint(tag << 3, out);
        varint(value, out);
    }
}

fn bytes(tag: u64, value: &[u8], out: &mut Vec<u8>) {
    varint(tag << 3 | 2, out);
    varint(value.len() as u64, out);
    out.extend_from_slice(value);
}

enum Field<'m> {
    Number(u64),
    Bytes(&'m [u8]),
    /// Of a width that nothing here has.
    Other,
}

/// The fields of a message; `None` when it is none.
fn fields(mut message: &[u8]) -> Option<Vec<(u64, Field<'_>)>> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let tag = read_varint(&mut message)?;
        let field = match tag & 7 {
            0 => Field::Number(read_varint(&mut message)?),
            1 => skip(&mut message, 8)?,
            2 => {
                let length = usize::try_from(read_varint(&mut message)?).ok()?;
                let (value, rest) = message.split_at_checked(length)?;
                message = rest;
                Field::Bytes(value)
            }
            5 => skip(&mut message, 4)?,
            _ => return None,
        };
        found.push((tag >> 3, field));
    }
    Some(found)
}

fn skip<'m>(message: &mut &'m [u8], width: usize) -> Option<Field<'m>> {
    *message = message.split_at_checked(width)?.1;
    Some(Field::Other)
}

fn read_varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = message.split_first()?;
        *message = rest;
        value |= u64::from(byte & 0x7F).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Digest {
        Digest::of(b"key")
    }

    #[test]
    fn entries_come_back_and_name_their_key() {
        for size in [0, 1, 200, INLINE, INLINE + 1] {
            let result = vec![7; size];
            let entry = Entry::of(&result);
            assert_eq!(entry.contents.is_some(), size <= INLINE);
            let message = entry.pack(&key());
            let found = Entry::unpack(&message, &key()).unwrap();
            assert_eq!((found.digest, found.size), (entry.digest, entry.size));
            assert_eq!(found.contents.unwrap_or_default().len(), if size <= INLINE { size } else { 0 });
            assert_eq!(Entry::unpack(&message, &Digest::of(b"other")), None);
            for end in 0..message.len().min(200) {
                assert_ne!(Entry::unpack(&message[..end], &key()), Some(entry.clone()), "{end}");
            }
        }
    }

    /// Written by hand from the definition of the messages.
    #[test]
    fn the_message_is_that_of_the_remote_execution_api() {
        let message = Entry::of(b"ab").pack(&key());
        let hash = Digest::of(b"ab").to_string();
        let mut digest = vec![0x0A, 64];
        digest.extend(hash.as_bytes());
        digest.extend([0x10, 2]);
        let path = format!("kiln/{}", key());
        let mut file = vec![0x0A, 69];
        file.extend(path.as_bytes());
        file.extend([0x12, 68]);
        file.extend(&digest);
        file.extend([0x2A, 2, b'a', b'b']);
        let mut expected = vec![0x12, 0x91, 0x01];
        expected.extend(&file);
        assert_eq!(file.len(), 145);
        assert_eq!(message, expected);
    }

    #[test]
    fn fields_of_others_are_passed_over_and_nonsense_is_none() {
        let mut message = vec![0x20, 5, 0x31, 1, 2, 3, 4, 5, 6, 7, 8, 0x3D, 1, 2, 3, 4, 0x2A, 1, b'x'];
        message.extend(Entry::of(b"ab").pack(&key()));
        assert!(Entry::unpack(&message, &key()).is_some());
        for nonsense in
            [&b"<html>"[..], b"\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", b"\x12\x7F", b"\xFF", b"\x13", b""]
        {
            assert_eq!(Entry::unpack(nonsense, &key()), None);
        }
    }
}
