use crate::diag::Diagnostic;
use crate::stack::{Cluster, Text};

/// What is written besides manifests.
#[derive(Clone, Debug, Default)]
pub struct EmitSpec {
    /// A `kustomization.yaml` for each cluster.
    pub kustomization: bool,
    /// `hydrator.metadata`, as Argo CD's hydrator writes it.
    pub hydrator_metadata: bool,
    /// The branch that engines read a cluster's files from, where it is another than the one published to.
    pub branch: Option<SiteText>,
    /// Objects for Flux.
    pub flux: Option<FluxSpec>,
    /// Objects for Argo CD.
    pub argocd: Option<ArgoSpec>,
}

impl EmitSpec {
    /// Whether something is written that engines read.
    pub fn has_engine(&self) -> bool {
        self.flux.is_some() || self.argocd.is_some()
    }
}

/// What is written for Flux. What is absent has a default.
#[derive(Clone, Debug, Default)]
pub struct FluxSpec {
    /// The URL that Flux reads the repository from, where it is another than kiln's.
    pub url: Option<Text>,
    /// The namespace of Flux's objects.
    pub namespace: Option<Text>,
    /// The name of the GitRepository.
    pub source: Option<Text>,
    /// The Secret with the credentials for the repository.
    pub secret: Option<Text>,
    /// How often the repository is looked at.
    pub source_interval: Option<Text>,
    /// How often files are applied again.
    pub interval: Option<Text>,
    /// How long until a failed try is repeated.
    pub retry_interval: Option<Text>,
    /// How long applying may take.
    pub timeout: Option<Text>,
    /// Whether objects are deleted whose files are gone.
    pub prune: Option<bool>,
    /// Whether a Kustomization is ready only when all its objects are.
    pub wait: Option<bool>,
    /// The name of a cluster's Kustomization.
    pub name: Option<SiteText>,
    /// The service account that applies a cluster's files.
    pub service_account: Option<SiteText>,
    /// The namespace that a cluster's objects are moved into.
    pub target_namespace: Option<SiteText>,
    /// The Secret with the kubeconfig of a cluster.
    pub kube_config: Option<SiteText>,
    /// Clusters, and those that have to be ready before them.
    pub depends_on: Vec<(Text, Vec<Text>)>,
}

/// What is written for Argo CD. What is absent has a default.
#[derive(Clone, Debug, Default)]
pub struct ArgoSpec {
    /// Whether each cluster has an Application in a file of its own; otherwise an ApplicationSet makes them.
    pub applications: bool,
    /// The URL that Argo CD reads the repository from, where it is another than kiln's.
    pub url: Option<Text>,
    /// The namespace of Argo CD's objects.
    pub namespace: Option<Text>,
    /// The name of the ApplicationSet.
    pub name: Option<Text>,
    /// The project of all Applications.
    pub project: Option<Text>,
    /// Whether the project's object is written.
    pub write_project: Option<bool>,
    /// The namespaces that the project's objects may be in.
    pub namespaces: Vec<Text>,
    /// The kinds of objects without namespace that the project may have; `None` when not said.
    pub cluster_kinds: Option<Vec<Text>>,
    /// Whether changes are applied without being asked to.
    pub automated: Option<bool>,
    /// Whether objects are deleted whose files are gone.
    pub prune: Option<bool>,
    /// Whether changes made in the cluster are taken back.
    pub self_heal: Option<bool>,
    /// Whether an application's objects are deleted with it.
    pub cascade: Option<bool>,
    /// Options of applying.
    pub sync_options: Vec<Text>,
    /// The name of a cluster's Application.
    pub application: Option<SiteText>,
    /// The address of a cluster.
    pub server: Option<SiteText>,
    /// The name under which Argo CD knows a cluster.
    pub cluster: Option<SiteText>,
    /// The namespace of objects that name none.
    pub destination_namespace: Option<SiteText>,
}

/// A text with placeholders: `{name}` and the labels of the cluster.
#[derive(Clone, Debug)]
pub struct SiteText(pub(super) Text);

impl SiteText {
    /// The text for a cluster.
    ///
    /// # Errors
    /// An unknown placeholder.
    pub fn of(&self, cluster: &Cluster) -> Result<String, Diagnostic> {
        let mut problems = Vec::new();
        let filled = crate::stack::clusters::fill(&self.0, Some(&cluster.name.value), &cluster.labels, &mut problems);
        match (filled, problems.pop()) {
            (_, Some(problem)) => Err(problem),
            (Some(text), None) => Ok(text.value),
            (None, None) => Ok(self.0.value.clone()),
        }
    }
}
