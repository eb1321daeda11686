use crate::k8s::Object;

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
