use std::sync::Arc;

use indexmap::IndexMap;

use super::{ConfigNode, Setting};
use crate::span::Span;
use crate::stack::ValuesDocument;
use crate::value::Str;

/// What one layer says about a component and everything below it.
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
    /// Documents of values below [`Settings::config`], of rising priority.
    pub values_from: Vec<ValuesDocument>,
    /// Values of all charts and templates below the component.
    pub shared: Option<Arc<Shared>>,
    /// What is said about the components below, by entry name.
    pub subcomponents: IndexMap<Str, Below>,
}

impl Settings {
    /// All documents that are named here and for the components below.
    pub fn documents(&self) -> Vec<&ValuesDocument> {
        let shared = self.shared.iter().flat_map(|shared| &shared.documents);
        let below = self.subcomponents.values().flat_map(|below| below.settings.documents());
        self.values_from.iter().chain(shared).chain(below).collect()
    }
}

/// Values of all charts and templates below a component (`sharedConfig`).
#[derive(Clone, Debug)]
pub struct Shared {
    /// The values; always a map.
    pub config: Option<Arc<ConfigNode>>,
    /// Documents below them, of rising priority.
    pub documents: Vec<ValuesDocument>,
    /// Where they are written.
    pub place: Span,
}

/// What is said about one component below.
#[derive(Clone, Debug)]
pub struct Below {
    /// The place of its name.
    pub key: Span,
    /// What is said.
    pub settings: Arc<Settings>,
}
