use std::sync::Arc;

use super::side::Side;
use crate::config::{Settings, layer_order};
use crate::span::Span;
use crate::stack::{Cluster, NodeId};

/// Where the configuration of a cluster disables a component or one above it.
pub fn disabled_at(side: &Side<'_>, cluster: &Cluster, address: &str) -> Option<Span> {
    let environments: Vec<String> = cluster.layers.iter().map(|layer| layer.value.clone()).collect();
    let mut problems = Vec::new();
    let order = layer_order(&environments, &[], side.rules.reading, &mut problems);
    let mut path: Vec<NodeId> = Vec::new();
    let mut next = side.graph.nodes.iter().position(|node| *node.address == *address);
    while let Some(id) = next {
        path.push(id);
        next = side.graph.nodes[id].parent;
    }
    let nothing = Arc::<Settings>::default();
    let mut settings = Settings::above_root(side.rules.reading);
    for (depth, id) in path.iter().rev().enumerate() {
        let node = &side.graph.nodes[*id];
        if depth > 0 {
            settings = Arc::clone(settings.below(&node.entry).unwrap_or(&nothing));
        }
        if !node.config_folders.is_empty() {
            settings = side.layers.merged(Some(&settings), &node.config_folders, &order, &side.rules, &mut problems);
        }
        if let Some(disabled) = settings.disabled.as_ref().filter(|disabled| disabled.value) {
            return Some(disabled.origin.span.clone());
        }
    }
    None
}
