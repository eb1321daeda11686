use crate::diag::{Code, Diagnostic};
use crate::golang::float;
use crate::k8s::{Identity, Object, Scopes};
use crate::span::Source;
use crate::yaml::{self, Document, Node, NodeKind, Scalar, Style};

mod moving;

pub use moving::move_to_namespace;

/// Which objects get a namespace.
#[derive(Clone, Copy, Debug)]
pub enum InjectionRule<'a> {
    /// Every document with metadata, cluster-scoped kinds too; items of lists are left alone. As
    /// Fabrikate does.
    Everywhere,
    /// Namespaced objects, also those inside of lists.
    Namespaced(&'a Scopes),
}

/// Writes `metadata.namespace` into each object that has metadata and no namespace. Everything else
/// of the text stays byte for byte. `shown` names the output in messages.
///
/// # Errors
/// When an object's text is not YAML, or its metadata is an alias, so that there is no place to write.
pub fn inject_namespace(
    objects: &mut [Object],
    namespace: &str,
    rule: InjectionRule<'_>,
    shown: &str,
) -> Result<(), Diagnostic> {
    for object in objects {
        let source = Source::new(shown, object.text.as_str());
        let document = yaml::parse_document(&source).map_err(|error| error.to_diagnostic(&source))?;
        let mut edits = Vec::new();
        collect(&document, &document.root, namespace, rule, &mut edits)?;
        if matches!(rule, InjectionRule::Everywhere) {
            as_read_by_fabrikate(&document, &mut edits);
        }
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.at));
        for edit in &edits {
            object.text.replace_range(edit.at..edit.end, &edit.text);
        }
        if let (Some(identity), false) = (&mut object.identity, edits.is_empty()) {
            identity.namespace.get_or_insert_with(|| namespace.to_owned());
        }
    }
    Ok(())
}

/// Fabrikate reads the documents of such a component and writes them again. What that does to values,
/// as opposed to their text, is done here too: numbers are written as its writer writes them (`1.0`
/// becomes `1`), and a block scalar at the end of a document has lost its final line break.
fn as_read_by_fabrikate(document: &Document, edits: &mut Vec<Edit>) {
    let text = document.source.text();
    numbers(&document.root, edits);
    if text.ends_with('\n') {
        return;
    }
    let last = last_scalar(&document.root);
    if let NodeKind::Scalar { style: Style::Literal | Style::Folded, .. } = &last.kind {
        let at = last.start as usize + 1;
        let end = at + text[at..].find(|char: char| !matches!(char, '+' | '-' | '1'..='9')).unwrap_or(0);
        let indent: String = text[at..end].chars().filter(char::is_ascii_digit).collect();
        edits.push(Edit { at, end, text: format!("{indent}-") });
    }
}

fn last_scalar(node: &Node) -> &Node {
    let last = match &node.kind {
        NodeKind::Seq { items, .. } => items.last(),
        NodeKind::Map { entries, .. } => entries.last().map(|(_, value)| value),
        NodeKind::Scalar { .. } | NodeKind::Alias { .. } => None,
    };
    last.map_or(node, last_scalar)
}

fn numbers(node: &Node, edits: &mut Vec<Edit>) {
    match &node.kind {
        NodeKind::Seq { items, .. } => items.iter().for_each(|item| numbers(item, edits)),
        NodeKind::Map { entries, .. } => entries.iter().for_each(|(_, value)| numbers(value, edits)),
        NodeKind::Scalar { text, style: Style::Plain } if node.tag().is_none() => {
            let written = match yaml::resolve(text) {
                Scalar::Int(value) => value.to_string(),
                Scalar::Uint(value) => value.to_string(),
                Scalar::Float(value) if value.is_finite() => float::format(value, b'g', -1),
                _ => return,
            };
            if written != **text {
                edits.push(Edit { at: node.start as usize, end: node.end as usize, text: written });
            }
        }
        NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {}
    }
}

struct Edit {
    at: usize,
    end: usize,
    text: String,
}

fn collect(
    document: &Document,
    object: &Node,
    namespace: &str,
    rule: InjectionRule<'_>,
    edits: &mut Vec<Edit>,
) -> Result<(), Diagnostic> {
    if let InjectionRule::Namespaced(scopes) = rule {
        let identity = identity(object);
        if identity.kind.ends_with("List") && object.get("items").is_some() {
            for item in object.get("items").and_then(Node::as_seq).unwrap_or_default() {
                collect(document, item, namespace, rule, edits)?;
            }
            return Ok(());
        }
        if scopes.is_cluster_scoped(&identity) {
            return Ok(());
        }
    }
    let Some(metadata) = object.get("metadata").filter(|metadata| !metadata.is_null()) else { return Ok(()) };
    let value = scalar(namespace);
    match metadata.get("namespace") {
        Some(own) if !own.is_null() => return Ok(()),
        Some(own) => {
            let space = if own.start == own.end { " " } else { "" };
            edits.push(Edit { at: own.start as usize, end: own.end as usize, text: format!("{space}{value}") });
            return Ok(());
        }
        None => {}
    }
    let NodeKind::Map { entries, flow } = &metadata.kind else {
        let message = "`metadata` is an alias, so the namespace has no place of its own";
        return Err(Diagnostic::error(Code("namespace.alias"), message)
            .at(document.span(metadata), "")
            .help("write the metadata out, or set `metadata.namespace` yourself"));
    };
    let text = document.source.text();
    match (flow, entries.first()) {
        (true, first) => {
            let at = metadata.start as usize + 1;
            let comma = if first.is_some() { ", " } else { "" };
            edits.push(Edit { at, end: at, text: format!("namespace: {value}{comma}") });
        }
        (false, Some((key, _))) => {
            let at = key.outer() as usize;
            let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let indent: String = text[line..at].chars().map(|char| if char == '\t' { '\t' } else { ' ' }).collect();
            edits.push(Edit { at, end: at, text: format!("namespace: {value}\n{indent}") });
        }
        (false, None) => {}
    }
    Ok(())
}

fn identity(object: &Node) -> Identity {
    let text = |key: &str| object.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
    Identity { api_version: text("apiVersion"), kind: text("kind"), name: String::new(), namespace: None }
}

/// The namespace as a YAML scalar; quoted where it would read as something other than a string.
fn scalar(namespace: &str) -> String {
    let plain = matches!(yaml::resolve(namespace), Scalar::Str)
        && namespace.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        && !namespace.starts_with(['-', '.']);
    if plain { namespace.to_owned() } else { format!("{namespace:?}") }
}

#[cfg(test)]
mod tests;
