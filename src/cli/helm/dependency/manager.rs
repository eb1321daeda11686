use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::golang::time::Time;
use crate::golang::url;
use crate::helm::repository::{Entry, digest_of_v2, digest_of_v3};
use crate::helm::{Chart, Dependency, Lock};
use crate::source::remote::is_oci;
use crate::source::{sha256_hex, write_atomically};

use super::super::download::Downloader;
use super::super::failure::{Failure, go_words, say};
use super::super::repo::{UNMANAGED, fetch_all};
use super::super::verify::Signatures;
use super::load;
use super::resolve::local_folder;

/// How long an index may take.
pub const INDEX_TIMEOUT: Duration = Duration::from_secs(120);

/// Keeps the dependencies of one chart.
pub struct Manager<'a> {
    /// Fetches.
    pub downloader: &'a Downloader,
    /// The chart's folder.
    pub chart: String,
    /// Whether indexes are taken as they are in the cache.
    pub skip_refresh: bool,
    /// Whether more is said.
    pub debug: bool,
    /// What is made of the signatures of what is fetched.
    pub signatures: Signatures,
    /// Takes each step, a line without its end.
    pub tell: fn(&str),
}

/// The name of the index in the cache, by the name of the dependency.
pub type IndexNames = HashMap<String, String>;

