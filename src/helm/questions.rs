//! What a release asked of its input, kept beyond the run, and whether the answers are still the same.

use std::sync::Arc;

use crate::source::{Digest, Digester, Packer, Unpacker};
use crate::value::{Frozen, How, Map, Read, Str, Value};

use super::assembly::{Assembly, MemberId};
use super::capabilities::API_VERSIONS;
use super::chart::Chart;
use super::entropy::Entropy;
use super::error::RenderError;
use super::objects::Files;
use super::reads::{CapabilityReads, FileQuestion, FileRead, Ledger, Reads};
use super::release::{Prepared, ReleaseOptions, prepare};

/// What a release asked. A release of the same name and namespace, with the same limits and switches,
/// that would get the same [answers](Questions::answers) is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Questions {
    values: Vec<Read>,
    checked: Vec<Vec<Str>>,
    files: Vec<FileRead>,
    capabilities: CapabilityReads,
    /// Whether a seed or the time was asked for.
    entropy: bool,
}

/// What a release began with.
pub(super) struct Given {
    /// The values of the outermost chart, with all defaults.
    values: Frozen,
    /// What Helm complained about.
    warnings: Vec<String>,
}

impl Given {
    /// Copies what templates may change.
    pub fn new(values: &Map, warnings: &[String]) -> Self {
        Self { values: Frozen::of(&Value::Map(values.clone())), warnings: warnings.to_vec() }
    }
}

impl Questions {
    /// The questions behind what was read. `None` where no input determines the result.
    pub fn of(reads: &Reads, entropy: &Entropy) -> Option<Self> {
        let used = !reads.nondeterministic.is_empty();
        if used && !matches!(entropy, Entropy::Seeded { .. }) {
            return None;
        }
        Some(Self {
            values: reads.values.clone(),
            checked: reads.checked.clone(),
            files: reads.files.iter().cloned().collect(),
            capabilities: reads.capabilities.clone(),
            entropy: used,
        })
    }

    /// A digest of the answers that a chart and values give, and of all that every release of the chart
    /// depends on: its templates, its own values, its metadata, and what Helm would complain about.
    ///
    /// # Errors
    /// Helm's, when there is no such release.
    pub fn answers(
        &self,
        chart: &Arc<Chart>,
        values: &Frozen,
        options: &ReleaseOptions,
    ) -> Result<Digest, RenderError> {
        // What a schema is asked about is among the answers: where that is the same, so is the verdict.
        let Prepared { charts, values, warnings } = prepare(chart, values, options, false)?;
        Ok(self.answered(chart, &charts, &Given::new(&values, &warnings), options))
    }

    /// The digest of the answers for a release that is prepared.
    pub(super) fn answered(&self, chart: &Chart, charts: &Assembly, given: &Given, options: &ReleaseOptions) -> Digest {
        let mut answers = Digester::new("answers");
        answers.digest(chart.core());
        given.warnings.iter().for_each(|warning| answers.text(warning));
        let mut members = Vec::new();
        gather(charts, Assembly::ROOT, &mut members);
        for (path, _) in &members {
            answers.text(path);
        }
        for read in &self.values {
            answer(find(&given.values, &read.path), read.how, &mut answers);
        }
        for path in &self.checked {
            answer(find(&given.values, path), How::Whole, &mut answers);
        }
        for read in &self.files {
            let chart = members.iter().find(|(path, _)| *path == read.chart);
            if let Some((_, id)) = chart {
                Files::new(&read.chart, charts.chart(*id), &Ledger::default()).answer(&read.what, &mut answers);
            }
        }
        self.surroundings(options, &mut answers);
        answers.finish()
    }

    fn surroundings(&self, options: &ReleaseOptions, answers: &mut Digester) {
        let asked = &self.capabilities;
        if asked.kube_version {
            answers.debug(&options.kube_version);
        }
        if asked.all_api_versions {
            options.api_versions.iter().for_each(|version| answers.text(version));
        }
        for name in asked.api_versions.keys() {
            let has = API_VERSIONS.contains(&name.as_str()) || options.api_versions.contains(name);
            answers.number(has.into());
        }
        if self.entropy {
            answers.debug(&options.entropy);
        }
    }

