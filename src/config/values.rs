use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::embedded::Embedded;
use super::{ConfigMap, ConfigNode, ConfigValue, Layer};
use crate::diag::{Code, Diagnostic};
use crate::stack::{FieldRules, duplicate_key, is_merge_key, merged_maps};
use crate::value::{Frozen, Str};
use crate::yaml::{Node, NodeKind, load_node_native};

const LIMIT: Code = Code("config.limit");

/// Values nested deeper than this are refused.
pub(super) const DEEPEST: usize = 1000;

/// Reads values of a document, each with its place in a layer.
pub(super) struct ValueReader<'d, 'p> {
    pub rules: FieldRules<'d>,
    layer: Arc<Layer>,
    pub problems: &'p mut Vec<Diagnostic>,
    /// Where the text stands that is read, when it is part of a file.
    embedded: Option<&'d Embedded>,
    /// What anchored maps and lists became, by the address of their children: each is read once,
    /// however often it is referred to.
    shared: HashMap<usize, Arc<ConfigNode>>,
}

impl<'d, 'p> ValueReader<'d, 'p> {
    /// A reader of one document of a layer.
    pub fn new(
        rules: FieldRules<'d>,
        layer: &Arc<Layer>,
        embedded: Option<&'d Embedded>,
        problems: &'p mut Vec<Diagnostic>,
    ) -> Self {
        Self { rules, layer: Arc::clone(layer), problems, embedded, shared: HashMap::new() }
    }

    /// The layer that is read.
    pub fn layer(&self) -> &Arc<Layer> {
        &self.layer
    }

    /// The value of a node; what is wrong with it is told.
    pub fn value(&mut self, node: &'d Node, depth: usize) -> Option<Arc<ConfigNode>> {
        if depth > DEEPEST {
            self.too_deep(node);
            return None;
        }
        let node = node.resolved();
        let address = match &node.kind {
            NodeKind::Seq { items, .. } if node.anchor().is_some() => Some(Arc::as_ptr(items).addr()),
            NodeKind::Map { entries, .. } if node.anchor().is_some() => Some(Arc::as_ptr(entries).addr()),
            _ => None,
        };
        if let Some(shared) = address.and_then(|address| self.shared.get(&address)) {
            return Some(Arc::clone(shared));
        }
        let value = match &node.kind {
            NodeKind::Seq { items, .. } => {
                ConfigValue::List(items.iter().filter_map(|item| self.value(item, depth + 1)).collect())
            }
            NodeKind::Map { .. } => {
                let mut map = ConfigMap::new();
                self.entries(node, &mut map, depth);
                ConfigValue::Map(map)
            }
            _ => ConfigValue::Scalar(self.scalar(node)?),
        };
        let made = Arc::new(ConfigNode::new(value, &self.layer, self.range(node)));
        if let Some(address) = address {
            self.shared.insert(address, Arc::clone(&made));
        }
        Some(made)
    }

    fn entries(&mut self, node: &'d Node, map: &mut ConfigMap, depth: usize) {
        if depth > DEEPEST {
            self.too_deep(node);
            return;
        }
        let mut own: HashSet<Str> = HashSet::new();
        for (key, value) in node.as_map().unwrap_or_default() {
            if is_merge_key(key) {
                for merged in merged_maps(value) {
                    self.entries(merged, map, depth + 1);
                }
                continue;
            }
            // A map of strings takes the key's text, whatever it would be as a value: `y`, `5`.
            let name = Str::from(key.as_str().unwrap_or_default());
            if self.rules.reading.is_strict() && !own.insert(name.clone()) {
                self.problems.extend(duplicate_key(&self.rules, key));
            }
            if let Some(value) = self.value(value, depth + 1) {
                map.insert(name, value);
            }
        }
    }

    fn scalar(&mut self, node: &Node) -> Option<Frozen> {
        match load_node_native(node) {
            Ok(scalar) => Some(scalar),
            Err(error) => {
                self.problems.push(error.to_diagnostic(self.rules.source));
                None
            }
        }
    }

    fn range(&self, node: &Node) -> std::ops::Range<u32> {
        match self.embedded {
            Some(embedded) => embedded.range(node.start, node.end),
            None => node.start..node.end,
        }
    }

    /// Complains about nesting.
    pub fn too_deep(&mut self, node: &Node) {
        let message = format!("values are nested more than {DEEPEST} deep");
        self.problems.push(Diagnostic::error(LIMIT, message).at(self.rules.span(node), ""));
    }
}
