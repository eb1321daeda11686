use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;
use tar::{Archive, Entry, EntryType};

use super::manifest::{INVALID, LOCK, MANIFEST, MAX_TEXT_BYTES, Manifest, Member, refuse};
use super::{member, receive};
use crate::diag::Diagnostic;
use crate::source::carry::named;
use crate::source::digest;
use crate::source::error::{SourceError, foreign};
use crate::source::folder::TemporaryFolder;
use crate::source::git::Rebuilt;
use crate::source::listing::{Listed, Listing};
use crate::source::lock::Lock;
use crate::source::pin::Pin;
use crate::source::store::Store;
use crate::span::Source;

/// The most bytes that may follow the last member: the end of the archive, padded.
const MAX_TAIL_BYTES: u64 = 1024 * 1024;

/// What came out of a bundle.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The lock in it.
    pub lock: Lock,
    /// The sources that the store had not, as messages name them.
    pub new: Vec<String>,
    /// How many it had.
    pub present: usize,
}

/// Puts the content of a bundle into a store. `shown` names the bundle. Everything is read and checked
/// before the first source is put, and each source is put whole or not at all.
///
/// # Errors
/// A bundle that is damaged, is of a newer version, or is not what its own lock says; a store that
/// cannot be written.
pub fn import_bundle(bundle: impl BufRead, shown: &str, store: &Store) -> Result<Imported, Diagnostic> {
    let staged = Staged::read(bundle, shown, store)?;
    let lock = staged.lock(shown)?;
    let pins: BTreeSet<&Pin> = lock.entries().map(|(_, entry)| &entry.pin).collect();
    staged.check(&pins, shown)?;
    let (mut new, mut present) = (Vec::new(), 0);
    for pin in &pins {
        if matches!(store.check_stored(pin), Some(Ok(()))) {
            present += 1;
            continue;
        }
        staged.put(pin, store)?;
        new.push(named(pin));
    }
    Ok(Imported { lock, new, present })
}

/// The members of a bundle in a temporary folder, each of which is what the manifest says.
struct Staged {
    folder: TemporaryFolder,
    members: BTreeMap<String, Member>,
}

impl Staged {
    fn read(bundle: impl BufRead, shown: &str, store: &Store) -> Result<Self, SourceError> {
        let unreadable =
            |error: io::Error| refuse(shown, &format!("it cannot be read: {}", foreign(&error.to_string())));
        let scratch = store.scratch()?;
        let folder = TemporaryFolder::below(&scratch, "import-");
        let folder = folder.map_err(|error| cannot_write(&scratch, &error))?;
        let mut archive = Archive::new(GzDecoder::new(bundle));
        let mut manifest: Option<Manifest> = None;
        let mut read = 0;
        // Raw entries: no member may be anything but a plain file with a short name.
        for entry in archive.entries().map_err(unreadable)?.raw(true) {
            let mut entry = entry.map_err(unreadable)?;
            let (name, size) = plain(&entry).map_err(|why| refuse(shown, &why))?;
            let Some(manifest) = &manifest else {
                if name != MANIFEST || size > MAX_TEXT_BYTES {
                    return Err(refuse(shown, &format!("it does not begin with `{MANIFEST}`")));
                }
                let mut text = Vec::new();
                entry.read_to_end(&mut text).map_err(unreadable)?;
                manifest = Some(Manifest::parse(&text, shown)?);
                continue;
            };
            let Some(expected) = manifest.members.get(read).filter(|member| member.name == name) else {
                return Err(refuse(shown, &format!("`{}` is not what the manifest announces there", foreign(&name))));
            };
            if size != expected.size {
                let why = format!("`{name}` has {size} bytes, and should have {}", expected.size);
                return Err(refuse(shown, &why));
            }
            let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
            entry.read_to_end(&mut bytes).map_err(unreadable)?;
            let found = digest::sha256_hex(&bytes);
            if found != expected.sha256 {
                let why = format!("`{name}` is damaged: expected sha256:{}, found sha256:{found}", expected.sha256);
                return Err(refuse(shown, &why));
            }
            let place = folder.path().join(read.to_string());
            fs::write(&place, bytes).map_err(|error| cannot_write(&place, &error))?;
            read += 1;
        }
        let Some(manifest) = manifest else { return Err(refuse(shown, "it is empty")) };
        if let Some(missing) = manifest.members.get(read) {
            return Err(refuse(shown, &format!("it ends before `{}`", missing.name)));
        }
        // To the end, where the checksum of the whole stands.
        let mut rest = archive.into_inner();
        let tail = io::copy(&mut rest.by_ref().take(MAX_TAIL_BYTES), &mut io::sink()).map_err(unreadable)?;
        let more = rest.into_inner().fill_buf().map_err(unreadable)?.len();
        if tail == MAX_TAIL_BYTES || more > 0 {
            return Err(refuse(shown, "something follows its end"));
        }
        Self::index(folder, manifest)
    }

