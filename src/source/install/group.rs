use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::charts::fetch_charts;
use super::fetcher::Fetcher;
use super::files::fetch_http;
use super::moved::rewritten;
use crate::diag::Diagnostic;
use crate::source::address::{Address, shown};
use crate::source::chart_repo::{ChartPlace, read_index};
use crate::source::error::{CORRUPT, INVALID, LEFT_OUT, MALFORMED, MISSING, NOT_FOUND, SourceError};
use crate::source::git::{self, Connection, Fetching, GitAsk, GitFetched, GitRemote, WebConnection};
use crate::source::pin::Pin;
use crate::source::progress::heard_by;
use crate::source::spec::SourceSpec;
use crate::source::store::Answers;

/// The least time to wait for another process that fetches from the same URL.
const LEAST_PATIENCE: Duration = Duration::from_secs(60);

/// One source to be had, with the pin to keep if there is one.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// What is asked, as recorded.
    pub(super) spec: SourceSpec,
    /// The URL as written, which `access.yaml` names.
    pub(super) written: String,
    /// Where it leads.
    pub(super) place: Address,
    /// The pin that the lock keeps.
    pub(super) pin: Option<Pin>,
    /// The pin that is to be replaced.
    pub(super) before: Option<Pin>,
}

/// What became of a task.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) pin: Pin,
    /// Things worth telling that stop nothing.
    pub(super) notes: Vec<Diagnostic>,
}

pub(super) type Result<T> = std::result::Result<T, SourceError>;

/// Does the tasks of one URL, so that it is reached once. Answers stand at the places of the tasks.
/// What others found out since `began` answers them too.
pub(super) fn run(fetcher: &Fetcher, tasks: &[Task], began: SystemTime) -> Vec<Result<Outcome>> {
    let mut answers: Vec<Option<Result<Outcome>>> = tasks.iter().map(|task| in_store(fetcher, task)).collect();
    let all_well = |answers: &[Option<Result<Outcome>>]| answers.iter().all(|answer| matches!(answer, Some(Ok(_))));
    if !all_well(&answers) && !fetcher.options.offline {
        match fetch_claimed(fetcher, tasks, began) {
            Ok(fetched) => return fetched,
            Err(error) => answers = tasks.iter().map(|_| Some(Err(error.clone()))).collect(),
        }
    }
    tasks.iter().zip(answers).map(|(task, answer)| answer.unwrap_or_else(|| Err(offline(fetcher, task)))).collect()
}

fn is_damaged(answer: &Result<Outcome>) -> bool {
    answer.as_ref().is_err_and(|error| error.code == CORRUPT)
}

fn offline(fetcher: &Fetcher, task: &Task) -> SourceError {
    let place = shown(task.spec.url());
    if task.pin.as_ref().is_some_and(|pin| !fetcher.options.signatures.accept(pin)) {
        let message =
            format!("the signature of {} has not been checked, and the network is off (`--offline`)", task.spec);
        return SourceError::world(MISSING, message);
    }
    SourceError::world(MISSING, format!("{place} is not in the store, and the network is off (`--offline`)"))
}

