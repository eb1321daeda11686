use crate::k8s::Identity;
use crate::yaml::Node;

use super::Inventory;
use super::table::{KindOf, Named, ROWS, Row};

/// Where the specification of a pod stands, by kind; other kinds are looked at in the last of these places.
const PODS: [(&str, &[&str]); 4] = [
    ("Pod", &["spec"]),
    ("PodTemplate", &["template", "spec"]),
    ("CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]),
    ("", &["spec", "template", "spec"]),
];

/// A field that names an object of an inventory.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// The name.
    pub name: &'a Node,
    /// The namespace that is written beside it.
    pub namespace: Option<&'a Node>,
}

/// What a field wants.
pub(super) struct Wanted<'a> {
    pub group: Option<&'a str>,
    /// Any where it is not said.
    pub kind: Option<&'a str>,
    pub namespace: Option<&'a str>,
    /// Resources that a rule is about: then only kinds of these names.
    resources: Option<Vec<&'a str>>,
}

impl Wanted<'_> {
    /// Whether an object of this kind is wanted, by the plural that roles name it by.
    pub fn takes(&self, kind: &str) -> bool {
        let Some(resources) = &self.resources else { return true };
        let plural = plural(kind);
        resources.iter().any(|resource| *resource == "*" || resource.split('/').next() == Some(plural.as_str()))
    }
}

/// The fields of an object that name objects of the inventory.
pub fn references<'a>(object: &'a Node, identity: &'a Identity, inventory: &Inventory) -> Vec<Reference<'a>> {
    let mut found = Vec::new();
    let of_kind = |row: &&Row| row.referrer.is_some_and(|kind| kind.is(identity.group(), &identity.kind));
    let own = ROWS.iter().filter(of_kind);
    for row in own {
        walk(object, &row.path, &mut |holder, key| look(holder, key, row, identity, inventory, &mut found));
    }
    if let Some(pod) = pod_of(object, identity) {
        for row in ROWS.iter().filter(|row| row.referrer.is_none()) {
            walk(pod, &row.path, &mut |holder, key| look(holder, key, row, identity, inventory, &mut found));
        }
    }
    found
}

/// The specification of the pod that an object holds.
fn pod_of<'a>(object: &'a Node, identity: &Identity) -> Option<&'a Node> {
    let (kind, path) = PODS.iter().find(|(kind, _)| kind.is_empty() || *kind == identity.kind)?;
    let pod = path.iter().try_fold(object, |node, key| node.get(key))?;
    (!kind.is_empty() || pod.get("containers").is_some()).then_some(pod)
}

/// Calls `found` with each map in which the last key of a path stands.
fn walk<'a>(node: &'a Node, path: &[String], found: &mut dyn FnMut(&'a Node, &str)) {
    if let Some(items) = node.as_seq() {
        items.iter().for_each(|item| walk(item, path, found));
        return;
    }
    match path {
        [] => {}
        [last] => found(node, last),
        [key, rest @ ..] => {
            if let Some(below) = node.get(key) {
                walk(below, rest, found);
            }
        }
    }
}

fn look<'a>(
    holder: &'a Node,
    key: &str,
    row: &Row,
    referrer: &'a Identity,
    inventory: &Inventory,
    found: &mut Vec<Reference<'a>>,
) {
    let Some(field) = holder.get(key) else { return };
    let beside = |key: &str| holder.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
    let namespace = holder.get("namespace").filter(|node| node.as_str().is_some_and(|text| !text.is_empty()));
    let own_namespace = referrer.namespace.as_deref();
    let mut wanted = Wanted {
        group: None,
        kind: None,
        namespace: namespace.and_then(Node::as_str).or(own_namespace),
        resources: None,
    };
    let says = |kind: KindOf, wanted: &mut Wanted<'a>| (wanted.group, wanted.kind) = (kind.group, Some(kind.kind));
    match row.named {
        Named::Kind(kind) => says(kind, &mut wanted),
        Named::Told(default) => match (beside("kind"), default) {
            (Some(kind), _) => {
                wanted.kind = Some(kind);
                let version = beside("apiVersion").and_then(|version| version.split_once('/'));
                wanted.group = beside("group").or(beside("apiGroup")).or(version.map(|(group, _)| group));
            }
            (None, Some(kind)) => says(kind, &mut wanted),
            (None, None) => return,
        },
        Named::Ruled => {
            let resources = holder.get("resources").and_then(Node::as_seq).unwrap_or_default();
            wanted.resources = Some(resources.iter().filter_map(Node::as_str).collect());
        }
    }
    let names = field.as_seq().unwrap_or_else(|| std::slice::from_ref(field));
    for name in names {
        if name.as_str().is_some_and(|text| inventory.has(&wanted, text)) {
            found.push(Reference { name, namespace });
        }
    }
}

/// What the API calls the resource of a kind.
fn plural(kind: &str) -> String {
    let lower = kind.to_lowercase();
    match lower.as_str() {
        "endpoints" => lower,
        _ if lower.ends_with('y') && !lower.ends_with("ay") => format!("{}ies", &lower[..lower.len() - 1]),
        _ if lower.ends_with('s') || lower.ends_with("ch") => format!("{lower}es"),
        _ => format!("{lower}s"),
    }
}
