use std::io::{self, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::{ObjectType, Odb, Repository};
use sha1::{Digest, Sha1};

/// Writes objects into a new pack of an object database, whole or not at all; gives the pack's size in
/// bytes.
///
/// The pack is written here, without deltas: libgit2's builder looks for deltas in everything, which
/// takes many times as long as copying.
pub(super) fn write_pack<T, E: From<git2::Error>>(
    into: &Odb<'_>,
    objects: &[T],
    read: impl FnMut(&T) -> Result<(ObjectType, Vec<u8>), E>,
) -> Result<u64, E> {
    let mut writer = into.packwriter()?;
    let bytes = pack_objects(&mut writer, objects, read)?;
    writer.commit()?;
    Ok(bytes)
}

/// From so many on, blobs are written as a pack and not each to a file of its own.
const PACKED_FROM: usize = 64;

/// Keeps contents in a repository.
///
/// # Errors
/// When the repository cannot be written.
pub fn write_blobs(into: &Repository, contents: &[&[u8]]) -> Result<(), git2::Error> {
    if contents.len() < PACKED_FROM {
        return contents.iter().try_for_each(|content| into.blob(content).map(drop));
    }
    let odb = into.odb()?;
    write_pack(&odb, contents, |content| Ok((ObjectType::Blob, content.to_vec()))).map(drop)
}

/// Writes objects as a pack; gives its size in bytes.
pub(super) fn pack_objects<T, E: From<git2::Error>>(
    out: &mut impl Write,
    objects: &[T],
    mut read: impl FnMut(&T) -> Result<(ObjectType, Vec<u8>), E>,
) -> Result<u64, E> {
    let failed = |error: io::Error| git2::Error::from_str(&error.to_string());
    let mut pack = Pack { out, hash: Sha1::new(), bytes: 0 };
    let count = u32::try_from(objects.len()).map_err(|_| git2::Error::from_str("too many objects"))?;
    pack.write_all(b"PACK").map_err(failed)?;
    pack.write_all(&2_u32.to_be_bytes()).map_err(failed)?;
    pack.write_all(&count.to_be_bytes()).map_err(failed)?;
    for object in objects {
        let (kind, content) = read(object)?;
        pack.write_all(&entry_head(kind, content.len())).map_err(failed)?;
        let mut deflate = ZlibEncoder::new(&mut pack, Compression::fast());
        deflate.write_all(&content).and_then(|()| deflate.finish().map(drop)).map_err(failed)?;
    }
    let hash = std::mem::take(&mut pack.hash).finalize();
    pack.write_all(&hash).map_err(failed)?;
    Ok(pack.bytes)
}

/// The type in three bits and the size, four bits and then seven at a time, the lowest first.
fn entry_head(kind: ObjectType, size: usize) -> Vec<u8> {
    let kind = match kind {
        ObjectType::Commit => 1,
        ObjectType::Tree => 2,
        ObjectType::Tag => 4,
        _ => 3,
    };
    let mut rest = size >> 4;
    let mut head = vec![(kind << 4) | (size & 15) as u8];
    while rest > 0 {
        if let Some(last) = head.last_mut() {
            *last |= 0x80;
        }
        head.push((rest & 0x7f) as u8);
        rest >>= 7;
    }
    head
}

/// Hashes and counts what goes into a pack.
struct Pack<W> {
    out: W,
    hash: Sha1,
    bytes: u64,
}

impl<W: Write> Write for Pack<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_seven_bits_at_a_time() {
        assert_eq!(entry_head(ObjectType::Blob, 5), [0x35]);
        assert_eq!(entry_head(ObjectType::Commit, 16), [0x90, 1]);
        assert_eq!(entry_head(ObjectType::Tree, 16 + (200 << 4)), [0xa0, 0xc9, 1]);
    }
}
