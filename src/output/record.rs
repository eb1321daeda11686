use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use walkdir::WalkDir;

use crate::source::{Digest, Packer, Unpacker};

use super::look::Look;
use super::{ChangeSet, OutputSet, Target};

/// What a record begins with.
const HEADING: &[u8] = b"kiln state 1\n";

/// What was written below one target, and whatever the writer noted about how it came to be. A record
/// says what was, not what is: files are held against it before anything is made of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The files, by path below the target's folder.
    files: BTreeMap<String, Written>,
    /// The record of [owners](super::Owners).
    owners: Written,
    /// What the writer noted.
    note: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Written {
    bytes: u64,
    digest: Digest,
    /// How it looked, where that proves something.
    look: Option<Look>,
}

/// What stands where a record says.
#[derive(Clone, Debug)]
pub struct Standing {
    /// That nothing changes.
    pub changes: ChangeSet,
    /// Whether some file had to be read, because it looks different: a new record would save that.
    pub was_read: bool,
}

impl Record {
    /// The record that the file holds; `None` when there is none that is whole and of this maker.
    fn read(path: &Path, maker: &str) -> Option<Self> {
        let bytes = fs::read(path).ok()?;
        let (body, seal) = bytes.split_last_chunk::<32>()?;
        if Digest::of(body).0 != *seal {
            return None;
        }
        let mut from = Unpacker::new(body.strip_prefix(HEADING)?);
        if from.text()? != maker {
            return None;
        }
        let owners = Written::unpack(&mut from)?;
        let files = from.list(|from| Some((from.text()?.to_owned(), Written::unpack(from)?)))?;
        let note = from.bytes()?.to_vec();
        from.end()?;
        Some(Self { files: files.into_iter().collect(), owners, note })
    }

    fn text(&self, maker: &str) -> Vec<u8> {
        let mut out = Packer::default();
        out.text(maker);
        self.owners.pack(&mut out);
        out.list(self.files.iter(), |out, (path, written)| {
            out.text(path);
            written.pack(out);
        });
        out.bytes(&self.note);
        let mut bytes = [HEADING, &out.finish()].concat();
        let seal = Digest::of(&bytes);
        bytes.extend_from_slice(&seal.0);
        bytes
    }

    /// What the writer noted.
    pub fn note(&self) -> &[u8] {
        &self.note
    }

    /// The digest of a file.
    pub fn digest(&self, path: &str) -> Option<Digest> {
        self.files.get(path).map(|written| written.digest)
    }
}

impl Written {
    fn of(content: &[u8]) -> Self {
        Self { bytes: content.len() as u64, digest: Digest::of(content), look: None }
    }

    fn pack(&self, out: &mut Packer) {
        out.number(self.bytes);
        out.digest(&self.digest);
        out.maybe(self.look, |out, look| look.pack(out));
    }

    fn unpack(from: &mut Unpacker<'_>) -> Option<Self> {
        Some(Self { bytes: from.number()?, digest: from.digest()?, look: from.maybe(Look::unpack)? })
    }

    /// Whether a file is as it was written, and whether it had to be read to know that.
    fn stands(&self, place: &Path) -> Option<bool> {
        let meta = fs::symlink_metadata(place).ok()?;
        if !meta.is_file() || meta.len() != self.bytes {
            return None;
        }
        if self.look.is_some() && Look::of(&meta) == self.look {
            return Some(false);
        }
        (Digest::of(&fs::read(place).ok()?) == self.digest).then_some(true)
    }

    /// Looks at a file that holds this, if its look proves anything.
    fn look_at(&mut self, place: &Path, now: Option<&Look>) {
        let look = fs::symlink_metadata(place).ok().and_then(|meta| Look::of(&meta));
        self.look = look.filter(|look| now.is_some_and(|now| look.is_before(now)));
    }
}

impl Target {
    /// What is recorded of the last run that wrote here; `None` when nothing is that the same program
    /// wrote and that is whole.
    pub fn last_record(&self, maker: &str) -> Option<Record> {
        Record::read(&self.state("state", ""), maker)
    }

    /// Whether everything stands as the record says, and nothing of kiln's beside it.
    pub fn stands(&self, record: &Record) -> Option<Standing> {
        let folder = self.folder();
        let is_folder = fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_dir());
        if !is_folder || self.aside().exists() {
            return None;
        }
        let mut was_read = record.owners.stands(&self.state("owners", ".json"))?;
        for (path, written) in &record.files {
            was_read |= written.stands(&folder.join(path))?;
        }
        let mut changes = ChangeSet { unchanged: record.files.len(), ..ChangeSet::default() };
        let mut seen = 0;
        for entry in WalkDir::new(&folder).min_depth(1).sort_by_file_name() {
            let entry = entry.ok()?;
            if entry.file_type().is_dir() {
                continue;
            }
            let below = entry.path().strip_prefix(&folder).ok()?.to_string_lossy();
            let below = below.replace(std::path::MAIN_SEPARATOR, "/");
            if record.files.contains_key(&below) {
                seen += 1;
            } else {
                changes.foreign.push(below);
            }
        }
        // One that lies behind a link to a folder is not kiln's own.
        (seen == record.files.len()).then_some(Standing { changes, was_read })
    }

    /// The content of a file if it is what the record says.
    pub fn content(&self, record: &Record, path: &str) -> Option<Vec<u8>> {
        let place = self.folder().join(path);
        let digest = record.digest(path)?;
        if !fs::symlink_metadata(&place).ok()?.is_file() {
            return None;
        }
        fs::read(place).ok().filter(|content| Digest::of(content) == digest)
    }

    /// The record of files that were just written, or stand as they shall.
    pub fn new_record(&self, files: &OutputSet, note: Vec<u8>) -> Record {
        let files = files.iter().map(|(path, content)| (path.to_owned(), Written::of(content)));
        Record { files: files.collect(), owners: Written::of(&[]), note }
    }

    /// Keeps a record for the next run. Files that are not what it says any more do no harm.
    ///
    /// # Errors
    /// When the file cannot be written, which makes the next run slower and nothing else.
    pub fn keep(&self, mut record: Record, maker: &str) -> io::Result<()> {
        let place = self.state("state", "");
        let folder = place.parent().ok_or(io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".state-").tempfile_in(folder)?;
        // The file system's own time, before any look: what changes later has a later time or the same.
        let now = made_at(file.as_file());
        let owners = self.state("owners", ".json");
        record.owners = Written::of(&fs::read(&owners)?);
        record.owners.look_at(&owners, now.as_ref());
        let folder = self.folder();
        for (path, written) in &mut record.files {
            written.look_at(&folder.join(path), now.as_ref());
        }
        file.write_all(&record.text(maker))?;
        file.persist(place).map_err(|error| error.error)?;
        Ok(())
    }
}

fn made_at(file: &File) -> Option<Look> {
    file.metadata().ok().and_then(|meta| Look::of(&meta))
}

#[cfg(test)]
mod tests;
