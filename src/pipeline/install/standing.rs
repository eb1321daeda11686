use std::collections::BTreeSet;

use super::{InstallRequest, fetcher, run};
use crate::diag::{Code, Reported, Sink};
use crate::golang::semver::Version;
use crate::source::{Asked, Asker, Lock, Pin, Pins, Request, Seen, SourceSpec, Trust};

/// The code of what the lock lacks.
const LACKING: Code = Code("source.lock");

/// How things stand with one source: what is asked, what is locked, what there is.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What is asked for, or was when the lock was written.
    pub source: SourceSpec,
    /// What the lock has; absent when it lacks the source.
    pub locked: Option<Pin>,
    /// What there is.
    pub now: Now,
    /// The addresses of the components that ask for it.
    pub asked_by: BTreeSet<String>,
}

/// What there is at a source.
#[derive(Clone, Debug)]
pub enum Now {
    /// Nobody asks for it any more.
    Superfluous,
    /// The source was not asked.
    Unknown,
    /// What the source says.
    Seen(Seen),
}

impl Standing {
    /// Whether the lock would be another one if it were made now.
    pub fn differs(&self) -> bool {
        match (&self.locked, &self.now) {
            (None, _) | (_, Now::Superfluous) => true,
            (Some(_), Now::Unknown) => false,
            (Some(pin), Now::Seen(seen)) => !seen.agrees(pin),
        }
    }

    /// The newest release, when it is beyond the locked one.
    pub fn release(&self) -> Option<&str> {
        let (Some(pin), Now::Seen(seen)) = (&self.locked, &self.now) else { return None };
        let newest = seen.newest.as_deref()?;
        let locked = match pin {
            Pin::Git { reference, .. } => reference.as_deref()?.strip_prefix("refs/tags/")?,
            Pin::Chart { version, .. } => version,
            Pin::Http { .. } => return None,
        };
        let is_beyond = Version::parse(newest).ok()? > Version::parse(locked).ok()?;
        is_beyond.then_some(newest)
    }
}

/// Compares the lock with what the components ask for and, unless the network is off, with what the
/// sources say. Content that the store lacks is fetched into it; nothing of the project is written.
/// What a source failed to answer is in the sink, and its standing unknown.
pub fn standing(request: InstallRequest<'_>, sink: &mut Sink) -> Result<Vec<Standing>, Reported> {
    let (project, offline) = (request.project, request.fetch.offline);
    let before = project.lock.clone().unwrap_or_default();
    let fetcher = fetcher(project, request.fetch.clone(), sink)?;
    let pins = if offline { Pins::Locked } else { Pins::Keep };
    let mut own = Sink::new();
    let ran = run(&fetcher, InstallRequest { pins, keep_beside: false, write_lock: false, ..request }, &mut own);
    if !ran.lacking.is_empty() {
        // Who stands below what is lacking is not known, so nothing can be said to be superfluous.
        let others = own.into_diagnostics().into_iter().filter(|problem| problem.code != LACKING);
        others.for_each(|problem| sink.push(problem));
        let lacking = ran.lacking.into_iter();
        let standing = |(source, asked_by)| Standing { source, locked: None, now: Now::Unknown, asked_by };
        return Ok(lacking.map(standing).collect());
    }
    sink.append(own);
    let now = ran.outcome?;
    let mut all = asked(&before, &now);
    if !offline {
        let questions: Vec<Asked> = all.iter().filter_map(|standing| question(standing, &now)).collect();
        let mut answers = questions.iter().zip(fetcher.look(&questions));
        for standing in all.iter_mut().filter(|standing| !matches!(standing.now, Now::Superfluous)) {
            match answers.next() {
                Some((_, Ok(seen))) => standing.now = Now::Seen(seen),
                Some((asked, Err(error))) => sink.push(error.diagnostic(&asked.request.asker)),
                None => {}
            }
        }
    }
    Ok(all)
}

/// The sources of both locks, sorted.
fn asked(before: &Lock, now: &Lock) -> Vec<Standing> {
    let mut all: Vec<Standing> = now
        .entries()
        .map(|(source, entry)| Standing {
            source: source.clone(),
            locked: before.lookup(source).cloned(),
            now: Now::Unknown,
            asked_by: entry.asked_by.clone(),
        })
        .collect();
    let gone = before.entries().filter(|(source, _)| now.lookup(source).is_none());
    all.extend(gone.map(|(source, entry)| Standing {
        source: source.clone(),
        locked: Some(entry.pin.clone()),
        now: Now::Superfluous,
        asked_by: entry.asked_by.clone(),
    }));
    all.sort_by(|one, other| one.source.cmp(&other.source));
    all
}

fn question(standing: &Standing, now: &Lock) -> Option<Asked> {
    if matches!(standing.now, Now::Superfluous) {
        return None;
    }
    let address = standing.asked_by.first().cloned().unwrap_or_default();
    // It was admitted, whoever asked for it.
    let request = Request { spec: standing.source.clone(), asker: Asker::named(address, Trust::Project) };
    Some(Asked { request, locked: now.lookup(&standing.source).cloned() })
}
