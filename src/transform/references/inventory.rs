use std::collections::HashMap;

use crate::k8s::Identity;
use crate::yaml::Node;

use super::find::Wanted;

/// Kinds whose controllers make a Secret of the same name, unless the field at this path names another.
const SECRET_MAKERS: [(&str, &str, &[&str]); 3] = [
    ("bitnami.com", "SealedSecret", &[]),
    ("external-secrets.io", "ExternalSecret", &["spec", "target", "name"]),
    ("kubernetes-client.io", "ExternalSecret", &[]),
];

/// The objects that there are: those that references are followed to.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    known: HashMap<(String, String), Vec<Known>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    group: String,
    namespace: Option<String>,
}

impl Inventory {
    /// Adds an object, and what a controller makes of it under its name.
    pub fn add(&mut self, identity: &Identity, object: &Node) {
        let group = identity.group();
        self.insert(group, &identity.kind, identity);
        let is_maker = |(of, kind, path): &&(&str, &str, &[&str])| {
            *of == group && *kind == identity.kind && {
                let other = path.iter().try_fold(object, |node, key| node.get(key));
                path.is_empty() || other.is_none_or(|name| name.is_null() || name.as_str() == Some(&identity.name))
            }
        };
        if SECRET_MAKERS.iter().any(|maker| is_maker(&maker)) {
            self.insert("", "Secret", identity);
        }
    }

    fn insert(&mut self, group: &str, kind: &str, identity: &Identity) {
        let known = Known { group: group.to_owned(), namespace: identity.namespace.clone() };
        let all = self.known.entry((kind.to_owned(), identity.name.clone())).or_default();
        if !all.contains(&known) {
            all.push(known);
        }
    }

    /// Whether an object that a field wants is there. A namespace that nobody says fits every one.
    pub(super) fn has(&self, wanted: &Wanted<'_>, name: &str) -> bool {
        let kinds: Vec<&str> = match wanted.kind {
            Some(kind) => vec![kind],
            None => self.known.keys().filter(|(_, own)| own == name).map(|(kind, _)| kind.as_str()).collect(),
        };
        kinds.into_iter().filter(|kind| wanted.takes(kind)).any(|kind| {
            let all = self.known.get(&(kind.to_owned(), name.to_owned()));
            all.into_iter().flatten().any(|known| {
                wanted.group.is_none_or(|group| group == known.group)
                    && match (wanted.namespace, &known.namespace) {
                        (Some(one), Some(other)) => one == other,
                        (None, _) | (_, None) => true,
                    }
            })
        })
    }
}
