use std::io::ErrorKind;
use std::path::Path;

use crate::golang::semver::{Constraints, Version};
use crate::helm::Dependency;
use crate::source::remote::is_oci;

use super::super::failure::{Failure, go_words};
use super::manager::{IndexNames, Manager};
use super::{join, load};

impl Manager<'_> {
    /// The dependencies with the versions that answer what is declared. The error is helm's text.
    pub(super) fn resolve(&self, declared: &[Dependency], names: &IndexNames) -> Result<Vec<Dependency>, Failure> {
        let mut locked = Vec::new();
        let mut missing = Vec::new();
        for dependency in declared {
            let Dependency { name, version, repository, .. } = dependency;
            let range = Constraints::parse(version)
                .map_err(|error| format!("dependency {name:?} has an invalid version/constraint format: {error}"))?;
            let lock = |version: String| Dependency {
                name: name.clone(),
                version,
                repository: repository.clone(),
                ..Dependency::default()
            };
            if repository.is_empty() {
                local_folder(&join("charts", name), &self.chart)?;
                locked.push(lock(version.clone()));
                continue;
            }
            let accepted = |written: &String| Version::parse(written).is_ok_and(|version| range.check(&version));
            let found = if repository.starts_with("file://") {
                let folder = local_folder(repository, &self.chart)?;
                Some(load(Path::new(&folder))?.metadata.version.clone()).filter(accepted)
            } else if is_oci(repository) {
                // A range that no tag answers is told when the chart is fetched, as in helm.
                let versions = self.versions_in_registry(dependency)?;
                Some(versions.into_iter().find(accepted).unwrap_or_else(|| version.clone()))
            } else {
                self.versions_in_index(dependency, names)?.into_iter().find(accepted)
            };
            match found {
                Some(version) => locked.push(lock(version)),
                None => missing.push(format!("{name:?} (repository {repository:?}, version {version:?})")),
            }
        }
        if missing.is_empty() {
            return Ok(locked);
        }
        Err(format!(
            "can't get a valid version for {} subchart(s): {}. Make sure a matching chart version exists in the repo, \
             or change the version constraint in Chart.yaml",
            missing.len(),
            missing.join(", ")
        )
        .into())
    }

    fn versions_in_registry(&self, dependency: &Dependency) -> Result<Vec<String>, String> {
        let Dependency { name, version, repository, .. } = dependency;
        if Version::parse(version).is_ok() {
            return Ok(vec![version.clone()]);
        }
        self.downloader
            .registry()?
            .versions(&format!("{repository}/{name}"))
            .map_err(|error| format!("could not retrieve list of tags for repository {repository}: {error}"))
    }

    fn versions_in_index(&self, dependency: &Dependency, names: &IndexNames) -> Result<Vec<String>, String> {
        let Dependency { name, repository, .. } = dependency;
        let index_name = names.get(name).map_or("", String::as_str);
        let index = self.downloader.cached_index(index_name).map_err(|error| {
            format!("no cached repository for {index_name} found. (try 'helm repo update'): {error}")
        })?;
        let versions = index.versions(name).ok_or_else(|| format!("{name} chart not found in repo {repository}"))?;
        let fetchable = versions.iter().filter(|version| !version.urls.is_empty());
        Ok(fetchable.map(|version| version.version.clone()).collect())
    }
}

/// The folder that a `file://` repository means, or a path in the chart. It must be there.
pub fn local_folder(repository: &str, chart: &str) -> Result<String, String> {
    let path = repository.strip_prefix("file://").unwrap_or(repository);
    let folder = if path.starts_with('/') { join("/", path) } else { join(chart, path) };
    match std::fs::metadata(&folder) {
        Ok(_) => Ok(folder),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(format!("directory {folder} not found")),
        Err(error) => Err(format!("stat {folder}: {}", go_words(&error))),
    }
}