    fn index(folder: TemporaryFolder, manifest: Manifest) -> Result<Self, SourceError> {
        let mut members = BTreeMap::new();
        for (at, member) in manifest.members.into_iter().enumerate() {
            members.insert(member.name.clone(), Member { name: at.to_string(), ..member });
        }
        Ok(Self { folder, members })
    }

    /// The bytes of a member, which was checked when it was staged; checked again all the same.
    fn get(&self, name: &str) -> Result<Vec<u8>, SourceError> {
        let none = || SourceError::policy(INVALID, format!("the bundle lacks `{}`", foreign(name)));
        let member = self.members.get(name).ok_or_else(none)?;
        let path = self.path(member);
        let bytes = fs::read(&path)
            .map_err(|error| SourceError::world(INVALID, format!("cannot read `{}`: {error}", path.display())))?;
        if digest::sha256_hex(&bytes) == member.sha256 { Ok(bytes) } else { Err(none()) }
    }

    fn path(&self, member: &Member) -> PathBuf {
        self.folder.path().join(&member.name)
    }

    fn lock(&self, shown: &str) -> Result<Lock, Diagnostic> {
        let text = String::from_utf8(self.get(LOCK)?).map_err(|_| refuse(shown, "its lock is no text"))?;
        Lock::parse(&Source::new(format!("{shown}:{LOCK}"), text))
    }

    /// Checks that the bundle has all that its lock pins, and nothing else.
    fn check(&self, pins: &BTreeSet<&Pin>, shown: &str) -> Result<(), SourceError> {
        let mut needed: BTreeSet<String> = BTreeSet::from([LOCK.to_owned()]);
        for pin in pins {
            let Pin::Git { .. } = pin else {
                needed.insert(member::content(pin.sha256()));
                continue;
            };
            needed.insert(member::commit(pin.resolved()));
            let name = member::listing(pin.sha256());
            if self.members.contains_key(&name) {
                let listing = self.listing(pin, shown)?;
                needed.extend(listing.with_content().map(|(_, entry)| member::content(&entry.content)));
            }
            needed.insert(name);
        }
        let lacking = needed.iter().find(|name| !self.members.contains_key(*name));
        let superfluous = self.members.keys().find(|name| !needed.contains(*name));
        match (lacking, superfluous) {
            (Some(name), _) => Err(refuse(shown, &format!("it lacks `{name}`, which its lock pins"))),
            (None, Some(name)) => Err(refuse(shown, &format!("it holds `{name}`, which its lock does not pin"))),
            (None, None) => Ok(()),
        }
    }

    fn listing(&self, pin: &Pin, shown: &str) -> Result<Listing, SourceError> {
        let name = member::listing(pin.sha256());
        let text = String::from_utf8(self.get(&name)?).map_err(|_| refuse(shown, &format!("`{name}` is no text")))?;
        let listing = Listing::parse(&text).map_err(|why| refuse(shown, &format!("`{name}`: {why}")))?;
        let found = listing.sha256();
        if found == pin.sha256() {
            return Ok(listing);
        }
        let why =
            format!("`{name}` is not that of {}: expected sha256:{}, found sha256:{found}", named(pin), pin.sha256());
        Err(refuse(shown, &why))
    }

    /// Puts the content of one pin into the store.
    fn put(&self, pin: &Pin, store: &Store) -> Result<(), SourceError> {
        let Pin::Git { commit, tree, .. } = pin else {
            return receive::put_bytes(store, pin, &self.get(&member::content(pin.sha256()))?);
        };
        let shown = named(pin);
        let listing = self.listing(pin, &shown)?;
        let read = |entry: &Listed| self.get(&member::content(&entry.content));
        let rebuilt = Rebuilt::of(self.get(&member::commit(commit))?, &listing, (commit, tree), &shown, read)?;
        receive::put_commit(store, pin, |repository| rebuilt.put(repository, read))
    }
}

/// The name and the size of a member, which must be a plain file.
fn plain<R: Read>(entry: &Entry<'_, R>) -> Result<(String, u64), String> {
    let header = entry.header();
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    if header.entry_type() != EntryType::Regular {
        return Err(format!("`{}` is not a plain file", foreign(&name)));
    }
    let size = header.size().map_err(|_| format!("the size of `{}` makes no sense", foreign(&name)))?;
    Ok((name, size))
}

fn cannot_write(path: &Path, error: &io::Error) -> SourceError {
    SourceError::world(INVALID, format!("cannot write `{}`: {error}", path.display()))
}
