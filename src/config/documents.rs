use std::sync::Arc;

use base64::Engine as _;

use super::embedded::Embedded;
use super::read::{CODES, nested};
use super::values::ValueReader;
use super::{ConfigMap, ConfigNode, ConfigValue, Layer};
use crate::diag::{Blame, Code, Diagnostic, Severity, nearest};
use crate::source::Tree;
use crate::stack::{DocumentKind, FieldRules, Reach, Reading, Text, ValuesDocument, open_path, read_text};
use crate::yaml::{Document, Node, load_node_native, parse_document, parse_stream};

const MISSING: Code = Code("config.values-from");

/// Values out of a ConfigMap or Secret.
#[derive(Debug, Default)]
pub struct LoadedDocument {
    /// The values, always a map; absent when they cannot be had.
    pub value: Option<Arc<ConfigNode>>,
    /// The file as users know it.
    pub shown: String,
    /// What is wrong.
    pub problems: Vec<Diagnostic>,
}

/// Where a document is looked for: paths start at `dir` of the folder.
pub(super) struct DocumentPlace<'a> {
    pub folder: &'a Tree,
    pub dir: &'a str,
    pub reach: &'a Reach,
}

impl DocumentPlace<'_> {
    /// The file of a path that is written there.
    pub fn open(&self, path: &Text) -> Result<Tree, Diagnostic> {
        let full = match self.dir.is_empty() || path.value.starts_with('/') {
            true => path.value.clone(),
            false => format!("{}/{}", self.dir, path.value),
        };
        open_path(self.folder, &full, &path.place, self.reach)
    }
}

/// Reads the values of a document. Their places are those in the object's file.
pub(super) fn load_document(
    place: &DocumentPlace<'_>,
    document: &ValuesDocument,
    layer: &Arc<str>,
    reading: Reading,
) -> LoadedDocument {
    let mut loaded = LoadedDocument { shown: document.path.value.clone(), ..LoadedDocument::default() };
    match read(place, document, layer, reading, &mut loaded) {
        Ok(value) => loaded.value = value.map(|value| nested(value, &document.at)),
        Err(problem) => loaded.problems.push(*problem),
    }
    if loaded.problems.iter().any(|problem| problem.severity == Severity::Error) {
        loaded.value = None;
    }
    loaded
}

fn read(
    place: &DocumentPlace<'_>,
    document: &ValuesDocument,
    layer: &Arc<str>,
    reading: Reading,
    loaded: &mut LoadedDocument,
) -> Result<Option<Arc<ConfigNode>>, Box<Diagnostic>> {
    let path = &document.path;
    let file = place.open(path)?;
    loaded.shown = file.display("");
    let source = read_text(&file, "")?.ok_or_else(|| {
        let problem = Diagnostic::error(MISSING, format!("`{}` was not found", loaded.shown));
        Box::new(problem.at(path.place.clone(), "").help("the path is relative to the file that names it"))
    })?;
    let documents = parse_stream(&source).map_err(|error| error.to_diagnostic(&source))?;
    let object = choose(&documents, document, &loaded.shown)?;
    let (key, node, text) = data(object, document, &loaded.shown)?;
    let embedded = match text {
        Some(text) => Embedded::whole(key, &text, &object.source),
        None => Embedded::of_scalar(node, &object.source).ok_or_else(|| no_text(document, object, node))?,
    };
    let parsed = parse_document(&embedded.text)
        .and_then(|parsed| load_node_native(&parsed.root).map(|_| parsed))
        .map_err(|error| Box::new(embedded.relocated(error.to_diagnostic(&embedded.text))))?;
    let rules = FieldRules { source: &embedded.text, json: false, reading, codes: CODES };
    let own = Arc::new(Layer { name: Arc::clone(layer), source: Arc::clone(&object.source) });
    let mut problems = Vec::new();
    let value = match parsed.root.is_null() {
        true => Some(Arc::new(ConfigNode::new(ConfigValue::Map(ConfigMap::new()), &own, node.start..node.end))),
        false if parsed.root.as_map().is_none() => {
            problems.push(rules.wrong_type(&document.key.value, &parsed.root, "a map of values"));
            None
        }
        false => ValueReader::new(rules, &own, Some(&embedded), &mut problems).value(&parsed.root, 0),
    };
    loaded.problems.extend(problems.into_iter().map(|problem| embedded.relocated(problem)));
    Ok(value)
}

