//! Deployment events: what a service's own CI asks for, as a pin in the layer of one installation.

mod chart;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use self::chart::WantedChart;
use super::image::values_of_chart;
use super::{Edited, EditedFile};
use crate::diag::{Blame, Code, Diagnostic, Sink, nearest, nearest_few};
use crate::k8s::ImageRef;
use crate::pipeline::Project;
use crate::source::Tree;
use crate::stack::{CLUSTERS_FILE, Graph, ImageFile, load_clusters, load_images, value_path};
use crate::value::{Frozen, IntKind};
use crate::yaml::edit::Step;
use crate::yaml::{Node, load_node_native};

const BAD_EVENT: Code = Code("event.invalid");
const UNKNOWN_ENVIRONMENT: Code = Code("event.unknown-environment");
const UNKNOWN_COMPONENT: Code = Code("event.unknown-component");
const STALE: Code = Code("event.stale");
const NO_VALUE: Code = Code("event.no-value");

/// A deployment that was asked for: GitHub's Deployment object, alone or in a webhook's body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeploymentEvent {
    /// Its number; later events have greater ones.
    pub id: i64,
    /// The installation that is meant.
    pub environment: String,
    /// The commit, or else the branch or tag.
    pub version: String,
    /// The repository that asks, as `owner/name` or `name`.
    pub repository: Option<String>,
    /// The component that the payload names.
    pub component: Option<String>,
    /// The images that the payload names: the name, and what it becomes.
    pub images: Vec<(String, String)>,
    /// The chart that the payload names.
    pub chart: Option<WantedChart>,
}

