use std::sync::Arc;

use super::graph::Answer;
use super::spec::{ComponentSpec, Text};
use crate::diag::{Code, Diagnostic};
use crate::golang::fmt::sprint;
use crate::jinja::expression::{Variables, fill};
use crate::value::{Frozen, Value};

const INVALID: Code = Code("expression.invalid");

/// A definition with the expressions in its fields evaluated; `None` when it has none. What they gave
/// is noted, and what went wrong.
pub(super) fn filled(
    spec: &ComponentSpec,
    variables: &Variables,
    answers: &mut Vec<Answer>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Arc<ComponentSpec>> {
    let has_expression = |field: &&Option<Text>| field.as_ref().is_some_and(|text| text.value.contains("${{"));
    if ![&spec.source, &spec.path, &spec.version, &spec.branch].iter().any(has_expression) {
        return None;
    }
    let mut own = spec.clone();
    for field in [&mut own.source, &mut own.path, &mut own.version, &mut own.branch] {
        let Some(text) = field.as_mut().filter(|text| text.value.contains("${{")) else { continue };
        let result = fill_field(text, variables).map_err(|problem| problems.push(problem)).ok();
        answers.push(Answer { field: text.clone(), result: result.clone() });
        text.value = result.unwrap_or_default();
    }
    Some(Arc::new(own))
}

/// What a field becomes: always a text.
pub(super) fn fill_field(field: &Text, variables: &Variables) -> Result<String, Diagnostic> {
    match fill(&field.value, &field.place, variables)? {
        None => Ok(field.value.clone()),
        Some(Frozen::Str(text)) => Ok(text.to_str_lossy().into_owned()),
        Some(value @ (Frozen::Bool(_) | Frozen::Int(..) | Frozen::Float(_))) => {
            Ok(String::from_utf8_lossy(&sprint(&[Value::from(&value)])).into_owned())
        }
        Some(_) => {
            let problem = Diagnostic::error(INVALID, "the expression gives no text");
            Err(problem.at(field.place.clone(), ""))
        }
    }
}
