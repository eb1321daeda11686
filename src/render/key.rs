use std::fmt;

use crate::source::{Digest, Digester};
use crate::value::Frozen;

use super::contents::Use;
use super::native::as_written;
use super::{Context, Engine, Randomness, RenderUnit};

/// What tells programs of different source apart.
const BUILD: &str = env!("KILN_BUILD");

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
            value(unit.scope.values(), key);
        }
        Engine::Template { .. } => {
            key.text(&unit.name);
            key.maybe(unit.scope.namespace());
            key.number(unit.environments.len() as u64);
            unit.environments.iter().for_each(|name| key.text(name));
            value(unit.cluster.as_ref().unwrap_or(&Frozen::Nil), key);
            value(&context.vars, key);
            value(&unit.scope.config().map_or(Frozen::Nil, as_written), key);
            key.debug(&context.template_limits);
        }
    }
}

/// Adds what a chart sees besides its values.
fn surroundings(unit: &RenderUnit, context: &Context, key: &mut Digester) {
    key.text(&unit.address);
    key.debug(&context.limits);
    key.debug(&context.kube_version);
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

/// The digest of the files that a unit's engine may read: a part of its key.
pub fn content_digest(unit: &RenderUnit, context: &Context) -> Option<Digest> {
    match &unit.engine {
        Engine::Container => None,
        Engine::Helm { chart } => context.contents.digest(chart, Use::Chart),
        Engine::Static { tree, .. } => context.contents.digest(tree, Use::manifests(context.reading)),
        Engine::Template { tree } => context.contents.digest(tree, Use::Templates),
    }
}

/// Adds a value, with all that tells it from others: `0.0` from `-0.0`, `1` from `"1"`.
fn value(value: &Frozen, key: &mut Digester) {
    match value {
        Frozen::Nil => key.number(0),
        Frozen::Bool(value) => key.number(1 + u64::from(*value)),
        Frozen::Int(kind, number) => {
            key.number(3);
            key.text(kind.name());
            key.number(number.cast_unsigned());
        }
        Frozen::Float(number) => {
            key.number(4);
            key.number(number.to_bits());
        }
        Frozen::Str(text) => {
            key.number(5);
            key.bytes(text.as_bytes());
        }
        Frozen::List(items) => {
            key.number(6);
            key.number(items.len() as u64);
            items.iter().for_each(|item| self::value(item, key));
        }
        Frozen::Map(map) => {
            key.number(7);
            key.number(map.len() as u64);
            for (name, item) in map.iter() {
                key.bytes(name.as_bytes());
                self::value(item, key);
            }
        }
    }
}

#[cfg(test)]
mod tests;
