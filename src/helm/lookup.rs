//! Recorded objects that answer `lookup` in place of a cluster, and the record of what was asked.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::gotmpl::Site;
use crate::span::{Source, Span};
use crate::value::{Frozen, FrozenMap, IntKind, Map, Str, Value};
use crate::yaml;

use super::entropy::place;

/// Recorded objects.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// By API version and kind, then in the order in which a cluster lists them.
    kinds: BTreeMap<(String, String), BTreeMap<String, Recorded>>,
}

#[derive(Clone, Debug)]
struct Recorded {
    namespace: String,
    object: Arc<FrozenMap>,
}

impl Resources {
    /// Takes the objects of a YAML or JSON text of any number of documents. The items of lists
    /// (`List`, `SecretList`, …) are objects too. An object takes the place of an earlier one of
    /// the same name.
    ///
    /// # Errors
    /// A text that is not YAML, and a document that is no object; with its place.
    pub fn read(&mut self, source: &Arc<Source>) -> Result<(), String> {
        let documents = yaml::parse_stream(source).map_err(|error| format!("{}: {error}", source.name()))?;
        for document in documents {
            let at = || Span::new(source, document.root.start as usize..document.root.end as usize);
            let value = yaml::load_node_native(&document.root).map_err(|error| format!("{}: {error}", at()))?;
            match as_json(value) {
                Frozen::Nil => {}
                Frozen::Map(object) => self.take(object).map_err(|why| format!("{}: {why}", at()))?,
                _ => return Err(format!("{}: the document is no Kubernetes object", at())),
            }
        }
        Ok(())
    }

    fn take(&mut self, object: Arc<FrozenMap>) -> Result<(), &'static str> {
        let text = |object: &FrozenMap, key: &str| object.get(key).and_then(Frozen::as_str).map(str::to_owned);
        let api_version = text(&object, "apiVersion").ok_or("the object has no `apiVersion`")?;
        let kind = text(&object, "kind").ok_or("the object has no `kind`")?;
        if let (Some(item_kind), Some(items)) =
            (kind.strip_suffix("List"), object.get("items").and_then(Frozen::as_list))
        {
            for item in items {
                let item = item.as_map().ok_or("an item of the list is no object")?;
                self.take(typed(item, &api_version, item_kind))?;
            }
            return Ok(());
        }
        let metadata = object.get("metadata").and_then(Frozen::as_map);
        let name = metadata.and_then(|metadata| text(metadata, "name")).ok_or("the object has no `metadata.name`")?;
        let namespace = metadata.and_then(|metadata| text(metadata, "namespace")).unwrap_or_default();
        let key = if namespace.is_empty() { name } else { format!("{namespace}/{name}") };
        self.kinds.entry((api_version, kind)).or_default().insert(key, Recorded { namespace, object });
        Ok(())
    }

    /// One object; `None` when there is none, as for an object in a namespace when none is named.
    /// An object that was recorded without a namespace lies in all of them.
    fn get(&self, asked: &Lookup) -> Option<Value> {
        let objects = self.kinds.get(&(asked.api_version.clone(), asked.kind.clone()))?;
        let inside = || objects.get(&format!("{}/{}", asked.namespace, asked.name));
        let found = objects.get(&asked.name).or_else(inside)?;
        Some(Value::Map(Map::frozen(Arc::clone(&found.object))))
    }

    /// All objects of a kind in a namespace, or in all when none is named, as a list object; and
    /// whether there are any.
    fn list(&self, asked: &Lookup) -> (Value, bool) {
        let objects = self.kinds.get(&(asked.api_version.clone(), asked.kind.clone()));
        let is_asked = |found: &&Recorded| {
            asked.namespace.is_empty() || found.namespace.is_empty() || found.namespace == asked.namespace
        };
        let found = objects.into_iter().flat_map(BTreeMap::values).filter(is_asked);
        let items: Vec<Value> = found.map(|found| Value::Map(Map::frozen(Arc::clone(&found.object)))).collect();
        let has_items = !items.is_empty();
        let list = Value::map([
            ("apiVersion", Value::str(asked.api_version.as_str())),
            ("kind", Value::str(format!("{}List", asked.kind))),
            ("metadata", Value::map([("resourceVersion", Value::str(""))])),
            ("items", Value::list(items)),
        ]);
        (list, has_items)
    }
}

