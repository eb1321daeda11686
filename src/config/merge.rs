use std::sync::Arc;

use indexmap::IndexMap;

use super::{ConfigMap, ConfigNode, ConfigValue};
use crate::diag::{Code, Diagnostic};
use crate::stack::{ListRule, MergePolicy, NullRule, Reading};
use crate::value::{Frozen, Str};

const HIDDEN: Code = Code("config.hidden-value");
const TYPE_CONFLICT: Code = Code("config.type-conflict");
const NO_KEY: Code = Code("config.merge-key");

/// How layers are merged, where a component's own policy says nothing else.
#[derive(Clone, Copy, Debug)]
pub struct MergeRules {
    /// Whose meaning `null`, empty values, `disabled` and `injectNamespace` have.
    pub reading: Reading,
    /// Let the higher layer win where the types differ, instead of refusing.
    pub force_types: bool,
}

/// Merges the values of a higher and a lower layer, both maps. Maps are merged, of lists the higher one's
/// items come first, scalars of the higher layer win, unless the policy has another rule.
pub fn merge_values(
    high: &Arc<ConfigNode>,
    low: &Arc<ConfigNode>,
    rules: &MergeRules,
    policy: Option<&MergePolicy>,
    problems: &mut Vec<Diagnostic>,
) -> Arc<ConfigNode> {
    let nulls = policy.and_then(|policy| policy.null).unwrap_or(match rules.reading {
        Reading::Strict => NullRule::Delete,
        Reading::Fabrikate => NullRule::Ignore,
    });
    let lists = policy.and_then(|policy| policy.lists.as_ref()).unwrap_or(&ListRule::Concat);
    let policy = policy.filter(|policy| !policy.paths.is_empty());
    Merger { rules, policy, lists, nulls, problems, path: Vec::new() }.top(high, low)
}

struct Merger<'a> {
    rules: &'a MergeRules,
    /// The rules of single paths, if there are any.
    policy: Option<&'a MergePolicy>,
    lists: &'a ListRule,
    nulls: NullRule,
    problems: &'a mut Vec<Diagnostic>,
    path: Vec<Str>,
}

