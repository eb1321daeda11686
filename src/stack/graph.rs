use std::sync::Arc;

use super::documents::ValuesDocument;
use super::fill::fill_field;
use super::spec::Text;
use super::{ComponentSpec, Condition, MergePolicy, Reading};
use crate::diag::Diagnostic;
use crate::jinja::expression::Variables;
use crate::source::{Request, Tree};
use crate::span::Span;

/// The place of a node in its graph.
pub type NodeId = usize;

/// All components of a stack, whatever the environment: which of them are disabled is said by the
/// configuration. Made once and shared by all environments and clusters.
#[derive(Debug)]
pub struct Graph {
    /// The components; the root is the first, a parent stands before its children.
    pub nodes: Vec<Node>,
    /// How the project is read.
    pub reading: Reading,
    /// The expressions in fields of components, with what they gave: the graph is the same wherever they
    /// give the same.
    pub answers: Vec<Answer>,
    /// The root's file as written when a fetched component took its place: its install hooks run
    /// around that fetch.
    pub replaced_root: Option<Arc<ComponentSpec>>,
}

/// An expression in a field of a component.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The field as written.
    pub field: Text,
    /// What it became; `None` when it could not be evaluated.
    pub result: Option<String>,
}

/// One component of a [`Graph`].
#[derive(Debug)]
pub struct Node {
    /// The effective definition: the loaded file's, or the entry's when it is inlined.
    pub spec: Arc<ComponentSpec>,
    /// The name of the entry that led here: the key of its configuration in the parent's layers.
    pub entry: Arc<str>,
    /// The path in the stack (`fleet/svc-06`).
    pub address: Arc<str>,
    /// The file to write, relative to the folder of the environments.
    pub output: Arc<str>,
    /// The output folder that loaded children extend; empty for the root.
    pub logical: Arc<str>,
    /// The folder of the component file: hooks run here, relative paths start here.
    pub folder: Tree,
    /// Folders with a `config/` of the component's own, highest priority first; none when it is
    /// inlined, two when a fetched component took the root's place.
    pub config_folders: Vec<Tree>,
    /// When the component is part of the stack: all of these must hold.
    pub conditions: Vec<Condition>,
    /// How its values are merged, as far as its own file says.
    pub merge: Option<Arc<MergePolicy>>,
    /// Documents of values that its definition names, of rising priority, and the folder that their
    /// paths start at.
    pub documents: Vec<(Tree, ValuesDocument)>,
    /// Whether `${{ … }}` in its definition is an expression.
    pub expressions: bool,
    /// Where the material to render is.
    pub content: Content,
    /// What is fetched for this node: the component itself, and its content.
    pub fetches: Vec<Fetch>,
    /// The source that holds the chart, and the chart's path in it.
    pub chart: Option<(Tree, String)>,
    /// Whether the definition came from a fetched source.
    pub remote: bool,
    /// The pin of that source, as `trust.hooks` names it.
    pub pin: Option<Arc<str>>,
    /// The entry, or for the root the file.
    pub place: Span,
    /// Whether a `before-generate` hook, its own or of a component above, may still make files.
    pub files_may_appear: bool,
    /// The parent, absent for the root.
    pub parent: Option<NodeId>,
    /// The components below, in declaration order.
    pub children: Vec<NodeId>,
    /// What is wrong with it. Counts only when the component is not disabled.
    pub problems: Vec<Diagnostic>,
}

/// What a component renders.
#[derive(Clone, Debug)]
pub enum Content {
    /// Nothing of its own.
    Nothing,
    /// A folder (or file) that is at hand.
    Tree(Tree),
    /// Something that is not fetched yet; the node's problems say so.
    Missing,
}

/// A source that a component needs.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// What is asked for, and by whom.
    pub request: Request,
    /// Whether it is the component's own definition; otherwise it is what the component renders.
    pub is_component: bool,
    /// The folder of the component that asks.
    pub base: Tree,
    /// Where Fabrikate keeps it below [`Fetch::base`], such as `helm_repos/grafana`.
    pub kept: String,
}

impl Answer {
    /// What the expression gives with other variables.
    pub fn again(&self, variables: &Variables) -> Option<String> {
        fill_field(&self.field, variables).ok()
    }
}

impl Graph {
    /// Whether resolving with other variables would give the same graph.
    pub fn is_same_for(&self, variables: &Variables) -> bool {
        self.answers
            .iter()
            .all(|answer| answer.result.is_some() && answer.result == fill_field(&answer.field, variables).ok())
    }

    /// The root component.
    pub fn root(&self) -> &Node {
        &self.nodes[0]
    }
}

impl Node {
    /// Whether the component has a file of its own.
    pub fn is_loaded(&self) -> bool {
        !self.config_folders.is_empty()
    }

    /// The component's name.
    pub fn name(&self) -> &str {
        self.spec.name()
    }
}
