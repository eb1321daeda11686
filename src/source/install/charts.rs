use super::fetcher::Fetcher;
use super::group::{Outcome, Result, Task, expect_locked, not_here};
use crate::source::address::{Address, shown};
use crate::source::chart_repo::{ChartArchive, ChartPlace, Index, Registry, download_archive, fetch_chart, read_index};
use crate::source::pin::Pin;
use crate::source::spec::SourceSpec;

/// Does the tasks of one chart repository.
pub(super) fn fetch_charts(fetcher: &Fetcher, tasks: &[&Task]) -> Vec<Result<Outcome>> {
    let Some(first) = tasks.first() else { return Vec::new() };
    let place = match chart_place(fetcher, first) {
        Ok(place) => place,
        Err(error) => return tasks.iter().map(|_| Err(error.clone())).collect(),
    };
    let mut index = None;
    tasks.iter().map(|task| fetch_one_chart(fetcher, task, &place, &mut index)).collect()
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

fn fetch_one_chart(
    fetcher: &Fetcher,
    task: &Task,
    place: &ChartPlace<'_>,
    index: &mut Option<Result<Index>>,
) -> Result<Outcome> {
    let (asked, rewrites) = (task.spec.url(), &fetcher.options.rewrites);
    let (chart, fetched) = match (&task.pin, &task.spec) {
        (Some(Pin::Chart { chart, version, archive, manifest, .. }), _) => {
            let bytes = download_archive(place, asked, archive, rewrites)?;
            (
                chart.clone(),
                ChartArchive { version: version.clone(), archive: archive.clone(), manifest: manifest.clone(), bytes },
            )
        }
        (_, SourceSpec::ChartRepo { chart, version, .. }) => {
            if let ChartPlace::Registry(registry) = place {
                let fetched = registry.fetch_chart(asked, chart, version)?;
                return chart_outcome(fetcher, task, chart.clone(), fetched);
            }
            let index = index.get_or_insert_with(|| read_index(place)).as_ref().map_err(Clone::clone)?;
            let fetched = fetch_chart(place, index, asked, chart, version, rewrites)?;
            (chart.clone(), fetched)
        }
        _ => return Err(not_here(task)),
    };
    chart_outcome(fetcher, task, chart, fetched)
}

/// Stores an archive and pins it.
fn chart_outcome(fetcher: &Fetcher, task: &Task, chart: String, fetched: ChartArchive) -> Result<Outcome> {
    let url = task.spec.url();
    fetcher.options.progress.received(&shown(url), fetched.bytes.len() as u64);
    let sha256 = fetcher.store.put_chart(&fetched.bytes)?;
    let ChartArchive { version, archive, manifest, .. } = fetched;
    let pin = Pin::Chart { url: url.to_owned(), chart, version, archive, manifest, sha256 };
    if let Some(locked) = &task.pin {
        expect_locked(locked, &pin, &task.spec.to_string())?;
    }
    Ok(Outcome { pin, notes: Vec::new() })
}
