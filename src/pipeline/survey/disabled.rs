use super::side::Side;
use crate::config::{Composition, layer_order};
use crate::span::Span;
use crate::stack::{Cluster, NodeId};

/// Where the configuration of a cluster disables a component or one above it.
pub fn disabled_at(side: &Side, cluster: &Cluster, address: &str) -> Option<Span> {
    let environments: Vec<String> = cluster.layers.iter().map(|layer| layer.value.clone()).collect();
    let mut problems = Vec::new();
    let order = layer_order(&environments, &[], side.rules.reading, &mut problems);
    let graph = side.graphs.of_cluster(cluster);
    let mut path: Vec<NodeId> = Vec::new();
    let mut next = graph.nodes.iter().position(|node| *node.address == *address);
    while let Some(id) = next {
        path.push(id);
        next = graph.nodes[id].parent;
    }
    let mut said = Composition::default();
    for (depth, id) in path.iter().rev().enumerate() {
        let node = &graph.nodes[*id];
        if depth > 0 {
            said = said.below(&node.entry);
        }
        for folder in &node.config_folders {
            said.add_folder(&side.layers, folder, node.remote, &order, &mut problems);
        }
        if let Some(place) = said.disabled_at(side.rules.reading) {
            return Some(place);
        }
    }
    None
}
