use std::sync::Arc;

use crate::config::{Layers, MergeRules, Settings};
use crate::diag::Diagnostic;
use crate::stack::{Graph, NodeId};

/// A way through the components of a stack that are not disabled.
pub(super) struct Walk<'a> {
    pub graph: &'a Graph,
    pub layers: &'a Layers,
    pub rules: &'a MergeRules,
    /// The layers to load, highest first.
    pub order: &'a [Arc<str>],
}

/// Sees a component with what all layers say about it.
pub(super) trait Visit {
    fn visit(&mut self, id: NodeId, settings: &Settings);
    /// Takes what is wrong with the layers.
    fn problems(&mut self) -> &mut Vec<Diagnostic>;
}

impl Walk<'_> {
    /// Visits parents before children, siblings in declaration order.
    pub fn run(&self, visitor: &mut dyn Visit) {
        self.step(0, Settings::above_root(self.rules.reading), visitor);
    }

    fn step(&self, id: NodeId, above: Arc<Settings>, visitor: &mut dyn Visit) {
        let node = &self.graph.nodes[id];
        let strict = self.rules.reading.is_strict();
        // Fabrikate asks only the parent's layers.
        if above.is_disabled() && (strict || node.parent.is_some()) {
            return;
        }
        let settings = match node.config_folders.as_slice() {
            [] => above,
            folders => self.layers.merged(Some(&above), folders, self.order, self.rules, visitor.problems()),
        };
        if strict && settings.is_disabled() {
            return;
        }
        visitor.visit(id, &settings);
        let nothing = Arc::<Settings>::default();
        for child in &node.children {
            let below = settings.below(&self.graph.nodes[*child].entry).unwrap_or(&nothing);
            self.step(*child, Arc::clone(below), visitor);
        }
    }
}