/// Fetches what is missing, with the URL for ourselves alone.
fn fetch_claimed(fetcher: &Fetcher, tasks: &[Task], began: SystemTime) -> Result<Vec<Result<Outcome>>> {
    let Some(first) = tasks.first() else { return Ok(Vec::new()) };
    let (store, url) = (&fetcher.store, first.spec.url());
    let _claim = store.claim(first.spec.kind(), url, fetcher.options.timeout.max(LEAST_PATIENCE))?;
    // Whoever had the claim before may have fetched the same.
    let mut found = Answers::since(store, url, &format!("{} {:?}", first.spec.kind(), first.place), began);
    let mut answers: Vec<Option<Result<Outcome>>> = tasks
        .iter()
        .map(|task| {
            let pin = task.pin.clone().or_else(|| found.find(&task.spec).cloned());
            in_store(fetcher, &Task { pin, ..task.clone() })
        })
        .collect();
    if answers.iter().flatten().any(is_damaged) {
        // A damaged copy is thrown away and fetched again, and with it all that it held.
        for (task, answer) in tasks.iter().zip(&mut answers) {
            if matches!(task.spec, SourceSpec::Git { .. }) || answer.as_ref().is_some_and(Result::is_err) {
                *answer = None;
            }
        }
        if let SourceSpec::Git { url, .. } = &first.spec {
            store.drop_repository(url)?;
        }
    }
    let open: Vec<usize> = (0..tasks.len()).filter(|at| answers[*at].is_none()).collect();
    let missing: Vec<&Task> = open.iter().map(|at| &tasks[*at]).collect();
    if !missing.is_empty() {
        let mut reached = reach_out(fetcher, &missing);
        if let SourceSpec::Git { url, .. } = &first.spec
            && missing.iter().zip(&reached).any(|(task, answer)| task.pin.is_none() && is_damaged(answer))
        {
            // What the store had of it already was not whole.
            store.drop_repository(url)?;
            reached = reach_out(fetcher, &missing);
        }
        for (at, answer) in open.iter().zip(reached) {
            if let Ok(outcome) = &answer {
                // Last: what is sealed is whole.
                store.seal(&outcome.pin);
                found.add(&tasks[*at].spec, outcome.pin.clone());
            }
            answers[*at] = Some(answer);
        }
        found.save(store);
    }
    let none = || Err(SourceError::new(MISSING, "a source was left unanswered"));
    Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(none)).collect())
}

/// A pin whose content is in the store and whole, and signed if it has to be.
fn in_store(fetcher: &Fetcher, task: &Task) -> Option<Result<Outcome>> {
    let pin = task.pin.as_ref().filter(|pin| fetcher.options.signatures.accept(pin))?;
    let checked = fetcher.store.check(pin)?;
    Some(checked.map(|()| Outcome { pin: pin.clone(), notes: Vec::new() }))
}

fn reach_out(fetcher: &Fetcher, tasks: &[&Task]) -> Vec<Result<Outcome>> {
    let Some(first) = tasks.first() else { return Vec::new() };
    let place = shown(first.spec.url());
    fetcher.options.progress.started(&place);
    let answers = heard_by(&fetcher.options.progress, &place, || match first.spec {
        SourceSpec::Git { .. } => fetch_git(fetcher, tasks, &place),
        SourceSpec::ChartRepo { .. } => fetch_charts(fetcher, tasks),
        SourceSpec::Http { .. } => tasks.iter().map(|task| fetch_http(fetcher, task)).collect(),
    });
    fetcher.options.progress.finished(&place, answers.iter().all(|answer| answer.is_ok()));
    answers
}

fn fetch_git(fetcher: &Fetcher, tasks: &[&Task], place: &str) -> Vec<Result<Outcome>> {
    let Some(first) = tasks.first() else { return Vec::new() };
    let prepared = git_remote(fetcher, first).and_then(|remote| {
        let store = fetcher.store.repository(first.spec.url())?;
        Ok((remote, store, fetcher.store.scratch()?))
    });
    let (remote, store, scratch) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return tasks.iter().map(|_| Err(error.clone())).collect(),
    };
    let asks: Vec<GitAsk> = tasks.iter().map(|task| git_ask(task)).collect();
    let fetching = Fetching { shown: place, store: &store, scratch: &scratch, deadline: fetcher.web.deadline() };
    let mut answers = git::fetch(&remote, &asks, &fetching);
    if answers.iter().any(|answer| matches!(answer, Err(error) if error.code == NOT_FOUND || error.code == MALFORMED))
        && is_chart_repository(fetcher, &first.place)
    {
        for error in answers.iter_mut().filter_map(|answer| answer.as_mut().err()) {
            error.help = Some("this is a Helm chart repository: write `method: helm`".to_owned());
        }
    }
    tasks
        .iter()
        .zip(answers)
        .map(|(task, answer)| answer.and_then(|fetched| git_outcome(task, &fetched, place)))
        .collect()
}

