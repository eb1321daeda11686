//! Fetching what a stack needs.
//!
//! In: an opened project, how to fetch, and what becomes of the present pins. Out: the new lock; the
//! store is filled and, when asked for, the folders that Fabrikate keeps beside component files.

mod beside;
mod charts;
mod levels;
mod tokens;

use std::collections::{HashMap, HashSet};

use levels::Installing;
use tokens::add_tokens;

use super::hooks::HookRules;
use super::project::Project;
use crate::config::Layers;
use crate::diag::{Reported, Sink};
use crate::source::{FetchOptions, Fetcher, Install, LOCK_NAME, Lock, Pins, Store};

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
}

/// Fetches everything that the stack needs, level by level, since a fetched component may bring
/// components of its own. No environment is asked for: of the layers only `common` counts.
pub fn install(request: InstallRequest<'_>, sink: &mut Sink) -> Result<Installed, Reported> {
    let InstallRequest { project, fetch, pins, hooks, keep_beside, write_lock } = request;
    let mut fetcher = Fetcher::new(Store::at(project.store.root()).with_vendor(project.store.vendor().cloned()), fetch);
    fetcher.require_signatures(project.signatures(sink)?);
    add_tokens(project, &mut fetcher, sink)?;
    let session = Install::begin(&fetcher, project.lock.clone(), pins);
    let mut installing = Installing {
        project,
        session,
        hooks,
        keep_beside,
        layers: Layers::new(project.reading),
        pins: HashMap::new(),
        done: HashSet::new(),
    };
    let graph = installing.components(sink)?;
    installing.dependencies(&graph, sink)?;
    installing.report(&graph, sink)?;
    let lock = installing.session.finish();
    project.check_vendor(&lock, !write_lock, sink)?;
    let lock_changed = match write_lock && !(lock.is_empty() && project.lock.is_none()) {
        true => {
            let shown = project.tree.display(LOCK_NAME);
            lock.write(&project.folder.join(LOCK_NAME), &shown).map_err(|problem| sink.fail(problem))?
        }
        false => false,
    };
    Ok(Installed { lock, lock_changed })
}