    /// The questions as bytes: equal ones have equal bytes.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Packer::default();
        let path = |out: &mut Packer, path: &[Str]| out.list(path.iter(), |out, key| out.bytes(key.as_bytes()));
        out.list(self.values.iter(), |out, read| {
            path(out, &read.path);
            out.number(HOWS.iter().position(|how| *how == read.how).unwrap_or(0) as u64);
        });
        out.list(self.checked.iter(), |out, section| path(out, section));
        out.list(self.files.iter(), |out, read| {
            out.text(&read.chart);
            let (kind, text) = match &read.what {
                FileQuestion::Path(path) => (0, path.as_str()),
                FileQuestion::Glob(pattern) => (1, pattern.as_str()),
                FileQuestion::All => (2, ""),
            };
            out.number(kind);
            out.text(text);
        });
        let asked = &self.capabilities;
        for flag in [asked.kube_version, asked.helm_version, asked.all_api_versions, self.entropy] {
            out.number(flag.into());
        }
        out.list(asked.api_versions.iter(), |out, (name, has)| {
            out.text(name);
            out.number((*has).into());
        });
        out.finish()
    }

    /// Questions from their bytes; `None` when these are no such bytes.
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker::new(bytes);
        let path = |from: &mut Unpacker<'_>| from.list(|from| from.bytes().map(Str::from));
        let values = from.list(|from| {
            let path = path(from)?;
            let how = *HOWS.get(usize::try_from(from.number()?).ok()?)?;
            Some(Read { path, how })
        })?;
        let checked = from.list(path)?;
        let files = from.list(|from| {
            let chart = from.text()?.to_owned();
            let kind = from.number()?;
            let text = from.text()?.to_owned();
            let what = match kind {
                0 => FileQuestion::Path(text),
                1 => FileQuestion::Glob(text),
                2 => FileQuestion::All,
                _ => return None,
            };
            Some(FileRead { chart, what })
        })?;
        let (kube_version, helm_version, all_api_versions) = (from.flag()?, from.flag()?, from.flag()?);
        let entropy = from.flag()?;
        let api_versions = from.list(|from| Some((from.text()?.to_owned(), from.flag()?)))?.into_iter().collect();
        from.end()?;
        let capabilities = CapabilityReads { kube_version, helm_version, all_api_versions, api_versions };
        Some(Self { values, checked, files, capabilities, entropy })
    }
}

const HOWS: [How; 6] = [How::Missing, How::Presence, How::Length, How::Keys, How::Value, How::Whole];

fn gather(charts: &Assembly, id: MemberId, found: &mut Vec<(String, MemberId)>) {
    found.push((charts.full_path(id), id));
    charts.children(id).iter().for_each(|child| gather(charts, *child, found));
}

fn find<'v>(values: &'v Frozen, path: &[Str]) -> Option<&'v Frozen> {
    path.iter().try_fold(values, |here, key| match here {
        Frozen::Map(map) => map.get_bytes(key.as_bytes()),
        Frozen::List(items) => items.get(key.as_str()?.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Adds what a reader learned of a value.
fn answer(value: Option<&Frozen>, how: How, answers: &mut Digester) {
    let Some(value) = value else { return answers.number(0) };
    answers.number(1);
    match (how, value) {
        (How::Presence | How::Missing, _) => kind(value, answers),
        (How::Length, Frozen::List(items)) => answers.number(items.len() as u64),
        (How::Keys, Frozen::Map(map)) => {
            answers.number(map.len() as u64);
            map.iter().for_each(|(key, _)| answers.bytes(key.as_bytes()));
        }
        // Containers in a list have entries of their own where somebody looked into them.
        (How::Value, Frozen::List(items)) => shallow(items, answers),
        _ => answers.frozen(value),
    }
}

fn shallow(items: &[Frozen], answers: &mut Digester) {
    answers.number(items.len() as u64);
    for item in items {
        match item {
            Frozen::Map(_) | Frozen::List(_) => kind(item, answers),
            scalar => answers.frozen(scalar),
        }
    }
}

/// Adds the type of a value, as `%T` tells it.
fn kind(value: &Frozen, answers: &mut Digester) {
    answers.text(match value {
        Frozen::Nil => "<nil>",
        Frozen::Bool(_) => "bool",
        Frozen::Int(kind, _) => kind.name(),
        Frozen::Float(_) => "float64",
        Frozen::Str(_) => "string",
        Frozen::List(_) => "[]interface {}",
        Frozen::Map(_) => "map[string]interface {}",
    });
}

/// A digest of all that every release of a chart depends on. Files that releases ask for by `.Files` are
/// left out.
pub(super) fn core(chart: &Chart) -> Digest {
    // Each field has its say: one that is added must be thought of here.
    let Chart { compat, metadata, templates, values, values_file, schema, lock, files: _, charts, warnings, .. } =
        chart;
    let mut core = Digester::new("chart core");
    core.debug(compat);
    core.debug(metadata);
    core.frozen(values);
    for file in templates.iter().chain(values_file).chain(schema) {
        core.text(&file.name);
        core.bytes(&file.data);
    }
    core.number(templates.len() as u64);
    core.number(values_file.is_some().into());
    core.debug(lock);
    core.debug(warnings);
    for crd in chart.crds() {
        core.text(&crd.name);
        core.bytes(&crd.read().unwrap_or_default());
    }
    core.number(charts.len() as u64);
    charts.iter().for_each(|chart| core.digest(chart.core()));
    core.finish()
}

#[cfg(test)]
mod tests;
