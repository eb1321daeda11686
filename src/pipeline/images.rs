//! Which image a component gets, from `images.yaml` and from what `clusters.yaml` says about images.
//!
//! The order of choice: the cluster's pin, what a layer of the configuration says, the cluster's channel,
//! the chart's default. A pin joins the component's values as a layer above all others, a channel as one
//! below; both know where they were written.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::{ConfigMap, ConfigNode, ConfigValue, Layer, MergeRules, merge_values};
use crate::diag::{Code, Diagnostic, Reported, Severity, Sink, nearest};
use crate::k8s::ImageOverride;
use crate::render::{Bundle, RenderUnit};
use crate::span::Span;
use crate::stack::{
    Binding, BoundValues, Cluster, ClusterImages, Graph, ImageChoice, ImageFile, MergePolicy, load_images,
    unknown_image,
};
use crate::transform::container_images;
use crate::value::{Frozen, Str};

use super::Project;

const UNKNOWN_COMPONENT: Code = Code("images.unknown-component");
const UNKNOWN_CHANNEL: Code = Code("images.unknown-channel");
const NO_FILE: Code = Code("images.missing");
const UNMATCHED: Code = Code("images.unmatched");
const NO_EFFECT: Code = Code("clusters.no-effect");
const REQUIRED: Code = Code("images.required");
const INCOMPLETE: Code = Code("images.incomplete");

/// What a project says about images.
pub(super) struct Images {
    file: Option<ImageFile>,
    /// The places of overrides that met an image.
    met: Mutex<HashSet<(String, u32)>>,
    required: Option<RequiredImage>,
}

/// An image that a component must have: some container's has these words in it.
#[derive(Clone, Debug)]
pub struct RequiredImage {
    /// What the image must contain, such as the id of a commit.
    pub sha: String,
    /// The component's address, or the end of it.
    pub component: String,
    /// The only container that counts.
    pub container: Option<String>,
}

impl RequiredImage {
    fn is_about(&self, address: &str) -> bool {
        let above = address.strip_suffix(self.component.as_str());
        above.is_some_and(|above| above.is_empty() || above.ends_with('/'))
    }
}

impl Images {
    /// Reads `images.yaml` and checks it against the stack.
    pub fn open(project: &Project, graph: &Graph, sink: &mut Sink) -> Result<Self, Reported> {
        // Fabrikate knows no such file, and a file of that name may be anything.
        let file = if project.lenient { None } else { load_images(&project.tree, sink)? };
        let images = Self { file, met: Mutex::default(), required: None };
        if let Some(file) = &images.file {
            check_components(file, graph, sink);
        }
        sink.check().map(|()| images)
    }

