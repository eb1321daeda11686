mod signed;

use std::sync::Arc;

use rayon::prelude::*;

use self::signed::provenance_of;
use super::fetcher::Fetcher;
use super::group::{Outcome, Result, Task, expect_locked, not_here};
use super::once::Once;
use crate::diag::{Blame, Diagnostic};
use crate::golang::semver::{Constraints, Version};
use crate::source::address::{Address, carries_secret, shown};
use crate::source::chart_repo::{
    ChartPlace, Index, Offer, Pulled, Registry, check_archive, download_archive, offer, read_index,
};
use crate::source::digest;
use crate::source::error::{About, CORRUPT, MALFORMED, NOT_FOUND, ODD, SourceError, foreign};
use crate::source::pin::Pin;
use crate::source::spec::SourceSpec;
use crate::span::Source;
use crate::yaml;

/// What one run has fetched of chart repositories.
#[derive(Default)]
pub(super) struct Charts {
    /// Indexes by the repository's URL.
    indexes: Once<Arc<Index>>,
    /// The digests of archives in the store, by where they came from and what they had to be.
    archives: Once<String>,
}

/// The tasks of one chart repository.
pub(super) struct Repository<'a> {
    fetcher: &'a Fetcher,
    place: ChartPlace<'a>,
    /// Its URL as asked.
    asked: &'a str,
}

/// Does the tasks of one chart repository.
pub(super) fn fetch_charts(fetcher: &Fetcher, tasks: &[&Task]) -> Vec<Result<Outcome>> {
    let Some(first) = tasks.first() else { return Vec::new() };
    let repository = match Repository::of(fetcher, first) {
        Ok(repository) => repository,
        Err(error) => return tasks.iter().map(|_| Err(error.clone())).collect(),
    };
    tasks.par_iter().map(|task| repository.fetch(task)).collect()
}

fn chart_place<'a>(fetcher: &'a Fetcher, task: &Task) -> Result<ChartPlace<'a>> {
    match &task.place {
        Address::Local(folder) => Ok(ChartPlace::Local(folder.clone())),
        Address::Web(url) => {
            Ok(ChartPlace::Web { web: &fetcher.web, url: url.clone(), token: fetcher.token(&task.written)? })
        }
        Address::Oci(url) => Ok(ChartPlace::Registry(Registry::new(
            &fetcher.web,
            url.clone(),
            &fetcher.options.allow_insecure,
            fetcher.token(&task.written)?,
        ))),
        Address::Ssh(_) | Address::Daemon { .. } => Err(not_here(task)),
    }
}

impl<'a> Repository<'a> {
    /// The repository that a task asks.
    pub(super) fn of(fetcher: &'a Fetcher, task: &'a Task) -> Result<Self> {
        Ok(Self { fetcher, place: chart_place(fetcher, task)?, asked: task.spec.url() })
    }

    /// What a version or range of a chart means at this moment: version, and as far as the repository
    /// tells, the digests of the archive and of its manifest. A digest means what it always meant: its
    /// version stands in the archive, and is empty here.
    pub(super) fn look(&self, chart: &str, version: &str) -> Result<(String, Option<String>, Option<String>)> {
        if let ChartPlace::Registry(registry) = &self.place {
            let pulled = registry.resolve(self.asked, chart, version)?;
            let version = if pulled.by_digest { String::new() } else { pulled.version };
            return Ok((version, Some(pulled.sha256), Some(pulled.manifest)));
        }
        let offer = offer(&*self.index()?, self.asked, chart, version)?;
        let sha256 = offer.sha256();
        Ok((offer.version, sha256, None))
    }

    fn fetch(&self, task: &Task) -> Result<Outcome> {
        let SourceSpec::ChartRepo { chart, version, .. } = &task.spec else { return Err(not_here(task)) };
        match (&task.pin, &self.place) {
            (Some(locked), _) => self.fetch_locked(task, locked),
            (None, ChartPlace::Registry(registry)) => {
                let pulled = registry.resolve(self.asked, chart, version)?;
                let provenance = pulled.provenance.clone();
                let outcome = self.fetch_pulled(chart, pulled)?;
                Ok(Outcome { pin: self.signed(outcome.pin, provenance)?, ..outcome })
            }
            (None, _) => {
                let offer = offer(&*self.index()?, self.asked, chart, version)?;
                let (archive, sha256) = self.fetch_offer(chart, &offer)?;
                let provenance = Some(provenance_of(&archive));
                let archive = recordable(&archive);
                let notes = offer.oddities.iter().map(|oddity| Diagnostic::warning(ODD, oddity.clone()));
                let notes = notes.map(|note| note.at(offer.place.clone(), "")).collect();
                let pin = self.signed(self.pin(chart, offer.version, archive, None, sha256), provenance)?;
                Ok(Outcome { pin, notes })
            }
        }
    }

