use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;
use walkdir::WalkDir;

use super::content::Store;
use crate::source::archive::{ArchiveBudget, Naming, unpack_tgz};
use crate::source::error::{SourceError, foreign};
use crate::source::folder::list_folder;

/// What kind of thing an entry of the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoredKind {
    /// A git repository.
    Git,
    /// A chart archive.
    Chart,
    /// A file.
    File,
}

impl StoredKind {
    /// The word for it, as in kiln.lock.
    pub fn word(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Chart => "chart",
            Self::File => "http",
        }
    }
}

/// One thing that the store holds.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its kind.
    pub kind: StoredKind,
    /// What it is, for people: a URL, a chart with its version, a digest.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// How large it is.
    pub bytes: u64,
    /// When it was last used, to the day.
    pub last_used: SystemTime,
    /// The file that says what was verified.
    pub(super) stamp: PathBuf,
}

#[derive(Deserialize)]
struct ChartFile {
    name: String,
    version: String,
}

impl Store {
    /// Everything that the store holds, sorted by kind and name.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn inventory(&self) -> Result<Vec<Stored>, SourceError> {
        self.hold();
        self.scan()
    }

    /// Looks through the folders.
    pub(super) fn scan(&self) -> Result<Vec<Stored>, SourceError> {
        let mut found = Vec::new();
        for (kind, folder) in [(StoredKind::Git, "git"), (StoredKind::Chart, "charts"), (StoredKind::File, "files")] {
            let folder = self.root.join(folder);
            let listed = match list_folder(&folder) {
                Ok(listed) => listed,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(self.failed(&folder, &error)),
            };
            found.extend(listed.into_iter().filter_map(|listed| self.stored(kind, folder.join(listed.name))));
        }
        found.sort_by(|a, b| (a.kind, &a.name, &a.path).cmp(&(b.kind, &b.name, &b.path)));
        Ok(found)
    }

    fn stored(&self, kind: StoredKind, path: PathBuf) -> Option<Stored> {
        let file = path.file_name()?.to_str()?.to_owned();
        let name = match kind {
            StoredKind::Git => fs::read_to_string(path.join("description")).unwrap_or_default().trim().to_owned(),
            StoredKind::Chart => chart_name(&path).unwrap_or_default(),
            StoredKind::File => format!("sha256:{file}"),
        };
        let stamp = self.root.join("verified").join(&file);
        let modified = |path: &Path| path.metadata().and_then(|meta| meta.modified()).ok();
        let last_used =
            [modified(&stamp), modified(&path)].into_iter().flatten().max().unwrap_or(SystemTime::UNIX_EPOCH);
        let sizes = WalkDir::new(&path).into_iter().flatten().filter_map(|entry| entry.metadata().ok());
        Some(Stored {
            kind,
            name: if name.is_empty() { file } else { foreign(&name) },
            bytes: sizes.filter(fs::Metadata::is_file).map(|meta| meta.len()).sum(),
            last_used,
            stamp,
            path,
        })
    }
}

/// The name and version of a packed chart.
fn chart_name(path: &Path) -> Option<String> {
    let tree = unpack_tgz(&fs::read(path).ok()?, "", Naming::DropFirstSegment, &mut ArchiveBudget::default()).ok()?;
    let chart: ChartFile = serde_yaml::from_slice(&tree.read("Chart.yaml").ok()?).ok()?;
    Some(format!("{} {}", chart.name, chart.version))
}
