use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::golang::semver::{Constraints, Version};
use crate::golang::url;
use crate::helm::Dependency;
use crate::helm::packing::members;
use crate::helm::repository::Repositories;
use crate::source::remote::{Asking, is_oci};
use crate::source::{TemporaryFolder, pack_tgz, write_atomically};

use super::super::download;
use super::super::failure::{Failure, go_words};
use super::manager::{INDEX_TIMEOUT, Manager};
use super::resolve::local_folder;
use super::settle::settle;
use super::{join, load};

impl Manager<'_> {
    /// Fetches the locked dependencies beside `charts/`, then puts them there and removes what is
    /// outdated. When one cannot be fetched `charts/` stays as it is. Versions of local charts are
    /// written into `locked`.
    pub(super) fn fetch_all(&self, locked: &mut [Dependency]) -> Result<(), String> {
        let known = self.downloader.repositories()?;
        for entry in &known.entries {
            let index = self.downloader.files.index(&entry.name);
            fs::metadata(&index).map_err(|error| format!("open {}: {}", index.display(), go_words(&error)))?;
        }
        let charts = join(&self.chart, "charts");
        match fs::metadata(&charts) {
            Ok(meta) if !meta.is_dir() => return Err(format!("{charts:?} is not a directory")),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(&charts).map_err(|error| format!("mkdir {charts}: {}", go_words(&error)))?;
            }
            Err(error) => {
                let words = go_words(&error);
                return Err(format!("unable to retrieve file info for '{charts}': stat {charts}: {words}"));
            }
        }
        let staging = TemporaryFolder::below(Path::new(&self.chart), "tmpcharts-")
            .map_err(|error| format!("mkdir {}: {}", join(&self.chart, "tmpcharts"), go_words(&error)))?;
        (self.tell)(&format!("Saving {} charts", locked.len()));
        let mut fetched = HashSet::new();
        for dependency in locked.iter_mut() {
            self.fetch(dependency, &known, &mut fetched, &charts, staging.path()).map_err(
                |Stop { message, is_told }| {
                    if is_told {
                        (self.tell)(&format!("Save error occurred:  {message}"));
                    }
                    message
                },
            )?;
        }
        settle(locked, staging.path(), Path::new(&charts), self.tell)
    }

    fn fetch(
        &self,
        dependency: &mut Dependency,
        known: &Repositories,
        fetched: &mut HashSet<String>,
        charts: &str,
        staging: &Path,
    ) -> Result<(), Stop> {
        let Dependency { name, version, repository, .. } = &*dependency;
        if repository.is_empty() {
            (self.tell)(&format!(
                "Dependency {name} did not declare a repository. Assuming it exists in the charts directory"
            ));
            return check_local(dependency, charts);
        }
        if repository.starts_with("file://") {
            if self.debug {
                (self.tell)(&format!("Archiving {name} from repo {repository}"));
            }
            dependency.version = self.pack_local(dependency, staging)?;
            return Ok(());
        }
        let (href, asking) = self.find(dependency, known).map_err(|error| format!("could not find : {error}"))?;
        if fetched.contains(&href) {
            (self.tell)(&format!("Already downloaded {name} from repo {repository}"));
            return Ok(());
        }
        (self.tell)(&format!("Downloading {name} from repo {repository}"));
        let (reference, tag) = match is_oci(&href) {
            true => (href.strip_suffix(&format!(":{version}")).unwrap_or(&href), version.as_str()),
            false => (href.as_str(), ""),
        };
        self.downloader
            .download(reference, tag, &asking, staging, &self.signatures)
            .map_err(|error| format!("could not download {reference}: {error}"))
            .map(|fetched| fetched.warning.iter().for_each(|warning| (self.tell)(warning)))?;
        fetched.insert(reference.to_owned());
        Ok(())
    }

    /// The URL of a dependency's archive, and how it is asked for.
    fn find(&self, dependency: &Dependency, known: &Repositories) -> Result<(String, Asking), String> {
        let Dependency { name, version, repository, .. } = dependency;
        if is_oci(repository) {
            return Ok((format!("{repository}/{name}:{version}"), Asking::default()));
        }
        let Some(entry) = known.entries.iter().find(|entry| url::same(repository, &entry.url)) else {
            let asking = Asking::default();
            let found = self.downloader.find_in(repository, name, version, &asking);
            let href = found.map_err(|error| format!("chart {name} not found in {repository}: {error}"))?;
            return Ok((href, asking));
        };
        let index = self.downloader.cached_index(&entry.name)?;
        let versions = index.versions(name).ok_or("entry not found")?;
        let location = versions
            .iter()
            .filter(|it| version.is_empty() || same_version(version, &it.version))
            .find_map(|it| it.urls.first())
            .ok_or("no matching version")?;
        let parsed = url::parse(location.as_bytes())?;
        if parsed.is_absolute() {
            return Ok((location.clone(), download::asking_of(entry, INDEX_TIMEOUT)));
        }
        let mut whole =
            url::parse(repository.as_bytes()).map_err(|error| format!("base URL failed to parse: {error}"))?;
        let path = |base: &[u8]| {
            crate::golang::path::clean_text(&format!("{}/{location}", String::from_utf8_lossy(base))).into_bytes()
        };
        (whole.raw_path, whole.path) = (path(&whole.raw_path), path(&whole.path));
        let href = String::from_utf8_lossy(&whole.print()).into_owned();
        Ok((href, download::asking_of(entry, INDEX_TIMEOUT)))
    }

    /// Packs the chart of a folder and gives its version.
    fn pack_local(&self, dependency: &Dependency, staging: &Path) -> Result<String, Stop> {
        let Dependency { name, version, repository, .. } = dependency;
        let folder = local_folder(repository, &self.chart)?;
        let chart = load(Path::new(&folder))?;
        let range = Constraints::parse(version)
            .map_err(|error| format!("dependency {name} has an invalid version/constraint format: {error}"))?;
        let found = Version::parse(&chart.metadata.version)?;
        if !range.check(&found) {
            return Err(format!("can't get a valid version for dependency {name}").into());
        }
        let members = members(&chart, &chart.metadata)?;
        let members = members.iter().map(|member| (member.path.clone(), &*member.data));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let file = staging.join(format!("{}-{}.tgz", chart.metadata.name, chart.metadata.version));
        let failed = |error: std::io::Error| format!("open {}: {}", file.display(), go_words(&error));
        let packed = pack_tgz(members, now).map_err(failed)?;
        write_atomically(&file, &packed).map_err(failed)?;
        Ok(chart.metadata.version.clone())
    }
}

