use std::collections::HashSet;
use std::sync::Arc;

use crate::gotmpl::{FuncTable, Limits, Options, TemplateSet, Workers};
use crate::source::Digest;
use crate::sprig;
use crate::value::{Frozen, Map, Value};

use super::assembly::{Assembly, MemberId, fits};
use super::capabilities::KubeVersion;
use super::chart::Chart;
use super::compat::Compat;
use super::engine;
use super::entropy::{Entropy, NondeterministicUse};
use super::error::{RenderCause, RenderError};
use super::host::ReleaseHost;
use super::lookup::{LookupUse, Resources};
use super::manifest::{self, Hook, Manifest};
use super::objects::{CapabilitiesObject, contexts};
use super::questions::{Given, Questions};
use super::reads::{self, Ledger, Reads};
use super::release_name::check_release_name;
use super::schema;
use super::values::{Coalescing, coalesce_chart};

/// Steps for the templates of one release; the largest public charts need less than a tenth.
const FUEL: u64 = 20_000_000;

/// What a release is called and how it is rendered.
#[derive(Clone, Debug)]
pub struct ReleaseOptions {
    /// The release's name.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// The version of Kubernetes that charts see.
    pub kube_version: KubeVersion,
    /// API versions beyond [`API_VERSIONS`](super::API_VERSIONS).
    pub api_versions: Vec<String>,
    /// Whether the release holds custom resource definitions.
    pub include_crds: bool,
    /// Whether charts see an upgrade rather than an installation.
    pub is_upgrade: bool,
    /// Whether test hooks are left out.
    pub skip_tests: bool,
    /// Whether all hooks are left out.
    pub no_hooks: bool,
    /// Whether `values.schema.json` is not looked at.
    pub skip_schema_validation: bool,
    /// Whether to tell what the release read of its input.
    pub record_reads: bool,
    /// Where random values and the time come from.
    pub entropy: Entropy,
    /// Recorded objects that answer `lookup`; without any the answer is an empty map.
    pub resources: Option<Arc<Resources>>,
    /// Whether a template that asks for the address of a name fails, rather than getting none.
    pub enable_dns: bool,
    /// How many threads may parse templates and read what they give. The result is the same.
    pub threads: usize,
    /// The budgets of the templates. The calling thread's stack must hold [`Limits::thread_stack`] bytes.
    pub limits: Limits,
}

impl ReleaseOptions {
    /// Helm's defaults for a release name: namespace `default`, the system's randomness and clock.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            namespace: "default".to_owned(),
            kube_version: KubeVersion::default_of_helm(),
            api_versions: Vec::new(),
            include_crds: false,
            is_upgrade: false,
            skip_tests: false,
            no_hooks: false,
            skip_schema_validation: false,
            record_reads: false,
            threads: 1,
            entropy: Entropy::System,
            resources: None,
            enable_dns: false,
            limits: Limits { fuel: FUEL, ..Limits::default() },
        }
    }
}

/// A custom resource definition, which is never rendered.
#[derive(Clone, Debug)]
pub struct Crd {
    /// `chart/crds/file.yaml`.
    pub path: String,
    /// The file's content.
    pub data: Arc<[u8]>,
}

/// A rendered release.
#[derive(Debug)]
pub struct Release {
    /// Manifests in install order.
    pub manifests: Vec<Manifest>,
    /// Hooks in install order of their kinds.
    pub hooks: Vec<Hook>,
    /// Custom resource definitions with Helm 2's hook `crd-install`. Helm 3 does not print them.
    pub crd_hooks: Vec<Manifest>,
    /// Custom resource definitions, if asked for.
    pub crds: Vec<Crd>,
    /// The text of the chart's own `NOTES.txt`.
    pub notes: Option<Vec<u8>>,
    /// Questionable things, in Helm's words.
    pub warnings: Vec<String>,
    /// Values that the input did not determine.
    pub nondeterministic: Vec<NondeterministicUse>,
    /// Objects of a cluster that templates asked for.
    pub lookups: Vec<LookupUse>,
    /// What was read of the input, if asked for.
    pub reads: Option<Reads>,
    /// What was asked of the input and what the answers were, if [reads](Self::reads) were asked for and
    /// the input determines the result.
    pub asked: Option<(Questions, Digest)>,
}

