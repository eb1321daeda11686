use std::sync::Arc;

use super::ConfigNode;
use super::merge::{MergeRules, merge_values};
use super::patch::Patch;
use crate::diag::Diagnostic;
use crate::stack::MergePolicy;

/// What one source says of a component's values, and what is then done to them and everything below.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    pub value: Option<Arc<ConfigNode>>,
    pub patch: Option<Arc<Patch>>,
}

/// Merges the steps, highest first.
///
/// From the lowest up, so that a `null` or an empty list takes away what is below it and nothing else.
/// Fabrikate merges from the highest down, which shows where types differ; its reading does so too as
/// far as there are no patches between.
pub(super) fn fold(
    steps: &[Step],
    rules: &MergeRules,
    policy: Option<&MergePolicy>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Arc<ConfigNode>> {
    let is_upward = rules.reading.is_strict() || policy.is_some();
    let begins_part = |step: &Step| is_upward || step.patch.is_some();
    let mut merged: Option<Arc<ConfigNode>> = None;
    let mut end = steps.len();
    while end > 0 {
        let start = steps[..end].iter().rposition(begins_part).unwrap_or(0);
        let part = steps[start..end].iter().filter_map(|step| step.value.as_ref());
        merged = part.chain(&merged.take()).fold(None, |high: Option<Arc<ConfigNode>>, low| {
            Some(high.map_or_else(|| Arc::clone(low), |high| merge_values(&high, low, rules, policy, problems)))
        });
        if let Some(patch) = &steps[start].patch {
            match patch.apply(merged.clone()) {
                Ok(patched) => merged = patched,
                Err(problem) => problems.push(problem),
            }
        }
        end = start;
    }
    merged
}
