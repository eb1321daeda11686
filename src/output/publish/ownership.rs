use std::collections::BTreeMap;

use git2::Oid;
use serde::{Deserialize, Serialize};

use super::{Base, PublishError};
use crate::output::CopyNote;

/// The folder of the target in which owners record their files.
const FOLDER: &str = ".kiln/owners/";
/// The end of the name of a manifest that is about to be.
const PENDING: &str = ".next";
/// From so many files on a manifest is kept in parts, one for each folder.
const SHARDED_ABOVE: usize = 2_000;

/// The files of all owners of a target.
#[derive(Clone, Debug, Default)]
pub struct Owned {
    owners: BTreeMap<String, OwnerManifest>,
}

/// The files of one owner, and what they held when they were published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerManifest {
    /// Path → id of the content.
    pub files: BTreeMap<String, Oid>,
    /// The copies of clusters among them, by name.
    pub copies: BTreeMap<String, CopyNote>,
    /// What an unfinished run was about to record.
    pub pending: BTreeMap<String, Oid>,
    /// How many parts of a path name the manifest's part that it stands in, once there are parts.
    depth: Option<usize>,
    /// The parts that are there.
    shards: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    schema: u32,
    owner: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sharded: Option<usize>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    copies: BTreeMap<String, CopyNote>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, String>,
}

impl Owned {
    /// Reads all manifests below the folder `root` of a target; the empty root is the target itself.
    ///
    /// # Errors
    /// When one cannot be read, or is not as kiln writes it.
    pub fn read(base: &dyn Base, root: &str) -> Result<Self, PublishError> {
        let folder = format!("{}{FOLDER}", prefix(root));
        let mut owned = Self::default();
        for path in base.files().range(folder.clone()..).map(|(path, _)| path) {
            let Some(name) = path.strip_prefix(&folder) else { break };
            if let Some(owner) = name.strip_suffix(PENDING) {
                // One that was cut off is worth nothing.
                let record = parse(path, &base.read(path)?).ok().filter(|record| record.owner == owner);
                let files = record.map(|record| record.files).unwrap_or_default();
                let pending = files.into_iter().filter_map(|(file, id)| Some((file, Oid::from_str(&id).ok()?)));
                owned.owners.entry(owner.to_owned()).or_default().pending = pending.collect();
                continue;
            }
            let Some(name) = name.strip_suffix(".json") else { continue };
            let record = parse(path, &base.read(path)?)?;
            let (owner, shard) = match name.split_once('/') {
                Some((owner, shard)) => (owner, Some(shard)),
                None => (name, None),
            };
            if record.owner != owner {
                let why = format!("it belongs to `{}`", record.owner.escape_debug());
                return Err(PublishError::Damaged { path: path.clone(), why });
            }
            let manifest = owned.owners.entry(owner.to_owned()).or_default();
            manifest.depth = manifest.depth.or(record.sharded);
            manifest.copies.extend(record.copies);
            manifest.shards.extend(shard.map(str::to_owned));
            for (file, id) in record.files {
                let id = Oid::from_str(&id)
                    .map_err(|_| PublishError::Damaged { path: path.clone(), why: format!("`{id}` is no id") })?;
                manifest.files.insert(file, id);
            }
        }
        Ok(owned)
    }

    /// The manifest of an owner, when there is one.
    pub fn of(&self, owner: &str) -> Option<&OwnerManifest> {
        self.owners.get(owner)
    }

    /// The owner of a path, other than `owner`.
    pub fn other(&self, path: &str, owner: &str) -> Option<&str> {
        let mut others = self.owners.iter().filter(|(name, _)| *name != owner);
        others.find(|(_, manifest)| manifest.files.contains_key(path)).map(|(name, _)| name.as_str())
    }
}

impl OwnerManifest {
    /// What the manifest's files in the target are to become: path → content, or nothing for those that
    /// go away. `copies` are the copies among the files; `depth` is how many parts of a path name a cluster's
    /// folder.
    pub fn written(
        &self,
        owner: &str,
        files: &BTreeMap<String, Oid>,
        copies: &BTreeMap<String, CopyNote>,
        root: &str,
        depth: usize,
    ) -> BTreeMap<String, Option<Vec<u8>>> {
        let depth = match self.depth {
            Some(depth) => Some(depth),
            None if files.len() > SHARDED_ABOVE => Some(depth.max(1)),
            None => None,
        };
        let mut written = BTreeMap::new();
        let main = format!("{}{FOLDER}{owner}.json", prefix(root));
        let place = |shard: &str| format!("{}{FOLDER}{owner}/{shard}.json", prefix(root));
        for shard in &self.shards {
            written.insert(place(shard), None);
        }
        let Some(depth) = depth else {
            written.insert(main, Some(text(owner, None, copies, files.iter())));
            return written;
        };
        let mut shards: BTreeMap<String, Vec<(&String, &Oid)>> = BTreeMap::new();
        for (path, id) in files {
            shards.entry(shard_of(path, root, depth)).or_default().push((path, id));
        }
        written.insert(main, Some(text(owner, Some(depth), copies, std::iter::empty())));
        for (shard, files) in shards {
            written.insert(place(&shard), Some(text(owner, None, &BTreeMap::new(), files.into_iter())));
        }
        written
    }
}

/// What is kept in a folder while it is written to: where, and what it says.
pub fn pending_manifest(owner: &str, files: &BTreeMap<String, Oid>, root: &str) -> (String, Vec<u8>) {
    (format!("{}{FOLDER}{owner}{PENDING}", prefix(root)), text(owner, None, &BTreeMap::new(), files.iter()))
}

/// The part of a manifest that a path stands in, as a file name.
fn shard_of(path: &str, root: &str, depth: usize) -> String {
    let below = path.strip_prefix(&prefix(root)).unwrap_or(path);
    let folder = below.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = folder.split('/').take(depth).collect::<Vec<_>>().join("/");
    if name.is_empty() { "%".to_owned() } else { name.replace('%', "%25").replace('/', "%2F") }
}

fn text<'a>(
    owner: &str,
    sharded: Option<usize>,
    copies: &BTreeMap<String, CopyNote>,
    files: impl Iterator<Item = (&'a String, &'a Oid)>,
) -> Vec<u8> {
    let files = files.map(|(path, id)| (path.clone(), id.to_string())).collect();
    let record = Record { schema: 1, owner: owner.to_owned(), sharded, copies: copies.clone(), files };
    let mut text = serde_json::to_vec_pretty(&record).expect("maps of strings are JSON");
    text.push(b'\n');
    text
}

fn parse(path: &str, text: &[u8]) -> Result<Record, PublishError> {
    let damaged = |why: String| PublishError::Damaged { path: path.to_owned(), why };
    let record: Record = serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
    match record.schema {
        1 => Ok(record),
        schema => Err(damaged(format!("its schema {schema} is of another version of kiln"))),
    }
}

/// A folder as the beginning of paths.
pub(super) fn prefix(folder: &str) -> String {
    if folder.is_empty() { String::new() } else { format!("{folder}/") }
}
