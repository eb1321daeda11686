use std::sync::Arc;

use crate::diag::{Code, Diagnostic};
use crate::source::{Request, Tree};

const UNREADABLE: Code = Code("component.unreadable");

/// A fetched source.
#[derive(Clone, Debug)]
pub struct Material {
    /// Its content.
    pub tree: Tree,
    /// What it is pinned to, as `trust.hooks` names it.
    pub pin: Arc<str>,
}

/// Knows the fetched sources: the lock and the store, or files in memory in tests.
pub trait Materials {
    /// What stands for a source, whatever is pinned or kept; `None` when nothing does.
    fn instead(&self, _request: &Request) -> Result<Option<Material>, Diagnostic> {
        Ok(None)
    }

    /// The content of a source; `None` when no pin answers the request.
    fn find(&self, request: &Request) -> Result<Option<Material>, Diagnostic>;

    /// What is wrong with a copy that is kept beside a component; `None` when it is what is pinned, or
    /// nothing is.
    fn check_copy(&self, _request: &Request, _copy: &Tree) -> Option<Diagnostic> {
        None
    }

    /// The chart at a path of a source, with the dependencies that it declares and does not carry.
    fn chart(&self, source: &Tree, path: &str) -> Result<Tree, Diagnostic>;
}

/// Nothing is fetched.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMaterials;

impl Materials for NoMaterials {
    fn find(&self, _request: &Request) -> Result<Option<Material>, Diagnostic> {
        Ok(None)
    }

    fn chart(&self, source: &Tree, path: &str) -> Result<Tree, Diagnostic> {
        source.subtree(path).map_err(|error| Diagnostic::error(UNREADABLE, error.to_string()))
    }
}