/// What ends fetching.
struct Stop {
    message: String,
    /// Whether helm tells it among the steps too.
    is_told: bool,
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self { message, is_told: true }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        failure.message.into()
    }
}

/// A dependency without a repository must lie in `charts/`, in the right version.
fn check_local(dependency: &Dependency, charts: &str) -> Result<(), Stop> {
    let Dependency { name, version, .. } = dependency;
    let folder = join(charts, name);
    let untold = |message: String| Stop { message, is_told: false };
    let chart = load(Path::new(&folder))
        .map_err(|failure| untold(format!("unable to load chart '{folder}': {}", failure.message)))?;
    let range = Constraints::parse(version)
        .map_err(|error| untold(format!("dependency {name} has an invalid version/constraint format: {error}")))?;
    let found = &chart.metadata.version;
    let parsed = Version::parse(found)
        .map_err(|error| untold(format!("invalid version {version} for dependency {name}: {error}")))?;
    match range.check(&parsed) {
        true => Ok(()),
        false => Err(format!("dependency {name} at version {found} does not satisfy the constraint {version}").into()),
    }
}

fn same_version(one: &str, other: &str) -> bool {
    match (Version::parse(one), Version::parse(other)) {
        (Ok(one), Ok(other)) => one == other,
        (Err(_), _) => one == other,
        (Ok(_), Err(_)) => false,
    }
}
