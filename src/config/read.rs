use std::sync::Arc;

use super::settings::{Below, Settings, Shared};
use super::values::{DEEPEST, ValueReader};
use super::{ConfigMap, ConfigNode, ConfigValue, Layer, Setting};
use crate::diag::{Code, Diagnostic};
use crate::span::{Origin, Span};
use crate::stack::{FieldCodes, FieldRules, Fields, ProjectDocument, Reading, read_documents, read_path};
use crate::value::Str;
use crate::yaml::{Node, load_node_native};

pub(super) const CODES: FieldCodes = FieldCodes {
    unknown_key: Code("config.unknown-key"),
    duplicate_key: Code("config.duplicate-key"),
    wrong_type: Code("config.wrong-type"),
};
/// `event` is the number of the deployment event that pinned the component; it means nothing here.
const KEYS: [&str; 8] =
    ["config", "namespace", "injectNamespace", "disabled", "subcomponents", "valuesFrom", "sharedConfig", "event"];
/// Keys that only the top of a file has.
const TOP_KEYS: [&str; 1] = ["expressions"];

/// What a layer's file says.
pub(super) struct ReadLayer {
    pub settings: Arc<Settings>,
    /// Whether `${{ … }}` in it is an expression.
    pub expressions: bool,
}

/// Reads what a layer's file says, as far as it can be understood.
pub(super) fn read_settings(
    file: &ProjectDocument,
    name: &Arc<str>,
    reading: Reading,
    problems: &mut Vec<Diagnostic>,
) -> Option<ReadLayer> {
    problems.extend(file.problems.iter().cloned());
    let rules = FieldRules::of(file, reading, CODES);
    // Refuses what cannot be decoded: keys that are no strings, aliases that multiply.
    if let Err(error) = load_node_native(&file.document.root) {
        problems.push(error.to_diagnostic(rules.source));
        return None;
    }
    let layer = Arc::new(Layer { name: Arc::clone(name), source: Arc::clone(rules.source) });
    let expressions = rules
        .map("a layer", &file.document.root, &mut Vec::new())
        .is_some_and(|fields| fields.boolean("expressions", problems).is_some_and(|(value, _)| value));
    let mut reader = Reader { values: ValueReader::new(rules, &layer, None, problems) };
    let settings = reader.settings("a layer", &file.document.root, 0).map(Arc::new)?;
    Some(ReadLayer { settings, expressions })
}

struct Reader<'d, 'p> {
    values: ValueReader<'d, 'p>,
}

impl<'d> Reader<'d, '_> {
    fn settings(&mut self, what: &str, node: &'d Node, depth: usize) -> Option<Settings> {
        if depth > DEEPEST {
            self.values.too_deep(node);
            return None;
        }
        let rules = self.values.rules;
        let problems = &mut *self.values.problems;
        let fields = rules.map(what, node, problems)?;
        let known = if depth == 0 { [&KEYS[..], &TOP_KEYS].concat() } else { KEYS.to_vec() };
        fields.check(&known, "a layer", problems);
        let namespace = fields.text("namespace", problems);
        let inject = fields.boolean("injectNamespace", problems);
        let disabled = fields.boolean("disabled", problems);
        let values_from = read_documents("valuesFrom", &rules, &fields, problems);
        Some(Settings {
            namespace: namespace.map(|text| self.setting(Arc::from(text.value), text.place)),
            inject_namespace: inject.map(|(value, place)| self.setting(value, place)),
            disabled: disabled.map(|(value, place)| self.setting(value, place)),
            config: self.config("config", &fields),
            values_from,
            shared: self.shared(&fields),
            subcomponents: self.subcomponents(&fields, depth),
        })
    }

    fn setting<T>(&self, value: T, span: Span) -> Setting<T> {
        Setting { value, origin: Origin { layer: Arc::clone(&self.values.layer().name), span } }
    }

    fn config(&mut self, key: &str, fields: &Fields<'d>) -> Option<Arc<ConfigNode>> {
        let node = fields.get(key)?;
        if node.as_map().is_none() {
            self.values.problems.push(self.values.rules.wrong_type(key, node, "a map"));
            return None;
        }
        self.values.value(node, 0)
    }

    /// Values for all components below, plain or as documents.
    fn shared(&mut self, fields: &Fields<'d>) -> Option<Arc<Shared>> {
        let node = fields.get("sharedConfig")?;
        let rules = self.values.rules;
        let own = rules.map("sharedConfig", node, self.values.problems)?;
        let is_document = |item: &Node| item.get("configMap").is_some() || item.get("secret").is_some();
        let names_documents =
            own.get("from").is_some_and(|from| from.as_seq().is_some_and(|from| from.iter().any(is_document)));
        let place = own.span();
        if !names_documents {
            let config = self.config("sharedConfig", fields);
            return Some(Arc::new(Shared { config, documents: Vec::new(), place }));
        }
        own.check(&["from", "at", "config"], "`sharedConfig` with `from`", self.values.problems);
        let at = read_path(&rules, &own, self.values.problems);
        let mut documents = read_documents("from", &rules, &own, self.values.problems);
        for document in &mut documents {
            document.at.splice(..0, at.iter().cloned());
        }
        let config = self.config("config", &own);
        Some(Arc::new(Shared { config, documents, place }))
    }

    fn subcomponents(&mut self, fields: &Fields<'d>, depth: usize) -> indexmap::IndexMap<Str, Below> {
        let mut below = indexmap::IndexMap::new();
        let Some(node) = fields.get("subcomponents") else { return below };
        let rules = self.values.rules;
        let Some(entries) = rules.map("subcomponents", node, self.values.problems) else { return below };
        entries.check_duplicates(self.values.problems);
        for (key, value) in entries.entries() {
            let name = key.as_str().unwrap_or_default();
            let Some(settings) = self.settings(&format!("subcomponents.{name}"), value, depth + 1) else { continue };
            let entry = Below { key: rules.span(key), settings: Arc::new(settings) };
            below.insert(Str::from(name), entry);
        }
        below
    }
}

/// Places a value below keys: `at` of a document.
pub(super) fn nested(mut value: Arc<ConfigNode>, at: &[Str]) -> Arc<ConfigNode> {
    for key in at.iter().rev() {
        let map = ConfigMap::from_iter([(key.clone(), Arc::clone(&value))]);
        value = Arc::new(value.with_value(ConfigValue::Map(map)));
    }
    value
}
