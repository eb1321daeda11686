//! Fetching what a stack needs.
//!
//! In: an opened project, how to fetch, and what becomes of the present pins. Out: the new lock; the
//! store is filled and, when asked for, the folders that Fabrikate keeps beside component files.

mod beside;
mod charts;
mod levels;
mod standing;
mod tokens;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub use standing::{Now, Standing, standing};

use levels::Installing;
use tokens::add_tokens;
pub use tokens::with_tokens;

use super::graphs::without_cluster;
use super::hooks::HookRules;
use super::project::Project;
use crate::config::Layers;
use crate::diag::{Reported, Sink};
use crate::source::{FetchOptions, Fetcher, Install, LOCK_NAME, Lock, LockEntry, Pin, Pins, SourceSpec, Store};

/// How a project is installed.
pub struct InstallRequest<'a> {
    /// The project.
    pub project: &'a Project,
    /// How sources are fetched. Tokens of the project's `access.yaml` files are added.
    pub fetch: FetchOptions,
    /// What becomes of the present pins.
    pub pins: Pins<'a>,
    /// Under which rules install hooks run.
    pub hooks: HookRules<'a>,
    /// Whether sources are also written to `components/` and `helm_repos/`, as Fabrikate does.
    pub keep_beside: bool,
    /// Whether `kiln.lock` is written.
    pub write_lock: bool,
}

/// What an install did.
#[derive(Debug)]
pub struct Installed {
    /// The new lock.
    pub lock: Lock,
    /// Whether the lock file changed.
    pub lock_changed: bool,
    /// The sources that resolve to something else than before.
    pub moved: Vec<Jump>,
}

/// A source that resolves to something else than before.
#[derive(Clone, Debug)]
pub struct Jump {
    /// What is asked for now.
    pub source: SourceSpec,
    /// What was locked, maybe for another version that the same component asked for.
    pub before: Pin,
    /// What is locked now.
    pub now: Pin,
}

/// Fetches everything that the stack needs, level by level, since a fetched component may bring
/// components of its own. No environment is asked for: of the layers only `common` counts.
pub fn install(request: InstallRequest<'_>, sink: &mut Sink) -> Result<Installed, Reported> {
    let (project, write_lock) = (request.project, request.write_lock);
    let fetcher = fetcher(project, request.fetch.clone(), sink)?;
    let lock = run(&fetcher, request, sink).outcome?;
    project.check_vendor(&lock, !write_lock, sink)?;
    if !project.overrides.is_empty() {
        project.report_overrides(sink);
        let shown = project.tree.display(LOCK_NAME);
        let base = Lock::read(&project.folder.join(LOCK_NAME), &shown).map_err(|problem| sink.fail(problem))?;
        project.write_override_lock(base.as_ref(), &lock, sink)?;
        return Ok(Installed { lock, lock_changed: false, moved: Vec::new() });
    }
    let lock_changed = match write_lock && !(lock.is_empty() && project.lock.is_none()) {
        true => {
            let shown = project.tree.display(LOCK_NAME);
            lock.write(&project.folder.join(LOCK_NAME), &shown).map_err(|problem| sink.fail(problem))?
        }
        false => false,
    };
    let moved = jumps(project.lock.as_ref(), &lock);
    Ok(Installed { lock, lock_changed, moved })
}

/// What moved from one lock to the next.
fn jumps(before: Option<&Lock>, now: &Lock) -> Vec<Jump> {
    let Some(before) = before else { return Vec::new() };
    let of = |(source, entry): (&SourceSpec, &LockEntry)| {
        let same_asker = |(other, old): (&SourceSpec, &LockEntry)| {
            let is_same =
                old.pin.is_of(source) && now.lookup(other).is_none() && !old.asked_by.is_disjoint(&entry.asked_by);
            is_same.then(|| old.pin.clone())
        };
        let pin = before.lookup(source).cloned().or_else(|| before.entries().find_map(same_asker))?;
        let same = (pin.resolved(), pin.sha256()) == (entry.pin.resolved(), entry.pin.sha256());
        (!same).then(|| Jump { source: source.clone(), before: pin, now: entry.pin.clone() })
    };
    now.entries().filter_map(of).collect()
}

/// What fetches for a project.
fn fetcher(project: &Project, options: FetchOptions, sink: &mut Sink) -> Result<Fetcher, Reported> {
    let store = Store::at(project.store.root()).with_vendor(project.store.vendor().cloned());
    let mut fetcher = Fetcher::new(store, options);
    fetcher.require_signatures(project.signatures(sink)?);
    add_tokens(project, &mut fetcher, sink)?;
    Ok(fetcher)
}

/// What a run through the stack came to.
struct Ran {
    outcome: Result<Lock, Reported>,
    /// What the lock has no entry for, and who asks for it, where that was refused.
    lacking: BTreeMap<SourceSpec, BTreeSet<String>>,
}

fn run(fetcher: &Fetcher, request: InstallRequest<'_>, sink: &mut Sink) -> Ran {
    let InstallRequest { project, pins, hooks, keep_beside, .. } = request;
    let mut installing = Installing {
        project,
        session: Install::begin(fetcher, project.lock.clone(), pins),
        hooks,
        keep_beside,
        layers: Layers::new(project.reading, project.reach()),
        pins: HashMap::new(),
        variables: without_cluster(&project.vars()),
        done: HashSet::new(),
        hooked: HashSet::new(),
    };
    let done = installing.all(sink);
    let lacking = installing.session.lacking().clone();
    Ran { outcome: done.map(|()| installing.session.finish()), lacking }
}