    fn index(&self) -> Result<Arc<Index>> {
        self.fetcher.charts.indexes.get(self.asked, || read_index(&self.place).map(Arc::new))
    }

    fn pin(&self, chart: &str, version: String, archive: String, manifest: Option<String>, sha256: String) -> Pin {
        Pin::Chart {
            url: self.asked.to_owned(),
            chart: chart.to_owned(),
            version,
            archive,
            manifest,
            signed_by: None,
            sha256,
        }
    }

    /// Fetches from the first of the offered places that has the archive.
    fn fetch_offer(&self, chart: &str, offer: &Offer) -> Result<(String, String)> {
        let mut failed: Option<SourceError> = None;
        for archive in &offer.archives {
            if let Some(sha256) = offer.sha256()
                && self.has(chart, &sha256)
            {
                return Ok((archive.clone(), sha256));
            }
            let expected = offer.digest.as_deref().unwrap_or_default();
            match self.fetch_archive(archive, expected, |sha256| offer.check(archive, sha256)) {
                Ok(sha256) => return Ok((archive.clone(), sha256)),
                // Only what may be different elsewhere is tried elsewhere.
                Err(error) if error.blame == Blame::World => {
                    failed = Some(match failed {
                        None => error,
                        Some(first) => {
                            SourceError { message: format!("{}; {}", first.message, error.message), ..first }
                        }
                    });
                }
                Err(error) => return Err(placed(error, offer)),
            }
        }
        Err(failed.map_or_else(|| not_found(chart, self.asked), |error| placed(error, offer)))
    }

    /// Puts an archive into the store, unless this run already did. Content that is not what it has to
    /// be is told before it is looked at, and what is no archive now, not when rendering.
    fn fetch_archive(&self, archive: &str, expected: &str, check: impl FnOnce(&str) -> Result<()>) -> Result<String> {
        self.fetcher.charts.archives.get(&format!("{archive} {expected}"), || {
            let bytes = download_archive(&self.place, self.asked, archive, &self.fetcher.options.rewrites)?;
            check(&digest::sha256_hex(&bytes))?;
            check_archive(&bytes, archive)?;
            self.fetcher.store.put_chart(&bytes)
        })
    }

    fn fetch_pulled(&self, chart: &str, pulled: Pulled) -> Result<Outcome> {
        let Pulled { version, by_digest, archive, manifest, sha256, .. } = pulled;
        if !self.has(chart, &sha256) {
            self.fetch_archive(&archive, &sha256, |_| Ok(()))?;
        }
        let version = match by_digest {
            false => version,
            true => self.version_in(chart, &archive, &sha256, &version)?,
        };
        Ok(Outcome { pin: self.pin(chart, version, archive, Some(manifest), sha256), notes: Vec::new() })
    }

    /// The version that a chart in the store says it has; it must be one of those asked for.
    fn version_in(&self, chart: &str, archive: &str, sha256: &str, asked: &str) -> Result<String> {
        let tree = self.fetcher.store.open(&self.pin(chart, String::new(), String::new(), None, sha256.to_owned()))?;
        let malformed = |error: &dyn std::fmt::Display| {
            SourceError::policy(MALFORMED, format!("{}: {}", shown(archive), foreign(&error.to_string())))
        };
        let text = tree.read("Chart.yaml").map_err(|error| malformed(&error))?;
        let source = Source::new(tree.display("Chart.yaml"), String::from_utf8_lossy(&text));
        let document = yaml::parse_document(&source).map_err(|error| malformed(&error.message))?;
        let version = document.root.get("version").and_then(|version| version.as_str()).unwrap_or_default();
        let fits = || {
            let version = Version::parse(version);
            Constraints::parse(asked).is_ok_and(|range| version.is_ok_and(|version| range.check(&version)))
        };
        if Version::parse(version).is_err() {
            return Err(malformed(&format!("`{version}` is no version")));
        }
        if asked.is_empty() || asked == version || fits() {
            return Ok(version.to_owned());
        }
        let message = format!("{} is version `{}`, not `{}`", shown(archive), foreign(version), foreign(asked));
        Err(SourceError::policy(CORRUPT, message).about(About::Version))
    }

