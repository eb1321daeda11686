use std::sync::Arc;

use super::settings::{Below, Settings};
use super::{ConfigMap, ConfigNode, ConfigValue};
use crate::diag::{Code, Diagnostic};
use crate::stack::Reading;
use crate::value::Str;

const HIDDEN: Code = Code("config.hidden-value");
const TYPE_CONFLICT: Code = Code("config.type-conflict");

/// How layers are merged. Rules of single paths will join these.
#[derive(Clone, Copy, Debug)]
pub struct MergeRules {
    /// Whose meaning `null`, empty values, `disabled` and `injectNamespace` have.
    pub reading: Reading,
    /// Let the higher layer win where the types differ, instead of refusing.
    pub force_types: bool,
}

/// Merges what a higher and a lower layer say about a component. Maps are merged, of lists the
/// higher one's items come first, scalars of the higher layer win.
pub fn merge(
    high: &Arc<Settings>,
    low: &Arc<Settings>,
    rules: &MergeRules,
    problems: &mut Vec<Diagnostic>,
) -> Arc<Settings> {
    Merger { rules, problems, path: Vec::new() }.settings(high, low)
}

struct Merger<'a> {
    rules: &'a MergeRules,
    problems: &'a mut Vec<Diagnostic>,
    path: Vec<Str>,
}

impl Merger<'_> {
    fn settings(&mut self, high: &Arc<Settings>, low: &Arc<Settings>) -> Arc<Settings> {
        let mut merged = Settings::clone(high);
        if self.rules.reading.is_strict() {
            merged.namespace = high.namespace.clone().or_else(|| low.namespace.clone());
            merged.inject_namespace = high.inject_namespace.clone().or_else(|| low.inject_namespace.clone());
            merged.disabled = high.disabled.clone().or_else(|| low.disabled.clone());
        } else if high.namespace.is_none() {
            // With Fabrikate `injectNamespace` belongs to the layer that names the namespace, and
            // a layer that mentions a component at all decides whether it is disabled.
            merged.namespace = low.namespace.clone();
            merged.inject_namespace = low.inject_namespace.clone();
        }
        merged.config = match (&high.config, &low.config) {
            (Some(high), Some(low)) => Some(match (&high.value, &low.value) {
                // An empty map of values clears nothing at the top: it is how layers are begun.
                (ConfigValue::Map(high_map), ConfigValue::Map(low_map)) => {
                    let origin = if high_map.is_empty() { low } else { high };
                    Arc::new(origin.with_value(ConfigValue::Map(self.maps(high_map, low_map))))
                }
                _ => Arc::clone(high),
            }),
            (high, low) => high.clone().or_else(|| low.clone()),
        };
        for (name, below) in &low.subcomponents {
            match merged.subcomponents.get_mut(name) {
                None => {
                    merged.subcomponents.insert(name.clone(), below.clone());
                }
                Some(own) => {
                    let settings = self.settings(&own.settings, &below.settings);
                    *own = Below { key: own.key.clone(), settings };
                }
            }
        }
        Arc::new(merged)
    }

    fn maps(&mut self, high: &ConfigMap, low: &ConfigMap) -> ConfigMap {
        let mut merged = high.clone();
        for (key, low) in low {
            let Some(own) = merged.get_mut(key) else {
                if self.rules.reading.is_strict() || !low.is_null() {
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
            if !self.rules.reading.is_strict() {
                return Arc::clone(low);
            }
            // It stays, because it deletes the chart's default too.
            self.hides(high, low, "`null` deletes");
            return Arc::clone(high);
        }
        match (&high.value, &low.value) {
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
                if low_items.is_empty() {
                    return Arc::clone(high);
                }
                if high_items.is_empty() && self.rules.reading.is_strict() {
                    self.hides(high, low, "`[]` clears");
                    return Arc::clone(high);
                }
                let items = high_items.iter().chain(low_items).map(Arc::clone).collect();
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
