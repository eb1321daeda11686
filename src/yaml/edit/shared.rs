//! Values that stand once and are read in several places, through aliases.

use super::Step;
use crate::yaml::decode::is_merge;
use crate::yaml::fields::key_name;
use crate::yaml::{Document, Node, NodeKind};

/// The most places that are looked for: more are none of a person's.
const MOST: usize = 10_000;

/// Where one value is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedValue {
    /// The path by which it is written: no alias lies on it.
    pub own: Vec<Step>,
    /// The paths by which aliases read it, too.
    pub others: Vec<Vec<Step>>,
}

/// Where the value at a path is written, and by which other paths it is read; `None` when nothing is there, or
/// only one path leads to it, and no alias lies on that.
pub fn shared(document: &Document, path: &[Step]) -> Option<SharedValue> {
    let wanted = path.iter().try_fold(&document.root, |node, step| match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.as_seq()?.get(*index),
    });
    let start = wanted?.resolved().start;
    let mut found = Found { start, own: None, others: Vec::new(), seen: 0 };
    found.walk(&document.root, &mut Vec::new(), false);
    let Found { own, others, seen, .. } = found;
    let own = own.filter(|_| seen < MOST)?;
    (!others.is_empty()).then_some(SharedValue { own, others })
}

struct Found {
    start: u32,
    own: Option<Vec<Step>>,
    others: Vec<Vec<Step>>,
    seen: usize,
}

impl Found {
    fn walk(&mut self, node: &Node, path: &mut Vec<Step>, through_alias: bool) {
        self.seen += 1;
        if self.seen >= MOST {
            return;
        }
        let through_alias = through_alias || matches!(node.kind, NodeKind::Alias { .. });
        let node = node.resolved();
        match &node.kind {
            _ if node.start == self.start && !matches!(node.kind, NodeKind::Map { .. } | NodeKind::Seq { .. }) => {
                match through_alias {
                    true => self.others.push(path.clone()),
                    false => self.own = Some(path.clone()),
                }
            }
            NodeKind::Map { entries, .. } => {
                for (key, value) in entries.iter() {
                    if is_merge(key) {
                        self.merged(node, value, path, through_alias);
                        continue;
                    }
                    path.push(Step::Key(key_name(key).to_string()));
                    self.walk(value, path, through_alias);
                    path.pop();
                }
            }
            NodeKind::Seq { items, .. } => {
                for (at, item) in items.iter().enumerate() {
                    path.push(Step::Index(at));
                    self.walk(item, path, through_alias);
                    path.pop();
                }
            }
            NodeKind::Scalar { .. } | NodeKind::Alias { .. } => {}
        }
    }

    /// What a map has from others: entries that it has not itself.
    fn merged(&mut self, map: &Node, from: &Node, path: &mut Vec<Step>, through_alias: bool) {
        let through_alias = through_alias || matches!(from.kind, NodeKind::Alias { .. });
        let maps = from.as_seq().unwrap_or_else(|| std::slice::from_ref(from));
        for from in maps {
            let through_alias = through_alias || matches!(from.kind, NodeKind::Alias { .. });
            for (key, value) in from.as_map().unwrap_or_default() {
                let name = key_name(key).to_string();
                if is_merge(key) || map.get(&name).is_some() {
                    continue;
                }
                path.push(Step::Key(name));
                self.walk(value, path, through_alias);
                path.pop();
            }
        }
    }
}
