/// The name of a chart archive, a file, or a file of a commit.
pub(super) fn content(sha256: &str) -> String {
    format!("contents/{sha256}")
}

/// The name of a commit.
pub(super) fn commit(id: &str) -> String {
    format!("commits/{id}")
}

/// The name of the list of what a commit's tree holds, by the digest in the lock.
pub(super) fn listing(sha256: &str) -> String {
    format!("listings/{sha256}")
}
