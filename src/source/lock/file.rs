use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::diag::{Blame, Diagnostic};
use crate::source::atomic;
use crate::source::error::{LOCK, STORE};
use crate::source::lock::{Lock, LockEntry};
use crate::source::pin::Pin;
use crate::source::spec::SourceSpec;
use crate::span::{Source, Span};

/// The name of the lock file, in the project's folder.
pub const LOCK_NAME: &str = "kiln.lock";

const VERSION: u64 = 1;
const HEADING: &str = "# Written by `kiln install`. Commit it; edit component files instead.\n";
/// The most bytes of a lock that are read.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Deserialize)]
struct Head {
    version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u64,
    seed: String,
    created: String,
    sources: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Entry {
    Git {
        source: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        branch: Option<String>,
        commit: String,
        tree: String,
        sha256: String,
        asked_by: Vec<String>,
    },
    Chart {
        source: String,
        chart: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        version: String,
        resolved: String,
        archive: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        manifest: Option<String>,
        sha256: String,
        asked_by: Vec<String>,
    },
    Http {
        source: String,
        sha256: String,
        asked_by: Vec<String>,
    },
}

impl Lock {
    /// Reads the lock of a project; `None` when there is none. Messages name the file by `shown`.
    pub fn read(path: &Path, shown: &str) -> Result<Option<Self>, Diagnostic> {
        let refuse = |message: String| Diagnostic::error(LOCK, message).blame(Blame::Policy);
        let meta = match fs::metadata(path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refuse(format!("cannot read the lock `{shown}`: {error}"))),
        };
        if meta.is_dir() {
            return Err(refuse(format!("the lock `{shown}` is a directory")).help("remove it and run `kiln install`"));
        }
        if meta.len() > MAX_BYTES {
            return Err(refuse(format!("the lock `{shown}` is larger than the limit of {MAX_BYTES} bytes")));
        }
        let bytes = fs::read(path).map_err(|error| refuse(format!("cannot read the lock `{shown}`: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|_| {
            refuse(format!("the lock `{shown}` is corrupt: it is not UTF-8"))
                .help("restore it from version control, or remove it and run `kiln install`")
        })?;
        Self::parse(&Source::new(shown, text)).map(Some)
    }

    /// Reads the text of a lock.
    pub fn parse(source: &std::sync::Arc<Source>) -> Result<Self, Diagnostic> {
        let shown = source.name();
        let refuse = |message: String| Diagnostic::error(LOCK, message).blame(Blame::Policy);
        let line_span = |line: usize| {
            let start = source.line_start(line);
            let length = source.text()[start..].lines().next().map_or(0, str::len);
            Span::new(source, start..start + length)
        };
        for (at, line) in source.text().lines().enumerate() {
            if line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>") {
                return Err(refuse(format!("the lock `{shown}` holds a merge conflict"))
                    .at(line_span(at + 1), "conflict marker")
                    .help("take either side whole (`git checkout --ours kiln.lock`), then run `kiln install`"));
            }
        }
        let damaged = |error: serde_yaml::Error| {
            let message = format!("cannot parse the lock `{shown}`, it is corrupt: {error}");
            let diagnostic =
                refuse(message).help("restore it from version control, or remove it and run `kiln install`");
            diagnostic.maybe_at(error.location().map(|at| line_span(at.line())), "")
        };
        let head: Head = serde_yaml::from_str(source.text()).map_err(damaged)?;
        if head.version != VERSION {
            let message = format!(
                "the lock `{shown}` has version {}, this kiln reads version {VERSION}: a newer kiln wrote it",
                head.version
            );
            let line = source.text().lines().position(|line| line.starts_with("version")).unwrap_or(0);
            return Err(refuse(message).at(line_span(line + 1), "").help("upgrade kiln"));
        }
        let file: File = serde_yaml::from_str(source.text()).map_err(damaged)?;
        let mut lock = Lock { seed: file.seed, created: file.created, entries: Default::default() };
        for entry in file.sources {
            let (spec, pin, asked_by) = entry.into_parts();
            if let Err(what) = check_digests(&pin) {
                return Err(refuse(format!("the lock `{shown}` is corrupt: {spec}: {what}"))
                    .help("restore it from version control, or remove it and run `kiln install`"));
            }
            let entry = LockEntry { pin, asked_by: asked_by.into_iter().collect() };
            if lock.entries.insert(spec.clone(), entry).is_some() {
                return Err(refuse(format!("the lock `{shown}` is corrupt: duplicate entry for {spec}"))
                    .help("take either entry out, then run `kiln install`"));
            }
        }
        Ok(lock)
    }