    /// The same, with an image that a component of the stack must have.
    pub fn requiring(
        mut self,
        required: Option<&RequiredImage>,
        graph: &Graph,
        sink: &mut Sink,
    ) -> Result<Self, Reported> {
        if let Some(required) = required
            && !graph.nodes.iter().any(|node| required.is_about(&node.address))
        {
            let message = format!("the stack has no component `{}`", required.component.escape_debug());
            let names = graph.nodes.iter().map(|node| node.name());
            let problem = Diagnostic::error(UNKNOWN_COMPONENT, message);
            return Err(sink.fail(match nearest(&required.component, names) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            }));
        }
        self.required = required.cloned();
        Ok(self)
    }

    /// Complains about a unit that must have an image and does not.
    pub fn check_required(&self, unit: &RenderUnit, bundle: &Bundle) -> Option<Diagnostic> {
        let required = self.required.as_ref().filter(|required| required.is_about(&unit.address))?;
        let images: Vec<(String, String)> =
            bundle.objects.iter().flat_map(|object| container_images(&object.text)).collect();
        let counts = |name: &str| required.container.as_ref().is_none_or(|container| container == name);
        let found: Vec<&str> =
            images.iter().filter(|(name, _)| counts(name)).map(|(_, image)| image.as_str()).collect();
        if found.iter().any(|image| image.contains(&required.sha)) {
            return None;
        }
        let whose = match &required.container {
            Some(container) => format!("the container `{}` of `{}`", container.escape_debug(), unit.address),
            None => format!("`{}`", unit.address),
        };
        let message = format!("no image of {whose} has `{}` in it", required.sha.escape_debug());
        let problem = Diagnostic::error(REQUIRED, message).maybe_at(unit.place.clone(), "");
        Some(match found.is_empty() {
            true => problem.help("it has no such container"),
            false => problem.help(format!("its images: {}", found.join(", "))),
        })
    }

    /// Checks what clusters say about images against `images.yaml`.
    pub fn check(&self, clusters: &[&Cluster], sink: &mut Sink) -> Result<(), Reported> {
        let mut said = HashSet::new();
        for cluster in clusters {
            let ClusterImages { channel, pins, .. } = &*cluster.images;
            // A place of `defaults` says different things where it has placeholders.
            let mut tell = |place: &Span, value: &str, problem: &mut dyn FnMut() -> Option<Diagnostic>| {
                if said.insert((key(place), value.to_owned())) {
                    problem().into_iter().for_each(|problem| sink.push(problem));
                }
            };
            if let Some(channel) = channel {
                tell(&channel.place, &channel.value, &mut || self.check_channel(&channel.value, &channel.place));
            }
            for pin in pins {
                tell(&pin.name.place, &pin.name.value, &mut || match &self.file {
                    Some(file) if file.image(&pin.image).is_some() => None,
                    Some(file) => Some(unknown_image(file, &pin.name)),
                    None => {
                        let message = "an image is pinned, but there is no images.yaml that says where it goes";
                        let problem = Diagnostic::error(NO_FILE, message).at(pin.name.place.clone(), "");
                        Some(problem.help("list the image there, and bind it to a component"))
                    }
                });
            }
        }
        sink.check()
    }

    fn check_channel(&self, channel: &str, place: &Span) -> Option<Diagnostic> {
        let Some(file) = &self.file else {
            let message = "`channel` has no effect: there is no images.yaml";
            return Some(Diagnostic::warning(NO_EFFECT, message).at(place.clone(), ""));
        };
        let channels = file.channels();
        if channels.contains(&channel) {
            return None;
        }
        let message = format!("no image in {} has a channel `{}`", file.shown, channel.escape_debug());
        let problem = Diagnostic::error(UNKNOWN_CHANNEL, message).at(place.clone(), "");
        Some(match nearest(channel, channels.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None if channels.is_empty() => problem.help("give the images there their `channels`"),
            None => problem.help(format!("channels: {}", channels.join(", "))),
        })
    }

    /// What holds for one target; `None` for `cluster` where there are no clusters.
    pub fn of(&self, cluster: Option<&ClusterImages>, problems: &mut Vec<Diagnostic>) -> TargetImages {
        let mut overrides = cluster.map_or_else(Vec::new, |images| images.overrides.clone());
        let mut bound = Vec::new();
        if let Some(file) = &self.file {
            overrides.extend(file.overrides.iter().cloned());
            for binding in &file.bindings {
                let Some(entry) = file.image(&binding.named) else { continue };
                let pin = cluster.and_then(|images| images.pins.iter().find(|pin| entry.image.is(&pin.image)));
                let channel = cluster.and_then(|images| entry.channels.get(&images.channel.as_ref()?.value));
                let mut layer = |choice: Option<&ImageChoice>, kind: Kind| {
                    choice.and_then(|choice| self.layer(binding, choice, kind, problems))
                };
                let (pin, channel) = (layer(pin.map(|pin| &pin.choice), Kind::Pin), layer(channel, Kind::Channel));
                if pin.is_some() || channel.is_some() {
                    bound.push(Bound { binding: binding.clone(), pin, channel });
                }
            }
        }
        TargetImages { bound, overrides: Arc::from(overrides) }
    }

    /// A layer that says one image in the values of a component.
    fn layer(
        &self,
        binding: &Binding,
        choice: &ImageChoice,
        kind: Kind,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Arc<ConfigNode>> {
        let name = match kind {
            Kind::Pin => "images.pin",
            Kind::Channel => "images.yaml",
        };
        let layer = Arc::new(Layer { name: Arc::from(name), source: Arc::clone(&choice.place.source) });
        let values = match values(&binding.values, choice, kind) {
            Ok(values) => values,
            Err(why) => {
                let message = format!("the image of `{}` cannot be written: {why}", binding.component.value);
                let problem = Diagnostic::error(INCOMPLETE, message).at(choice.place.clone(), "");
                problems.push(problem.at(binding.component.place.clone(), "what takes it"));
                return None;
            }
        };
        let scalar = |value: Frozen| {
            Arc::new(ConfigNode::new(ConfigValue::Scalar(value), &layer, choice.place.start..choice.place.end))
        };
        let mut root = ConfigMap::new();
        for (path, value) in values {
            insert(&mut root, path, scalar(Frozen::str(value)), &|map| {
                let (start, end) = (choice.place.start, choice.place.end);
                Arc::new(ConfigNode::new(ConfigValue::Map(map), &layer, start..end))
            });
        }
        let config = ConfigNode::new(ConfigValue::Map(root), &layer, choice.place.start..choice.place.end);
        Some(Arc::new(config))
    }

    /// Notes which overrides of a unit met an image. Whoever takes a unit's objects from an earlier run
    /// instead of transforming them must note the same, or the run complains about overrides that are in use.
    pub fn note(&self, unit: &RenderUnit, met: &[bool]) {
        let mut places = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let used = unit.overrides.iter().zip(met).filter(|(_, met)| **met);
        places.extend(used.map(|(rule, _)| key(&rule.place)));
    }

    /// Complains about overrides that met no image in any of the targets.
    pub fn unmatched<'c>(&self, clusters: impl Iterator<Item = &'c Cluster>, strict: bool) -> Vec<Diagnostic> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let mut said = met.clone();
        let own = self.file.iter().flat_map(|file| &file.overrides);
        let mut problems = Vec::new();
        for rule in own.chain(clusters.flat_map(|cluster| &cluster.images.overrides)) {
            if said.insert(key(&rule.place)) {
                let message = format!("no container has the image `{}`, which an override is about", rule.name);
                let problem = Diagnostic::warning(UNMATCHED, message).at(rule.place.clone(), "");
                let severity = if strict { Severity::Error } else { Severity::Warning };
                problems.push(Diagnostic { severity, ..problem }.help("correct the name, or remove the override"));
            }
        }
        problems
    }
}