impl DeploymentEvent {
    /// Reads the text of an event. `shown` names it in messages.
    pub fn read(text: &str, shown: &str) -> Result<Self, Diagnostic> {
        let bad = |why: &str| Diagnostic::error(BAD_EVENT, format!("{shown}: {why}"));
        let whole: Json = serde_json::from_str(text).map_err(|error| bad(&error.to_string()))?;
        let event = whole.get("deployment").filter(|event| event.is_object()).unwrap_or(&whole);
        if !event.is_object() {
            return Err(bad("the event is not an object"));
        }
        let word = |value: &Json, key: &str| {
            value.get(key).and_then(Json::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let id = event.get("id").and_then(Json::as_i64).ok_or_else(|| bad("it has no `id` that is a number"))?;
        let environment = word(event, "environment").ok_or_else(|| bad("it has no `environment`"))?;
        let version = word(event, "sha").or_else(|| word(event, "ref")).unwrap_or_default();
        let repository = whole.get("repository").or_else(|| event.get("repository"));
        let repository =
            repository.and_then(|repository| word(repository, "full_name").or_else(|| word(repository, "name")));
        let from_url = || {
            let url = word(event, "repository_url")?;
            let mut parts = url.trim_end_matches('/').rsplit('/');
            let name = parts.next()?.to_owned();
            Some(parts.next().map_or_else(|| name.clone(), |owner| format!("{owner}/{name}")))
        };
        // GitHub hands on what it was given, which may be a text that holds JSON.
        let payload = match event.get("payload") {
            Some(Json::String(text)) => serde_json::from_str(text).unwrap_or(Json::Null),
            Some(payload) => payload.clone(),
            None => Json::Null,
        };
        let images = images(payload.get("images")).ok_or_else(|| bad("`payload.images` does not list images"))?;
        let chart = match payload.get("chart") {
            None | Some(Json::Null) => None,
            Some(chart) => Some(WantedChart::read(chart).ok_or_else(|| bad("`payload.chart` names no version"))?),
        };
        let event = Self {
            id,
            environment,
            version,
            repository: repository.or_else(from_url).or_else(|| word(&payload, "repository")),
            component: word(&payload, "component"),
            images,
            chart,
        };
        if event.version.is_empty() && event.images.is_empty() {
            return Err(bad("it has neither a `sha`, a `ref` nor `payload.images`"));
        }
        let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
        if !event.environment.split('/').all(is_plain) {
            return Err(bad("its `environment` cannot be the name of an installation"));
        }
        Ok(event)
    }
}

/// Images as a map from name to reference, as a list of references, or of `{name, image|tag}`.
fn images(value: Option<&Json>) -> Option<Vec<(String, String)>> {
    let named = |reference: &str| Some((ImageRef::parse(reference)?.name(), reference.to_owned()));
    match value {
        None | Some(Json::Null) => Some(Vec::new()),
        Some(Json::Object(map)) => {
            map.iter().map(|(name, reference)| Some((name.clone(), reference.as_str()?.to_owned()))).collect()
        }
        Some(Json::Array(items)) => items
            .iter()
            .map(|item| match item {
                Json::String(reference) => named(reference),
                item => {
                    let text = |key: &str| item.get(key).and_then(Json::as_str);
                    match (text("name"), text("image").or_else(|| text("ref")), text("tag").or_else(|| text("newTag")))
                    {
                        (Some(name), Some(reference), _) => Some((name.to_owned(), reference.to_owned())),
                        (None, Some(reference), _) => named(reference),
                        (Some(name), None, Some(tag)) => Some((name.to_owned(), format!(":{tag}"))),
                        _ => None,
                    }
                }
            })
            .collect(),
        _ => None,
    }
}

/// How events are understood.
#[derive(Clone, Debug)]
pub struct EventRules {
    /// The component of each repository, by `owner/name` or `name`; others are those of their repository's name.
    pub components: BTreeMap<String, String>,
    /// The value that takes the version of a component whose image is bound to no value.
    pub value: String,
}

/// Pins what an event asks for in the layer of its installation, `config/installations/<environment>.yaml`, beside
/// the event's number.
pub fn apply_event(
    folder: &Tree,
    project: &Project,
    event: &DeploymentEvent,
    rules: &EventRules,
) -> Result<Edited, Diagnostic> {
    let mut sink = Sink::new();
    let failed = |sink: Sink| {
        let first =
            sink.into_diagnostics().into_iter().find(|problem| problem.severity == crate::diag::Severity::Error);
        first.unwrap_or_else(|| Diagnostic::error(BAD_EVENT, "the stack cannot be read"))
    };
    let Ok(graph) = project.resolve(&mut sink) else { return Err(failed(sink)) };
    let Ok(images) = load_images(folder, &mut sink) else { return Err(failed(sink)) };
    let layer = layer(folder, event, &mut sink)?;
    let (id, base) = component(&graph, event, rules)?;
    let mut file = EditedFile::open(folder, &format!("config/{layer}"))?;
    let at_id = [base.as_slice(), &[Step::from("event")]].concat();
    let pinned = at(file.root(), &at_id).and_then(|node| load_node_native(node).ok());
    if let Some(Frozen::Int(_, pinned)) = pinned
        && pinned > event.id
    {
        let message = format!(
            "the event {} is older than the event {pinned}, which {} pins for `{}`",
            event.id,
            file.name(),
            graph.nodes[id].address
        );
        let problem = Diagnostic { blame: Blame::Target, ..Diagnostic::error(STALE, message) };
        return Err(problem.help("nothing was changed; a newer deployment was asked for already"));
    }
    event.chart.iter().try_for_each(|chart| chart.check(&graph.nodes[id]))?;
    let values = pins(&graph, id, images.as_ref(), event, rules)?;
    file.set(&at_id, &Frozen::Int(IntKind::Int, event.id))?;
    let mut facts = Vec::new();
    for (path, text) in &values {
        let keys: Vec<Step> = path.iter().map(|key| Step::from(key.as_str())).collect();
        let place = [base.as_slice(), &[Step::from("config")], &keys].concat();
        let value = Frozen::str(text.as_str());
        let present = at(file.root(), &place).and_then(|node| load_node_native(node).ok());
        if present.as_ref() != Some(&value) {
            file.set(&place, &value)?;
        }
        facts.push(json!({ "component": &*graph.nodes[id].address, "path": path.join("."), "to": text }));
    }
    let address = &graph.nodes[id].address;
    let name = file.name().to_owned();
    let edited = Edited::of(vec![file.change()]);
    let told = match edited.is_empty() {
        true => format!("nothing to change: `{address}` is at the event {} in {name}", event.id),
        false => format!("pinned `{address}` by the event {} in {name}", event.id),
    };
    let subject = format!("Deploy {} {} to {}", graph.nodes[id].name(), event.version, event.environment);
    Ok(Edited { facts, subject, told, ..edited })
}

/// The layer of an installation: one that its cluster has, or without `clusters.yaml` one that is there.
fn layer(folder: &Tree, event: &DeploymentEvent, sink: &mut Sink) -> Result<String, Diagnostic> {
    let environment = &event.environment;
    let own = format!("installations/{environment}");
    let unknown = |message: String, names: &[&str]| {
        let near: Vec<String> =
            nearest_few(environment, names.iter().copied(), 3).iter().map(|name| format!("`{name}`")).collect();
        let problem = Diagnostic::error(UNKNOWN_ENVIRONMENT, message);
        Err(if near.is_empty() { problem } else { problem.help(format!("the nearest: {}", near.join(", "))) })
    };
    let clusters = load_clusters(folder, sink).map_err(|_| {
        Diagnostic::error(UNKNOWN_ENVIRONMENT, format!("`{CLUSTERS_FILE}` cannot be read: see `kiln check`"))
    })?;
    let Some(clusters) = clusters else {
        if ["yaml", "json"].iter().any(|end| folder.is_file(&format!("config/{own}.{end}"))) {
            return Ok(own);
        }
        let entries = folder.list("config/installations").unwrap_or_default();
        let names: Vec<&str> =
            entries.iter().filter_map(|entry| entry.name.rsplit_once('.')).map(|(stem, _)| stem).collect();
        return unknown(format!("there is no layer `{}`", own.escape_debug()), &names);
    };
    let names: Vec<&str> = clusters.clusters.iter().map(|cluster| cluster.name.value.as_str()).collect();
    let Some(cluster) = clusters.clusters.iter().find(|cluster| cluster.name.value == *environment) else {
        return unknown(format!("there is no cluster `{}` in {}", environment.escape_debug(), clusters.shown), &names);
    };
    let layers = || cluster.layers.iter().map(|layer| layer.value.as_str());
    let is_own = |layer: &&str| layer.rsplit('/').next() == environment.rsplit('/').next();
    match layers().find(|layer| *layer == own).or_else(|| layers().find(is_own)) {
        Some(layer) => Ok(layer.to_owned()),
        None => {
            let message = format!("the cluster `{environment}` has no layer of its own, such as `{own}`");
            let problem = Diagnostic::error(UNKNOWN_ENVIRONMENT, message).at(cluster.name.place.clone(), "");
            Err(problem.help("add `installations/{name}` to its `layers`"))
        }
    }
}

/// The component of an event, and the path of its settings in the root's layers.
fn component(
    graph: &Graph,
    event: &DeploymentEvent,
    rules: &EventRules,
) -> Result<(crate::stack::NodeId, Vec<Step>), Diagnostic> {
    let bare = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let mapped = |repository: &String| {
        rules.components.get(repository).or_else(|| rules.components.get(&bare(repository))).cloned()
    };
    let name = event.component.clone().or_else(|| {
        let repository = event.repository.as_ref()?;
        mapped(repository).or_else(|| Some(bare(repository)))
    });
    let Some(name) = name else {
        let message = "the event names neither a repository nor, in its payload, a component";
        return Err(Diagnostic::error(UNKNOWN_COMPONENT, message).help("name the component with `--component`"));
    };
    let is_meant = |address: &str| {
        address.strip_suffix(name.as_str()).is_some_and(|above| above.is_empty() || above.ends_with('/'))
    };
    let found: Vec<usize> = (0..graph.nodes.len()).filter(|id| is_meant(&graph.nodes[*id].address)).collect();
    let id = match found.as_slice() {
        [only] => *only,
        [] => {
            let message = format!("the stack has no component `{}`", name.escape_debug());
            let names: Vec<&str> = graph.nodes.iter().map(|node| node.name()).collect();
            let problem = Diagnostic::error(UNKNOWN_COMPONENT, message);
            return Err(match nearest(&name, names) {
                Some(near) => {
                    problem.help(format!("did you mean `{near}`? `events.components` of kiln.yaml maps repositories"))
                }
                None => problem.help("map the repository to its component in `events.components` of kiln.yaml"),
            });
        }
        several => {
            let addresses: Vec<&str> = several.iter().map(|id| &*graph.nodes[*id].address).collect();
            let message = format!("several components are named `{}`", name.escape_debug());
            let problem = Diagnostic::error(UNKNOWN_COMPONENT, message);
            return Err(problem.help(format!("write one of: {}", addresses.join(", "))));
        }
    };
    let mut entries = Vec::new();
    let mut node = &graph.nodes[id];
    while let Some(parent) = node.parent {
        entries.push(node.entry.to_string());
        node = &graph.nodes[parent];
    }
    let steps = entries.iter().rev().flat_map(|entry| [Step::from("subcomponents"), Step::from(entry.as_str())]);
    Ok((id, steps.collect()))
}

/// The values that say what an event asks for.
fn pins(
    graph: &Graph,
    id: usize,
    images: Option<&ImageFile>,
    event: &DeploymentEvent,
    rules: &EventRules,
) -> Result<Vec<(Vec<String>, String)>, Diagnostic> {
    let node = &graph.nodes[id];
    let bindings: Vec<_> =
        images.iter().flat_map(|file| &file.bindings).filter(|binding| binding.is_of(&node.address)).collect();
    let mut values = Vec::new();
    for (name, reference) in &event.images {
        let whole = if reference.starts_with([':', '@']) { format!("{name}{reference}") } else { reference.clone() };
        let parsed = (ImageRef::parse(name), ImageRef::parse(&whole).filter(ImageRef::has_version));
        let (Some(wanted), Some(image)) = parsed else {
            let message = format!("`{}` is no image reference", reference.escape_debug());
            return Err(Diagnostic::error(BAD_EVENT, message));
        };
        let bound = bindings.iter().find(|binding| binding.named.is(&wanted) || wanted.is(&binding.named));
        let version = match (&image.tag, &image.digest) {
            (Some(tag), Some(digest)) => format!("{tag}@{digest}"),
            (Some(tag), None) => tag.clone(),
            (None, digest) => digest.clone().unwrap_or_default(),
        };
        if let Some(binding) = bound {
            let paths = &binding.values;
            if let Some(path) = &paths.reference {
                values.push((path.clone(), image.to_string()));
            }
            match (&paths.tag, &paths.digest, &image.tag, &image.digest) {
                (Some(tag), Some(digest), Some(text), hash) => {
                    values.push((tag.clone(), text.clone()));
                    values.push((digest.clone(), hash.clone().unwrap_or_default()));
                }
                (_, Some(digest), None, Some(hash)) => values.push((digest.clone(), hash.clone())),
                (Some(tag), ..) => values.push((tag.clone(), version)),
                _ => {}
            }
            continue;
        }
        let Some(path) = values_of_chart(node, &wanted) else {
            let message =
                format!("it is not known which value of `{}` takes the image `{}`", node.address, name.escape_debug());
            return Err(Diagnostic::error(NO_VALUE, message).help("bind the image to the component in images.yaml"));
        };
        values.push((path, version));
    }
    if values.is_empty() {
        let path = match bindings.as_slice() {
            [binding] if binding.values.tag.is_some() => binding.values.tag.clone(),
            _ => value_path(&rules.value),
        };
        let Some(path) = path else {
            let message = format!("`{}` is not a path of values", rules.value.escape_debug());
            return Err(Diagnostic::error(NO_VALUE, message).help("write keys with dots between them: `image.tag`"));
        };
        values.push((path, event.version.clone()));
    }
    Ok(values)
}

fn at<'n>(root: &'n Node, path: &[Step]) -> Option<&'n Node> {
    path.iter().try_fold(root, |node, step| match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.as_seq()?.get(*index),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_alone_and_in_the_body_of_a_webhook() {
        let text = r#"{"id": 42, "environment": "amber", "sha": "0a1b", "ref": "master", "repository_url": "https://api.example.com/repos/acme/node-auth", "payload": "{\"images\": {\"acme/auth\": \":v2\"}}"}"#;
        let event = DeploymentEvent::read(text, "e").unwrap();
        assert_eq!((event.id, event.environment.as_str(), event.version.as_str()), (42, "amber", "0a1b"));
        assert_eq!(event.repository.as_deref(), Some("acme/node-auth"));
        assert_eq!(event.images, [("acme/auth".to_owned(), ":v2".to_owned())]);
        let body = r#"{"action": "created", "deployment": {"id": 1, "environment": "a", "ref": "v1", "payload": {"component": "web", "images": ["acme/web:2", {"name": "x", "tag": "3"}]}}, "repository": {"full_name": "acme/web"}}"#;
        let event = DeploymentEvent::read(body, "e").unwrap();
        assert_eq!((event.version.as_str(), event.component.as_deref()), ("v1", Some("web")));
        assert_eq!(event.images.len(), 2);
        for bad in [
            "[]",
            "{",
            "{\"id\": 1}",
            "{\"id\": \"x\", \"environment\": \"a\", \"sha\": \"b\"}",
            "{\"id\": 1, \"environment\": \"a\"}",
            "{\"id\": 1, \"environment\": \"../a\", \"sha\": \"b\"}",
            "{\"id\": 1, \"environment\": \"a\", \"sha\": \"b\", \"payload\": {\"images\": 3}}",
        ] {
            assert!(DeploymentEvent::read(bad, "e").is_err(), "{bad}");
        }
    }
}
