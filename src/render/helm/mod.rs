//! A chart as a component: values from the scope, documents to the bundle.

mod origin;
mod problem;

use std::collections::HashSet;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::helm::{self, Entropy, Manifest, Questions, Release, ReleaseOptions};
use crate::k8s::{self, Identity, Object};
use crate::source::{Digest, Tree};
use crate::yaml;

use super::manifests::at;
use super::{Asked, Bundle, Context, Randomness, RenderUnit, Rendered, fabrikate};

/// Renders a chart (`type: helm`) with the unit's values. The component's name is the release's.
///
/// In Fabrikate's reading the text is cut as Fabrikate cuts it, and definitions in `crds/` are left
/// out; in the strict reading they are part of the bundle.
///
/// With `record` the result tells what the release asked of its input.
pub fn render(
    unit: &RenderUnit,
    tree: &Tree,
    context: &Context,
    record: bool,
    sink: &mut Sink,
) -> Result<Rendered, Reported> {
    let chart = context.charts.load(tree).map_err(|error| sink.fail(problem::loading(unit, tree, &error)))?;
    let refuse_random = matches!(context.randomness, Randomness::Refused { .. });
    let options = ReleaseOptions { record_reads: record, ..options(unit, context) };
    let release = helm::render(&chart, unit.scope.values(), &options)
        .map_err(|error| sink.fail(problem::rendering(unit, tree, &chart, &error)))?;
    report_uses(unit, &release, refuse_random, sink);
    for used in &release.lookups {
        let message = format!("`lookup` of {} at {} gives nothing: no cluster is asked", used.subject(), used.place());
        sink.push(at(unit, Diagnostic::note(Code("chart.lookup"), message)));
    }
    for warning in &release.warnings {
        sink.push(at(unit, Diagnostic::warning(Code("chart.warning"), warning.trim_end())));
    }
    if chart.metadata.deprecated {
        let message = format!("the chart `{}` is deprecated", chart.name());
        sink.push(at(unit, Diagnostic::warning(Code("chart.deprecated"), message)));
    }
    sink.check()?;
    let asked = release.asked.as_ref();
    let asked = asked.map(|(questions, answers)| Asked { questions: questions.pack().into(), answers: *answers });
    let bundle = if context.reading.is_strict() { strict(&release) } else { as_fabrikate(&release) };
    Ok(Rendered { bundle: Arc::new(bundle), asked })
}

/// The answers that the questions of an earlier release get now; `None` when there is no such release.
pub fn answers(unit: &RenderUnit, tree: &Tree, context: &Context, questions: &Questions) -> Option<Digest> {
    let chart = context.charts.load(tree).ok()?;
    questions.answers(&chart, unit.scope.values(), &options(unit, context)).ok()
}

fn options(unit: &RenderUnit, context: &Context) -> ReleaseOptions {
    ReleaseOptions {
        namespace: unit.scope.namespace().unwrap_or("default").to_owned(),
        kube_version: context.kube_version.clone(),
        api_versions: context.api_versions.to_vec(),
        include_crds: context.reading.is_strict(),
        entropy: entropy(unit, &context.randomness),
        limits: context.limits.clone(),
        ..ReleaseOptions::new(&*unit.name)
    }
}

fn entropy(unit: &RenderUnit, randomness: &Randomness) -> Entropy {
    match randomness {
        Randomness::System => Entropy::System,
        Randomness::Seeded { seed, now } | Randomness::Refused { seed, now } => {
            Entropy::Seeded { seed: Arc::clone(seed), address: Arc::clone(&unit.address), time: (*now, 0) }
        }
    }
}

fn report_uses(unit: &RenderUnit, release: &Release, refuse: bool, sink: &mut Sink) {
    let mut said = HashSet::new();
    for used in &release.nondeterministic {
        let message =
            format!("`{}` at {} gives a value that the input does not determine", used.function, used.place());
        // A certificate asks for random bytes and for the time.
        if !said.insert(message.clone()) {
            continue;
        }
        let code = Code("chart.nondeterministic");
        sink.push(at(
            unit,
            if refuse {
                Diagnostic::error(code, message)
                    .help("set the value in the configuration, or set `nondeterminism: seed`")
            } else {
                Diagnostic::note(code, message)
            },
        ));
    }
}

fn text(release: &Release) -> String {
    let whole = helm::print::whole(release, helm::print::manifests(release));
    String::from_utf8(whole).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Documents as Fabrikate leaves them: parts that are no maps are dropped, all other text is kept.
fn as_fabrikate(release: &Release) -> Bundle {
    let text = text(release);
    let parts = fabrikate::parts(&text);
    let manifests: Vec<&Manifest> = manifests(release).collect();
    // Where each part is one manifest, one with a kind was read as a map before.
    let is_known = |at: usize| parts.len() == manifests.len() && !manifests[at].kind.is_empty();
    let is_map =
        |part: &str| yaml::load(part.as_bytes()).is_ok_and(|value| value.as_map().is_some_and(|map| !map.is_empty()));
    let kept = parts.iter().enumerate().filter(|(at, part)| is_known(*at) || is_map(part));
    let objects = kept.map(|(_, part)| Object { text: (*part).to_owned(), identity: None }).collect();
    Bundle { objects, crds: Vec::new() }
}

/// Manifests in the order in which they are printed.
fn manifests(release: &Release) -> impl Iterator<Item = &Manifest> {
    release.manifests.iter().chain(release.hooks.iter().map(|hook| &hook.manifest))
}

fn strict(release: &Release) -> Bundle {
    let mut bundle = Bundle::default();
    for crd in &release.crds {
        let text = String::from_utf8_lossy(&crd.data);
        push(&mut bundle.crds, &text, &crd.path, |body| k8s::identify(body).ok());
    }
    for manifest in &release.crd_hooks {
        push(&mut bundle.crds, &manifest.text, &manifest.path, |_| Some(identity(manifest)));
    }
    for manifest in manifests(release) {
        push(&mut bundle.objects, &manifest.text, &manifest.path, |_| Some(identity(manifest)));
    }
    bundle
}

fn identity(manifest: &Manifest) -> Identity {
    Identity {
        api_version: manifest.api_version.clone(),
        kind: manifest.kind.clone(),
        name: manifest.name.clone(),
        namespace: Some(manifest.namespace.clone()).filter(|namespace| !namespace.is_empty()),
    }
}

/// Appends the documents of a text; the first line of each says which template it came from. Nearly
/// always there is one, whose identity is known already.
fn push(objects: &mut Vec<Object>, text: &str, path: &str, known: impl Fn(&str) -> Option<Identity>) {
    let documents = k8s::split(text);
    let only = documents.len() == 1;
    for range in documents {
        let body = &text[range];
        let identity = if only { known(body) } else { k8s::identify(body).ok() };
        if identity.is_some() {
            objects.push(Object { text: format!("# Source: {path}\n{body}"), identity });
        }
    }
}