/// Who chose an image.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pin,
    Channel,
}

/// What one target's components get.
#[derive(Debug, Default)]
pub struct TargetImages {
    bound: Vec<Bound>,
    overrides: Arc<[ImageOverride]>,
}

#[derive(Debug)]
struct Bound {
    binding: Binding,
    pin: Option<Arc<ConfigNode>>,
    channel: Option<Arc<ConfigNode>>,
}

impl TargetImages {
    /// What becomes of images in rendered objects.
    pub fn overrides(&self) -> Arc<[ImageOverride]> {
        Arc::clone(&self.overrides)
    }

    /// The values of a component with its images; `None` when it has none of its own.
    pub fn apply(
        &self,
        address: &str,
        values: Option<&Arc<ConfigNode>>,
        rules: &MergeRules,
        policy: Option<&MergePolicy>,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Arc<ConfigNode>> {
        let mut own = values.cloned();
        let mut is_bound = false;
        let mut merge = |high: Option<Arc<ConfigNode>>, low: Option<Arc<ConfigNode>>| match (&high, &low) {
            (Some(high), Some(low)) => Some(merge_values(high, low, rules, policy, problems)),
            _ => high.or(low),
        };
        for bound in self.bound.iter().filter(|bound| bound.binding.is_of(address)) {
            is_bound = true;
            if let Some(channel) = &bound.channel {
                // A layer that says a version of its own says all of it: no digest comes from below.
                let says_version = own.as_ref().is_some_and(|own| says_version(own, &bound.binding.values));
                let channel = match says_version {
                    true => without_version(channel, &bound.binding.values),
                    false => Some(Arc::clone(channel)),
                };
                own = merge(own, channel);
            }
            if let Some(pin) = &bound.pin {
                own = merge(Some(Arc::clone(pin)), own);
            }
        }
        own.filter(|_| is_bound)
    }
}

fn says_version(config: &ConfigNode, values: &BoundValues) -> bool {
    let is_said =
        |path: &Option<Vec<String>>| path.as_ref().and_then(|path| config.at(path)).is_some_and(|node| !node.is_null());
    is_said(&values.reference) || is_said(&values.tag) || is_said(&values.digest)
}

fn without_version(config: &Arc<ConfigNode>, values: &BoundValues) -> Option<Arc<ConfigNode>> {
    let mut config = Some(Arc::clone(config));
    for path in [&values.reference, &values.tag, &values.digest].into_iter().flatten() {
        config = config.as_ref().and_then(|config| without(config, path));
    }
    config
}

/// A tree without the value at a path; `None` when nothing is left.
fn without(node: &Arc<ConfigNode>, path: &[String]) -> Option<Arc<ConfigNode>> {
    let (key, rest) = path.split_first()?;
    let Some(map) = node.as_map() else { return Some(Arc::clone(node)) };
    let mut map = map.clone();
    if let Some(below) = map.get(key.as_bytes()) {
        match without(below, rest) {
            Some(below) => drop(map.insert(Str::from(key.as_str()), below)),
            None => drop(map.shift_remove(key.as_bytes())),
        }
    }
    (!map.is_empty()).then(|| Arc::new(node.with_value(ConfigValue::Map(map))))
}

type BoundValue<'b> = (&'b [String], String);

