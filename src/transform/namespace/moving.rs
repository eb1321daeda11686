use std::collections::HashMap;

use crate::diag::{Code, Diagnostic};
use crate::k8s::{Identity, Object, Scopes};
use crate::transform::parsed::{each_object, edit_objects, inventory};
use crate::transform::references::references;
use crate::transform::splices::Splices;

use super::{InjectionRule, inject_namespace};

const COLLISION: Code = Code("copy.collision");

/// Moves objects into one namespace: those that have another, those that have none, and every reference that
/// names a namespace along with one of them. A Namespace is called so; what else lives outside of namespaces
/// stays as it is. Each group of objects comes with what messages call it.
///
/// # Errors
/// Texts that are no YAML, and objects of two namespaces or groups that would be the same one.
pub fn move_to_namespace(
    groups: &mut [(&str, &mut Vec<Object>)],
    namespace: &str,
    scopes: &Scopes,
) -> Result<(), Vec<Diagnostic>> {
    let moved = inventory(groups, |identity| !scopes.is_cluster_scoped(identity))?;
    let mut first: HashMap<(String, String, String), (usize, Option<String>)> = HashMap::new();
    let edited = edit_objects(groups, |(group, shown), object, document, problems| {
        let mut splices = Splices::default();
        let found = each_object(&document.root);
        for (identity, node) in &found {
            for own in references(node, identity, &moved).iter().filter_map(|reference| reference.namespace) {
                splices.set(own, namespace.to_owned());
            }
            let metadata = node.get("metadata");
            if scopes.is_cluster_scoped(identity) {
                let name = metadata.and_then(|metadata| metadata.get("name"));
                if let Some(name) = name.filter(|_| is_namespace(identity)) {
                    splices.set(name, namespace.to_owned());
                }
                continue;
            }
            let own = metadata.and_then(|metadata| metadata.get("namespace")).filter(|own| !own.is_null());
            own.into_iter().for_each(|own| splices.set(own, namespace.to_owned()));
            let key = (identity.group().to_owned(), identity.kind.clone(), identity.name.clone());
            match first.get(&key) {
                _ if identity.name.is_empty() => {}
                Some((at, other)) if *at != group || *other != identity.namespace => {
                    problems.push(collision(identity, other.as_deref(), (namespace, shown)));
                }
                Some(_) => {}
                None => {
                    first.insert(key, (group, identity.namespace.clone()));
                }
            }
        }
        if !splices.is_empty() {
            object.text = splices.applied(document);
            if let Some(identity) = object.identity.as_mut() {
                match is_namespace(identity) {
                    true => identity.name.replace_range(.., namespace),
                    false => identity.namespace.iter_mut().for_each(|own| own.replace_range(.., namespace)),
                }
            }
        }
    });
    let mut problems = edited.err().unwrap_or_default();
    for (shown, objects) in groups {
        problems.extend(inject_namespace(objects, namespace, InjectionRule::Namespaced(scopes), shown).err());
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn is_namespace(identity: &Identity) -> bool {
    identity.group().is_empty() && identity.kind == "Namespace"
}

fn collision(identity: &Identity, other: Option<&str>, (namespace, shown): (&str, &str)) -> Diagnostic {
    let of = |namespace: Option<&str>| namespace.map_or("none".to_owned(), |name| format!("`{name}`"));
    let message = match other == identity.namespace.as_deref() {
        true => format!("{} `{}` of {shown} would be there twice in `{namespace}`", identity.kind, identity.name),
        false => format!(
            "{} `{}` is there in the namespaces {} and {}: both cannot be in `{namespace}`",
            identity.kind,
            identity.name,
            of(other),
            of(identity.namespace.as_deref())
        ),
    };
    Diagnostic::error(COLLISION, message).help("give them different names, or make the copy without `--namespace`")
}
