use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::EngineFile;
use super::name::{NameError, Names, dns_label};
use super::site::{Repository, Site};
use super::text::{put, yaml};

/// How Flux shall read the repository and apply what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FluxSettings {
    /// The namespace of Flux's objects.
    pub namespace: String,
    /// The name of the GitRepository.
    pub source: String,
    /// How often the repository is looked at.
    pub source_interval: String,
    /// The Secret with the credentials for the repository.
    pub secret: Option<String>,
    /// How often files are applied again.
    pub interval: String,
    /// How long until a failed try is repeated.
    pub retry_interval: Option<String>,
    /// How long applying may take.
    pub timeout: Option<String>,
    /// Whether objects are deleted whose files are gone.
    pub prune: bool,
    /// Whether a Kustomization is ready only when all its objects are.
    pub wait: bool,
}

impl Default for FluxSettings {
    fn default() -> Self {
        Self {
            namespace: "flux-system".to_owned(),
            source: "manifests".to_owned(),
            source_interval: "1m".to_owned(),
            secret: None,
            interval: "10m".to_owned(),
            retry_interval: None,
            timeout: None,
            prune: true,
            wait: true,
        }
    }
}

/// A Kustomization for each cluster (`<name>.yaml`), and a GitRepository for each branch
/// (`source/<name>.yaml`).
///
/// # Errors
/// When two clusters would have the same object.
pub fn flux_objects(
    settings: &FluxSettings,
    repository: &Repository,
    sites: &[Site],
) -> Result<Vec<EngineFile>, NameError> {
    let sources = sources(settings, sites)?;
    let mut files = Vec::with_capacity(sites.len() + sources.len());
    for (branch, name) in &sources {
        files.push((format!("source/{name}.yaml"), yaml(&git_repository(settings, repository, name, branch))));
    }
    let mut names = Names::new("Kustomization");
    let mut of: HashMap<&str, String> = HashMap::new();
    for site in sites {
        of.insert(&site.name, names.give(&site.flux.name, &site.name)?);
    }
    for site in sites {
        let name = &of[site.name.as_str()];
        let depends_on = site.flux.depends_on.iter().filter_map(|other| of.get(other.as_str()));
        let depends_on: Vec<Value> = depends_on.map(|name| json!({ "name": name })).collect();
        let object = kustomization(settings, site, name, &sources[site.branch.as_str()], depends_on);
        files.push((format!("{name}.yaml"), yaml(&object)));
    }
    Ok(files)
}

/// The name of the GitRepository of each branch.
fn sources<'a>(settings: &FluxSettings, sites: &'a [Site]) -> Result<BTreeMap<&'a str, String>, NameError> {
    let branches: BTreeMap<&str, ()> = sites.iter().map(|site| (site.branch.as_str(), ())).collect();
    let mut names = Names::new("GitRepository");
    let is_one = branches.len() == 1;
    branches
        .into_keys()
        .map(|branch| {
            let wanted = if is_one { settings.source.clone() } else { format!("{}-{branch}", settings.source) };
            Ok((branch, names.give(&wanted, branch)?))
        })
        .collect()
}

fn git_repository(settings: &FluxSettings, repository: &Repository, name: &str, branch: &str) -> Value {
    let mut spec = Map::new();
    put(&mut spec, "interval", Some(settings.source_interval.as_str()));
    put(&mut spec, "url", Some(repository.url.as_str()));
    put(&mut spec, "ref", Some(json!({ "branch": branch })));
    put(&mut spec, "secretRef", settings.secret.as_ref().map(|name| json!({ "name": name })));
    let ignore: String = repository.hidden.iter().map(|path| format!("/{path}\n")).collect();
    put(&mut spec, "ignore", (!ignore.is_empty()).then_some(ignore));
    json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": { "name": name, "namespace": settings.namespace },
        "spec": spec,
    })
}

fn kustomization(settings: &FluxSettings, site: &Site, name: &str, source: &str, depends_on: Vec<Value>) -> Value {
    let labels: Map<String, Value> = label_values(&site.labels);
    let mut metadata = Map::new();
    put(&mut metadata, "name", Some(name));
    put(&mut metadata, "namespace", Some(settings.namespace.as_str()));
    put(&mut metadata, "labels", (!labels.is_empty()).then_some(labels));
    let mut spec = Map::new();
    put(&mut spec, "interval", Some(settings.interval.as_str()));
    put(&mut spec, "retryInterval", settings.retry_interval.as_deref());
    put(&mut spec, "timeout", settings.timeout.as_deref());
    put(&mut spec, "path", Some(format!("./{}", site.folder)));
    put(&mut spec, "prune", Some(settings.prune));
    put(&mut spec, "wait", Some(settings.wait));
    put(&mut spec, "sourceRef", Some(json!({ "kind": "GitRepository", "name": source })));
    put(&mut spec, "serviceAccountName", site.flux.service_account.as_deref());
    put(&mut spec, "targetNamespace", site.flux.target_namespace.as_deref());
    put(&mut spec, "kubeConfig", site.flux.kube_config.as_ref().map(|name| json!({ "secretRef": { "name": name } })));
    put(&mut spec, "dependsOn", (!depends_on.is_empty()).then_some(depends_on));
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": metadata,
        "spec": spec,
    })
}

/// The labels of a cluster that Kubernetes takes for labels too.
pub(super) fn label_values(labels: &BTreeMap<String, String>) -> Map<String, Value> {
    labels
        .iter()
        .filter(|(key, value)| is_label_key(key) && (value.is_empty() || is_label_value(value)))
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect()
}

fn is_label_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => {
            let is_part = |part: &str| dns_label(part).is_ok_and(|name| name == part);
            prefix.len() <= 253 && prefix.split('.').all(is_part) && is_label_value(name)
        }
        None => is_label_value(key),
    }
}

fn is_label_value(text: &str) -> bool {
    let edge = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
    let inner = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    text.len() <= 63 && edge(text.chars().next()) && edge(text.chars().last()) && text.chars().all(inner)
}
