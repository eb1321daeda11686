use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::settings::{Below, Settings};
use super::{ConfigMap, ConfigNode, ConfigValue, Layer, Setting};
use crate::diag::{Code, Diagnostic};
use crate::span::{Origin, Span};
use crate::stack::{
    FieldCodes, FieldRules, Fields, ProjectDocument, Reading, duplicate_key, is_merge_key, merged_maps,
};
use crate::value::{Frozen, Str};
use crate::yaml::{Node, NodeKind, load_node_native};

const LIMIT: Code = Code("config.limit");
const CODES: FieldCodes = FieldCodes {
    unknown_key: Code("config.unknown-key"),
    duplicate_key: Code("config.duplicate-key"),
    wrong_type: Code("config.wrong-type"),
};
const KEYS: [&str; 5] = ["config", "namespace", "injectNamespace", "disabled", "subcomponents"];

/// Values nested deeper than this are refused.
const DEEPEST: usize = 1000;

/// Reads what a layer's file says, as far as it can be understood.
pub(super) fn read_settings(
    file: &ProjectDocument,
    name: &Arc<str>,
    reading: Reading,
    problems: &mut Vec<Diagnostic>,
) -> Option<Arc<Settings>> {
    problems.extend(file.problems.iter().cloned());
    let rules = FieldRules::of(file, reading, CODES);
    // Refuses what cannot be decoded: keys that are no strings, aliases that multiply.
    if let Err(error) = load_node_native(&file.document.root) {
        problems.push(error.to_diagnostic(rules.source));
        return None;
    }
    let layer = Arc::new(Layer { name: Arc::clone(name), source: Arc::clone(rules.source) });
    let mut reader = Reader { rules, layer, problems, shared: HashMap::new() };
    reader.settings("a layer", &file.document.root, 0).map(Arc::new)
}

struct Reader<'d, 'p> {
    rules: FieldRules<'d>,
    layer: Arc<Layer>,
    problems: &'p mut Vec<Diagnostic>,
    /// What anchored maps and lists became, by the address of their children: each is read once,
    /// however often it is referred to.
    shared: HashMap<usize, Arc<ConfigNode>>,
}

impl<'d> Reader<'d, '_> {
    fn settings(&mut self, what: &str, node: &'d Node, depth: usize) -> Option<Settings> {
        if depth > DEEPEST {
            self.too_deep(node);
            return None;
        }
        let fields = self.rules.map(what, node, self.problems)?;
        fields.check(&KEYS, "a layer", self.problems);
        let namespace = fields.text("namespace", self.problems);
        let inject = fields.boolean("injectNamespace", self.problems);
        let disabled = fields.boolean("disabled", self.problems);
        Some(Settings {
            namespace: namespace.map(|text| self.setting(Arc::from(text.value), text.place)),
            inject_namespace: inject.map(|(value, place)| self.setting(value, place)),
            disabled: disabled.map(|(value, place)| self.setting(value, place)),
            config: self.config(&fields),
            subcomponents: self.subcomponents(&fields, depth),
        })
    }

    fn setting<T>(&self, value: T, span: Span) -> Setting<T> {
        Setting { value, origin: Origin { layer: Arc::clone(&self.layer.name), span } }
    }

    fn config(&mut self, fields: &Fields<'d>) -> Option<Arc<ConfigNode>> {
        let node = fields.get("config")?;
        if node.as_map().is_none() {
            self.problems.push(self.rules.wrong_type("config", node, "a map"));
            return None;
        }
        self.value(node, 0)
    }

    fn subcomponents(&mut self, fields: &Fields<'d>, depth: usize) -> indexmap::IndexMap<Str, Below> {
        let mut below = indexmap::IndexMap::new();
        let Some(node) = fields.get("subcomponents") else { return below };
        let Some(entries) = self.rules.map("subcomponents", node, self.problems) else { return below };
        entries.check_duplicates(self.problems);
        for (key, value) in entries.entries() {
            let name = key.as_str().unwrap_or_default();
            let Some(settings) = self.settings(&format!("subcomponents.{name}"), value, depth + 1) else { continue };
            let entry = Below { key: self.rules.span(key), settings: Arc::new(settings) };
            below.insert(Str::from(name), entry);
        }
        below
    }

    fn value(&mut self, node: &'d Node, depth: usize) -> Option<Arc<ConfigNode>> {
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
        let made = Arc::new(ConfigNode::new(value, &self.layer, node.start..node.end));
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

    fn too_deep(&mut self, node: &Node) {
        let message = format!("values are nested more than {DEEPEST} deep");
        self.problems.push(Diagnostic::error(LIMIT, message).at(self.rules.span(node), ""));
    }
}