    /// Whether the store has an archive.
    fn has(&self, chart: &str, sha256: &str) -> bool {
        let pin = self.pin(chart, String::new(), String::new(), None, sha256.to_owned());
        matches!(self.fetcher.store.check(&pin), Some(Ok(())))
    }

    /// Fetches what the lock names again.
    fn fetch_locked(&self, task: &Task, locked: &Pin) -> Result<Outcome> {
        let Pin::Chart { chart, version, archive, manifest, sha256, .. } = locked else { return Err(not_here(task)) };
        let mut provenance = Some(provenance_of(archive));
        if let (ChartPlace::Registry(registry), Some(manifest)) = (&self.place, manifest) {
            provenance = match registry.locked(self.asked, archive, manifest) {
                Ok(pulled) => pulled.provenance,
                // The archive has a digest of its own.
                Err(error) if error.code == NOT_FOUND => None,
                Err(error) => return Err(error),
            };
        }
        if self.has(chart, sha256) {
            // It is the signature that is still to be seen.
            return Ok(Outcome { pin: self.signed(locked.clone(), provenance)?, notes: Vec::new() });
        }
        let same = |found: &str| {
            let pin = self.pin(chart, version.clone(), archive.clone(), manifest.clone(), found.to_owned());
            expect_locked(locked, &pin, &task.spec.to_string())
        };
        // In a registry that mirrors a chart repository, the archive is known by its digest.
        let reference = format!("{}/{chart}@sha256:{sha256}", self.asked.trim_end_matches('/'));
        let from = match (&self.place, manifest) {
            (ChartPlace::Registry(_), None) => &reference,
            _ => archive,
        };
        match self.fetch_archive(from, sha256, same) {
            Ok(_) => {}
            Err(error) if error.blame == Blame::World => {
                self.elsewhere(chart, version, sha256).ok_or_else(|| gone(locked, error))?;
            }
            Err(error) => return Err(error),
        }
        Ok(Outcome { pin: self.signed(locked.clone(), provenance)?, notes: Vec::new() })
    }

    /// The same archive at another place that the index knows by now.
    fn elsewhere(&self, chart: &str, version: &str, sha256: &str) -> Option<()> {
        if matches!(self.place, ChartPlace::Registry(_)) {
            return None;
        }
        let offer = offer(&*self.index().ok()?, self.asked, chart, version).ok()?;
        let same = |found: &str| match found == sha256 {
            true => Ok(()),
            false => Err(not_found(chart, self.asked)),
        };
        offer.archives.iter().find_map(|archive| self.fetch_archive(archive, sha256, same).ok()).map(drop)
    }
}

/// A URL for the lock. What looks like a secret is left out, as in URLs that are signed for a while:
/// the index will have a fresh one.
fn recordable(archive: &str) -> String {
    match archive.split_once('?') {
        Some((place, query)) if carries_secret(query) => place.to_owned(),
        _ => archive.to_owned(),
    }
}

fn not_found(chart: &str, asked: &str) -> SourceError {
    SourceError::world(NOT_FOUND, format!("chart `{}` not found in {}", foreign(chart), shown(asked)))
}

/// A failure to fetch what an index offers, pointing at the offer.
fn placed(error: SourceError, offer: &Offer) -> SourceError {
    match error.at {
        Some(_) => error,
        None => error.at(offer.place.clone()),
    }
}

/// What the lock names and nobody has any more.
fn gone(locked: &Pin, error: SourceError) -> SourceError {
    let Pin::Chart { chart, version, sha256, .. } = locked else { return error };
    let message = format!(
        "chart `{}` {} is locked with sha256:{sha256} and cannot be fetched any more: {}",
        foreign(chart),
        foreign(version),
        error.message
    );
    SourceError { message, ..error }
        .help("take the archive from a mirror or a bundle, or choose another version with `kiln update`")
}

#[cfg(test)]
mod tests;
