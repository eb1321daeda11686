use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Diagnostic, nearest};
use crate::output::engine::{
    ArgoDestination, ArgoForm, ArgoSettings, EngineFile, FluxSettings, FluxSite, NameError, Repository, Site,
    argo_objects, cluster_file, flux_objects, kustomization_file,
};
use crate::stack::{ArgoSpec, Cluster, EmitSpec, FluxSpec, SiteText, Text};

const NAME: Code = Code("emit.name");
const NO_CLUSTER: Code = Code("emit.no-cluster");
const NO_URL: Code = Code("emit.url");

/// Where an engine finds a cluster's files.
#[derive(Clone, Debug)]
pub struct EngineTarget<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The folder of its files in the repository.
    pub folder: String,
    /// The branch that they are on.
    pub branch: String,
}

/// What is written for GitOps engines in a run.
#[derive(Debug)]
pub struct Engines {
    kustomization: bool,
    flux: Option<(FluxSettings, Repository)>,
    argo: Option<(ArgoSettings, Repository)>,
    sites: Vec<Site>,
}

impl Engines {
    /// Puts together what is known of all clusters, also of those that this run does not compile: what engines
    /// are told about the others must not vanish. `owner` names objects that have no other name, `repo` is the
    /// URL of the repository, and `hidden` what engines shall not see in it.
    ///
    /// # Errors
    /// Placeholders and clusters that do not exist, names that cannot be given, and a URL that engines cannot
    /// read from.
    pub fn new(
        spec: &EmitSpec,
        owner: &str,
        repo: &str,
        hidden: &[&str],
        targets: &[EngineTarget<'_>],
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let mut sites = Vec::with_capacity(targets.len());
        for target in targets {
            match site(spec, target) {
                Ok(site) => sites.push(site),
                Err(problem) => problems.push(problem),
            }
        }
        let repository = |own: &Option<Text>| {
            let url = own.as_ref().map_or(repo, |text| text.value.as_str());
            let hidden = hidden.iter().map(|path| (*path).to_owned()).collect();
            match engine_url(url) {
                Some(url) => Ok(Repository { url, hidden }),
                None => Err(no_url(url, own.as_ref())),
            }
        };
        let mut flux = None;
        if let Some(wanted) = &spec.flux {
            depend(wanted, targets, &mut sites, &mut problems);
            match repository(&wanted.url) {
                Ok(repository) => flux = Some((flux_settings(wanted, owner), repository)),
                Err(problem) => problems.push(problem),
            }
        }
        let mut argo = None;
        if let Some(wanted) = &spec.argocd {
            match repository(&wanted.url) {
                Ok(repository) => argo = Some((argo_settings(wanted, owner), repository)),
                Err(problem) => problems.push(problem),
            }
        }
        let engines = Self { kustomization: spec.kustomization, flux, argo, sites };
        // Names are given once here, so that all that can fail fails before anything is written.
        problems.extend(engines.of_fleet().err());
        if problems.is_empty() { Ok(engines) } else { Err(problems) }
    }

    /// The files that lie beside those of a cluster, which are final now.
    ///
    /// # Errors
    /// A name that cannot be given.
    pub fn beside<'a>(
        &self,
        cluster: &str,
        files: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Vec<EngineFile>, Diagnostic> {
        let mut own = Vec::new();
        let site = self.sites.iter().find(|site| site.name == cluster);
        if let (Some((settings, _)), Some(site)) = (&self.argo, site)
            && settings.form == ArgoForm::ApplicationSet
        {
            own.push(cluster_file(settings, site).map_err(|error| unnamed(&error))?);
        }
        if self.kustomization {
            own.push(kustomization_file(files));
        }
        Ok(own)
    }

    /// The files in the folder for engines, by their paths below it.
    ///
    /// # Errors
    /// Names that cannot be given.
    pub fn of_fleet(&self) -> Result<Vec<EngineFile>, Diagnostic> {
        let mut files = Vec::new();
        let below = |folder: &str, made: Vec<EngineFile>| {
            let folder = folder.to_owned();
            made.into_iter().map(move |(path, content)| (format!("{folder}/{path}"), content))
        };
        if let Some((settings, repository)) = &self.flux {
            let made = flux_objects(settings, repository, &self.sites).map_err(|error| unnamed(&error))?;
            files.extend(below("flux", made));
        }
        if let Some((settings, repository)) = &self.argo {
            let made = argo_objects(settings, repository, &self.sites, self.kustomization);
            files.extend(below("argocd", made.map_err(|error| unnamed(&error))?));
        }
        Ok(files)
    }
}

fn unnamed(error: &NameError) -> Diagnostic {
    let help =
        "`name` of `emit.flux` and `application` of `emit.argocd` say how objects are called, as in `{stage}-{name}`";
    Diagnostic::error(NAME, error.to_string()).help(help)
}

fn site(spec: &EmitSpec, target: &EngineTarget<'_>) -> Result<Site, Diagnostic> {
    let cluster = target.cluster;
    let text = |text: &Option<SiteText>| text.as_ref().map(|text| text.of(cluster)).transpose();
    let own_name = || cluster.name.value.clone();
    // A copy is another object of the engine, for the place where its cluster is.
    let mut there = cluster.clone();
    there.name.value.replace_range(.., cluster.place_name());
    let of_place = |text: &Option<SiteText>| text.as_ref().map(|text| text.of(&there)).transpose();
    let is_copy = cluster.copy_of.is_some();
    let mut site = Site {
        name: own_name(),
        labels: BTreeMap::clone(&cluster.labels),
        folder: target.folder.clone(),
        branch: target.branch.clone(),
        flux: FluxSite { name: own_name(), ..FluxSite::default() },
        argo: ArgoDestination { name: own_name(), cluster: own_name(), ..ArgoDestination::default() },
    };
    if let Some(flux) = &spec.flux {
        site.flux.name = text(&flux.name)?.unwrap_or_else(own_name);
        site.flux.service_account = text(&flux.service_account)?;
        // The namespace of a copy is its own.
        site.flux.target_namespace = text(&flux.target_namespace)?.filter(|_| !is_copy);
        site.flux.kube_config = of_place(&flux.kube_config)?;
    }
    if let Some(argo) = &spec.argocd {
        site.argo.name = text(&argo.application)?.unwrap_or_else(own_name);
        site.argo.cluster = of_place(&argo.cluster)?.unwrap_or_else(|| there.name.value.clone());
        site.argo.server = of_place(&argo.server)?;
        site.argo.namespace = text(&argo.destination_namespace)?;
    }
    Ok(site)
}

/// Notes which clusters have to be ready before which. Names are those of clusters of the file.
fn depend(spec: &FluxSpec, targets: &[EngineTarget<'_>], sites: &mut [Site], problems: &mut Vec<Diagnostic>) {
    let known: BTreeSet<&str> = targets.iter().map(|target| target.cluster.name.value.as_str()).collect();
    for text in spec.depends_on.iter().flat_map(|(cluster, others)| std::iter::once(cluster).chain(others)) {
        if !known.contains(text.value.as_str()) {
            let message = format!("`dependsOn` names the cluster `{}`, which there is not", text.value.escape_debug());
            let problem = Diagnostic::error(NO_CLUSTER, message).at(text.place.clone(), "");
            problems.push(match nearest(&text.value, known.iter().copied()) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help("it must be a cluster of clusters.yaml"),
            });
        }
    }
    for site in sites {
        let own = spec.depends_on.iter().filter(|(cluster, _)| cluster.value == site.name);
        site.flux.depends_on = own.flat_map(|(_, others)| others).map(|text| text.value.clone()).collect();
    }
}

fn flux_settings(spec: &FluxSpec, owner: &str) -> FluxSettings {
    let base = FluxSettings::default();
    let own = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
    FluxSettings {
        namespace: own(&spec.namespace).unwrap_or(base.namespace),
        source: own(&spec.source).unwrap_or_else(|| owner.to_owned()),
        source_interval: own(&spec.source_interval).unwrap_or(base.source_interval),
        secret: own(&spec.secret),
        interval: own(&spec.interval).unwrap_or(base.interval),
        retry_interval: own(&spec.retry_interval),
        timeout: own(&spec.timeout),
        prune: spec.prune.unwrap_or(base.prune),
        wait: spec.wait.unwrap_or(base.wait),
    }
}

fn argo_settings(spec: &ArgoSpec, owner: &str) -> ArgoSettings {
    let base = ArgoSettings::default();
    let own = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
    let all = |texts: &[Text]| -> Vec<String> { texts.iter().map(|text| text.value.clone()).collect() };
    let owner = crate::output::engine::dns_label(owner).unwrap_or_else(|_| base.name.clone());
    ArgoSettings {
        form: if spec.applications { ArgoForm::Applications } else { ArgoForm::ApplicationSet },
        namespace: own(&spec.namespace).unwrap_or(base.namespace),
        name: own(&spec.name).unwrap_or_else(|| owner.clone()),
        project: own(&spec.project).unwrap_or(owner),
        write_project: spec.write_project.unwrap_or(base.write_project),
        namespaces: if spec.namespaces.is_empty() { base.namespaces } else { all(&spec.namespaces) },
        cluster_kinds: spec.cluster_kinds.as_deref().map_or(base.cluster_kinds, all),
        automated: spec.automated.unwrap_or(base.automated),
        prune: spec.prune.unwrap_or(base.prune),
        self_heal: spec.self_heal.unwrap_or(base.self_heal),
        cascade: spec.cascade.unwrap_or(base.cascade),
        sync_options: all(&spec.sync_options),
    }
}

/// The URL as engines write it: ssh addresses without a scheme get one. Paths on this machine are none.
fn engine_url(url: &str) -> Option<String> {
    if let Some((scheme, rest)) = url.split_once("://") {
        let is_read = matches!(scheme, "https" | "http" | "ssh");
        return (is_read && !rest.is_empty()).then(|| url.to_owned());
    }
    let (host, path) = url.split_once(':')?;
    let is_host = !host.is_empty() && !host.contains('/') && !path.is_empty();
    is_host.then(|| format!("ssh://{host}/{}", path.trim_start_matches('/')))
}

fn no_url(url: &str, own: Option<&Text>) -> Diagnostic {
    let message = format!("engines cannot read the repository from `{}`", url.escape_debug());
    Diagnostic::error(NO_URL, message)
        .maybe_at(own.map(|text| text.place.clone()), "")
        .help("`url` in `emit.flux` and `emit.argocd` names it by https or ssh, as the cluster reaches it")
}