/// A release before its templates run.
pub(super) struct Prepared {
    /// The charts that take part.
    pub charts: Assembly,
    /// The values of the outermost one, with all defaults.
    pub values: Map,
    /// Questionable things so far, in Helm's words; some may come twice.
    pub warnings: Vec<String>,
}

/// Everything that Helm does before it runs templates; schemas are asked if `validates`.
pub(super) fn prepare(
    chart: &Arc<Chart>,
    values: &Frozen,
    options: &ReleaseOptions,
    validates: bool,
) -> Result<Prepared, RenderError> {
    let compat = chart.compat;
    check_chart(chart).map_err(|(text, at)| RenderError::new(text, RenderCause::Chart(at)))?;
    check_release_name(&options.name).map_err(|text| {
        let shown = crate::golang::strconv::quote(options.name.as_bytes());
        let step = if compat.names_failed_steps() { "release name check failed: " } else { "" };
        RenderError::new(format!("{step}release name {shown}: {text}"), RenderCause::Name)
    })?;
    let mut charts = Assembly::new(chart, values).map_err(|text| {
        let step = if compat.names_failed_steps() { "chart dependencies processing failed: " } else { "" };
        RenderError::new(format!("{step}{text}"), RenderCause::Values)
    })?;
    let mut warnings = chart.warnings.clone();
    warnings.append(&mut charts.take_warnings());

    let coalesced = match Value::from(values) {
        Value::Map(map) => map,
        _ => Map::new(),
    };
    coalesce_chart(&charts, Assembly::ROOT, &coalesced, &mut Coalescing { keep_nulls: false, warnings: &mut warnings })
        .map_err(|text| RenderError::new(text, RenderCause::Values))?;
    if validates {
        schema::validate(&charts, Assembly::ROOT, &coalesced)
            .map_err(|(text, misfits)| RenderError::new(text, RenderCause::Schema(misfits)))?;
    }

    let wanted = &chart.metadata.kube_version;
    if !wanted.is_empty() && !fits(wanted, &options.kube_version.normalized) {
        let has = &options.kube_version;
        let text = format!("chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {has}");
        return Err(RenderError::new(text, RenderCause::KubeVersion));
    }
    Ok(Prepared { charts, values: coalesced, warnings })
}

/// Renders a chart with the user's values, as the Helm does for which the chart was loaded.
pub fn render(chart: &Arc<Chart>, values: &Frozen, options: &ReleaseOptions) -> Result<Release, RenderError> {
    let compat = chart.compat;
    let Prepared { charts, values: coalesced, mut warnings } =
        prepare(chart, values, options, !options.skip_schema_validation)?;
    let (release, ledger) = (release_object(options), Ledger::default());
    // Templates may change the values: the answers are those that the release begins with.
    let given = options.record_reads.then(|| Given::new(&coalesced, &warnings));
    if options.record_reads {
        coalesced.watch();
        release.watch();
    }
    let capabilities = capabilities(&options.kube_version, &options.api_versions, compat, &ledger);
    let contexts = contexts(&charts, coalesced.clone(), &release, &capabilities, &ledger);
    let mut host = ReleaseHost::new(options.entropy.clone()).with_world(options.resources.clone(), options.enable_dns);
    let mut rendered = engine::execute(&charts, &contexts, &mut host, &options.limits, options.threads)?;
    let notes = rendered.remove(&format!("{}/templates/NOTES.txt", chart.name()));
    let files = rendered.iter().filter(|(path, _)| !path.ends_with("NOTES.txt"));
    let workers = Workers { threads: options.threads, stack_bytes: options.limits.thread_stack() };
    let sorted = manifest::sort(files.map(|(path, content)| (path.as_str(), content.as_slice())), compat, workers);
    let mut sorted = match sorted {
        Ok(sorted) => sorted,
        Err(error) => {
            let files = rendered.into_iter().filter(|(path, _)| !path.ends_with("NOTES.txt"));
            return Err(RenderError::from(error).with_rendered(files));
        }
    };
    warnings.append(&mut sorted.warnings);
    drop_repeated(&mut warnings);
    let is_left_out = |hook: &Hook| options.no_hooks || (options.skip_tests && hook.is_test());
    sorted.hooks.retain(|hook| !is_left_out(hook));
    let mut crds = Vec::new();
    if options.include_crds {
        collect_crds(&charts, Assembly::ROOT, &mut crds);
    }
    if let Some(fault) = charts.faults().next() {
        return Err(RenderError::new(fault.to_string(), RenderCause::File));
    }
    let (nondeterministic, lookups) = host.into_uses();
    let reads = options.record_reads.then(|| {
        reads::gather(&charts, &coalesced, &release, &ledger, !options.skip_schema_validation)
            .with_uses(&nondeterministic, &lookups)
    });
    let asked = reads.as_ref().zip(given).and_then(|(reads, given)| {
        let questions = Questions::of(reads, &options.entropy)?;
        let answers = questions.answered(chart, &charts, &given, options);
        Some((questions, answers))
    });
    Ok(Release {
        manifests: sorted.manifests,
        hooks: sorted.hooks,
        crd_hooks: sorted.crd_hooks,
        crds,
        notes,
        warnings,
        nondeterministic,
        lookups,
        reads,
        asked,
    })
}

