use crate::diag::{Code, Diagnostic};
use crate::k8s::{Identity, NameRule, Object};
use crate::transform::parsed::{each_object, edit_objects, inventory};
use crate::transform::references::references;
use crate::transform::splices::Splices;
use crate::yaml::Node;

const NAME: Code = Code("copy.name");

/// Kinds whose names say what they are.
const KEEPING: [(&str, &str); 3] =
    [("", "Namespace"), ("apiextensions.k8s.io", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService")];

/// Whether objects of this kind keep their names.
pub fn keeps_name(identity: &Identity) -> bool {
    KEEPING.contains(&(identity.group(), identity.kind.as_str()))
}

/// Ends the names of objects, and all references to them, with a suffix. Each group of objects comes with
/// what messages call it.
///
/// # Errors
/// Texts that are no YAML, and names that the API server would not take.
pub fn suffix_names(groups: &mut [(&str, &mut Vec<Object>)], suffix: &str) -> Result<(), Vec<Diagnostic>> {
    let inventory = inventory(groups, |identity| !keeps_name(identity))?;
    edit_objects(groups, |_, object, document, problems| {
        let mut splices = Splices::default();
        let mut renamed = Vec::new();
        let found = each_object(&document.root);
        for (identity, node) in &found {
            let name = node.get("metadata").and_then(|metadata| metadata.get("name"));
            if let Some(name) = name.filter(|name| !keeps_name(identity) && has_text(name)) {
                let new = format!("{}{suffix}", identity.name);
                match NameRule::of(&identity.kind).complaints(&new).first() {
                    Some(why) => problems.push(refused(identity, &new, why).at(document.span(name), "")),
                    None => splices.set(name, new.clone()),
                }
                renamed.push(new);
            }
            for reference in references(node, identity, &inventory) {
                let old = reference.name.as_str().unwrap_or_default();
                splices.set(reference.name, format!("{old}{suffix}"));
            }
        }
        if splices.is_empty() {
            return;
        }
        let text = splices.applied(document);
        if let (Some(identity), [name], [_]) = (&mut object.identity, renamed.as_slice(), found.as_slice()) {
            identity.name.clone_from(name);
        }
        object.text = text;
    })
}

fn has_text(node: &Node) -> bool {
    node.as_str().is_some_and(|text| !text.is_empty())
}

fn refused(identity: &Identity, name: &str, why: &str) -> Diagnostic {
    let message = format!("{} `{}` cannot be called `{name}`: {why}", identity.kind, identity.name);
    Diagnostic::error(NAME, message).help("choose a shorter suffix, of small letters, digits and dashes")
}
