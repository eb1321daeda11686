use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::layout::{as_name, unique};
use crate::source::digest;
use crate::source::error::{SourceError, foreign};
use crate::source::lock::Lock;
use crate::source::pin::Pin;

/// The folder's name in the project.
pub(super) const FOLDER: &str = "vendor";
/// The manifest's name in the folder.
pub(super) const MANIFEST: &str = "kiln-vendor.yaml";
/// The folder cannot be read or written, or holds what kiln did not write.
pub(super) const INVALID: crate::diag::Code = crate::diag::Code("vendor.invalid");

const VERSION: u64 = 1;
const ALGORITHM: &str = "sha256:";
const HEADING: &str = "# Written by `kiln vendor` from kiln.lock. Run it again instead of editing.\n";
/// The largest manifest that is read.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What kind of thing lies at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// The files of a commit.
    Git,
    /// A chart archive.
    Chart,
    /// A file.
    File,
}

/// One vendored source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) source: String,
    /// The commit or the version; a file has none but its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resolved: Option<String>,
    /// The digest in the lock, with its algorithm.
    pub(super) digest: String,
    /// Where it lies, below the folder: `git/NAME`, `charts/NAME` or `files/NAME`.
    pub(super) place: String,
}

/// Which digest of the lock lies where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    version: u64,
    pub(super) sources: Vec<Item>,
}

#[derive(Deserialize)]
struct Head {
    version: u64,
}

impl Item {
    /// The digest in hex.
    pub(super) fn sha256(&self) -> &str {
        self.digest.strip_prefix(ALGORITHM).unwrap_or_default()
    }
}

impl Manifest {
    /// The manifest of a lock: places follow from the lock alone. A source keeps its place when its pin
    /// moves, so that a review shows the lines that changed.
    pub(super) fn of(lock: &Lock) -> Self {
        let pins: BTreeSet<&Pin> = lock.entries().map(|(_, entry)| &entry.pin).collect();
        let mut commits: HashMap<&str, HashSet<&str>> = HashMap::new();
        for pin in &pins {
            if let Pin::Git { url, sha256, .. } = pin {
                commits.entry(url).or_default().insert(sha256);
            }
        }
        let mut places: BTreeMap<(Kind, &str), String> = BTreeMap::new();
        let mut taken = HashSet::new();
        let mut sources = Vec::new();
        for pin in pins {
            let kind = kind(pin);
            let place = places.entry((kind, pin.sha256())).or_insert_with(|| {
                let alone =
                    matches!(pin, Pin::Git { url, .. } if commits.get(&**url).is_some_and(|all| all.len() == 1));
                unique(&wish(pin, alone), pin.sha256(), &mut taken)
            });
            sources.push(Item {
                kind,
                source: url(pin).to_owned(),
                resolved: (kind != Kind::File).then(|| pin.resolved().to_owned()),
                digest: format!("{ALGORITHM}{}", pin.sha256()),
                place: place.clone(),
            });
        }
        sources.sort();
        sources.dedup();
        Self { version: VERSION, sources }
    }

    /// The file's text; the same lock gives the same bytes.
    pub(super) fn text(&self) -> Result<String, SourceError> {
        let text = serde_yaml::to_string(self).map_err(|error| SourceError::world(INVALID, error.to_string()))?;
        Ok(format!("{HEADING}{text}"))
    }

    /// Reads the manifest of a vendor folder; `None` when it has none. `shown` names the folder.
    pub(super) fn read(folder: &Path, shown: &str) -> Result<Option<Self>, SourceError> {
        let refuse = |why: String| {
            SourceError::policy(INVALID, format!("`{shown}/{MANIFEST}`: {why}"))
                .help(format!("restore `{shown}` from version control, or remove it and run `kiln vendor`"))
        };
        let file = match fs::File::open(folder.join(MANIFEST)) {
            Ok(file) => file,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(refuse(error.to_string())),
        };
        if !file.metadata().is_ok_and(|meta| meta.is_file()) {
            return Err(refuse("is not a file".to_owned()));
        }
        let mut text = String::new();
        file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(|error| refuse(error.to_string()))?;
        if text.len() as u64 > MAX_BYTES {
            return Err(refuse(format!("is larger than the limit of {MAX_BYTES} bytes")));
        }
        let malformed = |error: serde_yaml::Error| refuse(foreign(&error.to_string()));
        let head: Head = serde_yaml::from_str(&text).map_err(malformed)?;
        if head.version != VERSION {
            let why = format!("has version {}, this kiln reads version {VERSION}", head.version);
            return Err(refuse(why).help("upgrade kiln, or remove the folder and run `kiln vendor`"));
        }
        let manifest: Self = serde_yaml::from_str(&text).map_err(malformed)?;
        for item in &manifest.sources {
            if !is_place(item) {
                let why = format!("`{}` is no place for a source of that kind", foreign(&item.place));
                return Err(refuse(why));
            }
            let hex = item.sha256().bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            if item.sha256().len() != 64 || !hex {
                return Err(refuse(format!("`{}` is no digest that this kiln knows", foreign(&item.digest))));
            }
        }
        Ok(Some(manifest))
    }
}

pub(super) fn kind(pin: &Pin) -> Kind {
    match pin {
        Pin::Git { .. } => Kind::Git,
        Pin::Chart { .. } => Kind::Chart,
        Pin::Http { .. } => Kind::File,
    }
}

fn url(pin: &Pin) -> &str {
    match pin {
        Pin::Git { url, .. } | Pin::Chart { url, .. } | Pin::Http { url, .. } => url,
    }
}

/// The place that a pin would like to have. A repository's name comes with the beginning of its URL's
/// hash, and where several commits of it are pinned with that of the commit.
fn wish(pin: &Pin, alone: bool) -> String {
    let last = |url: &str| {
        let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        path.rsplit(['/', ':']).next().unwrap_or_default().to_owned()
    };
    match pin {
        Pin::Git { url, commit, .. } => {
            let name = last(url);
            let name = as_name(name.strip_suffix(".git").unwrap_or(&name), "repository");
            let hash = digest::sha256_hex(url.as_bytes());
            let commit = commit.get(..10).filter(|_| !alone).map(|short| format!("-{short}")).unwrap_or_default();
            format!("git/{name}-{}{commit}", &hash[..8])
        }
        Pin::Chart { chart, version, .. } => format!("charts/{}.tgz", as_name(&format!("{chart}-{version}"), "chart")),
        Pin::Http { url, .. } => format!("files/{}", as_name(&last(url), "file")),
    }
}

/// Whether a place is a name below the folder of its kind: what others wrote leads nowhere else.
fn is_place(item: &Item) -> bool {
    let folder = match item.kind {
        Kind::Git => "git/",
        Kind::Chart => "charts/",
        Kind::File => "files/",
    };
    item.place.strip_prefix(folder).is_some_and(|name| !name.is_empty() && name == as_name(name, ""))
}
