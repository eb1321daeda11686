use std::path::Path;
use std::time::Duration;

use crate::source::error::SourceError;
use crate::source::pin::Pin;
use crate::source::store::Store;

/// The longest that another process is waited for, which may be fetching the same.
const PATIENCE: Duration = Duration::from_secs(600);

/// Puts the bytes of an archive or a file into a store.
pub(super) fn put_bytes(store: &Store, pin: &Pin, bytes: &[u8]) -> Result<(), SourceError> {
    match pin {
        Pin::Chart { .. } => store.put_chart(bytes).map(drop)?,
        Pin::Http { .. } | Pin::Git { .. } => store.put_file(bytes).map(drop)?,
    }
    store.seal(pin);
    Ok(())
}

/// Puts a commit into a store: `write` puts its objects into the repository.
pub(super) fn put_commit(
    store: &Store,
    pin: &Pin,
    write: impl Fn(&Path) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let Pin::Git { url, .. } = pin else { return Ok(()) };
    let _claim = store.claim("git", url, PATIENCE)?;
    match store.check_stored(pin) {
        // Somebody else fetched it meanwhile.
        Some(Ok(())) => return Ok(()),
        Some(Err(_)) => store.drop_repository(url)?,
        None => {}
    }
    write(&store.repository(url)?)?;
    store.seal(pin);
    Ok(())
}
