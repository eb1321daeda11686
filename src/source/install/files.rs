use super::fetcher::Fetcher;
use super::group::{Outcome, Result, Task, expect_locked, not_here};
use crate::source::address::{Address, shown};
use crate::source::http::{FilePlace, check_file, fetch_file};
use crate::source::pin::Pin;

/// Fetches a file.
pub(super) fn fetch_http(fetcher: &Fetcher, task: &Task) -> Result<Outcome> {
    let bytes = download(fetcher, task)?;
    // What the lock names has been looked at, and must be the same first of all.
    if task.pin.is_none() {
        check_file(task.spec.url(), &bytes)?;
    }
    let pin = Pin::Http { url: task.spec.url().to_owned(), sha256: fetcher.store.put_file(&bytes)? };
    if let Some(locked) = &task.pin {
        expect_locked(locked, &pin, &shown(task.spec.url()))?;
    }
    Ok(Outcome { pin, notes: Vec::new() })
}

/// The content of a file as it is at this moment.
pub(super) fn download(fetcher: &Fetcher, task: &Task) -> Result<Vec<u8>> {
    let place = match &task.place {
        Address::Local(path) => FilePlace::Local(path.clone()),
        Address::Web(url) => {
            FilePlace::Web { web: &fetcher.web, url: url.clone(), token: fetcher.token(&task.written)? }
        }
        Address::Oci(_) | Address::Ssh(_) | Address::Daemon { .. } => return Err(not_here(task)),
    };
    fetch_file(&place)
}
