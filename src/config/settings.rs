use std::sync::Arc;

use indexmap::IndexMap;

use super::{ConfigMap, ConfigNode, ConfigValue, Layer, Scope, Setting};
use crate::span::{Source, Span};
use crate::stack::Reading;
use crate::value::Str;

/// What one layer, or several merged ones, say about a component and everything below it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The namespace; never empty.
    pub namespace: Option<Setting<Arc<str>>>,
    /// Whether objects without a namespace get it.
    pub inject_namespace: Option<Setting<bool>>,
    /// Whether the component and everything below it is left out.
    pub disabled: Option<Setting<bool>>,
    /// The values; always a map.
    pub config: Option<Arc<ConfigNode>>,
    /// What is said about the components below, by entry name.
    pub subcomponents: IndexMap<Str, Below>,
}

/// What is said about one component below.
#[derive(Clone, Debug)]
pub struct Below {
    /// The place of its name.
    pub key: Span,
    /// What is said.
    pub settings: Arc<Settings>,
}

impl Settings {
    /// What stands above the root's layers. Fabrikate begins the root's values with an empty map,
    /// into which no `null` is merged; other components take their first values as they are.
    pub fn above_root(reading: Reading) -> Arc<Self> {
        let config = (!reading.is_strict()).then(|| {
            let layer = Arc::new(Layer { name: Arc::from("nothing"), source: Source::new("", "") });
            Arc::new(ConfigNode::new(ConfigValue::Map(ConfigMap::new()), &layer, 0..0))
        });
        Arc::new(Self { config, ..Self::default() })
    }

    /// What is said about the component below whose entry has this name.
    pub fn below(&self, entry: &str) -> Option<&Arc<Settings>> {
        self.subcomponents.get(entry.as_bytes()).map(|below| &below.settings)
    }

    /// Whether the component is left out.
    pub fn is_disabled(&self) -> bool {
        self.disabled.as_ref().is_some_and(|disabled| disabled.value)
    }

    /// The part that concerns the component itself.
    pub fn scope(&self) -> Scope {
        Scope::new(self.config.clone(), self.namespace.clone(), self.inject_namespace.clone())
    }
}
