use std::io::{BufWriter, Result, Write, stdout};
use std::path::PathBuf;

use crate::output::{Change, ChangeSet, FileContents};
use crate::report::difference;

/// A tree: what stands before its files where there are many trees, its folder, what changes there.
pub type Tree<'a> = (&'a str, PathBuf, &'a ChangeSet);

/// The differences between the files on disk and what would be written, on stdout.
pub fn print_differences(trees: &[Tree<'_>]) -> Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    let text = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    for (_, folder, changes) in trees {
        let folder = folder.strip_prefix(".").unwrap_or(folder);
        for FileContents { path, before, now } in &changes.contents {
            let path = format!("{}/{path}", folder.display());
            out.write_all(difference(&path, text(before).as_deref(), text(now).as_deref()).as_bytes())?;
        }
    }
    out.flush()
}

/// What would change, one file a line, on stdout.
pub fn list(trees: &[Tree<'_>]) -> Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    for (below, _, changes) in trees {
        let slash = if below.is_empty() { "" } else { "/" };
        for (path, change) in &changes.changes {
            let mark = match change {
                Change::Added => '+',
                Change::Changed => '~',
                Change::Removed => '-',
            };
            writeln!(out, "{mark} {below}{slash}{path}")?;
        }
    }
    out.flush()
}
