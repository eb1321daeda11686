use std::io::Write;

use git2::{Oid, Repository};

/// Copies a commit and its tree, without history, from one repository into another: one new pack.
/// Gives the number of bytes of the pack.
pub(super) fn copy_commit(from: &Repository, commit: Oid, into: &Repository) -> Result<u64, git2::Error> {
    let mut builder = from.packbuilder()?;
    builder.set_threads(0);
    builder.insert_commit(commit)?;
    let odb = into.odb()?;
    let mut writer = odb.packwriter()?;
    let mut bytes = 0;
    let mut failed = None;
    let copied = builder.foreach(|part| match writer.write_all(part) {
        Ok(()) => {
            bytes += part.len() as u64;
            true
        }
        Err(error) => {
            failed = Some(error.to_string());
            false
        }
    });
    if let Some(failed) = failed {
        return Err(git2::Error::from_str(&failed));
    }
    copied?;
    writer.commit()?;
    Ok(bytes)
}
