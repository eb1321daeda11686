use std::io;

use super::content::Store;
use super::stamp::{Since, Stamp};
use crate::source::error::{MISSING, SourceError};
use crate::source::pin::Pin;

impl Store {
    /// Whether the store has all of a pin's content: `None` when it is not there at all. Content that
    /// nobody wrote to since it was verified is believed; `generate` checks what it reads all the same.
    pub(in crate::source) fn check(&self, pin: &Pin) -> Option<Result<(), SourceError>> {
        self.vendor().and_then(|vendor| vendor.check(pin)).or_else(|| self.check_stored(pin))
    }

    /// Checks what the store's own folder has of a pin.
    pub(in crate::source) fn check_stored(&self, pin: &Pin) -> Option<Result<(), SourceError>> {
        self.hold();
        let stamp = Stamp::read(&self.stamp_path(pin));
        let checked = match pin {
            Pin::Git { .. } => self.check_commit(pin, stamp.as_ref())?,
            Pin::Chart { .. } | Pin::Http { .. } => self.check_file(pin, stamp.as_ref())?,
        };
        if checked.is_ok() && !self.is_stamped(pin, stamp.as_ref()) {
            self.seal(pin);
        }
        self.note_use(pin);
        Some(checked)
    }

    fn check_file(&self, pin: &Pin, stamp: Option<&Stamp>) -> Option<Result<(), SourceError>> {
        if stamp.is_some_and(|stamp| stamp.since(&self.root) == Since::Untouched) {
            return Some(Ok(()));
        }
        match self.stored_bytes(pin) {
            Ok(_) => Some(Ok(())),
            Err(error) if error.code == MISSING => None,
            Err(error) => Some(Err(error)),
        }
    }

    fn is_stamped(&self, pin: &Pin, stamp: Option<&Stamp>) -> bool {
        let Some(stamp) = stamp else { return false };
        match pin {
            Pin::Git { url, commit, tree, sha256, .. } => {
                stamp.has_tree(commit, tree, sha256) && stamp.since(&self.git_path(url)) == Since::Untouched
            }
            Pin::Chart { .. } | Pin::Http { .. } => stamp.since(&self.root) == Since::Untouched,
        }
    }

    /// Writes down that a pin's content is whole, after it was verified. Where that fails it is verified
    /// again the next time.
    pub(in crate::source) fn seal(&self, pin: &Pin) {
        let path = self.stamp_path(pin);
        let known = Stamp::read(&path);
        if let Ok(stamp) = self.stamp(pin, known.as_ref())
            && !stamp.is_empty()
            && known.as_ref() != Some(&stamp)
        {
            let _ = self.put(&path, stamp.text().as_bytes());
        }
    }

    fn stamp(&self, pin: &Pin, known: Option<&Stamp>) -> io::Result<Stamp> {
        match pin {
            Pin::Git { url, commit, tree, sha256, .. } => {
                let mut stamp = Stamp::of(&self.git_path(url), &self.packs(url)?, known)?;
                if let Some(known) = known {
                    stamp.add_trees_of(known);
                }
                stamp.add_tree(commit, tree, sha256);
                Ok(stamp)
            }
            Pin::Chart { sha256, .. } => Stamp::of(&self.root, &[format!("charts/{sha256}.tgz")], known),
            Pin::Http { sha256, .. } => Stamp::of(&self.root, &[format!("files/{sha256}")], known),
        }
    }
}
