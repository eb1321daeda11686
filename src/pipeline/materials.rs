use std::sync::Arc;

use super::overriding::instead;
use crate::diag::{Blame, Code, Diagnostic};
use crate::source::{Lock, Overrides, Request, Store, Tree, complete_chart};
use crate::stack::{Material, Materials};

/// The fetched sources of a project: what its lock names, out of the store.
pub struct Locked<'a> {
    /// The pins.
    pub lock: &'a Lock,
    /// The content.
    pub store: &'a Store,
    /// Whether a source that the lock does not name is refused (`--locked`).
    pub complete: bool,
    /// Folders that stand for sources.
    pub overrides: &'a Overrides,
}

impl Materials for Locked<'_> {
    fn instead(&self, request: &Request) -> Result<Option<Material>, Diagnostic> {
        instead(self.overrides, request)
    }

    fn find(&self, request: &Request) -> Result<Option<Material>, Diagnostic> {
        let Some(pin) = self.lock.lookup(&request.spec) else {
            if !self.complete {
                return Ok(None);
            }
            let message = format!("the lock has no entry for {}, and it must have one (`--locked`)", request.spec);
            let problem = Diagnostic::error(Code("source.lock"), message).blame(Blame::Policy);
            let problem = problem.maybe_at(request.asker.source.clone(), "");
            return Err(problem.help("run `kiln install` and commit `kiln.lock`"));
        };
        let tree = self.store.open(pin).map_err(|error| error.diagnostic(&request.asker))?;
        let pin = Arc::from(format!("{}@{}", request.spec.recorded().url(), pin.resolved()));
        Ok(Some(Material { tree, pin }))
    }

    fn chart(&self, source: &Tree, path: &str) -> Result<Tree, Diagnostic> {
        complete_chart(source, path, self.lock, self.store).map_err(Diagnostic::from)
    }
}
