use std::collections::BTreeMap;

use super::charts::Repository;
use super::fetcher::Fetcher;
use super::files::download;
use super::group::{Task, git_ask, git_remote};
use super::side_by_side::side_by_side;
use crate::source::address::shown;
use crate::source::digest;
use crate::source::error::{MISSING, SourceError};
use crate::source::git::{self, Fetching};
use crate::source::pin::Pin;
use crate::source::progress::heard_by;
use crate::source::spec::{Request, SourceSpec};

/// A question about how things stand at a source.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is asked for.
    pub request: Request,
    /// What the lock has for it.
    pub locked: Option<Pin>,
}

/// How things stand at a source, found out without fetching what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What the question means at this moment: a commit, a version, a digest.
    pub resolved: String,
    /// The full name of the tag or branch that was meant.
    pub reference: Option<String>,
    /// SHA-256 of the content in hex, where the source tells.
    pub sha256: Option<String>,
    /// The newest release there is, whatever was asked for: the highest version that is no pre-release
    /// among the tags, or of the chart.
    pub newest: Option<String>,
    /// Whether the locked commit is surely no ancestor of this one.
    pub rewritten: bool,
}

impl Seen {
    /// Whether a pin would be the same if it were resolved now, as far as can be told.
    pub fn agrees(&self, pin: &Pin) -> bool {
        pin.resolved() == self.resolved && self.sha256.as_ref().is_none_or(|sha256| sha256 == pin.sha256())
    }
}

type Result<T> = std::result::Result<T, SourceError>;

impl Fetcher {
    /// Asks the sources what they have, each URL once. Answers stand at the places of the questions;
    /// the store is not touched.
    pub fn look(&self, asked: &[Asked]) -> Vec<Result<Seen>> {
        let mut answers: Vec<Option<Result<Seen>>> = asked.iter().map(|_| None).collect();
        let mut groups: BTreeMap<(&str, String), Vec<(usize, Task)>> = BTreeMap::new();
        for (at, Asked { request, locked }) in asked.iter().enumerate() {
            let spec = request.spec.recorded();
            match self.place(request) {
                Ok(place) => {
                    let written = request.spec.url().to_owned();
                    let key = (spec.kind(), spec.url().to_owned());
                    let task = Task { spec, written, place, pin: None, before: locked.clone() };
                    groups.entry(key).or_default().push((at, task));
                }
                Err(error) => answers[at] = Some(Err(error)),
            }
        }
        let groups: Vec<Vec<(usize, Task)>> = groups.into_values().collect();
        let found = side_by_side(&groups, |group| {
            let tasks: Vec<&Task> = group.iter().map(|(_, task)| task).collect();
            let (progress, place) = (&self.options.progress, shown(tasks.first().map_or("", |task| task.spec.url())));
            progress.started(&place);
            let seen = heard_by(progress, &place, || look_at(self, &tasks));
            progress.finished(&place, seen.iter().all(Result::is_ok));
            seen
        });
        for ((at, _), seen) in groups.into_iter().flatten().zip(found.into_iter().flatten()) {
            answers[at] = Some(seen);
        }
        let none = || Err(SourceError::new(MISSING, "a source was left unanswered"));
        answers.into_iter().map(|answer| answer.unwrap_or_else(none)).collect()
    }
}

/// Looks at one URL.
fn look_at(fetcher: &Fetcher, tasks: &[&Task]) -> Vec<Result<Seen>> {
    let Some(first) = tasks.first() else { return Vec::new() };
    let all = |error: SourceError| tasks.iter().map(|_| Err(error.clone())).collect();
    match &first.spec {
        SourceSpec::Git { url, .. } => match look_at_git(fetcher, tasks, &shown(url)) {
            Ok(seen) => seen,
            Err(error) => all(error),
        },
        SourceSpec::ChartRepo { .. } => match Repository::of(fetcher, first) {
            Ok(repository) => tasks.iter().map(|task| look_at_chart(&repository, task)).collect(),
            Err(error) => all(error),
        },
        SourceSpec::Http { .. } => tasks
            .iter()
            .map(|task| {
                let sha256 = digest::sha256_hex(&download(fetcher, task)?);
                let (resolved, sha256) = (sha256.clone(), Some(sha256));
                Ok(Seen { resolved, reference: None, sha256, newest: None, rewritten: false })
            })
            .collect(),
    }
}

fn look_at_git(fetcher: &Fetcher, tasks: &[&Task], shown: &str) -> Result<Vec<Result<Seen>>> {
    let Some(first) = tasks.first() else { return Ok(Vec::new()) };
    let remote = git_remote(fetcher, first)?;
    let scratch = fetcher.store.scratch()?;
    let fetching = Fetching { shown, store: &scratch, scratch: &scratch, deadline: fetcher.web.deadline() };
    let asks: Vec<_> = tasks.iter().map(|task| git_ask(task)).collect();
    let seen = git::look(&remote, &asks, &fetching).into_iter().zip(tasks).map(|(seen, task)| {
        let seen = seen?;
        // The beginning of an id goes on meaning what it meant.
        let locked = || task.before.as_ref().map(|pin| pin.resolved().to_owned()).unwrap_or_default();
        Ok(Seen {
            resolved: seen.commit.map_or_else(locked, |commit| commit.to_string()),
            reference: seen.reference,
            sha256: None,
            newest: seen.newest,
            rewritten: seen.rewritten,
        })
    });
    Ok(seen.collect())
}

fn look_at_chart(repository: &Repository<'_>, task: &Task) -> Result<Seen> {
    let SourceSpec::ChartRepo { chart, version, .. } = &task.spec else {
        return Err(SourceError::new(MISSING, format!("{} is no chart", task.spec)));
    };
    let (resolved, sha256, _) = repository.look(chart, version)?;
    let before = || task.before.as_ref().map(|pin| pin.resolved().to_owned()).unwrap_or_default();
    let resolved = Some(resolved).filter(|version| !version.is_empty()).unwrap_or_else(before);
    // There may be pre-releases only.
    let name = chart.split('@').next().unwrap_or(chart);
    let newest = repository.look(name, "").ok().map(|(version, ..)| version);
    Ok(Seen { resolved, reference: None, sha256, newest, rewritten: false })
}
