use std::collections::BTreeMap;

/// A cluster whose files an engine shall apply.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Its name in `clusters.yaml`.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The folder of its files in the repository, without `/` at either end; empty for the root.
    pub folder: String,
    /// The branch that its files are on.
    pub branch: String,
    /// What Flux is told about it.
    pub flux: FluxSite,
    /// What Argo CD is told about it.
    pub argo: ArgoDestination,
}

/// What Flux is told about one cluster.
#[derive(Clone, Debug, Default)]
pub struct FluxSite {
    /// The name of its Kustomization before it is made a valid one.
    pub name: String,
    /// The service account that applies its files.
    pub service_account: Option<String>,
    /// The namespace that its objects are moved into.
    pub target_namespace: Option<String>,
    /// The Secret with the kubeconfig of a cluster that Flux reaches from elsewhere.
    pub kube_config: Option<String>,
    /// The names of clusters whose Kustomizations have to be ready first.
    pub depends_on: Vec<String>,
}

/// Where Argo CD applies the files of one cluster.
#[derive(Clone, Debug, Default)]
pub struct ArgoDestination {
    /// The name of its Application before it is made a valid one.
    pub name: String,
    /// The address of the cluster; without it the cluster is found by its name.
    pub server: Option<String>,
    /// The name under which Argo CD knows the cluster.
    pub cluster: String,
    /// The namespace of objects that name none.
    pub namespace: Option<String>,
}

/// The repository that engines read.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    /// Its URL.
    pub url: String,
    /// Folders and files that no engine shall see, below its root.
    pub hidden: Vec<String>,
}