/// An item of a list, which may leave its type to the list.
fn typed(item: &Arc<FrozenMap>, api_version: &str, kind: &str) -> Arc<FrozenMap> {
    if kind.is_empty() || (item.get("apiVersion").is_some() && item.get("kind").is_some()) {
        return Arc::clone(item);
    }
    let own = item.iter().filter(|(key, _)| !matches!(key.as_bytes(), b"apiVersion" | b"kind"));
    let mut entries: Vec<(Str, Frozen)> = own.map(|(key, value)| (key.clone(), value.clone())).collect();
    entries.push(("apiVersion".into(), Frozen::str(api_version)));
    entries.push(("kind".into(), Frozen::str(kind)));
    Arc::new(FrozenMap::new(entries))
}

/// Numbers as a cluster's answer has them: `int64` where JSON shows an integer that fits, else
/// `float64`.
fn as_json(value: Frozen) -> Frozen {
    match value {
        Frozen::Int(IntKind::Uint64, bits) if bits < 0 => Frozen::Float(bits as u64 as f64),
        Frozen::Int(_, number) => Frozen::Int(IntKind::Int64, number),
        // JSON shows larger ones with an exponent.
        Frozen::Float(number) if number.fract() == 0.0 && number.abs() < 9_223_372_036_854_775_808.0 => {
            Frozen::Int(IntKind::Int64, number as i64)
        }
        Frozen::List(items) => Frozen::list(items.iter().cloned().map(as_json).collect()),
        Frozen::Map(map) => Frozen::map(map.iter().map(|(key, value)| (key.clone(), as_json(value.clone()))).collect()),
        other => other,
    }
}

/// What a call of `lookup` asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lookup {
    /// The API version.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The namespace; empty for all.
    pub namespace: String,
    /// The name; empty for a list.
    pub name: String,
}

/// A place that asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LookupUse {
    /// What was asked for.
    pub asked: Lookup,
    /// Whether recorded objects gave the answer, be it that there is none.
    pub is_answered: bool,
    /// Whether there was the object, or any for the list.
    pub is_found: bool,
    /// The file being rendered.
    pub file: Arc<str>,
    /// The text that holds the call: a file's path, or `gotpl` in a text that `tpl` executes.
    pub template: Arc<str>,
    /// 1-based line.
    pub line: u32,
    /// 0-based byte column.
    pub col: u32,
}

impl LookupUse {
    /// What was asked for, in words.
    pub fn subject(&self) -> String {
        let Lookup { api_version, kind, namespace, name } = &self.asked;
        match (namespace.as_str(), name.as_str()) {
            ("", "") => format!("all {kind} ({api_version})"),
            ("", name) => format!("{kind} {name} ({api_version})"),
            (namespace, "") => format!("all {kind} ({api_version}) in {namespace}"),
            (namespace, name) => format!("{kind} {namespace}/{name} ({api_version})"),
        }
    }

    /// The place in words, with 1-based columns.
    pub fn place(&self) -> String {
        place(&self.file, &self.template, self.line, self.col)
    }
}

/// Answers the calls of one release.
#[derive(Default)]
pub struct Answers {
    resources: Option<Arc<Resources>>,
    uses: Vec<LookupUse>,
    known: HashSet<LookupUse>,
}

impl Answers {
    /// Answers from recorded objects; without any, the answer is an empty map, as Helm's is
    /// without a cluster.
    pub fn new(resources: Option<Arc<Resources>>) -> Self {
        Self { resources, ..Self::default() }
    }

    /// The answer for a call while `file` is being rendered.
    pub fn answer(&mut self, asked: Lookup, file: &Arc<str>, site: &Site) -> Value {
        let (answer, is_found) = match &self.resources {
            Some(resources) if asked.name.is_empty() => {
                let (list, has_items) = resources.list(&asked);
                (Some(list), has_items)
            }
            Some(resources) => {
                let object = resources.get(&asked);
                let is_found = object.is_some();
                (object, is_found)
            }
            None => (None, false),
        };
        let used = LookupUse {
            asked,
            is_answered: self.resources.is_some(),
            is_found,
            file: Arc::clone(file),
            template: Arc::clone(&site.template),
            line: site.line,
            col: site.col,
        };
        if self.known.insert(used.clone()) {
            self.uses.push(used);
        }
        answer.unwrap_or_else(|| Value::Map(Map::new()))
    }

    /// The places that asked, each once for each question, in the order in which they asked first.
    pub fn into_uses(self) -> Vec<LookupUse> {
        self.uses
    }
}

#[cfg(test)]
mod tests;
