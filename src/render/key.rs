use std::fmt;

use crate::gotmpl;
use crate::helm::KubeVersion;
use crate::source::{Digest, Digester, Tree};
use crate::stack::ComponentType;
use crate::value::Frozen;

use super::contents::Use;
use super::native::as_written;
use super::{Context, Engine, Randomness, RenderUnit};

/// What tells programs of different source apart.
pub const BUILD: &str = env!("KILN_BUILD");

/// A digest of everything that determines the bundle of a unit: units of equal keys have equal bundles,
/// on every machine, whatever the folders are called that they come from. It covers this program too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitKey(pub Digest);

impl fmt::Display for UnitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl UnitKey {
    /// The key of a unit. `None` for units without an own output, for those that differ from run to run,
    /// and for those whose input cannot be read, which rendering will tell. Hooks must not change files
    /// between the key and the rendering.
    pub fn of(unit: &RenderUnit, context: &Context) -> Option<Self> {
        let mut key = frame(unit, context)?;
        input(unit, context, &mut key);
        if let Engine::Helm { .. } = unit.engine {
            surroundings(unit, context, &mut key);
        }
        key.digest(content_digest(unit, context)?);
        Some(Self(key.finish()))
    }
}

/// What a chart's release depends on besides the answers to its questions; `None` as with
/// [`UnitKey::of`], and for other engines, which do not tell what they ask.
pub fn frame_of_release(unit: &RenderUnit, context: &Context) -> Option<Digest> {
    let Engine::Helm { .. } = unit.engine else { return None };
    let mut key = frame(unit, context)?;
    key.text(&unit.address);
    key.text(&unit.name);
    key.maybe(unit.scope.namespace());
    limits(&context.limits, &mut key);
    key.number(matches!(context.randomness, Randomness::Refused { .. }).into());
    Some(key.finish())
}

/// Identifies what differs from program to program, engine to engine and unit to unit.
fn frame(unit: &RenderUnit, context: &Context) -> Option<Digester> {
    let mut key = Digester::new("unit");
    key.text(BUILD);
    key.text(match &unit.engine {
        Engine::Container => return None,
        Engine::Helm { .. } if matches!(context.randomness, Randomness::System) => return None,
        Engine::Helm { .. } => "helm",
        Engine::Static { http: true, .. } => "http",
        Engine::Static { http: false, .. } => "static",
        Engine::Template { .. } => "template",
    });
    key.number(context.reading.is_strict().into());
    // They change the bundle after it was rendered.
    key.number(unit.overrides.len() as u64);
    for rule in unit.overrides.iter() {
        key.text(&rule.name.to_string());
        [&rule.new_name, &rule.new_tag, &rule.digest].into_iter().for_each(|part| key.maybe(part.as_deref()));
    }
    Some(key)
}

/// Adds the values and what belongs to them.
fn input(unit: &RenderUnit, context: &Context, key: &mut Digester) {
    match &unit.engine {
        Engine::Container | Engine::Static { .. } => {}
        Engine::Helm { .. } => {
            key.text(&unit.name);
            key.maybe(unit.scope.namespace());
            key.frozen(unit.scope.values());
        }
        Engine::Template { .. } => {
            key.text(&unit.name);
            key.maybe(unit.scope.namespace());
            key.number(unit.environments.len() as u64);
            unit.environments.iter().for_each(|name| key.text(name));
            key.frozen(unit.cluster.as_ref().unwrap_or(&Frozen::Nil));
            key.frozen(&context.vars);
            key.frozen(&unit.scope.config().map_or(Frozen::Nil, as_written));
            key.debug(&context.template_limits);
        }
    }
}

/// Adds what a chart sees besides its values.
fn surroundings(unit: &RenderUnit, context: &Context, key: &mut Digester) {
    key.text(&unit.address);
    limits(&context.limits, key);
    let KubeVersion { version, normalized, major, minor } = &context.kube_version;
    [version, normalized, major, minor].into_iter().for_each(|text| key.text(text));
    key.number(context.api_versions.len() as u64);
    context.api_versions.iter().for_each(|version| key.text(version));
    match &context.randomness {
        Randomness::System => key.number(0),
        Randomness::Seeded { seed, now } | Randomness::Refused { seed, now } => {
            key.number(if matches!(context.randomness, Randomness::Seeded { .. }) { 1 } else { 2 });
            key.bytes(seed);
            key.bytes(&now.to_le_bytes());
        }
    }
}

/// Adds the budgets of a chart's templates. Each field has its say.
fn limits(limits: &gotmpl::Limits, key: &mut Digester) {
    let gotmpl::Limits { fuel, output_bytes, memory_bytes, depth, stack_bytes } = limits;
    [*fuel, *output_bytes, *memory_bytes, (*depth).into(), *stack_bytes as u64]
        .into_iter()
        .for_each(|limit| key.number(limit));
}

/// The digest of the files that a unit's engine may read: a part of its key.
pub fn content_digest(unit: &RenderUnit, context: &Context) -> Option<Digest> {
    match &unit.engine {
        Engine::Container => None,
        Engine::Helm { chart } => content_of(chart, &ComponentType::Helm, context),
        Engine::Static { tree, .. } => content_of(tree, &ComponentType::Static, context),
        Engine::Template { tree } => content_of(tree, &ComponentType::Template, context),
    }
}

/// The digest of the files that a component of a type renders; `None` when it cannot be told.
pub fn content_of(tree: &Tree, kind: &ComponentType, context: &Context) -> Option<Digest> {
    let used = match kind {
        ComponentType::Helm => Use::Chart,
        ComponentType::Template => Use::Templates,
        _ => Use::manifests(context.reading),
    };
    context.contents.digest(tree, used)
}

#[cfg(test)]
pub(super) mod tests;
