use std::sync::{Arc, OnceLock};

use super::ConfigNode;
use crate::span::{Origin, Source, Span};
use crate::value::{Frozen, FrozenMap};

/// A setting of a component and where it was made.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Who set it.
    pub origin: Origin,
}

/// What the layers say about one component, merged: its values, its namespace, and what applies to
/// it as a whole.
#[derive(Debug, Default)]
pub struct Scope {
    config: Option<Arc<ConfigNode>>,
    namespace: Option<Setting<Arc<str>>>,
    inject_namespace: Option<Setting<bool>>,
    values: OnceLock<Frozen>,
}

impl Scope {
    /// A scope of merged parts; `config` is the map of values, absent when no layer has one.
    pub fn new(
        config: Option<Arc<ConfigNode>>,
        namespace: Option<Setting<Arc<str>>>,
        inject_namespace: Option<Setting<bool>>,
    ) -> Self {
        Self { config, namespace, inject_namespace, values: OnceLock::new() }
    }

    /// The scope with other values, where `change` gives any for those it has.
    pub fn changed(self, change: impl FnOnce(Option<&Arc<ConfigNode>>) -> Option<Arc<ConfigNode>>) -> Self {
        match change(self.config.as_ref()) {
            Some(config) => Self { config: Some(config), values: OnceLock::new(), ..self },
            None => self,
        }
    }

    /// The scope with another namespace, whatever the layers say.
    pub fn in_namespace(self, namespace: Arc<str>) -> Self {
        let source = Source::new("--namespace", &*namespace);
        let origin = Origin { layer: Arc::from("--namespace"), span: Span::new(&source, 0..namespace.len()) };
        Self { namespace: Some(Setting { value: namespace, origin }), ..self }
    }

    /// The values, always a map, with numbers as `helm template --values` reads them (`float64`).
    /// Made on first use.
    pub fn values(&self) -> &Frozen {
        self.values.get_or_init(|| match &self.config {
            Some(config) => config.to_helm(),
            None => Frozen::Map(Arc::new(FrozenMap::default())),
        })
    }

    /// The values as written, with their origins; `None` when no layer has any.
    pub fn config(&self) -> Option<&ConfigNode> {
        self.config.as_deref()
    }

    /// The namespace the component is rendered for, when a layer names one.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_ref().map(|setting| &*setting.value)
    }

    /// Where the namespace was set.
    pub fn namespace_origin(&self) -> Option<&Origin> {
        self.namespace.as_ref().map(|setting| &setting.origin)
    }

    /// The namespace to write into rendered objects that have none; `None` when injection is off or
    /// there is no namespace.
    pub fn inject_namespace(&self) -> Option<&str> {
        let wanted = self.inject_namespace.as_ref().is_some_and(|setting| setting.value);
        if wanted { self.namespace() } else { None }
    }

    /// Where the value at a path (map keys and list indices) was set. A path that goes deeper than
    /// the configuration has no origin here: the chart's default supplied it.
    pub fn origin_at<S: AsRef<str>>(&self, path: &[S]) -> Option<Origin> {
        self.config.as_ref()?.at(path).map(ConfigNode::origin)
    }
}
