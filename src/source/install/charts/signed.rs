use std::time::{SystemTime, UNIX_EPOCH};

use super::Repository;
use crate::source::chart_repo::{ChartPlace, download_archive};
use crate::source::error::NOT_FOUND;
use crate::source::install::group::Result;
use crate::source::pin::Pin;

impl Repository<'_> {
    /// Marks a pin as signed where it has to be, or refuses it. `provenance` is where the statement
    /// about the archive is.
    pub(super) fn signed(&self, mut pin: Pin, provenance: Option<String>) -> Result<Pin> {
        let signatures = &self.fetcher.options.signatures;
        let Some(rule) = signatures.rule(self.asked).filter(|_| !signatures.accept(&pin)) else { return Ok(pin) };
        let missing = |why: &str| rule.refuse(&pin, &format!("it has no provenance file: {why}"));
        let statement = match (&self.place, provenance) {
            (_, None) => return Err(missing("the registry names none")),
            (ChartPlace::Registry(registry), Some(place)) => {
                registry.fetch_blob(self.asked, &place, "the provenance file")
            }
            (place, Some(url)) => download_archive(place, self.asked, &url, &self.fetcher.options.rewrites),
        };
        let statement = match statement {
            Ok(statement) => statement,
            Err(error) if error.code == NOT_FOUND => return Err(missing(&error.message)),
            Err(error) => return Err(error),
        };
        let Pin::Chart { chart, version, archive, .. } = &pin else { return Ok(pin) };
        let file = match self.place {
            ChartPlace::Registry(_) => format!("{}-{version}.tgz", chart.split('@').next().unwrap_or(chart)),
            _ => file_name(archive),
        };
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let key = rule.check(&pin, &file, &statement, since.map_or(0, |since| since.as_secs()))?;
        if let Pin::Chart { signed_by, .. } = &mut pin {
            *signed_by = Some(key);
        }
        Ok(pin)
    }
}

/// Where the statement about an archive is: beside it.
pub(super) fn provenance_of(archive: &str) -> String {
    match archive.split_once('?') {
        Some((path, query)) => format!("{path}.prov?{query}"),
        None => format!("{archive}.prov"),
    }
}

/// The name of the file behind a URL, decoded as Helm does.
fn file_name(url: &str) -> String {
    let path = crate::golang::url::parse(url.as_bytes()).map(|url| String::from_utf8_lossy(&url.path).into_owned());
    let path = path.unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}
