use std::collections::BTreeMap;

use crate::golang::semver::{Constraints, Version};
use crate::golang::{json, strconv};
use crate::helm::Metadata;
use crate::helm::chart::{DEPENDENCY, MAINTAINER, STRING, Shape, StructShape, decode, decode_strict};
use crate::value::Frozen;
use crate::yaml;

/// The index of a chart repository (`index.yaml`).
#[derive(Debug, Default)]
pub struct Index {
    /// The versions of each chart, highest first.
    entries: BTreeMap<String, Vec<ChartVersion>>,
    /// Entries that were passed over, in helm's words.
    pub warnings: Vec<String>,
}

/// One version of a chart in an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartVersion {
    /// The version as written.
    pub version: String,
    /// Where the archive is; may be relative to the repository.
    pub urls: Vec<String>,
}

const VERSION: Shape = Shape::Struct(&StructShape {
    name: "ChartVersion",
    type_name: "repo.ChartVersion",
    fields: &[
        ("name", Shape::Str),
        ("home", Shape::Str),
        ("sources", Shape::List(&STRING)),
        ("version", Shape::Str),
        ("description", Shape::Str),
        ("keywords", Shape::List(&STRING)),
        ("maintainers", Shape::List(&MAINTAINER)),
        ("icon", Shape::Str),
        ("apiVersion", Shape::Str),
        ("condition", Shape::Str),
        ("tags", Shape::Str),
        ("appVersion", Shape::Str),
        ("deprecated", Shape::Bool),
        ("annotations", Shape::Map(&STRING)),
        ("kubeVersion", Shape::Str),
        ("dependencies", Shape::List(&DEPENDENCY)),
        ("type", Shape::Str),
        ("urls", Shape::List(&STRING)),
        ("created", Shape::Any),
        ("removed", Shape::Bool),
        ("digest", Shape::Str),
        ("checksum", Shape::Str),
        ("engine", Shape::Str),
        ("tillerVersion", Shape::Str),
        ("url", Shape::Str),
    ],
});
const VERSIONS: Shape = Shape::List(&VERSION);
const ANY: Shape = Shape::Any;

const INDEX: Shape = Shape::Struct(&StructShape {
    name: "IndexFile",
    type_name: "repo.IndexFile",
    fields: &[
        ("serverInfo", Shape::Map(&ANY)),
        ("apiVersion", Shape::Str),
        ("generated", Shape::Any),
        ("entries", Shape::Map(&VERSIONS)),
        ("publicKeys", Shape::List(&STRING)),
        ("annotations", Shape::Map(&STRING)),
    ],
});

impl Index {
    /// Reads an index, JSON leniently and YAML strictly, as helm does. `source` names it in warnings.
    /// The error is helm's text.
    pub fn parse(text: &[u8], source: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("empty index.yaml file".to_owned());
        }
        let data = match json::unmarshal(text) {
            Ok(data) => decode(&INDEX, &data).map_err(|mismatch| {
                let words = mismatch.message;
                words
                    .strip_prefix("error unmarshaling JSON: while decoding JSON: ")
                    .map_or(words.clone(), str::to_owned)
            })?,
            Err(_) => {
                let data =
                    yaml::load_native(text).map_err(|error| format!("error converting YAML to JSON: {error}"))?;
                decode_strict(&INDEX, &data).map_err(|mismatch| mismatch.message)?
            }
        };
        let mut index = Self::default();
        let charts = data.get("entries").and_then(Frozen::as_map).into_iter().flat_map(|charts| charts.iter());
        for (name, versions) in charts {
            let name = name.to_string();
            let mut kept = Vec::new();
            // Helm looks at them from the last to the first.
            for entry in versions.as_list().unwrap_or_default().iter().rev() {
                kept.extend(index.read(&name, entry, source));
            }
            kept.reverse();
            kept.sort_by(|(one, _), (other, _)| other.cmp(one));
            index.entries.insert(name, kept.into_iter().map(|(_, version)| version).collect());
        }
        match data.get("apiVersion").and_then(Frozen::as_str) {
            None | Some("") => Err("no API version specified".to_owned()),
            Some(_) => Ok(index),
        }
    }

    fn read(&mut self, chart: &str, entry: &Frozen, source: &str) -> Option<(Version, ChartVersion)> {
        let chart = strconv::quote(chart.as_bytes());
        if entry.as_map().is_none() {
            self.warnings.push(format!(
                "index.go:359: skipping loading invalid entry for chart {chart} from {source}: empty entry"
            ));
            return None;
        }
        let mut metadata = Metadata::default();
        metadata.apply(entry);
        if metadata.api_version.is_empty() {
            "v1".clone_into(&mut metadata.api_version);
        }
        let written = metadata.version.clone();
        let harmless = "more than one dependency with name or alias";
        if let Err(fault) = metadata.validate()
            && !fault.message.starts_with(harmless)
        {
            self.warnings.push(format!(
                "index.go:371: skipping loading invalid entry for chart {chart} {} from {source}: validation: {}",
                strconv::quote(written.as_bytes()),
                fault.message
            ));
            return None;
        }
        let version = Version::parse(&metadata.version).ok()?;
        let urls = entry.get("urls").and_then(Frozen::as_list).unwrap_or_default();
        let urls = urls.iter().map(|url| url.as_str().unwrap_or_default().to_owned()).collect();
        Some((version, ChartVersion { version: metadata.version, urls }))
    }

    /// The names of the charts.
    pub fn charts(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The versions of a chart, highest first; `None` when the index does not know it.
    pub fn versions(&self, chart: &str) -> Option<&[ChartVersion]> {
        self.entries.get(chart).map(Vec::as_slice)
    }

    /// The version written just so, else the highest that a range accepts; without a range the highest
    /// that is no pre-release.
    pub fn find(&self, chart: &str, wanted: &str) -> Result<&ChartVersion, String> {
        let versions = self.entries.get(chart).ok_or("no chart name found")?;
        if versions.is_empty() {
            return Err("no chart version found".to_owned());
        }
        let range = Constraints::parse(if wanted.is_empty() { "*" } else { wanted })?;
        let exact = versions.iter().find(|version| !wanted.is_empty() && version.version == wanted);
        let accepted =
            |entry: &&ChartVersion| Version::parse(&entry.version).is_ok_and(|version| range.check(&version));
        let none = || format!("no chart version found for {chart}-{wanted}");
        exact.or_else(|| versions.iter().find(accepted)).ok_or_else(none)
    }

    /// Whether a version of some chart is fetched from this URL.
    pub fn leads_to(&self, url: &str) -> bool {
        let mut urls = self.entries.values().flatten().flat_map(|version| &version.urls);
        urls.any(|own| crate::golang::url::same(url, own))
    }
}
