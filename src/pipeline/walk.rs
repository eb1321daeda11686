use std::sync::Arc;

use crate::config::{Composition, Layers, MergeRules};
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
    fn visit(&mut self, id: NodeId, said: &Composition);
    /// Takes what is wrong with the layers.
    fn problems(&mut self) -> &mut Vec<Diagnostic>;
}

impl Walk<'_> {
    /// Visits parents before children, siblings in declaration order.
    pub fn run(&self, visitor: &mut dyn Visit) {
        self.step(0, Composition::default(), visitor);
    }

    fn step(&self, id: NodeId, mut said: Composition, visitor: &mut dyn Visit) {
        let node = &self.graph.nodes[id];
        let reading = self.rules.reading;
        // Fabrikate asks only the parent's layers.
        if said.is_disabled_above(reading) {
            return;
        }
        for folder in &node.config_folders {
            said.add_folder(self.layers, folder, node.remote, self.order, visitor.problems());
        }
        if said.is_disabled(reading) {
            return;
        }
        visitor.visit(id, &said);
        for child in &node.children {
            self.step(*child, said.below(&self.graph.nodes[*child].entry), visitor);
        }
    }
}
