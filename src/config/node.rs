use std::sync::Arc;

use indexmap::IndexMap;

use crate::span::{Origin, Source, Span};
use crate::value::{Frozen, IntKind, Str};

/// One file of configuration: an environment's values for one component.
#[derive(Debug)]
pub struct Layer {
    /// The layer in the user's words: an environment (`prod`), `common`, a flag.
    pub name: Arc<str>,
    /// Its text.
    pub source: Arc<Source>,
}

/// A value of the configuration and the place that set it. Shared between all trees that took it
/// over unchanged.
#[derive(Clone, Debug)]
pub struct ConfigNode {
    /// The value.
    pub value: ConfigValue,
    layer: Arc<Layer>,
    start: u32,
    end: u32,
}

/// What a [`ConfigNode`] holds.
#[derive(Clone, Debug)]
pub enum ConfigValue {
    /// Null, a boolean, a number or a string, typed as go-yaml types it: integers stay integers.
    Scalar(Frozen),
    /// A list.
    List(Vec<Arc<ConfigNode>>),
    /// A map.
    Map(ConfigMap),
}

/// A map of the configuration, in the order of the file.
pub type ConfigMap = IndexMap<Str, Arc<ConfigNode>>;

impl ConfigNode {
    /// A value set at a place of a layer.
    pub fn new(value: ConfigValue, layer: &Arc<Layer>, span: std::ops::Range<u32>) -> Self {
        Self { value, layer: Arc::clone(layer), start: span.start, end: span.end }
    }

    /// The same place with another value: what a merge makes of a map or list.
    pub fn with_value(&self, value: ConfigValue) -> Self {
        Self { value, layer: Arc::clone(&self.layer), start: self.start, end: self.end }
    }

    /// Where the value was set.
    pub fn origin(&self) -> Origin {
        Origin { layer: Arc::clone(&self.layer.name), span: self.span() }
    }

    /// The place in the layer's text.
    pub fn span(&self) -> Span {
        Span { source: Arc::clone(&self.layer.source), start: self.start, end: self.end }
    }

    /// The value below a path of map keys and list indices.
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<&ConfigNode> {
        let mut node = self;
        for part in path {
            node = node.child(part.as_ref())?;
        }
        Some(node)
    }

    /// The value below one map key or list index.
    pub fn child(&self, key: &str) -> Option<&ConfigNode> {
        match &self.value {
            ConfigValue::Map(map) => map.get(key.as_bytes()).map(|node| &**node),
            ConfigValue::List(items) => items.get(key.parse::<usize>().ok()?).map(|node| &**node),
            _ => None,
        }
    }

    /// The map, if this is one.
    pub fn as_map(&self) -> Option<&ConfigMap> {
        match &self.value {
            ConfigValue::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Whether the value is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, ConfigValue::Scalar(Frozen::Nil))
    }

    /// The kind of value in the words of messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            ConfigValue::Scalar(Frozen::Nil) => "null",
            ConfigValue::Scalar(Frozen::Bool(_)) => "a boolean",
            ConfigValue::Scalar(Frozen::Int(..) | Frozen::Float(_)) => "a number",
            ConfigValue::Scalar(_) => "a string",
            ConfigValue::List(_) => "a list",
            ConfigValue::Map(_) => "a map",
        }
    }

    /// The value as `helm template --values` reads it: every number is a `float64`, unless `--set` gave it.
    pub fn to_helm(&self) -> Frozen {
        match &self.value {
            ConfigValue::Scalar(Frozen::Int(IntKind::Uint64, value)) => Frozen::Float(value.cast_unsigned() as f64),
            ConfigValue::Scalar(Frozen::Int(IntKind::Int, value)) => Frozen::Float(*value as f64),
            ConfigValue::Scalar(scalar) => scalar.clone(),
            ConfigValue::List(items) => Frozen::list(items.iter().map(|item| item.to_helm()).collect()),
            ConfigValue::Map(map) => {
                Frozen::map(map.iter().map(|(key, value)| (key.clone(), value.to_helm())).collect())
            }
        }
    }
}
