use serde::Serialize;

use super::entries::{Lock, LockEntry};
use super::{ALGORITHM, VERSION};
use crate::diag::{Blame, Diagnostic};
use crate::source::error::LOCK;
use crate::source::pin::Pin;
use crate::source::spec::SourceSpec;

const HEADING: &str = "# Written by `kiln install`. Commit it; edit component files instead.\n";

#[derive(Serialize)]
struct File<'a> {
    seed: &'a str,
    created: &'a str,
    sources: Vec<Entry<'a>>,
}

/// An entry as it is written; fields that do not apply are left out.
#[derive(Serialize)]
struct Entry<'a> {
    kind: &'static str,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    chart: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<&'a str>,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<String>,
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_by: Option<&'a str>,
    asked_by: Vec<&'a str>,
}

impl Lock {
    /// The text of the lock; the same content gives the same bytes. One value stands on each line and
    /// entries are sorted by source, so that a changed pin is a small difference.
    pub fn text(&self) -> Result<String, Diagnostic> {
        let sources = self.entries().map(|(spec, entry)| Entry::of(spec, entry)).collect();
        let file = File { seed: &self.seed, created: &self.created, sources };
        let text = serde_yaml::to_string(&file).map_err(|error| {
            Diagnostic::error(LOCK, format!("cannot write the lock: {error}")).blame(Blame::Internal)
        })?;
        Ok(format!("{HEADING}version: {VERSION}\n{text}"))
    }
}

impl<'a> Entry<'a> {
    fn of(spec: &'a SourceSpec, entry: &'a LockEntry) -> Self {
        let mut written = Self {
            kind: spec.kind(),
            source: spec.url(),
            chart: None,
            version: None,
            branch: None,
            reference: None,
            commit: None,
            tree: None,
            resolved: None,
            archive: None,
            manifest: None,
            signed_by: None,
            digest: format!("{ALGORITHM}{}", entry.pin.sha256()),
            asked_by: entry.asked_by.iter().map(String::as_str).collect(),
        };
        match spec {
            SourceSpec::Git { version, branch, .. } => {
                written.version = version.as_deref();
                written.branch = branch.as_deref();
            }
            SourceSpec::ChartRepo { version, .. } => written.version = Some(&**version).filter(|text| !text.is_empty()),
            SourceSpec::Http { .. } => {}
        }
        match &entry.pin {
            Pin::Git { reference, commit, tree, .. } => {
                written.reference = reference.as_deref();
                written.commit = Some(commit);
                written.tree = Some(tree);
            }
            Pin::Chart { chart, version, archive, manifest, signed_by, .. } => {
                written.signed_by = signed_by.as_deref();
                written.chart = Some(chart);
                written.resolved = Some(version);
                written.archive = Some(archive);
                written.manifest = manifest.as_ref().map(|hex| format!("{ALGORITHM}{hex}"));
            }
            Pin::Http { .. } => {}
        }
        written
    }
}
