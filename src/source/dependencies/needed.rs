use super::declared::{Declared, dependencies};
use super::locked::Locked;
use crate::source::error::{About, INVALID, NOT_ALLOWED, SourceError, foreign};
use crate::source::spec::SourceSpec;
use crate::source::tree::{EntryKind, Tree, TreeError};

/// What a chart lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needed {
    /// The dependencies.
    pub charts: Vec<NeededChart>,
    /// What is odd about the chart's own lock, for people.
    pub oddities: Vec<String>,
}

/// A dependency that a chart declares but does not carry in `charts/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededChart {
    /// The name of the dependency.
    pub name: String,
    /// Where it comes from.
    pub from: NeededFrom,
}

/// Where a needed chart comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NeededFrom {
    /// A repository; to be asked for and locked like any other source.
    Repository(SourceSpec),
    /// A folder in the same source tree.
    Folder(String),
}

/// The dependencies that the chart at `chart` in `source` declares and lacks. The place of a dependency
/// in `charts/` is judged by its file name. A version that the chart's own lock (`Chart.lock`,
/// `requirements.lock`) names for a dependency is asked for, if it is one that the chart accepts.
pub fn needed_charts(source: &Tree, chart: &str) -> Result<Needed, SourceError> {
    let tree = source.subtree(chart).map_err(unreadable)?;
    let (file, declared) = declared(&tree)?;
    if declared.is_empty() {
        return Ok(Needed::default());
    }
    let present = present(&tree)?;
    let mut locked: Option<Locked> = None;
    let mut needed = Needed::default();
    for Declared { name, version: range, repository, place } in declared {
        // Without a repository the chart must carry it; rendering says so when it does not.
        if repository.is_empty() || present.iter().any(|entry| is_chart_file(entry, &name)) {
            continue;
        }
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\']) {
            let message = format!("{}: `{}` is not the name of a chart", tree.display(file), foreign(&name));
            return Err(SourceError::new(INVALID, message).at(place));
        }
        let from = match repository.strip_prefix("file://") {
            Some(path) => NeededFrom::Folder(beside(&tree, file, chart, path).map_err(|error| error.at(place))?),
            None if repository.starts_with('@') || repository.starts_with("alias:") => {
                let message = format!(
                    "{}: the repository `{}` of the dependency `{name}` is an alias, which only means something on its author's machine",
                    tree.display(file),
                    foreign(&repository)
                );
                return Err(SourceError::new(INVALID, message).at(place).help("write the repository's URL"));
            }
            None => {
                let locked = locked.get_or_insert_with(|| Locked::read(&tree, file, &mut needed.oddities));
                let version = locked.version(&name, &repository, &range, &mut needed.oddities);
                NeededFrom::Repository(SourceSpec::chart(repository, &*name, version))
            }
        };
        let chart = NeededChart { name, from };
        if !needed.charts.contains(&chart) {
            needed.charts.push(chart);
        }
    }
    Ok(needed)
}

/// What `Chart.yaml` declares, or `requirements.yaml` when there is one, as in Helm, and which it is.
fn declared(chart: &Tree) -> Result<(&'static str, Vec<Declared>), SourceError> {
    for file in ["requirements.yaml", "Chart.yaml"] {
        if let Some(declared) = dependencies(chart, file)? {
            return Ok((file, declared));
        }
    }
    Ok(("Chart.yaml", Vec::new()))
}

/// The names of the entries of `charts/`.
fn present(chart: &Tree) -> Result<Vec<String>, SourceError> {
    if !matches!(chart.kind("charts"), Ok(Some(EntryKind::Dir))) {
        return Ok(Vec::new());
    }
    Ok(chart.list("charts").map_err(unreadable)?.into_iter().map(|entry| entry.name).collect())
}

/// Whether an entry of `charts/` is the chart: its folder, or its archive `NAME-VERSION.tgz`.
fn is_chart_file(entry: &str, name: &str) -> bool {
    if entry == name {
        return true;
    }
    let version = entry.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
    let version = version.and_then(|version| version.strip_suffix(".tgz"));
    version.is_some_and(|version| version.trim_start_matches('v').starts_with(|char: char| char.is_ascii_digit()))
}

/// The path in the source tree of a folder that is named relative to a chart.
fn beside(tree: &Tree, file: &str, chart: &str, relative: &str) -> Result<String, SourceError> {
    let mut parts: Vec<&str> = chart.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let outside = || {
        let message = format!(
            "{}: the dependency's repository `file://{}` leads outside of its source",
            tree.display(file),
            foreign(relative)
        );
        SourceError::policy(NOT_ALLOWED, message).about(About::Path)
    };
    if relative.starts_with('/') {
        return Err(outside());
    }
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or_else(outside)?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

pub(super) fn unreadable(error: TreeError) -> SourceError {
    SourceError::from(error)
}