/// What is written into the values of a component.
fn values<'b>(bound: &'b BoundValues, choice: &ImageChoice, kind: Kind) -> Result<Vec<BoundValue<'b>>, &'static str> {
    let image = &choice.image;
    let mut values: Vec<BoundValue<'b>> = Vec::new();
    if let Some(path) = &bound.reference {
        if !choice.is_named {
            return Err("the value takes a whole reference; write the repository too");
        }
        values.push((path, image.to_string()));
    }
    if choice.is_named {
        if let (Some(path), Some(registry)) = (&bound.registry, &image.registry) {
            values.push((path, registry.clone()));
        }
        if let Some(path) = &bound.repository {
            values.push((path, if bound.registry.is_some() { image.repository.clone() } else { image.name() }));
        }
    }
    match (&bound.tag, &bound.digest, &image.tag, &image.digest) {
        (Some(path), None, Some(tag), Some(digest)) => values.push((path, format!("{tag}@{digest}"))),
        (Some(_), None, None, _) => return Err("it has no tag, and the binding names no value for the digest"),
        (Some(path), _, Some(tag), _) => values.push((path, tag.clone())),
        (None, Some(_), _, None) => return Err("it has no digest, and the binding names no value for the tag"),
        _ => {}
    }
    match (&bound.digest, &image.digest) {
        (Some(path), Some(digest)) => values.push((path, digest.clone())),
        // A digest of a lower layer would win over the pinned tag.
        (Some(path), None) if kind == Kind::Pin => values.push((path, String::new())),
        _ => {}
    }
    Ok(values)
}

fn insert(map: &mut ConfigMap, path: &[String], value: Arc<ConfigNode>, node: &dyn Fn(ConfigMap) -> Arc<ConfigNode>) {
    let Some((key, rest)) = path.split_first() else { return };
    let key = Str::from(key.as_str());
    if rest.is_empty() {
        map.insert(key, value);
        return;
    }
    let mut below = map.get(&key).and_then(|node| node.as_map().cloned()).unwrap_or_default();
    insert(&mut below, rest, value, node);
    map.insert(key, node(below));
}

/// Complains about components that bindings name and the stack does not have.
fn check_components(file: &ImageFile, graph: &Graph, sink: &mut Sink) {
    // What is below a component that could not be resolved is not known.
    let is_broken = |problem: &Diagnostic| problem.severity == Severity::Error;
    if graph.nodes.iter().any(|node| node.problems.iter().any(is_broken)) {
        return;
    }
    for binding in &file.bindings {
        if graph.nodes.iter().any(|node| binding.is_of(&node.address)) {
            continue;
        }
        let name = &binding.component;
        let message = format!("the stack has no component `{}`", name.value.escape_debug());
        let problem = Diagnostic::error(UNKNOWN_COMPONENT, message).at(name.place.clone(), "");
        let names: Vec<&str> = graph.nodes.iter().flat_map(|node| [node.name(), &*node.address]).collect();
        sink.push(match nearest(&name.value, names) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("name a component, or its address such as `shop/web`"),
        });
    }
}

/// A place as something to compare.
fn key(place: &Span) -> (String, u32) {
    (place.source.name().to_owned(), place.start)
}
