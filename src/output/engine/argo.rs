use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::EngineFile;
use super::flux::label_values;
use super::name::{NameError, Names, dns_label};
use super::site::{Repository, Site};
use super::text::{put, yaml};

/// The file beside a cluster's files that an ApplicationSet finds the cluster by.
pub const CLUSTER_FILE: &str = "cluster.json";

/// Only files of the application's own folder matter to it.
const OWN_FILES: (&str, &str) = ("argocd.argoproj.io/manifest-generate-paths", ".");

/// What deletes an application's objects when the application is deleted.
const CASCADE: &str = "resources-finalizer.argocd.argoproj.io";

/// How clusters become Applications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArgoForm {
    /// One ApplicationSet makes them from the `cluster.json` of each cluster.
    #[default]
    ApplicationSet,
    /// Each stands in a file of its own.
    Applications,
}

/// What Argo CD is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgoSettings {
    /// How clusters become Applications.
    pub form: ArgoForm,
    /// The namespace of Argo CD's objects.
    pub namespace: String,
    /// The name of the ApplicationSet.
    pub name: String,
    /// The project of all Applications.
    pub project: String,
    /// Whether the project's object is written: not when others own it.
    pub write_project: bool,
    /// The namespaces that the project's objects may be in.
    pub namespaces: Vec<String>,
    /// The kinds of objects without namespace that the project may have, as `group/Kind`; `*/*` is all.
    pub cluster_kinds: Vec<String>,
    /// Whether changes are applied without being asked to.
    pub automated: bool,
    /// Whether objects are deleted whose files are gone.
    pub prune: bool,
    /// Whether changes made in the cluster are taken back.
    pub self_heal: bool,
    /// Whether an application's objects are deleted with it.
    pub cascade: bool,
    /// Options of applying, such as `CreateNamespace=true`.
    pub sync_options: Vec<String>,
}

impl Default for ArgoSettings {
    fn default() -> Self {
        Self {
            form: ArgoForm::default(),
            namespace: "argocd".to_owned(),
            name: "manifests".to_owned(),
            project: "manifests".to_owned(),
            write_project: true,
            namespaces: vec!["*".to_owned()],
            cluster_kinds: vec!["*/*".to_owned()],
            automated: true,
            prune: true,
            self_heal: true,
            cascade: false,
            sync_options: Vec::new(),
        }
    }
}

/// The `cluster.json` of a cluster.
///
/// # Errors
/// When its application can have no such name.
pub fn cluster_file(settings: &ArgoSettings, site: &Site) -> Result<EngineFile, NameError> {
    let destination = &site.argo;
    // All of them are strings, and all are there: the template may name each.
    let value = json!({
        "application": dns_label(&destination.name)?,
        "name": site.name,
        "cluster": if destination.server.is_some() { "" } else { &destination.cluster },
        "server": destination.server.as_deref().unwrap_or_default(),
        "namespace": destination.namespace.as_deref().unwrap_or_default(),
        "project": settings.project,
        "revision": site.branch,
        "labels": site.labels,
    });
    Ok((CLUSTER_FILE.to_owned(), super::text::json(&value)))
}

/// An AppProject (`projects/<name>.yaml`), and an ApplicationSet (`applicationset.yaml`) or an Application for
/// each cluster (`<name>.yaml`). `kustomized` tells whether each cluster has a `kustomization.yaml`.
///
/// # Errors
/// When two clusters would have the same application.
pub fn argo_objects(
    settings: &ArgoSettings,
    repository: &Repository,
    sites: &[Site],
    kustomized: bool,
) -> Result<Vec<EngineFile>, NameError> {
    let mut files = Vec::new();
    if settings.write_project {
        files.push((
            format!("projects/{}.yaml", dns_label(&settings.project)?),
            yaml(&project(settings, repository, sites)),
        ));
    }
    let mut names = Names::new("Application");
    for site in sites {
        let name = names.give(&site.argo.name, &site.name)?;
        if settings.form == ArgoForm::Applications {
            files.push((format!("{name}.yaml"), yaml(&application(settings, repository, site, &name, kustomized))));
        }
    }
    if settings.form == ArgoForm::ApplicationSet {
        files.push(("applicationset.yaml".to_owned(), yaml(&application_set(settings, repository, sites, kustomized))));
    }
    Ok(files)
}

fn project(settings: &ArgoSettings, repository: &Repository, sites: &[Site]) -> Value {
    let places: BTreeSet<(bool, &str)> = sites
        .iter()
        .map(|site| match &site.argo.server {
            Some(server) => (true, server.as_str()),
            None => (false, site.argo.cluster.as_str()),
        })
        .collect();
    let mut destinations = Vec::new();
    for (is_server, place) in places {
        let key = if is_server { "server" } else { "name" };
        destinations.extend(settings.namespaces.iter().map(|namespace| json!({ key: place, "namespace": namespace })));
    }
    let kinds = settings.cluster_kinds.iter().map(|kind| {
        let (group, kind) = kind.rsplit_once('/').unwrap_or(("", kind));
        json!({ "group": group, "kind": kind })
    });
    let mut spec = Map::new();
    put(&mut spec, "description", Some("Generated manifests"));
    put(&mut spec, "sourceRepos", Some(vec![repository.url.as_str()]));
    put(&mut spec, "destinations", Some(destinations));
    put(&mut spec, "clusterResourceWhitelist", Some(kinds.collect::<Vec<_>>()));
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": { "name": settings.project, "namespace": settings.namespace },
        "spec": spec,
    })
}

