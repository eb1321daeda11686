use super::fields::{FieldRules, Fields};
use super::spec::Text;
use crate::diag::Diagnostic;
use crate::value::Frozen;
use crate::yaml::load_node_native;

/// When a component is part of the stack: what `when:` says.
#[derive(Clone, Debug)]
pub enum Condition {
    /// Always or never.
    Fixed(bool),
    /// Where this expression is true.
    Expression(Text),
}

/// Reads `when:` of a component.
pub(super) fn read_condition(
    rules: &FieldRules<'_>,
    fields: &Fields<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Condition> {
    let node = fields.get("when")?;
    match load_node_native(node) {
        Ok(Frozen::Bool(value)) => Some(Condition::Fixed(value)),
        Ok(Frozen::Str(text)) => {
            let value = text.to_str_lossy().into_owned();
            Some(Condition::Expression(Text { value, place: rules.span(node) }))
        }
        _ => {
            let help = "write it in quotes: `when: \"stage == 'production'\"`";
            problems.push(rules.wrong_type("when", node, "an expression").help(help));
            None
        }
    }
}
