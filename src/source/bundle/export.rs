use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::manifest::{INVALID, LOCK, MANIFEST, Manifest, Member};
use super::member;
use crate::diag::Diagnostic;
use crate::source::carry::{Carried, carried, is_missing, lacking, named};
use crate::source::digest;
use crate::source::error::{CORRUPT, SourceError};
use crate::source::listing::Listed;
use crate::source::lock::Lock;
use crate::source::pin::Pin;
use crate::source::store::Store;

/// What a bundle holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// How many sources.
    pub sources: usize,
    /// How many bytes before compression.
    pub bytes: u64,
}

/// Writes all that a lock pins as one file: the same lock gives the same bytes. Content comes from the
/// store, and from the vendor folder where the store has none.
///
/// # Errors
/// Content that is nowhere, before anything is written; or `out` fails.
pub fn export_bundle(lock: &Lock, store: &Store, out: impl Write) -> Result<Exported, Diagnostic> {
    let text = lock.text()?.into_bytes();
    let pins: BTreeSet<&Pin> = lock.entries().map(|(_, entry)| &entry.pin).collect();
    let sources = open(&pins, store)?;
    let mut members: BTreeMap<String, Part<'_>> = BTreeMap::new();
    for (pin, source) in pins.iter().zip(&sources) {
        parts(pin, source, &mut members);
    }
    let mut described = vec![describe(LOCK.to_owned(), &text)];
    for (name, part) in &members {
        described.push(describe(name.clone(), &part.read()?));
    }
    let bytes = described.iter().map(|member| member.size).sum();
    let manifest = Manifest::new(described);
    write(out, &manifest, &text, &members).map_err(Diagnostic::from)?;
    Ok(Exported { sources: lock.len(), bytes })
}

/// A member's content, which is read when it is needed: all of them may be more than memory holds.
enum Part<'a> {
    Bytes(&'a [u8]),
    Text(&'a crate::source::listing::Listing),
    File(&'a crate::source::carry::Commit, usize, &'a Listed),
}

impl Part<'_> {
    fn read(&self) -> Result<Vec<u8>, SourceError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.to_vec()),
            Self::Text(listing) => Ok(listing.text().into_bytes()),
            Self::File(commit, at, entry) => commit.read(*at, entry),
        }
    }
}

/// Opens everything, so that all that is missing is told at once.
fn open(pins: &BTreeSet<&Pin>, store: &Store) -> Result<Vec<Carried>, SourceError> {
    let mut sources = Vec::with_capacity(pins.len());
    let mut missing = Vec::new();
    for pin in pins {
        match carried(store, pin) {
            Ok(source) => sources.push(source),
            Err(error) if is_missing(&error) => missing.push(named(pin)),
            Err(error) => return Err(error),
        }
    }
    if missing.is_empty() { Ok(sources) } else { Err(lacking(missing)) }
}

fn parts<'a>(pin: &'a Pin, source: &'a Carried, members: &mut BTreeMap<String, Part<'a>>) {
    match source {
        Carried::Bytes(bytes) => {
            members.insert(member::content(pin.sha256()), Part::Bytes(bytes));
        }
        Carried::Commit(commit) => {
            members.insert(member::commit(pin.resolved()), Part::Bytes(&commit.object));
            members.insert(member::listing(pin.sha256()), Part::Text(&commit.listing));
            for (at, entry) in commit.listing.with_content() {
                members.entry(member::content(&entry.content)).or_insert(Part::File(commit, at, entry));
            }
        }
    }
}

fn describe(name: String, bytes: &[u8]) -> Member {
    Member { name, size: bytes.len() as u64, sha256: digest::sha256_hex(bytes) }
}

fn write(
    out: impl Write,
    manifest: &Manifest,
    lock: &[u8],
    members: &BTreeMap<String, Part<'_>>,
) -> Result<(), SourceError> {
    let failed = |error: io::Error| SourceError::world(INVALID, format!("cannot write the bundle: {error}"));
    // No name, no time and no system in the header.
    let encoder = GzBuilder::new().operating_system(255).write(out, Compression::default());
    let mut archive = Builder::new(encoder);
    let mut append = |name: &str, bytes: &[u8]| {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, bytes).map_err(failed)
    };
    append(MANIFEST, &manifest.text()?)?;
    append(LOCK, lock)?;
    for (described, (name, part)) in manifest.members.iter().skip(1).zip(members) {
        let bytes = part.read()?;
        if digest::sha256_hex(&bytes) != described.sha256 {
            return Err(SourceError::policy(CORRUPT, format!("`{name}` changed while it was read")));
        }
        append(name, &bytes)?;
    }
    let encoder = archive.into_inner().map_err(failed)?;
    encoder.finish().and_then(|mut out| out.flush()).map_err(failed)
}
