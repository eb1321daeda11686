use std::path::PathBuf;

use url::Url;

use super::chart_repo::read_local;
use super::error::SourceError;
use super::web::{Token, Web};

/// The largest single file that is fetched.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Where a file is.
pub(super) enum FilePlace<'a> {
    /// On this machine, by the operator's rewriting.
    Local(PathBuf),
    /// On the web.
    Web {
        /// The client.
        web: &'a Web,
        /// The file's URL.
        url: Url,
        /// The token for its host.
        token: Option<Token>,
    },
}

/// Fetches a file. Any status but 200 is an error, so that no error page is taken for it.
pub(super) fn fetch_file(place: &FilePlace<'_>) -> Result<Vec<u8>, SourceError> {
    match place {
        FilePlace::Local(path) => read_local(path, MAX_BYTES),
        FilePlace::Web { web, url, token } => {
            web.download(url, token.as_ref(), MAX_BYTES, "the file").map(|(_, bytes)| bytes)
        }
    }
}