impl Merger<'_> {
    fn top(&mut self, high: &Arc<ConfigNode>, low: &Arc<ConfigNode>) -> Arc<ConfigNode> {
        match (&high.value, &low.value) {
            // An empty map of values clears nothing at the top: it is how layers are begun.
            (ConfigValue::Map(high_map), ConfigValue::Map(low_map)) => {
                let origin = if high_map.is_empty() { low } else { high };
                Arc::new(origin.with_value(ConfigValue::Map(self.maps(high_map, low_map))))
            }
            _ => Arc::clone(high),
        }
    }

    fn maps(&mut self, high: &ConfigMap, low: &ConfigMap) -> ConfigMap {
        let mut merged = high.clone();
        for (key, low) in low {
            let Some(own) = merged.get_mut(key) else {
                if self.nulls != NullRule::Ignore || !low.is_null() {
                    merged.insert(key.clone(), Arc::clone(low));
                }
                continue;
            };
            self.path.push(key.clone());
            let value = self.values(own, low);
            self.path.pop();
            *own = value;
        }
        merged
    }

    fn values(&mut self, high: &Arc<ConfigNode>, low: &Arc<ConfigNode>) -> Arc<ConfigNode> {
        if low.is_null() {
            return Arc::clone(high);
        }
        if high.is_null() {
            match self.nulls {
                NullRule::Ignore => return Arc::clone(low),
                // It stays, because it deletes the chart's default too.
                NullRule::Delete if self.rules.reading.is_strict() => self.hides(high, low, "`null` deletes"),
                NullRule::Delete | NullRule::Keep => {}
            }
            return Arc::clone(high);
        }
        let rule = self.policy.and_then(|policy| policy.at(&self.path));
        match (&high.value, &low.value) {
            (ConfigValue::Map(_), ConfigValue::Map(_)) if rule == Some(&ListRule::Replace) => Arc::clone(high),
            (ConfigValue::Map(high_map), ConfigValue::Map(low_map)) => {
                if high_map.is_empty() && self.rules.reading.is_strict() {
                    if !low_map.is_empty() {
                        self.hides(high, low, "`{}` clears");
                    }
                    return Arc::clone(high);
                }
                Arc::new(high.with_value(ConfigValue::Map(self.maps(high_map, low_map))))
            }
            (ConfigValue::List(high_items), ConfigValue::List(low_items)) => {
                let items = match rule.unwrap_or(self.lists) {
                    ListRule::Replace => return Arc::clone(high),
                    _ if low_items.is_empty() => return Arc::clone(high),
                    _ if high_items.is_empty() && self.rules.reading.is_strict() => {
                        self.hides(high, low, "`[]` clears");
                        return Arc::clone(high);
                    }
                    ListRule::Concat => high_items.iter().chain(low_items).map(Arc::clone).collect(),
                    ListRule::Index => self.by_index(high_items, low_items),
                    ListRule::ByKey(key) => self.by_key(&key.clone(), high_items, low_items),
                };
                Arc::new(high.with_value(ConfigValue::List(items)))
            }
            (ConfigValue::Scalar(_), ConfigValue::Scalar(_)) => Arc::clone(high),
            (ConfigValue::Scalar(_), _) => {
                if self.rules.reading.is_strict() && !self.rules.force_types {
                    self.conflict(high, low, Diagnostic::warning);
                }
                Arc::clone(high)
            }
            _ => {
                if !self.rules.force_types {
                    self.conflict(high, low, Diagnostic::error);
                }
                Arc::clone(high)
            }
        }
    }

    /// Each higher item in the place of the lower one; items are not merged with one another.
    fn by_index(&self, high: &[Arc<ConfigNode>], low: &[Arc<ConfigNode>]) -> Vec<Arc<ConfigNode>> {
        let mut items: Vec<Arc<ConfigNode>> = low.to_vec();
        for (at, item) in high.iter().enumerate() {
            match items.get_mut(at) {
                Some(_) if item.is_null() && self.nulls == NullRule::Ignore => {}
                Some(own) => *own = Arc::clone(item),
                None => items.push(Arc::clone(item)),
            }
        }
        items
    }

    /// Items with the same value below a key are merged where the lower one stands; others follow.
    fn by_key(&mut self, key: &Str, high: &[Arc<ConfigNode>], low: &[Arc<ConfigNode>]) -> Vec<Arc<ConfigNode>> {
        let mut items: Vec<Arc<ConfigNode>> = low.to_vec();
        // Where the lower list has each name; of equal ones the first.
        let mut places: IndexMap<Str, usize> = IndexMap::new();
        for (at, item) in items.iter().enumerate() {
            if let Some(name) = self.name_of(key, item) {
                places.entry(name).or_insert(at);
            }
        }
        for item in high {
            let name = self.name_of(key, item);
            match name.as_ref().and_then(|name| places.get(name)).copied() {
                Some(at) => {
                    self.path.push(name.unwrap_or_default());
                    items[at] = self.values(item, &Arc::clone(&items[at]));
                    self.path.pop();
                }
                None => items.push(Arc::clone(item)),
            }
        }
        items
    }

    fn name_of(&mut self, key: &Str, item: &Arc<ConfigNode>) -> Option<Str> {
        let found = item.as_map().and_then(|map| map.get(key.as_bytes())).map(|name| &name.value);
        match found {
            Some(ConfigValue::Scalar(Frozen::Str(name))) => Some(name.clone()),
            Some(ConfigValue::Scalar(scalar)) if *scalar != Frozen::Nil => {
                Some(Str::from(crate::golang::fmt::sprint(&[crate::value::Value::from(scalar)])))
            }
            _ => {
                let message =
                    format!("an item of `{}` has no `{key}`, by which its items are merged", self.shown_path());
                let problem = Diagnostic::error(NO_KEY, message).at(item.span(), "");
                self.problems.push(problem.help("give it one, or choose another rule in `merge` of the component"));
                None
            }
        }
    }

    /// Notes that a value hides another one, which it would not without `kiln.yaml`.
    fn hides(&mut self, high: &ConfigNode, low: &ConfigNode, how: &str) {
        let message = format!("{how} `{}`; without `kiln.yaml` it would have no effect", self.shown_path());
        let note = Diagnostic::note(HIDDEN, message).at(high.span(), "").at(low.span(), "what a lower layer set");
        self.problems.push(note);
    }

    fn shown_path(&self) -> String {
        self.path.iter().map(Str::to_string).collect::<Vec<_>>().join(".")
    }

    fn conflict(&mut self, high: &ConfigNode, low: &ConfigNode, make: fn(Code, String) -> Diagnostic) {
        let path = self.shown_path();
        let message = format!("`{path}` is {} here, but {} in a lower layer", high.kind(), low.kind());
        let (high, low) = (high.origin(), low.origin());
        let problem = make(TYPE_CONFLICT, message)
            .at(high.span, format!("set by `{}`", high.layer))
            .at(low.span, format!("set by `{}`", low.layer));
        self.problems.push(problem.help("give both the same type, or use --force-types to let the higher layer win"));
    }
}

/// The values without their nulls.
pub(super) fn without_nulls(node: &Arc<ConfigNode>) -> Arc<ConfigNode> {
    let ConfigValue::Map(map) = &node.value else { return Arc::clone(node) };
    let kept = map.iter().filter(|(_, value)| !value.is_null());
    let map = kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect();
    Arc::new(node.with_value(ConfigValue::Map(map)))
}
