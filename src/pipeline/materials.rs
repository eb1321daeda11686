use std::sync::Arc;

use super::overriding::instead;
use crate::diag::{Blame, Code, Diagnostic};
use crate::source::{CopyDifference, Lock, Overrides, Request, Store, Tree, compare_copy, complete_chart};
use crate::stack::{Material, Materials};

/// A copy of a source that is not what it should be.
const COPY: Code = Code("source.corrupt");

/// The fetched sources of a project: what its lock names, out of the store.
pub struct Locked<'a> {
    /// The pins.
    pub lock: &'a Lock,
    /// The content.
    pub store: &'a Store,
    /// Whether a source that the lock does not name is refused (`--locked`).
    pub complete: bool,
    /// Whether a copy beside a component that is not what the lock pins is taken all the same.
    pub lenient: bool,
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

    fn check_copy(&self, request: &Request, copy: &Tree) -> Option<Diagnostic> {
        let pin = self.lock.lookup(&request.spec)?;
        let original = match self.store.open(pin) {
            Ok(original) => original,
            // Nothing to compare with, and nothing that says that it is wrong.
            Err(error) if error.blame == Blame::World && !self.complete => return None,
            Err(error) => return Some(error.diagnostic(&request.asker)),
        };
        let difference = match compare_copy(pin, &original, copy, self.lock) {
            Ok(difference) => difference?,
            Err(error) => CopyDifference { path: error.to_string(), expected: None, found: None },
        };
        let digest =
            |sha256: Option<String>| sha256.map_or_else(|| "no such file".to_owned(), |hex| format!("sha256:{hex}"));
        let message = format!(
            "`{}` differs from {}, which kiln.lock pins: expected {}, found {}",
            difference.path,
            request.spec,
            digest(difference.expected),
            digest(difference.found)
        );
        let problem = match self.lenient {
            true => Diagnostic::warning(COPY, message),
            false => Diagnostic::error(COPY, message).blame(Blame::Policy),
        };
        let problem = problem.maybe_at(request.asker.source.clone(), "");
        Some(problem.help("remove the folder, or let a folder of yours stand for the source with `--override`"))
    }

    fn chart(&self, source: &Tree, path: &str) -> Result<Tree, Diagnostic> {
        complete_chart(source, path, self.lock, self.store).map_err(Diagnostic::from)
    }
}
