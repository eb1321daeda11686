use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Shard;
use crate::output::OutputSet;
use crate::source::{list_folder, sha256_hex, write_atomically};

/// The only version of the record so far.
const SCHEMA: u32 = 1;

/// Records lie here, below the root of generated trees.
const FOLDER: &str = ".kiln/shards";

/// More bytes than this are no record.
const LARGEST: u64 = 256 << 20;

/// What one shard did: what `merge` checks. It lies in `.kiln/shards/<i>-of-<n>.json` below the root that
/// the shard wrote to; several shards of a run may share a root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardRecord {
    /// The version of this format.
    pub schema: u32,
    /// The version of kiln.
    pub kiln: String,
    /// Which shard, from 1.
    pub shard: u32,
    /// Of how many.
    pub of: u32,
    /// The digest of `kiln.lock`.
    pub lock: String,
    /// The digest of the inputs that all shards share.
    pub plan: String,
    /// The names of all clusters of the run that are not disabled, of all shards, in the order of
    /// `clusters.yaml`.
    pub all: Vec<String>,
    /// The clusters that this shard wrote.
    pub clusters: Vec<ShardedCluster>,
    /// Its clusters that failed as they may, and were not written.
    pub failed: Vec<String>,
}

/// A cluster that a shard wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardedCluster {
    /// Its name.
    pub name: String,
    /// Its folder below the root.
    pub output: String,
    /// How many files it has.
    pub files: usize,
    /// The digest of its files.
    pub digest: String,
    /// Whether it is disabled and its files were removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pruned: bool,
}

/// A record that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// The operating system said no.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not a record of this version of kiln.
    #[error("`{}` is no record of a shard: {why}", path.display())]
    Malformed {
        /// Where.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

impl ShardRecord {
    /// A record of this version of kiln, without clusters.
    pub fn new(shard: Shard, lock: String, plan: String, all: Vec<String>) -> Self {
        Self {
            schema: SCHEMA,
            kiln: env!("CARGO_PKG_VERSION").to_owned(),
            shard: shard.index(),
            of: shard.count(),
            lock,
            plan,
            all,
            clusters: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Writes the record, and removes those of other runs: their trees are not this run's.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, root: &Path) -> Result<(), ShardError> {
        let folder = root.join(FOLDER);
        for (path, record) in listed(root)?.into_iter().map(|path| (path.clone(), read(&path))) {
            if !record.is_ok_and(|record| record.is_of_run(self)) {
                remove(&path)?;
            }
        }
        let path = folder.join(format!("{}-of-{}.json", self.shard, self.of));
        let failed = |source| ShardError::Io { action: "write", path: path.clone(), source };
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        write_atomically(&path, &text).map_err(failed)
    }

    /// All records below a root, in the order of their shards.
    ///
    /// # Errors
    /// When one cannot be read or is none.
    pub fn read_all(root: &Path) -> Result<Vec<Self>, ShardError> {
        let mut records = listed(root)?.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
        records.sort_by_key(|record| (record.of, record.shard));
        Ok(records)
    }

    /// Removes all records below a root.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn remove_all(root: &Path) -> Result<(), ShardError> {
        listed(root)?.iter().try_for_each(|path| remove(path))
    }

    /// Whether both are parts of one run.
    pub fn is_of_run(&self, other: &Self) -> bool {
        (self.of, &self.kiln, &self.lock, &self.plan) == (other.of, &other.kiln, &other.lock, &other.plan)
    }

    /// `3 of 8`.
    pub fn shown(&self) -> String {
        format!("{} of {}", self.shard, self.of)
    }
}

impl ShardedCluster {
    /// Whether these are the files that were written.
    pub fn is_of(&self, files: &OutputSet) -> bool {
        self.files == files.len() && self.digest == files_digest(files)
    }
}

/// The digest of paths and contents.
pub fn files_digest(files: &OutputSet) -> String {
    let mut hash = Sha256::new();
    for (path, content) in files.iter() {
        hash.update((path.len() as u64).to_be_bytes());
        hash.update(path.as_bytes());
        hash.update((content.len() as u64).to_be_bytes());
        hash.update(content);
    }
    format!("sha256:{}", sha256_hex(&hash.finalize()))
}

/// The files that should be records, sorted.
fn listed(root: &Path) -> Result<Vec<PathBuf>, ShardError> {
    let folder = root.join(FOLDER);
    let failed = |source| ShardError::Io { action: "read", path: folder.clone(), source };
    let listed = match list_folder(&folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let paths = listed.into_iter().map(|listed| folder.join(listed.name));
    let mut found: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<ShardRecord, ShardError> {
    let failed = |source| ShardError::Io { action: "read", path: path.to_owned(), source };
    let malformed = |why: String| ShardError::Malformed { path: path.to_owned(), why };
    if fs::metadata(path).map_err(failed)?.len() > LARGEST {
        return Err(malformed("it is too large".to_owned()));
    }
    let text = fs::read(path).map_err(failed)?;
    let record: ShardRecord = serde_json::from_slice(&text).map_err(|error| malformed(error.to_string()))?;
    if record.schema != SCHEMA {
        return Err(malformed(format!("its schema is {}, and this kiln reads {SCHEMA}", record.schema)));
    }
    Shard::new(record.shard.into(), record.of.into()).map_err(|error| malformed(error.to_string()))?;
    Ok(record)
}

fn remove(path: &Path) -> Result<(), ShardError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(ShardError::Io { action: "remove", path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}
