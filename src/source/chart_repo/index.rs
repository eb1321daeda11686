use std::collections::BTreeMap;

use serde::Deserialize;

use crate::golang::semver::{Constraints, Version};
use crate::source::error::{About, INVALID, MALFORMED, NOT_FOUND, SourceError, foreign};

/// How many other versions a message lists.
const LISTED: usize = 5;

/// What `index.yaml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) struct Index {
    shown: String,
    entries: BTreeMap<String, Vec<ChartVersion>>,
}

/// One version of a chart.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(in crate::source) struct ChartVersion {
    /// The version as written.
    #[serde(default)]
    pub(in crate::source) version: String,
    /// Where the archive is; may be relative to the repository.
    #[serde(default)]
    pub(in crate::source) urls: Option<Vec<String>>,
    /// SHA-256 of the archive, when the repository tells.
    #[serde(default)]
    pub(in crate::source) digest: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    api_version: Option<String>,
    #[serde(default)]
    entries: Option<BTreeMap<String, Option<Vec<Option<ChartVersion>>>>>,
}

impl Index {
    /// Reads an index; `shown` names it in messages. Empty entries are skipped, as Helm does.
    pub(in crate::source) fn parse(bytes: &[u8], shown: &str) -> Result<Self, SourceError> {
        let malformed = |what: String| SourceError::world(MALFORMED, format!("the chart index {shown}: {what}"));
        let help = "check that the URL is that of a Helm chart repository";
        if bytes.trim_ascii().is_empty() {
            return Err(malformed("is empty".to_owned()).help(help));
        }
        if bytes.trim_ascii_start().starts_with(b"<") {
            return Err(malformed("is HTML, not YAML".to_owned()).help(help));
        }
        let file: File = serde_yaml::from_slice(bytes)
            .map_err(|error| malformed(format!("not an index in YAML: {}", foreign(&error.to_string()))).help(help))?;
        if file.api_version.is_none_or(|version| version.is_empty()) {
            return Err(malformed("no `apiVersion` specified".to_owned()).help(help));
        }
        let entries = file.entries.unwrap_or_default().into_iter().map(|(name, versions)| {
            (
                name,
                versions.unwrap_or_default().into_iter().flatten().filter(|entry| !entry.version.is_empty()).collect(),
            )
        });
        Ok(Self { shown: shown.to_owned(), entries: entries.collect() })
    }

    /// The versions of one chart that a registry lists, as an index.
    pub(super) fn of_versions(chart: &str, versions: impl IntoIterator<Item = String>, shown: &str) -> Self {
        let versions = versions.into_iter().map(|version| ChartVersion { version, urls: None, digest: None }).collect();
        Self { shown: shown.to_owned(), entries: BTreeMap::from([(chart.to_owned(), versions)]) }
    }

    /// Chooses a version as Helm does: the one written just so, else the highest that the constraint
    /// accepts; without a constraint the highest that is no pre-release. Of equal ones the first.
    pub(in crate::source) fn choose(&self, chart: &str, wanted: &str) -> Result<&ChartVersion, SourceError> {
        let Some(versions) = self.entries.get(chart) else {
            let message = format!("chart `{}` not found in {}", foreign(chart), self.shown);
            let error = SourceError::new(NOT_FOUND, message).about(About::Path);
            return Err(match crate::diag::nearest(chart, self.entries.keys().map(String::as_str)) {
                Some(near) => error.help(format!("did you mean `{}`?", foreign(near))),
                None => error,
            });
        };
        if let Some(exact) = versions.iter().find(|entry| !wanted.is_empty() && entry.version == wanted) {
            return Ok(exact);
        }
        let constraints = Constraints::parse(if wanted.is_empty() { "*" } else { wanted }).map_err(|error| {
            let message = format!("`{}` is no version or constraint: {}", foreign(wanted), foreign(&error));
            SourceError::new(INVALID, message).about(About::Version)
        })?;
        let mut best: Option<(Version, &ChartVersion)> = None;
        for entry in versions {
            let Ok(version) = Version::parse(&entry.version) else { continue };
            if constraints.check(&version) && best.as_ref().is_none_or(|(highest, _)| version > *highest) {
                best = Some((version, entry));
            }
        }
        best.map(|(_, entry)| entry).ok_or_else(|| {
            let asked =
                if wanted.is_empty() { "without pre-release".to_owned() } else { format!("`{}`", foreign(wanted)) };
            let message =
                format!("no version {asked} of chart `{}` found in {}: not found", foreign(chart), self.shown);
            let there: Vec<String> =
                versions.iter().take(LISTED).map(|entry| format!("`{}`", foreign(&entry.version))).collect();
            let error = SourceError::new(NOT_FOUND, message).about(About::Version);
            if there.is_empty() { error } else { error.help(format!("there are {}", there.join(", "))) }
        })
    }
}
