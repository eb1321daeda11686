use crate::diag::Diagnostic;
use crate::k8s::{Identity, Object};
use crate::span::Source;
use crate::yaml::{self, Document, Node};

use super::references::Inventory;

/// An object's text, read; `shown` names the output in messages.
fn read(object: &Object, shown: &str) -> Result<Document, Diagnostic> {
    let source = Source::new(shown, object.text.as_str());
    yaml::parse_document(&source).map_err(|error| error.to_diagnostic(&source))
}

/// Lists nested deeper than this hold no objects.
const DEEPEST: usize = 32;

/// The object of a document, or those of a list.
pub(super) fn each_object(root: &Node) -> Vec<(Identity, &Node)> {
    let mut found = Vec::new();
    gather(root, 0, &mut found);
    found
}

fn gather<'a>(node: &'a Node, depth: usize, found: &mut Vec<(Identity, &'a Node)>) {
    let identity = identity_of(node);
    match node.get("items").and_then(Node::as_seq) {
        Some(items) if identity.kind.ends_with("List") && depth < DEEPEST => {
            items.iter().for_each(|item| gather(item, depth + 1, found));
        }
        _ => found.push((identity, node)),
    }
}

/// What tells an object apart.
fn identity_of(node: &Node) -> Identity {
    let read = |node: Option<&Node>| node.and_then(Node::as_str).unwrap_or_default().to_owned();
    let metadata = node.get("metadata");
    let namespace = metadata.and_then(|metadata| metadata.get("namespace")).filter(|node| !node.is_null());
    Identity {
        api_version: read(node.get("apiVersion")),
        kind: read(node.get("kind")),
        name: read(metadata.and_then(|metadata| metadata.get("name"))),
        namespace: namespace.map(|node| read(Some(node))).filter(|namespace| !namespace.is_empty()),
    }
}

/// The objects of all groups that are wanted.
pub(super) fn inventory(
    groups: &[(&str, &mut Vec<Object>)],
    wanted: impl Fn(&Identity) -> bool,
) -> Result<Inventory, Vec<Diagnostic>> {
    let (mut inventory, mut problems) = (Inventory::default(), Vec::new());
    for (shown, objects) in groups {
        for object in objects.iter() {
            match read(object, shown) {
                Ok(document) => {
                    let all = each_object(&document.root);
                    all.iter().filter(|(of, _)| wanted(of)).for_each(|(of, node)| inventory.add(of, node));
                }
                Err(problem) => problems.push(problem),
            }
        }
    }
    if problems.is_empty() { Ok(inventory) } else { Err(problems) }
}

/// Hands every object of all groups over with its text, read, to be edited: the number of its group, and what
/// messages call that. Whoever edits adds problems to those of texts that are no YAML.
pub(super) fn edit_objects(
    groups: &mut [(&str, &mut Vec<Object>)],
    mut edit: impl FnMut((usize, &str), &mut Object, &Document, &mut Vec<Diagnostic>),
) -> Result<(), Vec<Diagnostic>> {
    let mut problems = Vec::new();
    for (at, (shown, objects)) in groups.iter_mut().enumerate() {
        for object in objects.iter_mut() {
            match read(object, shown) {
                Ok(document) => edit((at, shown), object, &document, &mut problems),
                Err(problem) => problems.push(problem),
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}
