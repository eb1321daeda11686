use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::{About, INVALID, MALFORMED, MISSING, NOT_ALLOWED, SourceError, foreign};
use super::lock::Lock;
use super::overlay::{Overlaid, overlay};
use super::spec::SourceSpec;
use super::store::Store;
use super::tree::{EntryKind, Tree, TreeError};

/// The largest `Chart.yaml` or `requirements.yaml` that is read.
const MAX_BYTES: usize = 1024 * 1024;
/// How deep local dependencies may nest.
const MAX_DEPTH: usize = 32;

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

#[derive(Deserialize)]
struct Declaring {
    #[serde(default)]
    dependencies: Option<Vec<Option<Declared>>>,
}

#[derive(Clone, Debug, Deserialize)]
struct Declared {
    #[serde(default)]
    name: Option<Text>,
    #[serde(default)]
    version: Option<Text>,
    #[serde(default)]
    repository: Option<Text>,
}

/// A text that its author may have left unquoted.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    Text(String),
    Number(serde_yaml::Number),
}

impl Text {
    fn text(text: Option<&Self>) -> String {
        match text {
            Some(Self::Text(text)) => text.trim().to_owned(),
            Some(Self::Number(number)) => number.to_string(),
            None => String::new(),
        }
    }
}

/// The dependencies that the chart at `chart` in `source` declares and lacks, local folders first
/// completed by themselves. The place of a dependency in `charts/` is judged by its file name.
pub fn needed_charts(source: &Tree, chart: &str) -> Result<Vec<NeededChart>, SourceError> {
    let tree = source.subtree(chart).map_err(unreadable)?;
    let declared = declared(&tree)?;
    if declared.is_empty() {
        return Ok(Vec::new());
    }
    let present = present(&tree)?;
    let mut needed: Vec<NeededChart> = Vec::new();
    for dependency in declared {
        let name = Text::text(dependency.name.as_ref());
        let repository = Text::text(dependency.repository.as_ref());
        // Without a repository the chart must carry it; rendering says so when it does not.
        if repository.is_empty() || present.iter().any(|entry| is_chart_file(entry, &name)) {
            continue;
        }
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\']) {
            let message = format!("{}: `{}` is not the name of a chart", tree.display("Chart.yaml"), foreign(&name));
            return Err(SourceError::new(INVALID, message));
        }
        let from = match repository.strip_prefix("file://") {
            Some(path) => NeededFrom::Folder(beside(&tree, chart, path)?),
            None if repository.starts_with('@') || repository.starts_with("alias:") => {
                let message = format!(
                    "{}: the repository `{}` of the dependency `{name}` is an alias, which only means something on its author's machine",
                    tree.display("Chart.yaml"),
                    foreign(&repository)
                );
                return Err(SourceError::new(INVALID, message).help("write the repository's URL"));
            }
            None => {
                NeededFrom::Repository(SourceSpec::chart(repository, &*name, Text::text(dependency.version.as_ref())))
            }
        };
        let chart = NeededChart { name, from };
        if !needed.contains(&chart) {
            needed.push(chart);
        }
    }
    Ok(needed)
}

/// The chart at `chart` in `source` with the dependencies that it lacks laid into its `charts/`, taken
/// from the store as the lock says.
pub fn complete_chart(source: &Tree, chart: &str, lock: &Lock, store: &Store) -> Result<Tree, SourceError> {
    complete(source, chart, lock, store, 0)
}

fn complete(source: &Tree, chart: &str, lock: &Lock, store: &Store, depth: usize) -> Result<Tree, SourceError> {
    let tree = source.subtree(chart).map_err(unreadable)?;
    if depth > MAX_DEPTH {
        let message = format!("{}: local dependencies nest deeper than the limit of {MAX_DEPTH}", tree.display(""));
        return Err(SourceError::new(MALFORMED, message));
    }
    let mut over = BTreeMap::new();
    for NeededChart { name, from } in needed_charts(source, chart)? {
        match from {
            NeededFrom::Folder(path) => {
                let folder = complete(source, &path, lock, store, depth + 1)?;
                over.insert(format!("charts/{name}"), Overlaid::Folder(folder));
            }
            NeededFrom::Repository(spec) => {
                let Some(pin) = lock.lookup(&spec) else {
                    let message = format!("{} needs {spec}, which is not in the lock", tree.display(""));
                    return Err(SourceError::world(MISSING, message).help("run `kiln install`"));
                };
                let archive = store.archive(pin)?;
                let file = format!("charts/{name}-{}.tgz", pin.resolved().replace(['/', '\\'], "_"));
                over.insert(file, Overlaid::File(archive));
            }
        }
    }
    Ok(overlay(tree, over))
}