/// Values are coalesced several times, and each time says the same.
fn drop_repeated(warnings: &mut Vec<String>) {
    let mut seen = HashSet::new();
    warnings.retain(|warning| seen.insert(warning.clone()));
}

/// Whether a chart can be rendered by itself and has the charts that it declares. The error is Helm's
/// text and the place of the reason in `Chart.yaml`.
fn check_chart(chart: &Chart) -> Result<(), (String, Vec<String>)> {
    let metadata = &chart.metadata;
    if metadata.kind == "library" {
        return Err((format!("{} charts are not installable", metadata.kind), vec!["type".to_owned()]));
    }
    let missing: Vec<(usize, &str)> = (metadata.dependencies.iter().flatten().enumerate())
        .map(|(at, dependency)| (at, dependency.name.as_str()))
        .filter(|(_, name)| !chart.charts.iter().any(|child| child.name() == *name))
        .collect();
    let Some((first, _)) = missing.first() else {
        if chart.compat.knows_chart_versions() && metadata.api_version == "v3" {
            return Err(("invalid chart apiVersion".to_owned(), vec!["apiVersion".to_owned()]));
        }
        return Ok(());
    };
    let at = vec!["dependencies".to_owned(), first.to_string(), "name".to_owned()];
    let names: Vec<&str> = missing.iter().map(|(_, name)| *name).collect();
    let (an, quote) = if chart.compat.names_failed_steps() { ("an", '\'') } else { ("An", '`') };
    let text = format!(
        "{an} error occurred while checking for chart dependencies. You may need to run {quote}helm dependency \
         build{quote} to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: {}",
        names.join(", ")
    );
    Err((text, at))
}

fn release_object(options: &ReleaseOptions) -> Map {
    Map::from_iter([
        ("Name".into(), Value::str(options.name.as_str())),
        ("Namespace".into(), Value::str(options.namespace.as_str())),
        ("IsUpgrade".into(), Value::Bool(options.is_upgrade)),
        ("IsInstall".into(), Value::Bool(!options.is_upgrade)),
        ("Revision".into(), Value::int(1)),
        ("Service".into(), Value::str("Helm")),
    ])
}

/// What templates see of the cluster and of Helm.
pub(super) fn capabilities(
    kube_version: &KubeVersion,
    api_versions: &[String],
    compat: Compat,
    ledger: &Ledger,
) -> Value {
    CapabilitiesObject::new(kube_version.clone(), api_versions, compat, ledger).into()
}

/// A file that cannot be read is empty here; the charts keep the fault.
fn collect_crds(charts: &Assembly, id: MemberId, crds: &mut Vec<Crd>) {
    let path = charts.full_path(id);
    for file in charts.chart(id).crds() {
        crds.push(Crd { path: format!("{path}/{}", file.name), data: file.read().unwrap_or_default() });
    }
    for child in charts.children(id) {
        collect_crds(charts, *child, crds);
    }
}

/// The release name that a template makes, with Sprig's functions and no data. The error is Helm's text.
pub fn name_from_template(template: &str, entropy: Entropy) -> Result<String, String> {
    let mut set = TemplateSet::new("name-template", Arc::new(FuncTable::new(sprig::tables())));
    set.parse("name-template", template).map_err(|error| error.to_string())?;
    let mut host = ReleaseHost::new(entropy);
    let output =
        set.execute("name-template", &Value::Nil, &mut host, &Options::default()).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output).into_owned())
}

#[cfg(test)]
mod tests;
