use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The record of the files that kiln wrote below one target folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    files: BTreeSet<String>,
}

#[derive(Serialize, Deserialize)]
struct Record<'a> {
    schema: u32,
    files: Cow<'a, BTreeSet<String>>,
}

impl Owners {
    /// Reads a record; a missing one is empty. A damaged one is empty too: what is not recorded is
    /// treated as foreign and never removed, which is the safe side.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        Ok(match serde_json::from_slice::<Record>(&text) {
            Ok(record) if record.schema == 1 => Self { files: record.files.into_owned() },
            _ => Self::default(),
        })
    }

    /// Writes the record in one step (a new file renamed over the old one).
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".owners-").tempfile_in(folder)?;
        let mut text = serde_json::to_vec_pretty(&Record { schema: 1, files: Cow::Borrowed(&self.files) })?;
        text.push(b'\n');
        file.write_all(&text)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Whether kiln wrote the file.
    pub fn contains(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    /// All files, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// Adds files.
    pub fn extend<'a>(&mut self, paths: impl IntoIterator<Item = &'a str>) {
        self.files.extend(paths.into_iter().map(str::to_owned));
    }
}

impl<'a> FromIterator<&'a str> for Owners {
    fn from_iter<I: IntoIterator<Item = &'a str>>(paths: I) -> Self {
        let mut owners = Self::default();
        owners.extend(paths);
        owners
    }
}