impl Manager<'_> {
    /// Fills `charts/` with what the lock says; without a lock this is an update.
    pub fn build(&self) -> Result<(), Failure> {
        let chart = self.load()?;
        let Some(lock) = &chart.lock else { return self.update() };
        let mut locked = lock.dependencies.clone().unwrap_or_default();
        let mut declared = chart.metadata.dependencies.clone().unwrap_or_default();
        let is_v1 = chart.metadata.api_version == "v1";
        let (lock_name, declared_in) =
            if is_v1 { ("requirements.lock", "requirements.yaml") } else { ("Chart.lock", "Chart.yaml") };
        let old_digest = digest_of_v2(&declared)?;
        self.name_indexes(&mut declared)?;
        if digest_of_v3(&declared, &locked)? != lock.digest {
            if is_v1 {
                say("manager.go:122: warning: a valid Helm v3 hash was not found. Checking against Helm v2 hash...");
            }
            if !is_v1 || old_digest != lock.digest {
                return Err(format!(
                    "the lock file ({lock_name}) is out of sync with the dependencies file ({declared_in}). Please \
                     update the dependencies"
                )
                .into());
            }
        }
        self.require_known(&locked)?;
        if !self.skip_refresh {
            self.refresh()?;
        }
        Ok(self.fetch_all(&mut locked)?)
    }

    /// Settles versions, fills `charts/` and writes the lock.
    pub fn update(&self) -> Result<(), Failure> {
        let chart = self.load()?;
        let Some(mut declared) = chart.metadata.dependencies.clone() else { return Ok(()) };
        let mut names = self.name_indexes(&mut declared)?;
        self.name_unmanaged(&declared, &mut names)?;
        if !self.skip_refresh {
            self.refresh()?;
        }
        let mut locked = self.resolve(&declared, &names)?;
        self.fetch_all(&mut locked)?;
        let digest = digest_of_v3(&declared, &locked)?;
        if chart.lock.as_ref().is_some_and(|old| old.digest == digest) {
            return Ok(());
        }
        let is_v1 = chart.metadata.api_version == "v1";
        Ok(self.write_lock(&Lock { generated: now(), digest, dependencies: Some(locked) }, is_v1)?)
    }

    fn load(&self) -> Result<Arc<Chart>, Failure> {
        let path = Path::new(&self.chart);
        let shown = &self.chart;
        match fs::metadata(path) {
            Err(error) => Err(format!("could not find {shown}: stat {shown}: {}", go_words(&error)).into()),
            Ok(meta) if !meta.is_dir() => Err("only unpacked charts can be updated".to_owned().into()),
            Ok(_) => load(path),
        }
    }

    fn write_lock(&self, lock: &Lock, is_v1: bool) -> Result<(), String> {
        let name = if is_v1 { "requirements.lock" } else { "Chart.lock" };
        let path = Path::new(&self.chart).join(name);
        // Through a link the lock's text, which others have a say in, would get anywhere.
        if fs::symlink_metadata(&path).is_ok_and(|meta| meta.file_type().is_symlink()) {
            let target = fs::read_link(&path).unwrap_or_default();
            return Err(format!("the {name} file is a symlink to {:?}", target.display().to_string()));
        }
        let text = lock.to_yaml()?;
        write_atomically(&path, &text).map_err(|error| format!("open {}: {}", path.display(), go_words(&error)))
    }

    /// Puts URLs in the place of `@name` and `alias:name`, and says which index each dependency is in.
    fn name_indexes(&self, declared: &mut [Dependency]) -> Result<IndexNames, String> {
        let known = self.downloader.repositories()?;
        let mut names = IndexNames::new();
        let mut missing = Vec::new();
        for dependency in declared.iter_mut().filter(|dependency| !dependency.repository.is_empty()) {
            let repository = dependency.repository.clone();
            if repository.starts_with("file://") {
                local_folder(&repository, &self.chart)?;
                if self.debug {
                    (self.tell)(&format!("Repository from local path: {repository}"));
                }
                names.insert(dependency.name.clone(), repository);
                continue;
            }
            if is_oci(&repository) {
                names.insert(dependency.name.clone(), repository);
                continue;
            }
            let alias = repository.strip_prefix('@').or_else(|| repository.strip_prefix("alias:"));
            let found = known
                .entries
                .iter()
                .find(|entry| alias == Some(entry.name.as_str()) || url::same(&entry.url, &repository));
            if let Some(entry) = found {
                if alias == Some(entry.name.as_str()) {
                    dependency.repository.clone_from(&entry.url);
                }
                names.insert(dependency.name.clone(), entry.name.clone());
            } else if url::parse(repository.as_bytes())
                .is_ok_and(|url| url.is_absolute() || repository.starts_with('/'))
            {
                names.insert(repository.clone(), repository);
            } else {
                missing.push(repository);
            }
        }
        if missing.is_empty() { Ok(names) } else { Err(unknown(&missing)) }
    }

    /// Gives the repositories that the user did not add a name, and fetches their indexes.
    fn name_unmanaged(&self, declared: &[Dependency], names: &mut IndexNames) -> Result<(), String> {
        let mut unmanaged = Vec::new();
        for dependency in declared.iter().filter(|dependency| !dependency.repository.is_empty()) {
            if names.contains_key(&dependency.name) {
                continue;
            }
            let name = format!("{UNMANAGED}{}", sha256_hex(dependency.repository.as_bytes()));
            names.insert(dependency.name.clone(), name.clone());
            unmanaged.push(Entry { name, url: dependency.repository.clone(), ..Entry::default() });
        }
        if !self.skip_refresh && !unmanaged.is_empty() {
            (self.tell)("Getting updates for unmanaged Helm repositories...");
            fetch_all(self.downloader, &unmanaged.iter().collect::<Vec<_>>(), INDEX_TIMEOUT, self.tell)?;
        }
        Ok(())
    }

    fn refresh(&self) -> Result<(), String> {
        let known = self.downloader.repositories()?;
        if !known.entries.is_empty() {
            (self.tell)("Hang tight while we grab the latest from your chart repositories...");
            fetch_all(self.downloader, &known.entries.iter().collect::<Vec<_>>(), INDEX_TIMEOUT, self.tell)?;
            (self.tell)("Update Complete. ⎈Happy Helming!⎈");
        }
        Ok(())
    }

    /// A lock is only followed to repositories that the user added.
    fn require_known(&self, locked: &[Dependency]) -> Result<(), String> {
        let known = self.downloader.repositories()?;
        let is_known = |repository: &str| {
            let place = repository.strip_suffix('/').unwrap_or(repository);
            known.entries.iter().any(|entry| url::same(&entry.url, place))
        };
        let missing: Vec<&str> = locked
            .iter()
            .map(|dependency| dependency.repository.as_str())
            .filter(|it| !it.is_empty() && !it.starts_with("file://") && !is_oci(it) && !is_known(it))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.join(", ");
        Err(format!("no repository definition for {missing}. Please add the missing repos via 'helm repo add'"))
    }
}

/// The time, as Go writes it into a lock.
fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
    Time::unix_nanos(seconds, i64::from(since.subsec_nanos())).format("2006-01-02T15:04:05.999999999Z07:00")
}

fn unknown(missing: &[String]) -> String {
    let mut message =
        format!("no repository definition for {}. Please add them via 'helm repo add'", missing.join(", "));
    let is_word = |it: &String| !it.contains("//") && !it.starts_with('@') && !it.starts_with("alias:");
    if missing.iter().any(is_word) {
        message.push_str(
            "\nNote that repositories must be URLs or aliases. For example, to refer to the \"example\"\nrepository, \
             use \"https://charts.example.com/\" or \"@example\" instead of\n\"example\". Don't forget to add the \
             repo, too ('helm repo add').",
        );
    }
    message
}
