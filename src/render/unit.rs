use std::sync::Arc;

use crate::config::Scope;
use crate::k8s::ImageOverride;
use crate::source::Tree;
use crate::span::Span;
use crate::stack::Hook;
use crate::value::Frozen;

/// One component to render: everything the engines need, with nothing left to resolve.
#[derive(Clone, Debug)]
pub struct RenderUnit {
    /// The component's path in the stack: the root's name and the entry names below it, joined by
    /// `/` (`fleet/svc-06`). Unique in a plan.
    pub address: Arc<str>,
    /// The component's own name; for charts also the release name.
    pub name: Arc<str>,
    /// The file to write, relative to the folder of the environments (`efk/kibana.yaml`). Unique in
    /// a plan.
    pub output: Arc<str>,
    /// What makes the documents.
    pub engine: Engine,
    /// Whether another unit writes [`RenderUnit::output`], so that this container must not.
    pub shadowed: bool,
    /// The merged configuration.
    pub scope: Arc<Scope>,
    /// The environments as asked for, highest priority first; without any, `common` alone applies.
    pub environments: Arc<[String]>,
    /// What native templates see of the cluster it is rendered for: a map with its name and labels.
    pub cluster: Option<Frozen>,
    /// Whether the definition came from a fetched source, so that less is allowed to it.
    pub remote: bool,
    /// The entry (or, for the root, the file) that defines the component.
    pub place: Option<Span>,
    /// What becomes of images in its objects, after rendering. Part of what determines its output.
    pub overrides: Arc<[ImageOverride]>,
    /// Commands around rendering.
    pub hooks: UnitHooks,
}

impl RenderUnit {
    /// The name of the cluster that it is rendered for, if any.
    pub fn cluster_name(&self) -> Option<&str> {
        self.cluster.as_ref()?.get("name")?.as_str()
    }

    /// Its address, after the name of its cluster.
    pub fn shown(&self) -> String {
        self.cluster_name().map_or_else(|| self.address.to_string(), |cluster| format!("{cluster}/{}", self.address))
    }

    /// The file for custom resource definitions beside [`RenderUnit::output`].
    pub fn crds(&self) -> String {
        format!("{}-crds.yaml", self.output.strip_suffix(".yaml").unwrap_or(&self.output))
    }
}

/// What makes a unit's documents.
#[derive(Clone, Debug)]
pub enum Engine {
    /// Nothing: the component only holds others together.
    Container,
    /// Manifests taken as they are. The tree's root (path `""`) is a folder, or a file when a file
    /// was named; it may be missing.
    Static {
        /// The manifests.
        tree: Tree,
        /// Whether the only file was fetched from a plain URL.
        http: bool,
    },
    /// A Helm chart. Whether there is one at the tree's root shows when it is loaded.
    Helm {
        /// The chart's folder.
        chart: Tree,
    },
    /// Native templates (`type: template`); root as with [`Engine::Static`].
    Template {
        /// The templates.
        tree: Tree,
    },
}

/// The commands around rendering one unit.
#[derive(Clone, Debug, Default)]
pub struct UnitHooks {
    /// Before the unit is rendered.
    pub before_generate: Vec<Hook>,
    /// After it is rendered, in memory.
    pub after_generate: Vec<Hook>,
    /// The folder they run in; `None` when there is nothing to run.
    pub folder: Option<Tree>,
    /// The pin of the source that brought them, as `trust.hooks` names it (`source@commit`);
    /// `None` for the project's own files.
    pub pin: Option<Arc<str>>,
}