fn application(settings: &ArgoSettings, repository: &Repository, site: &Site, name: &str, kustomized: bool) -> Value {
    let mut destination = Map::new();
    match &site.argo.server {
        Some(server) => put(&mut destination, "server", Some(server.as_str())),
        None => put(&mut destination, "name", Some(site.argo.cluster.as_str())),
    }
    put(&mut destination, "namespace", site.argo.namespace.as_deref());
    let labels = label_values(&site.labels);
    let mut metadata = Map::new();
    put(&mut metadata, "name", Some(name));
    put(&mut metadata, "namespace", Some(settings.namespace.as_str()));
    put(&mut metadata, "labels", (!labels.is_empty()).then_some(labels));
    put(&mut metadata, "annotations", Some(json!({ OWN_FILES.0: OWN_FILES.1 })));
    put(&mut metadata, "finalizers", settings.cascade.then(|| vec![CASCADE]));
    let path = if site.folder.is_empty() { "." } else { &site.folder };
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": metadata,
        "spec": spec(settings, repository, path, &site.branch, destination, &settings.project, kustomized),
    })
}

fn application_set(settings: &ArgoSettings, repository: &Repository, sites: &[Site], kustomized: bool) -> Value {
    let places: BTreeSet<(&str, String)> =
        sites.iter().map(|site| (site.branch.as_str(), pattern(&site.folder))).collect();
    let branches: BTreeSet<&str> = places.iter().map(|(branch, _)| *branch).collect();
    let generators = branches.into_iter().map(|branch| {
        let own = places.iter().filter(|(other, _)| *other == branch);
        let files: Vec<Value> = own.map(|(_, path)| json!({ "path": path })).collect();
        json!({ "git": { "repoURL": repository.url, "revision": branch, "files": files } })
    });
    let mut metadata = Map::new();
    put(&mut metadata, "name", Some("{{ .application }}"));
    put(&mut metadata, "annotations", Some(json!({ OWN_FILES.0: OWN_FILES.1 })));
    put(&mut metadata, "finalizers", settings.cascade.then(|| vec![CASCADE]));
    // An empty name, server or namespace counts as none.
    let mut destination = Map::new();
    put(&mut destination, "name", Some("{{ .cluster }}"));
    put(&mut destination, "server", Some("{{ .server }}"));
    put(&mut destination, "namespace", Some("{{ .namespace }}"));
    let spec =
        spec(settings, repository, "{{ .path.path }}", "{{ .revision }}", destination, "{{ .project }}", kustomized);
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": { "name": settings.name, "namespace": settings.namespace },
        "spec": {
            "goTemplate": true,
            "goTemplateOptions": ["missingkey=error"],
            "generators": generators.collect::<Vec<_>>(),
            // Applications that are gone leave their objects, unless they are to be deleted with them.
            "syncPolicy": { "preserveResourcesOnDeletion": !settings.cascade },
            "template": { "metadata": metadata, "spec": spec },
        },
    })
}

/// The pattern that finds the `cluster.json` in a folder and in those beside it.
fn pattern(folder: &str) -> String {
    match folder.rsplit_once('/') {
        Some((above, _)) => format!("{above}/*/{CLUSTER_FILE}"),
        None if folder.is_empty() => CLUSTER_FILE.to_owned(),
        None => format!("*/{CLUSTER_FILE}"),
    }
}

fn spec(
    settings: &ArgoSettings,
    repository: &Repository,
    path: &str,
    revision: &str,
    destination: Map<String, Value>,
    project: &str,
    kustomized: bool,
) -> Value {
    let mut source = Map::new();
    put(&mut source, "repoURL", Some(repository.url.as_str()));
    put(&mut source, "targetRevision", Some(revision));
    put(&mut source, "path", Some(path));
    // Without a list of files all are read, and not all of them are manifests.
    put(&mut source, "directory", (!kustomized).then(|| json!({ "recurse": true, "exclude": CLUSTER_FILE })));
    let mut policy = Map::new();
    let automated = json!({ "prune": settings.prune, "selfHeal": settings.self_heal });
    put(&mut policy, "automated", settings.automated.then_some(automated));
    put(&mut policy, "syncOptions", (!settings.sync_options.is_empty()).then(|| settings.sync_options.clone()));
    let mut spec = Map::new();
    put(&mut spec, "project", Some(project));
    put(&mut spec, "source", Some(source));
    put(&mut spec, "destination", Some(destination));
    put(&mut spec, "syncPolicy", (!policy.is_empty()).then_some(policy));
    Value::Object(spec)
}
