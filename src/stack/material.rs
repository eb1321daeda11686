use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::source::{Request, Tree};

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
    /// The content of a source; `None` when no pin answers the request.
    fn find(&self, request: &Request) -> Result<Option<Material>, Diagnostic>;
}

/// Nothing is fetched.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMaterials;

impl Materials for NoMaterials {
    fn find(&self, _request: &Request) -> Result<Option<Material>, Diagnostic> {
        Ok(None)
    }
}
