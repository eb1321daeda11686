use std::sync::Arc;

use crate::config::{Composition, Layers, MergeRules};
use crate::diag::{Code, Diagnostic};
use crate::jinja::expression::{Variables, evaluate};
use crate::span::Span;
use crate::stack::{Condition, Graph, NodeId};
use crate::value::Frozen;

const CONDITION: Code = Code("component.condition");

/// A way through the components of a stack that are not disabled.
pub(super) struct Walk<'a> {
    pub graph: &'a Graph,
    pub layers: &'a Layers,
    pub rules: &'a MergeRules,
    /// The layers to load, highest first.
    pub order: &'a [Arc<str>],
    /// What conditions may name; without it all components count whose conditions may hold.
    pub variables: Option<&'a Variables>,
}

/// Why a component is left out, with everything below it.
pub(super) enum LeftOut<'a> {
    /// A layer says so.
    Disabled(Span),
    /// This condition does not hold.
    Condition(&'a Condition),
}

/// Sees a component with what all layers say about it.
pub(super) trait Visit {
    fn visit(&mut self, id: NodeId, said: &Composition);
    /// Sees a component that is left out.
    fn left_out(&mut self, _id: NodeId, _why: LeftOut<'_>) {}
    /// Takes what is wrong with the layers.
    fn problems(&mut self) -> &mut Vec<Diagnostic>;
}

impl Walk<'_> {
    /// Visits parents before children, siblings in declaration order.
    pub fn run(&self, visitor: &mut dyn Visit) {
        self.step(0, Composition::default(), visitor);
    }

    fn step(&self, id: NodeId, mut said: Composition, visitor: &mut dyn Visit) {
        let node = &self.graph.nodes[id];
        let reading = self.rules.reading;
        // Fabrikate asks only the parent's layers.
        if let Some(place) = said.disabled_above_at(reading) {
            return visitor.left_out(id, LeftOut::Disabled(place));
        }
        if let Some(condition) = node.conditions.iter().find(|condition| !self.holds(condition, visitor.problems())) {
            return visitor.left_out(id, LeftOut::Condition(condition));
        }
        for folder in &node.config_folders {
            said.add_folder(self.layers, folder, node.remote, self.order, visitor.problems());
        }
        if let Some(place) = said.disabled_at(reading) {
            return visitor.left_out(id, LeftOut::Disabled(place));
        }
        visitor.visit(id, &said);
        for child in &node.children {
            self.step(*child, said.below(&self.graph.nodes[*child].entry), visitor);
        }
    }

    /// Whether a condition holds. What is wrong with it is told, and then it does not.
    fn holds(&self, condition: &Condition, problems: &mut Vec<Diagnostic>) -> bool {
        let (Condition::Expression(text), Some(variables)) = (condition, self.variables) else {
            return !matches!(condition, Condition::Fixed(false));
        };
        match evaluate(&text.value, 0..text.value.len(), &text.place, variables) {
            Ok(Frozen::Bool(holds)) => holds,
            Ok(other) => {
                let kind = match other {
                    Frozen::Nil => "nothing",
                    Frozen::Str(_) => "a string",
                    Frozen::Int(..) | Frozen::Float(_) => "a number",
                    Frozen::List(_) => "a list",
                    Frozen::Bool(_) | Frozen::Map(_) => "a map",
                };
                let problem = Diagnostic::error(CONDITION, format!("`when` must be true or false, not {kind}"));
                problems.push(problem.at(text.place.clone(), "").help("compare: `when: \"stage == 'production'\"`"));
                false
            }
            Err(problem) => {
                problems.push(problem);
                false
            }
        }
    }
}
