use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::diag::Code;
use crate::source::error::{SourceError, foreign};

/// A bundle that is none, is damaged, or does not hold what its lock pins.
pub(super) const INVALID: Code = Code("bundle.invalid");

/// The manifest's own name.
pub(super) const MANIFEST: &str = "kiln-bundle.json";
/// The lock's name.
pub(super) const LOCK: &str = "kiln.lock";

const FORMAT: &str = "kiln-bundle";
const VERSION: u64 = 1;

/// The largest manifest, list of files or lock that is read.
pub(super) const MAX_TEXT_BYTES: u64 = 64 * 1024 * 1024;
/// The largest commit that is read.
const MAX_COMMIT_BYTES: u64 = 1024 * 1024;
/// The largest content: as large as the largest file that any source may have.
const MAX_CONTENT_BYTES: u64 = 100 * 1024 * 1024;
/// The most members, and the most bytes of all together.
const MAX_MEMBERS: usize = 1_000_000;
const MAX_BYTES: u64 = 64 * 1024 * 1024 * 1024;

/// What a bundle holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: String,
    version: u64,
    /// The other members, in their order: the lock, then by name.
    pub(super) members: Vec<Member>,
}

/// A member of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) size: u64,
    /// SHA-256 of the member's bytes in hex.
    pub(super) sha256: String,
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

impl Manifest {
    pub(super) fn new(members: Vec<Member>) -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, members }
    }

    /// Its text; the same members give the same bytes.
    pub(super) fn text(&self) -> Result<Vec<u8>, SourceError> {
        let mut text =
            serde_json::to_vec_pretty(self).map_err(|error| SourceError::world(INVALID, error.to_string()))?;
        text.push(b'\n');
        Ok(text)
    }

    /// Reads a manifest and checks that what it announces can be a bundle at all.
    pub(super) fn parse(text: &[u8], shown: &str) -> Result<Self, SourceError> {
        let malformed =
            |error: serde_json::Error| refuse(shown, &format!("the manifest: {}", foreign(&error.to_string())));
        let head: Head = serde_json::from_slice(text).map_err(malformed)?;
        if head.format != FORMAT {
            return Err(refuse(shown, &format!("the manifest is of the format `{}`", foreign(&head.format))));
        }
        if head.version != VERSION {
            let why = format!("it has version {}, this kiln reads version {VERSION}", head.version);
            return Err(refuse(shown, &why).help("upgrade kiln"));
        }
        let manifest: Self = serde_json::from_slice(text).map_err(malformed)?;
        manifest.check().map_err(|why| refuse(shown, &why))?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), String> {
        let mut names = HashSet::new();
        let mut left = MAX_BYTES;
        if self.members.len() > MAX_MEMBERS {
            return Err(format!("it has {} members, more than the limit of {MAX_MEMBERS}", self.members.len()));
        }
        if self.members.first().is_none_or(|first| first.name != LOCK) {
            return Err(format!("the manifest does not begin with `{LOCK}`"));
        }
        for member in &self.members {
            let limit = limit(member).ok_or_else(|| {
                format!("the manifest names `{}`, which is no member of a bundle", foreign(&member.name))
            })?;
            if member.size > limit {
                return Err(format!("`{}` is larger than the limit of {limit} bytes", member.name));
            }
            left = left
                .checked_sub(member.size)
                .ok_or_else(|| format!("it unpacks to more than the limit of {MAX_BYTES} bytes"))?;
            if !names.insert(&member.name) {
                return Err(format!("the manifest names `{}` twice", member.name));
            }
        }
        Ok(())
    }
}

/// How large a member may be; `None` for one that no bundle has.
fn limit(member: &Member) -> Option<u64> {
    if !is_hex(&member.sha256, 64) {
        return None;
    }
    if member.name == LOCK {
        return Some(MAX_TEXT_BYTES);
    }
    match member.name.split_once('/')? {
        ("commits", id) if is_hex(id, 40) => Some(MAX_COMMIT_BYTES),
        ("listings", digest) if is_hex(digest, 64) => Some(MAX_TEXT_BYTES),
        ("contents", digest) if digest == member.sha256 => Some(MAX_CONTENT_BYTES),
        _ => None,
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The error about a bundle.
pub(super) fn refuse(shown: &str, why: &str) -> SourceError {
    SourceError::policy(INVALID, format!("the bundle {shown}: {why}"))
        .help("make it again with `kiln bundle export`, and compare the digests of both files after the transfer")
}
