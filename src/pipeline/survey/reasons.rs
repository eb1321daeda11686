use super::compare::has_same_overrides;
use super::differences::{Files, values};
use super::outcome::Reason;
use super::side::{Side, State};
use crate::render::{Context, Engine, Randomness, RenderUnit, content_digest};
use crate::source::{LOCK_NAME, Pin};
use crate::span::Span;
use crate::stack::{CLUSTERS_FILE, Cluster, Node, PROJECT_FILE};

/// The most reasons of one sort that are listed one by one.
const MOST_LISTED: usize = 8;

/// One cluster on both sides.
pub struct Pair<'a> {
    pub files: &'a Files,
    pub base: (&'a Side, usize),
    pub now: (&'a Side, usize),
}

impl Reason {
    /// A reason without a place.
    pub fn new(reason: &'static str, text: impl Into<String>) -> Self {
        Self { reason, text: text.into(), file: None, line: None }
    }

    /// Says where it stands.
    pub fn at(mut self, (file, line): (String, usize)) -> Self {
        (self.file, self.line) = (Some(file), Some(line));
        self
    }

    /// Says in which file it stands.
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }
}

impl Pair<'_> {
    fn clusters(&self) -> (&Cluster, &Cluster) {
        (&self.base.0.clusters[self.base.1], &self.now.0.clusters[self.now.1])
    }

    fn contexts(&self) -> (&Context, &Context) {
        (self.base.0.context(self.base.1), self.now.0.context(self.now.1))
    }

    /// Why two units of one address do not give the same, or may not.
    pub fn why_changed(&self, before: &State, now: &State) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let (old, new) = (&before.unit, &now.unit);
        if word(&old.engine) != word(&new.engine) {
            let text = format!("the component is of type {} instead of {}", word(&new.engine), word(&old.engine));
            reasons.push(self.located(Reason::new("component", text), new.place.as_ref()));
        }
        if old.output != new.output {
            let text = format!("it is written to `{}` instead of `{}`", new.output, old.output);
            reasons.push(self.located(Reason::new("output", text), new.place.as_ref()));
        }
        self.content(old, new, &mut reasons);
        if !matches!(new.engine, Engine::Static { .. }) {
            self.values(old, new, &mut reasons);
            self.surroundings(new, &mut reasons);
        }
        self.namespace(old, new, &mut reasons);
        if !has_same_overrides(old, new) {
            reasons.push(Reason::new("images", "the overrides of images changed"));
        }
        self.layers(new, &mut reasons);
        if now.key.is_none() && matches!(self.contexts().1.randomness, Randomness::System) {
            reasons.push(Reason::new("nondeterminism", "charts may give something else on each run"));
        } else if now.key.is_none() || before.key.is_none() {
            let side = if now.key.is_none() { self.now.0 } else { self.base.0 };
            reasons.push(Reason::new("unresolved", format!("its files cannot be compared{}", side.when())));
        }
        if reasons.is_empty() {
            reasons.push(Reason::new("inputs", "its inputs are others"));
        }
        reasons
    }

    /// Why a cluster has a unit that it had not.
    pub fn why_added(&self, unit: &RenderUnit) -> Vec<Reason> {
        let (side, before) = (self.base.0, self.clusters().0);
        let reason = match side.node(&unit.address) {
            _ if before.disabled => Reason::new("cluster", "the cluster was disabled"),
            None => Reason::new("component", "the component is new"),
            Some(_) if !before.components.includes(&unit.address) => {
                Reason::new("cluster", "the component was not part of the cluster").in_file(CLUSTERS_FILE)
            }
            Some(_) => match super::disabled::disabled_at(side, before, &unit.address) {
                Some(span) => {
                    let (file, line) = side.place(&span);
                    let text = format!("the component was disabled by {file}:{line}{}", side.when());
                    return vec![Reason::new("disabled", text).at((file, line))];
                }
                None => Reason::new("unresolved", format!("it could not be resolved{}", side.when())),
            },
        };
        vec![self.located(reason, unit.place.as_ref())]
    }

    /// Why a cluster lacks a unit that it had.
    pub fn why_removed(&self, unit: &RenderUnit) -> Vec<Reason> {
        let (side, cluster) = (self.now.0, self.clusters().1);
        let reason = match side.node(&unit.address) {
            _ if cluster.disabled => {
                Reason::new("cluster", "the cluster is disabled").at(side.place(&cluster.name.place))
            }
            None => Reason::new("component", "the component is gone"),
            Some(_) if !cluster.components.includes(&unit.address) => {
                Reason::new("cluster", "the component is not part of the cluster").in_file(CLUSTERS_FILE)
            }
            Some(_) => match super::disabled::disabled_at(side, cluster, &unit.address) {
                Some(span) => {
                    let (file, line) = side.place(&span);
                    Reason::new("disabled", format!("the component is disabled by {file}:{line}")).at((file, line))
                }
                None => Reason::new("component", "the component renders nothing"),
            },
        };
        vec![reason]
    }

    fn located(&self, reason: Reason, place: Option<&Span>) -> Reason {
        match place.filter(|_| reason.file.is_none()) {
            Some(place) => reason.at(self.now.0.place(place)),
            None => reason,
        }
    }

    fn content(&self, old: &RenderUnit, new: &RenderUnit, reasons: &mut Vec<Reason>) {
        let (before, now) = self.contexts();
        let digests = (content_digest(old, before), content_digest(new, now));
        if digests.0.is_some() && digests.0 == digests.1 {
            return;
        }
        let pins = self.pins(new);
        let are_pinned = !pins.is_empty();
        reasons.extend(pins);
        let (Some(one), Some(other)) = (tree(&old.engine), tree(&new.engine)) else { return };
        let differing = self.files.differing(one, other);
        // Of what was fetched the pin says all.
        if are_pinned {
            return;
        }
        for path in differing.iter().take(MOST_LISTED) {
            let (side, tree) = if other.is_file(path) { (self.now.0, other) } else { (self.base.0, one) };
            let shown = side.file(&tree.display(path));
            let verb = match (one.is_file(path), other.is_file(path)) {
                (false, true) => "is new",
                (true, false) => "is gone",
                _ => "changed",
            };
            let what = if matches!(new.engine, Engine::Helm { .. }) { "chart" } else { "content" };
            reasons.push(Reason::new(what, format!("`{shown}` {verb}")).in_file(shown));
        }
        if let Some(more) = differing.len().checked_sub(MOST_LISTED).filter(|more| *more > 0) {
            reasons.push(Reason::new("content", format!("and {more} more files")));
        }
    }

    /// What of a component's sources is pinned differently.
    fn pins(&self, unit: &RenderUnit) -> Vec<Reason> {
        let (Some(now), before) = (self.now.0.node(&unit.address), self.base.0.node(&unit.address)) else {
            return Vec::new();
        };
        let pin = |side: &Side, node: &Node, at: usize| -> Option<Pin> {
            side.project.lock.as_ref()?.lookup(&node.fetches.get(at)?.request.spec).cloned()
        };
        let mut reasons = Vec::new();
        for (at, fetch) in now.fetches.iter().enumerate() {
            let new = pin(self.now.0, now, at);
            let old = before.and_then(|node| pin(self.base.0, node, at));
            if new == old {
                continue;
            }
            let resolved =
                |pin: &Option<Pin>| pin.as_ref().map_or("nothing".to_owned(), |pin| pin.resolved().to_owned());
            let text =
                format!("{LOCK_NAME} pins {} at {} instead of {}", fetch.request.spec, resolved(&new), resolved(&old));
            let reason = Reason::new("pin", text).in_file(self.now.0.project.tree.display(LOCK_NAME));
            reasons.push(match new.and_then(|pin| self.line_of(pin.resolved())) {
                Some(line) => Reason { line: Some(line), ..reason },
                None => reason,
            });
        }
        reasons
    }

    /// The line of the lock that has a word.
    fn line_of(&self, word: &str) -> Option<usize> {
        let bytes = self.now.0.project.tree.read(LOCK_NAME).ok()?;
        let at = memchr::memmem::find(&bytes, word.as_bytes())?;
        Some(bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1)
    }

    fn values(&self, old: &RenderUnit, new: &RenderUnit, reasons: &mut Vec<Reason>) {
        let differing = values(old.scope.config(), new.scope.config(), MOST_LISTED);
        for difference in differing.iter().take(MOST_LISTED) {
            let name = difference.path.join(".");
            let name = if name.is_empty() { "the values".to_owned() } else { format!("value `{name}`") };
            reasons.push(match (&difference.now, &difference.before) {
                (Some(now), before) => {
                    let place = self.now.0.place(now);
                    let verb = if before.is_some() { "changed" } else { "is new" };
                    Reason::new("value", format!("{name} set by {}:{} {verb}", place.0, place.1)).at(place)
                }
                (None, Some(before)) => {
                    let (side, place) = (self.base.0, self.base.0.place(before));
                    let text = format!("{name} is not set any more; {}:{} set it{}", place.0, place.1, side.when());
                    Reason::new("value", text).at(place)
                }
                (None, None) => continue,
            });
        }
        if differing.len() > MOST_LISTED {
            reasons.push(Reason::new("value", "and more values"));
        }
    }

    /// What charts and templates see besides their values.
    fn surroundings(&self, unit: &RenderUnit, reasons: &mut Vec<Reason>) {
        let ((before, now), (old, new)) = (self.contexts(), self.clusters());
        let setting = |what: &'static str, text: String| Reason::new(what, text).in_file(PROJECT_FILE);
        if before.reading != now.reading {
            let verb = if now.reading.is_strict() { "is new" } else { "is gone" };
            reasons.push(setting("settings", format!("`{PROJECT_FILE}` {verb}")));
        }
        if let Engine::Template { .. } = unit.engine {
            let layers = |cluster: &Cluster| cluster.layers.iter().map(|layer| layer.value.clone()).collect::<Vec<_>>();
            if old.labels != new.labels {
                let place = self.now.0.place(&new.name.place);
                reasons.push(Reason::new("labels", "the labels of the cluster changed").at(place));
            }
            if layers(old) != layers(new) {
                reasons.push(Reason::new("layers", "templates see other layers").in_file(CLUSTERS_FILE));
            }
            if before.vars != now.vars {
                reasons.push(setting("settings", "`vars` changed".to_owned()));
            }
            if format!("{:?}", before.template_limits) != format!("{:?}", now.template_limits) {
                reasons.push(setting("settings", "`limits` changed".to_owned()));
            }
            return;
        }
        let versions = (format!("{:?}", before.kube_version), format!("{:?}", now.kube_version));
        if versions.0 != versions.1 {
            let own = new.profile.kube_version.as_ref().or(self.now.0.project.file.kube_version.as_ref());
            let shown = own.map_or("Helm's default", |text| text.value.as_str());
            let reason = Reason::new("kubernetes", format!("the version of Kubernetes changed to {shown}"));
            reasons.push(match own {
                Some(text) => reason.at(self.now.0.place(&text.place)),
                None => reason,
            });
        }
        if before.api_versions != now.api_versions {
            reasons.push(Reason::new("kubernetes", "the API versions of the cluster changed"));
        }
        if format!("{:?}", before.limits) != format!("{:?}", now.limits) {
            reasons.push(setting("settings", "`limits` changed".to_owned()));
        }
        if format!("{:?}", before.randomness) != format!("{:?}", now.randomness) {
            let text = "the seed or the date of what charts call random changed";
            reasons.push(Reason::new("nondeterminism", text).in_file(self.now.0.project.tree.display(LOCK_NAME)));
        }
    }

    fn namespace(&self, old: &RenderUnit, new: &RenderUnit, reasons: &mut Vec<Reason>) {
        let place = new.scope.namespace_origin().map(|origin| &origin.span);
        let reads = !matches!(new.engine, Engine::Static { .. });
        if reads && old.scope.namespace() != new.scope.namespace() {
            let text = match new.scope.namespace() {
                Some(name) => format!("the namespace is `{name}`"),
                None => "no namespace is set any more".to_owned(),
            };
            let reason = Reason::new("namespace", text);
            reasons.push(place.map_or(reason.clone(), |place| reason.at(self.now.0.place(place))));
        } else if old.scope.inject_namespace() != new.scope.inject_namespace() {
            reasons.push(Reason::new("namespace", "`injectNamespace` changed"));
        }
    }

    /// Layers that came or went, where that shows in something.
    fn layers(&self, unit: &RenderUnit, reasons: &mut Vec<Reason>) {
        if reasons.is_empty() || matches!(unit.engine, Engine::Static { .. }) {
            return;
        }
        let (old, new) = self.clusters();
        for layer in &new.layers {
            if !old.layers.iter().any(|other| other.value == layer.value) {
                let place = self.now.0.place(&layer.place);
                reasons.push(
                    Reason::new("layer", format!("the layer `{}` was added to the cluster", layer.value)).at(place),
                );
            }
        }
        for layer in &old.layers {
            if !new.layers.iter().any(|other| other.value == layer.value) {
                let text = format!("the layer `{}` was taken from the cluster", layer.value);
                reasons.push(Reason::new("layer", text).in_file(CLUSTERS_FILE));
            }
        }
    }
}

/// What a unit renders.
pub fn tree(engine: &Engine) -> Option<&crate::source::Tree> {
    match engine {
        Engine::Container => None,
        Engine::Helm { chart } => Some(chart),
        Engine::Static { tree, .. } | Engine::Template { tree } => Some(tree),
    }
}

fn word(engine: &Engine) -> &'static str {
    match engine {
        Engine::Container => "component",
        Engine::Helm { .. } => "helm",
        Engine::Static { .. } => "static",
        Engine::Template { .. } => "template",
    }
}
