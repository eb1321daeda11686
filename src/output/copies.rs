use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Target;
use super::target::{OutputError, failed};
use crate::source::{list_folder, write_atomically};

/// The kind of state that tells of copies.
const STATE: &str = "copies";

/// What is recorded of a copy of a cluster: whose it is, and how long it is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyNote {
    /// The cluster, or the list of environments, that it is a copy of.
    pub of: String,
    /// What ends its name, and the names of its objects.
    pub suffix: String,
    /// The namespace that its objects are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The branch that it is made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// From when on nobody wants it any more (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Its folder in the target that it was published to; nothing elsewhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// Files about it outside of its folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
}

/// When copies are not wanted any more.
#[derive(Clone, Debug, Default)]
pub struct CopyRule {
    /// Seconds since 1970.
    pub now: i64,
    /// The branches that there are; when nobody knows them, only the time counts.
    pub branches: Option<Vec<String>>,
}

/// Why a copy is not wanted any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwanted {
    /// Its time is over since.
    Expired(String),
    /// This branch is gone.
    NoBranch(String),
}

impl std::fmt::Display for Unwanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Expired(time) => write!(f, "expired {time}"),
            Self::NoBranch(branch) => write!(f, "no branch {branch}"),
        }
    }
}

impl CopyRule {
    /// Why a copy is not wanted any more; `None` as long as it is.
    pub fn judge(&self, copy: &CopyNote) -> Option<Unwanted> {
        let over = copy.expires.as_ref().filter(|time| {
            let time: Option<jiff::Timestamp> = time.parse().ok();
            time.is_some_and(|time| time.as_second() <= self.now)
        });
        if let Some(time) = over {
            return Some(Unwanted::Expired(time.clone()));
        }
        let branches = self.branches.as_ref()?;
        let suffix = label(&copy.suffix);
        match &copy.branch {
            Some(branch) => (!branches.contains(branch)).then(|| Unwanted::NoBranch(branch.clone())),
            None => (!branches.iter().any(|branch| label(branch) == suffix)).then_some(Unwanted::NoBranch(suffix)),
        }
    }
}

/// A name as a part of a name in DNS: what branches are compared with suffixes by.
fn label(text: &str) -> String {
    let small = |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '-' };
    text.chars().map(small).collect::<String>().trim_matches('-').to_owned()
}

#[derive(Serialize, Deserialize)]
struct Record {
    schema: u32,
    /// The folder's path below the root.
    name: String,
    copy: CopyNote,
}

impl Target {
    /// What is recorded of the folder as a copy.
    pub fn copy_note(&self) -> Option<CopyNote> {
        read(&self.state(STATE, ".json")).map(|(_, note)| note)
    }

    /// Records that the folder is a copy.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub fn record_copy(&self, note: &CopyNote) -> Result<(), OutputError> {
        if self.copy_note().as_ref() == Some(note) {
            return Ok(());
        }
        let record = Record { schema: 1, name: self.name().to_owned(), copy: note.clone() };
        let mut text = serde_json::to_vec_pretty(&record).expect("strings are JSON");
        text.push(b'\n');
        let place = self.state(STATE, ".json");
        write_atomically(&place, &text).map_err(|source| failed("write", &place, source))
    }

    /// Forgets that the folder was a copy.
    ///
    /// # Errors
    /// When the record cannot be removed.
    pub fn forget_copy(&self) -> Result<(), OutputError> {
        let place = self.state(STATE, ".json");
        match fs::remove_file(&place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &place, error)),
            _ => Ok(()),
        }
    }

    /// The folders below a root that are copies, by name. Records that make no sense are passed over: what is
    /// not known to be a copy is never removed as one.
    pub fn copies(root: &Path) -> Vec<(Self, CopyNote)> {
        let folder = root.join(".kiln").join(STATE);
        let entries = list_folder(&folder).unwrap_or_default().into_iter();
        let mut found: Vec<(Self, CopyNote)> = entries
            .filter_map(|entry| {
                let place = folder.join(entry.name);
                let (name, note) = read(&place)?;
                let target = Self::new(root, name);
                (target.state(STATE, ".json") == place).then_some((target, note))
            })
            .collect();
        found.sort_by(|(one, _), (other, _)| one.name().cmp(other.name()));
        found
    }
}

fn read(place: &Path) -> Option<(String, CopyNote)> {
    let record: Record = serde_json::from_slice(&fs::read(place).ok()?).ok()?;
    (record.schema == 1).then_some((record.name, record.copy))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(suffix: &str, branch: Option<&str>, expires: Option<&str>) -> CopyNote {
        let own = |text: &str| text.to_owned();
        CopyNote {
            suffix: own(suffix),
            branch: branch.map(own),
            expires: expires.map(own),
            of: own("test-1"),
            ..CopyNote::default()
        }
    }

    #[test]
    fn time_and_branches_decide() {
        let rule = |now: i64, branches: &[&str]| CopyRule {
            now,
            branches: Some(branches.iter().map(|branch| (*branch).to_owned()).collect()),
        };
        let dated = note("-pr42", None, Some("1970-01-01T00:01:00Z"));
        assert_eq!(rule(59, &["pr42"]).judge(&dated), None);
        assert_eq!(rule(60, &["pr42"]).judge(&dated), Some(Unwanted::Expired("1970-01-01T00:01:00Z".to_owned())));
        assert_eq!(CopyRule { now: 59, branches: None }.judge(&dated), None);
        assert_eq!(rule(0, &["main"]).judge(&dated), Some(Unwanted::NoBranch("pr42".to_owned())));
        assert_eq!(rule(0, &["Feature/Log_in"]).judge(&note("-feature-log-in", None, None)), None);
        let named = note("-pr42", Some("feature/a"), None);
        assert_eq!(rule(0, &["feature/a"]).judge(&named), None);
        assert_eq!(rule(0, &["feature-a", "pr42"]).judge(&named), Some(Unwanted::NoBranch("feature/a".to_owned())));
    }

    #[test]
    fn records_are_kept_beside_folders() {
        let root = tempfile::tempdir().unwrap();
        let target = Target::new(root.path(), "eu/test-1-pr42");
        let note = note("-pr42", Some("b"), None);
        target.record_copy(&note).unwrap();
        fs::write(root.path().join(".kiln/copies/else.json"), "{}").unwrap();
        fs::copy(root.path().join(".kiln/copies/eu%2Ftest-1-pr42.json"), root.path().join(".kiln/copies/x.json"))
            .unwrap();
        let found = Target::copies(root.path());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0.name(), &found[0].1), ("eu/test-1-pr42", &note));
        target.forget_copy().unwrap();
        assert!(Target::copies(root.path()).is_empty() && target.forget_copy().is_ok());
    }
}
