use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What an owner has published to a branch so far, also when that changed nothing: the commits of the
/// source that were last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishState {
    /// The version of this format.
    pub schema: u32,
    /// The commit that all clusters were last published from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Cluster → the commit that it alone was published from later.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, String>,
    /// Copy of a cluster → the commit that it was published from. Branches that copies are made for go their own
    /// ways, so that each counts for itself alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub copies: BTreeMap<String, String>,
    /// The tip of the branch then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tip: Option<String>,
}

impl PublishState {
    /// Reads a state; one that makes no sense, or is of another version, is none.
    pub fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(text).ok().filter(|state| state.schema == 1)
    }

    /// The state as text.
    pub fn text(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).expect("maps of strings are JSON");
        text.push(b'\n');
        text
    }

    /// The commits that a run for these clusters (all of them when absent) must not be older than.
    pub fn before(&self, clusters: Option<&[String]>) -> Vec<String> {
        let mut found: Vec<String> = match clusters {
            None => self.source.iter().chain(self.outputs.values()).cloned().collect(),
            Some(names) => {
                names.iter().filter_map(|name| self.outputs.get(name).or(self.source.as_ref())).cloned().collect()
            }
        };
        found.sort();
        found.dedup();
        found
    }

    /// The state after a run for these clusters.
    pub fn after(&self, clusters: Option<&[String]>, source: &str, tip: Option<String>) -> Self {
        let mut next = Self { schema: 1, tip, ..self.clone() };
        match clusters {
            None => {
                next.source = Some(source.to_owned());
                next.outputs.clear();
            }
            Some(names) => {
                for name in names {
                    next.outputs.insert(name.clone(), source.to_owned());
                }
                let whole = next.source.clone();
                next.outputs.retain(|_, commit| Some(&*commit) != whole.as_ref());
            }
        }
        next
    }

    /// The commits that a run for these copies should not be older than.
    pub fn before_copies(&self, copies: &[String]) -> Vec<String> {
        copies.iter().filter_map(|name| self.copies.get(name)).cloned().collect()
    }

    /// The state after a run for these copies; one that is not published any more has no commit.
    pub fn after_copies(&self, copies: &[String], source: Option<&str>, tip: Option<String>) -> Self {
        let mut next = Self { schema: 1, tip, ..self.clone() };
        for name in copies {
            match source {
                Some(source) => next.copies.insert(name.clone(), source.to_owned()),
                None => next.copies.remove(name),
            };
        }
        next
    }

    /// Whether two states say the same of the source; the tip is only told for people.
    pub fn same_source(&self, other: &Self) -> bool {
        self.source == other.source && self.outputs == other.outputs && self.copies == other.copies
    }
}
