use std::collections::HashSet;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::{ObjectType, Odb, Oid, Repository, TreeWalkMode, TreeWalkResult};
use sha1::{Digest, Sha1};

/// Copies a commit and its tree, without history, from one repository into another: one new pack.
/// Gives the number of bytes of the pack.
///
/// The pack is written here, without deltas: libgit2's builder looks for deltas in everything, which
/// takes many times as long as copying.
pub(in crate::source) fn copy_commit(from: &Repository, commit: Oid, into: &Repository) -> Result<u64, git2::Error> {
    let objects = objects(from, commit)?;
    let (source, target) = (from.odb()?, into.odb()?);
    let mut writer = target.packwriter()?;
    let mut pack = Pack { out: &mut writer, hash: Sha1::new(), bytes: 0 };
    let written = write_pack(&source, &objects, &mut pack);
    let bytes = pack.bytes;
    written?;
    writer.commit()?;
    Ok(bytes)
}

/// The ids of the commit, its trees and its files, each once.
fn objects(from: &Repository, commit: Oid) -> Result<Vec<Oid>, git2::Error> {
    let tree = from.find_commit(commit)?.tree()?;
    let mut objects = vec![commit, tree.id()];
    let mut seen: HashSet<Oid> = objects.iter().copied().collect();
    tree.walk(TreeWalkMode::PreOrder, |_, entry| {
        if entry.kind() == Some(ObjectType::Commit) {
            return TreeWalkResult::Ok;
        }
        if seen.insert(entry.id()) {
            objects.push(entry.id());
            return TreeWalkResult::Ok;
        }
        // What a tree holds that was seen has been seen too.
        TreeWalkResult::Skip
    })?;
    Ok(objects)
}

fn write_pack(source: &Odb<'_>, objects: &[Oid], pack: &mut Pack<impl Write>) -> Result<(), git2::Error> {
    let failed = |error: io::Error| git2::Error::from_str(&error.to_string());
    let count = u32::try_from(objects.len()).map_err(|_| git2::Error::from_str("too many objects"))?;
    pack.write_all(b"PACK").map_err(failed)?;
    pack.write_all(&2_u32.to_be_bytes()).map_err(failed)?;
    pack.write_all(&count.to_be_bytes()).map_err(failed)?;
    for id in objects {
        let object = source.read(*id)?;
        pack.write_all(&entry_head(object.kind(), object.len())).map_err(failed)?;
        let mut deflate = ZlibEncoder::new(&mut *pack, Compression::fast());
        deflate.write_all(object.data()).and_then(|()| deflate.finish().map(drop)).map_err(failed)?;
    }
    let hash = std::mem::take(&mut pack.hash).finalize();
    pack.write_all(&hash).map_err(failed)
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
