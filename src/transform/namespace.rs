use crate::diag::{Code, Diagnostic};
use crate::k8s::{Identity, Object, Scopes};
use crate::span::Source;
use crate::yaml::{self, Document, Node, NodeKind, Scalar};

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
        edits.sort_by(|a, b| b.at.cmp(&a.at));
        for edit in &edits {
            object.text.replace_range(edit.at..edit.end, &edit.text);
        }
        if let (Some(identity), false) = (&mut object.identity, edits.is_empty()) {
            identity.namespace.get_or_insert_with(|| namespace.to_owned());
        }
    }
    Ok(())
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