/// The object of the wanted kind and, where there are several, of the wanted name.
fn choose<'d>(
    documents: &'d [Document],
    wanted: &ValuesDocument,
    shown: &str,
) -> Result<&'d Document, Box<Diagnostic>> {
    let kind = wanted.kind.word();
    let of_kind = |document: &&Document| document.root.get("kind").and_then(Node::as_str) == Some(kind);
    let name = |document: &Document| {
        document
            .root
            .get("metadata")
            .and_then(|meta| meta.get("name"))
            .and_then(Node::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let fitting: Vec<&Document> = documents.iter().filter(of_kind).collect();
    let names: Vec<String> = fitting.iter().map(|document| name(document)).collect();
    let place = wanted.name.as_ref().map_or(&wanted.path.place, |name| &name.place).clone();
    let refuse = |message: String, help: String| {
        Err(Box::new(Diagnostic::error(MISSING, message).at(place.clone(), "").help(help)))
    };
    match (&wanted.name, fitting.as_slice()) {
        (_, []) => {
            let kinds: Vec<&str> =
                documents.iter().filter_map(|document| document.root.get("kind").and_then(Node::as_str)).collect();
            let help = match kinds.is_empty() {
                true => format!("the file must hold an object with `kind: {kind}`"),
                false => format!("the file has: {}", kinds.join(", ")),
            };
            refuse(format!("`{shown}` has no {kind}"), help)
        }
        (None, [only]) => Ok(only),
        (None, several) => {
            let message = format!("`{shown}` has {} objects of the kind {kind}", several.len());
            refuse(message, format!("choose one with `name`: {}", names.join(", ")))
        }
        (Some(wanted), _) => {
            let mut named = fitting.iter().filter(|document| name(document) == wanted.value);
            match (named.next(), named.next()) {
                (Some(found), None) => Ok(found),
                (Some(_), Some(_)) => refuse(
                    format!("`{shown}` has several {kind} objects named `{}`", wanted.value),
                    "remove the others".to_owned(),
                ),
                (None, _) => {
                    let help = match nearest(&wanted.value, names.iter().map(String::as_str)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("it has: {}", names.join(", ")),
                    };
                    refuse(format!("`{shown}` has no {kind} named `{}`", wanted.value.escape_debug()), help)
                }
            }
        }
    }
}

/// A key of the object's data, its value, and the text where that had to be decoded.
type Data<'d> = (&'d Node, &'d Node, Option<String>);

fn data<'d>(object: &'d Document, wanted: &ValuesDocument, shown: &str) -> Result<Data<'d>, Box<Diagnostic>> {
    if object.root.get("sops").is_some() {
        let message = format!("`{shown}` is encrypted (sops)");
        let problem = Diagnostic::error(MISSING, message).blame(Blame::Policy).at(wanted.place.clone(), "");
        return Err(Box::new(problem.help("decrypt it before kiln runs: kiln holds no keys")));
    }
    // Kubernetes lets `stringData` win.
    let (plain, coded) = match wanted.kind {
        DocumentKind::ConfigMap => ("data", "binaryData"),
        DocumentKind::Secret => ("stringData", "data"),
    };
    let key = wanted.key.value.as_str();
    let entry = |field: &str| object.root.get(field).and_then(|data| data.entry(key));
    if let Some((key, value)) = entry(plain) {
        return Ok((key, value, None));
    }
    let Some((own, value)) = entry(coded) else {
        let keys: Vec<&str> = [plain, coded]
            .iter()
            .filter_map(|field| object.root.get(field)?.as_map())
            .flatten()
            .filter_map(|(key, _)| key.as_str())
            .collect();
        let message = format!("the {} in `{shown}` has no key `{}`", wanted.kind.word(), key.escape_debug());
        let problem = Diagnostic::error(MISSING, message).at(wanted.key.place.clone(), "asked for here");
        let problem = problem.at(object.span(&object.root), "");
        return Err(Box::new(match (nearest(key, keys.iter().copied()), keys.is_empty()) {
            (Some(near), _) => problem.help(format!("did you mean `{near}`? Write `key: {near}`")),
            (None, true) => problem.help("it has no data"),
            (None, false) => problem.help(format!("name one of its keys with `key`: {}", keys.join(", "))),
        }));
    };
    let written = value.as_str().ok_or_else(|| no_text(wanted, object, value))?;
    let packed: String = written.chars().filter(|char| !char.is_ascii_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).map_err(|error| error.to_string());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()));
    match text {
        Ok(text) => Ok((own, value, Some(text))),
        Err(why) => {
            let message = format!("`{coded}.{key}` is no text in base64: {why}");
            let problem = Diagnostic::error(MISSING, message).at(object.span(value), "");
            Err(Box::new(problem.help(format!("plain text belongs below `{plain}`"))))
        }
    }
}

fn no_text(wanted: &ValuesDocument, object: &Document, node: &Node) -> Box<Diagnostic> {
    let message = format!("`{}` must be text, as in a cluster", wanted.key.value.escape_debug());
    let problem = Diagnostic::error(MISSING, message).at(object.span(node), "");
    Box::new(problem.help(format!("write the values as a block: `{}: |`", wanted.key.value)))
}