    /// The text of the lock; the same content gives the same bytes.
    pub fn text(&self) -> Result<String, Diagnostic> {
        let sources = self.entries.iter().map(|(spec, entry)| Entry::of(spec, entry)).collect();
        let file = File { version: VERSION, seed: self.seed.clone(), created: self.created.clone(), sources };
        let text = serde_yaml::to_string(&file).map_err(|error| {
            Diagnostic::error(LOCK, format!("cannot write the lock: {error}")).blame(Blame::Internal)
        })?;
        Ok(format!("{HEADING}{text}"))
    }

    /// Replaces the lock of a project, unless it already has these bytes. A link is replaced, not
    /// followed. Gives whether something was written.
    pub fn write(&self, path: &Path, shown: &str) -> Result<bool, Diagnostic> {
        let text = self.text()?;
        let is_link = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink());
        if !is_link && fs::read(path).is_ok_and(|present| present == text.as_bytes()) {
            return Ok(false);
        }
        atomic::write(path, text.as_bytes()).map_err(|error| {
            Diagnostic::error(STORE, format!("cannot write the lock `{shown}`: {error}")).blame(Blame::World)
        })?;
        Ok(true)
    }
}

impl Entry {
    fn of(spec: &SourceSpec, entry: &LockEntry) -> Self {
        let asked_by: Vec<String> = entry.asked_by.iter().cloned().collect();
        let source = spec.url().to_owned();
        match &entry.pin {
            Pin::Git { commit, tree, sha256, .. } => {
                let (version, branch) = match spec {
                    SourceSpec::Git { version, branch, .. } => (version.clone(), branch.clone()),
                    SourceSpec::ChartRepo { .. } | SourceSpec::Http { .. } => (None, None),
                };
                let (commit, tree, sha256) = (commit.clone(), tree.clone(), sha256.clone());
                Self::Git { source, version, branch, commit, tree, sha256, asked_by }
            }
            Pin::Chart { chart, version: resolved, archive, manifest, sha256, .. } => {
                let version = match spec {
                    SourceSpec::ChartRepo { version, .. } => version.clone(),
                    SourceSpec::Git { .. } | SourceSpec::Http { .. } => String::new(),
                };
                let (chart, resolved) = (chart.clone(), resolved.clone());
                let (archive, manifest, sha256) = (archive.clone(), manifest.clone(), sha256.clone());
                Self::Chart { source, chart, version, resolved, archive, manifest, sha256, asked_by }
            }
            Pin::Http { sha256, .. } => Self::Http { source, sha256: sha256.clone(), asked_by },
        }
    }

    fn into_parts(self) -> (SourceSpec, Pin, BTreeSet<String>) {
        match self {
            Self::Git { source: url, version, branch, commit, tree, sha256, asked_by } => (
                SourceSpec::Git { url: url.clone(), version, branch },
                Pin::Git { url, commit, tree, sha256 },
                asked_by.into_iter().collect(),
            ),
            Self::Chart { source: url, chart, version, resolved, archive, manifest, sha256, asked_by } => (
                SourceSpec::ChartRepo { url: url.clone(), chart: chart.clone(), version },
                Pin::Chart { url, chart, version: resolved, archive, manifest, sha256 },
                asked_by.into_iter().collect(),
            ),
            Self::Http { source: url, sha256, asked_by } => {
                (SourceSpec::Http { url: url.clone() }, Pin::Http { url, sha256 }, asked_by.into_iter().collect())
            }
        }
    }
}

/// Digests become file names in the store, so they must be what they claim to be.
fn check_digests(pin: &Pin) -> Result<(), String> {
    let hex = |what: &str, text: &str, lengths: &[usize]| {
        let fine = lengths.contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if fine { Ok(()) } else { Err(format!("`{}` is not a {what}", text.escape_debug())) }
    };
    hex("sha256 digest", pin.sha256(), &[64])?;
    if let Pin::Chart { manifest: Some(manifest), .. } = pin {
        hex("sha256 digest", manifest, &[64])?;
    }
    if let Pin::Git { commit, tree, .. } = pin {
        hex("commit id", commit, &[40])?;
        hex("tree id", tree, &[40])?;
    }
    Ok(())
}