/// What `Chart.yaml` declares, or `requirements.yaml` when there is one, as in Helm.
fn declared(chart: &Tree) -> Result<Vec<Declared>, SourceError> {
    for file in ["requirements.yaml", "Chart.yaml"] {
        let bytes = match chart.read(file) {
            Ok(bytes) => bytes,
            Err(TreeError::Missing { .. }) => continue,
            Err(error) => return Err(unreadable(error)),
        };
        if bytes.len() > MAX_BYTES {
            let message = format!("{} is larger than the limit of {MAX_BYTES} bytes", chart.display(file));
            return Err(SourceError::new(MALFORMED, message));
        }
        let declaring: Option<Declaring> = serde_yaml::from_slice(&bytes).map_err(|error| {
            let at = error.location().map(|at| format!(":{}:{}", at.line(), at.column())).unwrap_or_default();
            SourceError::new(MALFORMED, format!("{}{at}: {}", chart.display(file), foreign(&error.to_string())))
        })?;
        let dependencies = declaring.and_then(|declaring| declaring.dependencies).unwrap_or_default();
        return Ok(dependencies.into_iter().flatten().collect());
    }
    Ok(Vec::new())
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
fn beside(tree: &Tree, chart: &str, relative: &str) -> Result<String, SourceError> {
    let mut parts: Vec<&str> = chart.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let outside = || {
        let message = format!(
            "{}: the dependency's repository `file://{}` leads outside of its source",
            tree.display("Chart.yaml"),
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

fn unreadable(error: TreeError) -> SourceError {
    SourceError::from(error)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), Arc::from(text.as_bytes()))).collect();
        Tree::memory(files, "src")
    }

    const CHART: &str = "apiVersion: v2\nname: a\ndependencies:\n- {name: b, version: ^1, repository: 'https://c.io'}\n- {name: c, version: 2, repository: 'file://../c'}\n- {name: d, version: 1.x, repository: ''}\n";

    #[test]
    fn what_charts_lacks_is_needed() {
        let source = tree(&[("x/a/Chart.yaml", CHART), ("x/c/Chart.yaml", "name: c")]);
        let needed = needed_charts(&source, "x/a").unwrap();
        assert_eq!(needed[0].from, NeededFrom::Repository(SourceSpec::chart("https://c.io", "b", "^1")));
        assert_eq!(needed[1].from, NeededFrom::Folder("x/c".to_owned()));
        assert_eq!(needed.len(), 2);

        let source = tree(&[("a/Chart.yaml", CHART), ("a/charts/b-1.2.3.tgz", ""), ("a/charts/c/Chart.yaml", "")]);
        assert_eq!(needed_charts(&source, "a").unwrap(), []);
        let source = tree(&[("a/Chart.yaml", CHART), ("a/charts/b-more-1.2.3.tgz", ""), ("a/charts/c/Chart.yaml", "")]);
        assert_eq!(needed_charts(&source, "a").unwrap().len(), 1);
    }

    #[test]
    fn requirements_are_read_and_wrong_repositories_refused() {
        let with = |repository: &str| {
            let text = format!("dependencies:\n- {{name: b, version: '1', repository: '{repository}'}}\n");
            needed_charts(&tree(&[("a/Chart.yaml", "name: a"), ("a/requirements.yaml", &text)]), "a")
        };
        assert_eq!(with("https://c.io").unwrap().len(), 1);
        assert!(with("@stable").unwrap_err().message.contains("alias"));
        assert!(with("file://../../c").unwrap_err().message.contains("outside"));
        assert!(with("file:///c").unwrap_err().message.contains("outside"));
    }

    #[test]
    fn local_folders_are_laid_into_charts() {
        let chart = "dependencies: [{name: c, version: '1', repository: 'file://../c'}]";
        let source = tree(&[("a/Chart.yaml", chart), ("c/Chart.yaml", "name: c"), ("c/templates/x", "x")]);
        let store = Store::at("/nonexistent");
        let tree = complete_chart(&source, "a", &Lock::default(), &store).unwrap();
        assert!(tree.is_file("charts/c/templates/x"));
        assert!(tree.is_file("Chart.yaml"));
    }

    #[test]
    fn a_cycle_of_local_folders_ends() {
        let source = tree(&[("a/Chart.yaml", "dependencies: [{name: a, version: '1', repository: 'file://.'}]")]);
        let error = complete_chart(&source, "a", &Lock::default(), &Store::at("/nonexistent")).unwrap_err();
        assert!(error.message.contains("deeper than the limit"));
    }

    #[test]
    fn an_unlocked_dependency_is_missing() {
        let source = tree(&[("a/Chart.yaml", CHART), ("c/Chart.yaml", "")]);
        let error = complete_chart(&source, "a", &Lock::default(), &Store::at("/nonexistent")).unwrap_err();
        assert_eq!(error.code, MISSING);
        assert!(error.message.contains("chart `b` ^1 of https://c.io"), "{}", error.message);
    }
}
