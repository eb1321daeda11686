use std::path::{Path, PathBuf};

use crate::source::error::SourceError;
use crate::source::pin::Pin;
use crate::source::store::Store;

/// Puts the bytes of an archive or a file into a store.
pub(super) fn put_bytes(store: &Store, pin: &Pin, bytes: &[u8]) -> Result<(), SourceError> {
    match pin {
        Pin::Chart { .. } => store.put_chart(bytes).map(drop),
        Pin::Http { .. } | Pin::Git { .. } => store.put_file(bytes).map(drop),
    }
}

/// Puts a commit into a store: `write` puts its objects into the repository.
pub(super) fn put_commit(
    store: &Store,
    pin: &Pin,
    write: impl Fn(&Path) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let Pin::Git { url, .. } = pin else { return Ok(()) };
    let damaged = |checked: Option<Result<(), SourceError>>| checked.is_some_and(|checked| checked.is_err());
    if damaged(store.check_stored(pin)) {
        store.drop_repository(url)?;
    }
    write(&store.repository(url)?)
}

/// A folder of the store for what is under way.
pub(super) fn scratch(store: &Store) -> Result<PathBuf, SourceError> {
    store.scratch_folder()
}
