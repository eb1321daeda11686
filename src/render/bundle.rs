use std::sync::Arc;

use crate::k8s::Object;
use crate::source::Digest;

/// The objects of one component, in order.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// The objects.
    pub objects: Vec<Object>,
    /// Custom resource definitions of a chart's `crds/`, which go into a file of their own.
    pub crds: Vec<Object>,
}

impl Bundle {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.crds.is_empty()
    }
}

/// A bundle, and what its unit asked of its input.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The objects. Results that are the same share them.
    pub bundle: Arc<Bundle>,
    /// What was asked, where the engine tells.
    pub asked: Option<Asked>,
}

/// What a unit asked of its input, and a digest of the answers.
#[derive(Clone, Debug)]
pub struct Asked {
    /// [Questions](crate::helm::Questions), packed.
    pub questions: Arc<[u8]>,
    /// The digest of what was answered.
    pub answers: Digest,
}
