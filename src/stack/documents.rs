use super::fields::{FieldRules, Fields};
use super::spec::Text;
use crate::diag::{Code, Diagnostic};
use crate::span::Span;
use crate::value::Str;
use crate::yaml::Node;

const INVALID: Code = Code("config.values-from");
/// The key of a document's values where none is named.
const DEFAULT_KEY: &str = "values";

/// A document of values in the text of a ConfigMap or Secret: an item of `valuesFrom`.
#[derive(Clone, Debug)]
pub struct ValuesDocument {
    /// What kind of object holds it.
    pub kind: DocumentKind,
    /// The file, relative to the file that names it.
    pub path: Text,
    /// The key of the object's data.
    pub key: Text,
    /// The object's name, where the file has several.
    pub name: Option<Text>,
    /// The keys that the values are placed below.
    pub at: Vec<Str>,
    /// The whole item.
    pub place: Span,
}

/// What kind of object holds a document of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// `data`, and `binaryData` in base64.
    ConfigMap,
    /// `stringData`, and `data` in base64.
    Secret,
}

impl DocumentKind {
    /// The `kind` of the object.
    pub fn word(self) -> &'static str {
        match self {
            DocumentKind::ConfigMap => "ConfigMap",
            DocumentKind::Secret => "Secret",
        }
    }
}

/// Reads a list of documents, such as `valuesFrom`, in the order of the file.
pub fn read_documents(
    key: &str,
    rules: &FieldRules<'_>,
    fields: &Fields<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<ValuesDocument> {
    let items = fields.list(key, problems);
    items.iter().filter_map(|item| document(key, rules, item, problems)).collect()
}

fn document(key: &str, rules: &FieldRules<'_>, item: &Node, problems: &mut Vec<Diagnostic>) -> Option<ValuesDocument> {
    let what = format!("an item of `{key}`");
    let fields = rules.map(&what, item, problems)?;
    fields.check(&["configMap", "secret", "key", "name", "at"], &what, problems);
    let named = [(DocumentKind::ConfigMap, "configMap"), (DocumentKind::Secret, "secret")];
    let mut found: Vec<(DocumentKind, Text)> =
        named.into_iter().filter_map(|(kind, key)| Some((kind, fields.text(key, problems)?))).collect();
    let (Some((kind, path)), true) = (found.pop(), found.is_empty()) else {
        let problem = Diagnostic::error(INVALID, format!("{what} needs one of `configMap` and `secret`"));
        problems.push(problem.at(rules.span(item), "").help("name the file: `configMap: values-cm.yaml`"));
        return None;
    };
    let key = fields.text("key", problems);
    Some(ValuesDocument {
        kind,
        key: key.unwrap_or_else(|| Text { value: DEFAULT_KEY.to_owned(), place: path.place.clone() }),
        path,
        name: fields.text("name", problems),
        at: read_path(rules, &fields, problems),
        place: rules.span(item),
    })
}

/// Reads `at`: keys with dots between them.
pub fn read_path(rules: &FieldRules<'_>, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Str> {
    let Some(at) = fields.text("at", problems) else { return Vec::new() };
    let keys: Vec<Str> = at.value.split('.').map(Str::from).collect();
    if keys.iter().any(|key| key.as_bytes().is_empty()) {
        let message = format!("`at` must be keys with dots between them, not `{}`", at.value.escape_debug());
        problems.push(Diagnostic::error(rules.codes.wrong_type, message).at(at.place, ""));
        return Vec::new();
    }
    keys
}
