use std::collections::BTreeMap;
use std::sync::Arc;

use super::CapabilityProfile;
use crate::stack::{ClusterImages, Text};

/// All clusters of a project, as far as they are valid.
#[derive(Clone, Debug, Default)]
pub struct ClusterFile {
    /// The clusters in the order of the file; those of `matrix` and of `glob` come last.
    pub clusters: Vec<Cluster>,
    /// The file's name as users know it.
    pub shown: String,
}

impl ClusterFile {
    /// Whether these stand for environments that were typed: no file lists them.
    pub fn is_typed(&self) -> bool {
        self.clusters.iter().any(|cluster| cluster.is_typed)
    }
}

/// One cluster to compile for.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name, unique in the file.
    pub name: Text,
    /// Its labels; `name` is none of them.
    pub labels: Arc<BTreeMap<String, String>>,
    /// Its layers, highest priority first, with placeholders filled in. `common` is not among them.
    pub layers: Vec<Text>,
    /// Its folder below the root of generated trees, unique in the file.
    pub output: Text,
    /// Which components it has.
    pub components: ComponentFilter,
    /// Which images it gets.
    pub images: Arc<ClusterImages>,
    /// Whether nothing is compiled for it.
    pub disabled: bool,
    /// Whether its failure lets the run succeed.
    pub allow_failure: bool,
    /// Whether it stands for environments that were typed: expressions and templates see no cluster then.
    pub is_typed: bool,
    /// What its charts see of Kubernetes.
    pub profile: Arc<CapabilityProfile>,
    /// The cluster that this is a copy of: it is another installation in the same place.
    pub copy_of: Option<Arc<str>>,
}

impl Cluster {
    /// The name of the place that things run in: of a copy that of the cluster that it is a copy of.
    pub fn place_name(&self) -> &str {
        self.copy_of.as_deref().unwrap_or(&self.name.value)
    }
}

/// Which components a cluster has. A component stands for itself and everything below it.
#[derive(Clone, Debug, Default)]
pub struct ComponentFilter {
    /// Addresses of the only components; all when empty.
    pub only: Vec<Text>,
    /// Addresses of components that are left out.
    pub except: Vec<Text>,
}

impl ComponentFilter {
    /// Whether the component with this address is part of the cluster.
    pub fn includes(&self, address: &str) -> bool {
        let covers = |text: &Text| is_below(address, &text.value);
        (self.only.is_empty() || self.only.iter().any(covers)) && !self.except.iter().any(covers)
    }

    /// Whether a component that is part of the cluster may stand below this address.
    pub fn leads_on(&self, address: &str) -> bool {
        self.includes(address) || self.only.iter().any(|text| is_below(&text.value, address))
    }

    /// The addresses that are named.
    pub fn named(&self) -> impl Iterator<Item = &Text> {
        self.only.iter().chain(&self.except)
    }
}

/// Whether an address is that of a component or of one below it.
fn is_below(address: &str, component: &str) -> bool {
    address.strip_prefix(component).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