/// Whether the URL of something that is no git repository is that of a chart repository, a mistake
/// that generated component files are known for.
fn is_chart_repository(fetcher: &Fetcher, place: &Address) -> bool {
    let Address::Web(url) = place else { return false };
    read_index(&ChartPlace::Web { web: &fetcher.web, url: url.clone(), token: None }).is_ok()
}

/// What a task asks of its repository.
pub(super) fn git_ask(task: &Task) -> GitAsk {
    let (version, branch) = match &task.spec {
        SourceSpec::Git { version, branch, .. } => (version.clone(), branch.clone()),
        SourceSpec::ChartRepo { .. } | SourceSpec::Http { .. } => (None, None),
    };
    let commit = |pin: &Option<Pin>| match pin {
        Some(Pin::Git { commit, .. }) => Some(commit.clone()),
        _ => None,
    };
    GitAsk { version, branch, locked: commit(&task.pin), before: commit(&task.before) }
}

fn git_outcome(task: &Task, fetched: &GitFetched, place: &str) -> Result<Outcome> {
    let kept = match &task.pin {
        Some(Pin::Git { reference, .. }) => reference.clone(),
        _ => None,
    };
    let pin = Pin::Git {
        url: task.spec.url().to_owned(),
        reference: kept.or_else(|| fetched.reference.clone()),
        commit: fetched.commit.to_string(),
        tree: fetched.tree.to_string(),
        sha256: fetched.census.sha256.clone(),
    };
    if let Some(locked) = &task.pin {
        expect_locked(locked, &pin, place)?;
    }
    let mut notes = Vec::new();
    if let Some(Pin::Git { commit, .. }) = task.before.as_ref().filter(|_| fetched.rewritten) {
        notes.push(rewritten(&task.spec, commit, &fetched.commit.to_string()));
    }
    for (paths, what) in [(&fetched.census.submodules, "submodules"), (&fetched.census.lfs, "Git LFS objects")] {
        if let Some(first) = paths.first() {
            let message = format!(
                "{place} has {what}, which are not fetched: `{}`{}",
                first.escape_debug(),
                if paths.len() > 1 { format!(" and {} more", paths.len() - 1) } else { String::new() }
            );
            notes.push(Diagnostic::warning(LEFT_OUT, message));
        }
    }
    Ok(Outcome { pin, notes })
}

/// Content that was fetched again must be what the lock says.
pub(super) fn expect_locked(locked: &Pin, found: &Pin, place: &str) -> Result<()> {
    if locked.sha256() == found.sha256() && locked.resolved() == found.resolved() {
        return Ok(());
    }
    let message = format!(
        "{place} is no longer what the lock says: expected {} ({}), found {} ({})",
        locked.resolved(),
        locked.sha256(),
        found.resolved(),
        found.sha256()
    );
    Err(SourceError::policy(CORRUPT, message).help("run `kiln update` if the change is intended"))
}

pub(super) fn git_remote(fetcher: &Fetcher, task: &Task) -> Result<GitRemote> {
    Ok(match &task.place {
        Address::Local(path) => GitRemote::Local(path.clone()),
        Address::Web(url) => GitRemote::Elsewhere(Connection::Web(WebConnection {
            web: Arc::clone(&fetcher.web),
            url: url.clone(),
            token: fetcher.token(&task.written)?,
        })),
        Address::Ssh(address) => GitRemote::Elsewhere(Connection::Ssh {
            address: address.clone(),
            environment: fetcher.options.environment.clone(),
        }),
        Address::Daemon { host, port, path } => {
            GitRemote::Elsewhere(Connection::Daemon { host: host.clone(), port: *port, path: path.clone() })
        }
        Address::Oci(_) => return Err(not_here(task)),
    })
}

pub(super) fn not_here(task: &Task) -> SourceError {
    SourceError::new(INVALID, format!("{} cannot be reached by this protocol", shown(task.spec.url())))
        .help("use https")
}
