use std::borrow::Cow;
use std::sync::Arc;

use super::{ConfigMap, ConfigNode, ConfigValue, Setting};
use crate::diag::{Code, Diagnostic};
use crate::jinja::expression::{Variables, fill};
use crate::stack::{Text, ValuesDocument};
use crate::value::Frozen;

const INVALID: Code = Code("expression.invalid");

/// Values with the expressions in their texts evaluated, where there are variables. They keep their places.
pub(super) fn evaluated(
    node: &Arc<ConfigNode>,
    variables: Option<&Variables>,
    problems: &mut Vec<Diagnostic>,
) -> Arc<ConfigNode> {
    variables.and_then(|variables| changed(node, variables, problems)).unwrap_or_else(|| Arc::clone(node))
}

/// The value with its expressions evaluated; `None` when it has none.
fn changed(node: &Arc<ConfigNode>, variables: &Variables, problems: &mut Vec<Diagnostic>) -> Option<Arc<ConfigNode>> {
    match &node.value {
        ConfigValue::Scalar(Frozen::Str(text)) => match fill(text.as_str()?, &node.span(), variables) {
            Ok(value) => value.map(|value| placed(&value, node)),
            Err(problem) => {
                problems.push(problem);
                None
            }
        },
        ConfigValue::Scalar(_) => None,
        ConfigValue::List(items) => {
            let mut own: Option<Vec<Arc<ConfigNode>>> = None;
            for (at, item) in items.iter().enumerate() {
                if let Some(item) = changed(item, variables, problems) {
                    own.get_or_insert_with(|| items.clone())[at] = item;
                }
            }
            own.map(|items| Arc::new(node.with_value(ConfigValue::List(items))))
        }
        ConfigValue::Map(map) => {
            let mut own: Option<ConfigMap> = None;
            for (key, value) in map {
                if let Some(value) = changed(value, variables, problems) {
                    own.get_or_insert_with(|| map.clone()).insert(key.clone(), value);
                }
            }
            own.map(|map| Arc::new(node.with_value(ConfigValue::Map(map))))
        }
    }
}

/// A value that an expression gave, in the place of the text that holds it.
pub(super) fn placed(value: &Frozen, at: &ConfigNode) -> Arc<ConfigNode> {
    let value = match value {
        Frozen::List(items) => ConfigValue::List(items.iter().map(|item| placed(item, at)).collect()),
        Frozen::Map(map) => ConfigValue::Map(map.iter().map(|(key, value)| (key.clone(), placed(value, at))).collect()),
        scalar => ConfigValue::Scalar(scalar.clone()),
    };
    Arc::new(at.with_value(value))
}

/// A setting of one word.
pub(super) fn evaluated_setting(
    setting: &Setting<Arc<str>>,
    variables: Option<&Variables>,
    problems: &mut Vec<Diagnostic>,
) -> Setting<Arc<str>> {
    let text = Text { value: setting.value.to_string(), place: setting.origin.span.clone() };
    let value = word(&text, variables, problems).map_or_else(|| Arc::clone(&setting.value), Arc::from);
    Setting { value, origin: setting.origin.clone() }
}

/// A document with the expressions in its fields evaluated; `None` when that failed.
pub(super) fn evaluated_document<'d>(
    document: &'d ValuesDocument,
    variables: Option<&Variables>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Cow<'d, ValuesDocument>> {
    let has_expression = |text: &Text| text.value.contains("${{");
    let ValuesDocument { path, key, name, .. } = document;
    if variables.is_none() || ![Some(path), Some(key), name.as_ref()].into_iter().flatten().any(has_expression) {
        return Some(Cow::Borrowed(document));
    }
    let mut own = document.clone();
    for text in [Some(&mut own.path), Some(&mut own.key), own.name.as_mut()].into_iter().flatten() {
        text.value = word(text, variables, problems)?;
    }
    Some(Cow::Owned(own))
}

fn word(text: &Text, variables: Option<&Variables>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let Some(variables) = variables else { return Some(text.value.clone()) };
    match fill(&text.value, &text.place, variables) {
        Ok(None) => Some(text.value.clone()),
        Ok(Some(Frozen::Str(word))) => Some(word.to_str_lossy().into_owned()),
        Ok(Some(_)) => {
            let problem = Diagnostic::error(INVALID, "the expression gives no text");
            problems.push(problem.at(text.place.clone(), ""));
            None
        }
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}
