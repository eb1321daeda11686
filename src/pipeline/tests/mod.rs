//! Stacks in memory, planned: what the rules of components and configuration say together.

mod components;
mod documents;
mod install;
mod layers;
mod names;
mod overriding;
mod patching;
mod policies;
mod sharing;
mod standing;
mod store;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Plan, PlanRequest, Planner};
use crate::config::{Layers, MergeRules};
use crate::diag::{Diagnostic, Severity, Sink};
use crate::jinja::expression::Variables;
use crate::render::RenderUnit;
use crate::source::Tree;
use crate::stack::{NoMaterials, Reach, Reading, StackInput, resolve};
use crate::value::{Frozen, Value};

fn tree(files: &[(&str, &str)]) -> Tree {
    let files: BTreeMap<String, Arc<[u8]>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes()))).collect();
    Tree::memory(files, "")
}

/// A way of planning a stack for some environments.
type Reader = fn(&[(&str, &str)], &[&str]) -> Planned;

/// A stack read in one way, planned for some environments.
struct Planned {
    plan: Option<Plan>,
    problems: Vec<Diagnostic>,
}

fn plan(reading: Reading, files: &[(&str, &str)], environments: &[&str]) -> Planned {
    let mut sink = Sink::new();
    let input = StackInput {
        root: tree(files),
        reading,
        reach: Reach::Tree,
        materials: &NoMaterials,
        variables: Variables::default(),
    };
    let environments = environments.iter().map(|name| (*name).to_owned()).collect();
    let request = PlanRequest { environments, ..PlanRequest::default() };
    let plan = resolve(&input, &mut sink).ok().and_then(|graph| {
        let layers = Layers::new(reading, Reach::Tree);
        let rules = MergeRules { reading, force_types: false };
        Planner::new(&graph, &layers, rules).plan(&request, &mut sink).ok()
    });
    Planned { plan, problems: sink.into_diagnostics() }
}

fn fabrikate(files: &[(&str, &str)], environments: &[&str]) -> Planned {
    plan(Reading::Fabrikate, files, environments)
}

fn strict(files: &[(&str, &str)], environments: &[&str]) -> Planned {
    plan(Reading::Strict, files, environments)
}

impl Planned {
    fn units(&self) -> &[RenderUnit] {
        match &self.plan {
            Some(plan) => &plan.units,
            None => panic!("refused: {:#?}", self.problems),
        }
    }

    fn unit(&self, address: &str) -> &RenderUnit {
        let found = self.units().iter().find(|unit| &*unit.address == address);
        found.unwrap_or_else(|| panic!("no {address} among {:?}", self.outputs()))
    }

    fn outputs(&self) -> Vec<&str> {
        self.units().iter().map(|unit| &*unit.output).collect()
    }

    /// The values of a unit, printed as Go prints them.
    fn values(&self, address: &str) -> String {
        String::from_utf8(crate::golang::fmt::sprint(&[Value::from(self.unit(address).scope.values())])).unwrap()
    }

    fn value(&self, address: &str, key: &str) -> Option<&Frozen> {
        self.unit(address).scope.values().get(key)
    }

    fn errors(&self) -> Vec<String> {
        self.of(Severity::Error)
    }

    fn warnings(&self) -> Vec<String> {
        self.of(Severity::Warning)
    }

    fn of(&self, severity: Severity) -> Vec<String> {
        self.problems.iter().filter(|problem| problem.severity == severity).map(Diagnostic::to_string).collect()
    }
}

/// Expects exactly one error and gives it.
#[track_caller]
fn refused(planned: &Planned) -> String {
    let errors = planned.errors();
    assert!(planned.plan.is_none() && errors.len() == 1, "{:#?}", planned.problems);
    errors.into_iter().next().unwrap()
}
