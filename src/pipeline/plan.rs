use std::collections::HashMap;
use std::sync::Arc;

use super::images::TargetImages;
use super::walk::{Visit, Walk};
use crate::config::{Assignments, COMMON, Composed, Composition, Layers, MergeRules, layer_order};
use crate::diag::{Code, Diagnostic, Reported, Severity, Sink, nearest};
use crate::jinja::expression::Variables;
use crate::render::{Engine, RenderUnit, UnitHooks};
use crate::source::Tree;
use crate::span::Span;
use crate::stack::{ComponentFilter, ComponentType, Content, Graph, Method, Node, NodeId};
use crate::value::Frozen;

const UNKNOWN_COMPONENT: Code = Code("config.unknown-component");
const NO_EFFECT: Code = Code("config.no-effect");
const COLLISION: Code = Code("output.collision");

/// What is to be rendered for a list of environments.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The units; a parent stands before its children, siblings in declaration order.
    pub units: Vec<RenderUnit>,
}

/// What to plan for.
#[derive(Clone, Debug, Default)]
pub struct PlanRequest {
    /// Environments, highest priority first.
    pub environments: Arc<[String]>,
    /// Where they are written, in the same order; none where they were typed.
    pub places: Vec<Span>,
    /// Which components are wanted.
    pub components: ComponentFilter,
    /// Values that are set on the command line, for addresses of components.
    pub assignments: Arc<Assignments>,
    /// The namespace of all components, whatever the layers say.
    pub namespace: Option<Arc<str>>,
    /// What expressions see, besides the layers.
    pub variables: Variables,
    /// The cluster, as native templates see it.
    pub cluster: Option<Frozen>,
    /// Whether an environment that no component has a layer for is a warning in both readings.
    pub allow_missing_layers: bool,
    /// Which images its components get.
    pub images: Arc<TargetImages>,
}

/// Plans the environments of one stack.
pub struct Planner<'a> {
    graph: &'a Graph,
    layers: &'a Layers,
    rules: MergeRules,
}

impl<'a> Planner<'a> {
    /// A planner of a resolved stack.
    pub fn new(graph: &'a Graph, layers: &'a Layers, rules: MergeRules) -> Self {
        Self { graph, layers, rules }
    }

    /// Makes the units of all components that are wanted and not disabled.
    ///
    /// # Errors
    /// When `sink` got at least one error.
    pub fn plan(&self, request: &PlanRequest, sink: &mut Sink) -> Result<Plan, Reported> {
        let mut problems = Vec::new();
        let order = layer_order(&request.environments, &request.places, self.rules.reading, &mut problems);
        let failed = is_refused(&problems);
        let names = order.iter().map(|layer| Frozen::str(&**layer)).collect();
        let variables = request.variables.with("layers", Frozen::list(names));
        let mut planning = Planning {
            graph: self.graph,
            layers: self.layers,
            rules: &self.rules,
            order: &order,
            variables: &variables,
            request,
            units: Vec::new(),
            problems,
        };
        if !failed {
            let walk = Walk {
                graph: self.graph,
                layers: self.layers,
                rules: &self.rules,
                order: &order,
                variables: Some(&variables),
            };
            walk.run(&mut planning);
            planning.unknown_layers();
            planning.collisions();
        }
        let Planning { units, problems, .. } = planning;
        let mut own = Sink::new();
        problems.into_iter().for_each(|problem| own.push(problem));
        let result = own.check();
        sink.append(own);
        result.map(|()| Plan { units })
    }
}

/// Whether a component reads values of layers: a chart or native templates.
pub(super) fn takes_values(node: &Node) -> bool {
    matches!(node.spec.kind, ComponentType::Helm | ComponentType::Template)
}

fn is_refused(problems: &[Diagnostic]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

struct Planning<'a> {
    graph: &'a Graph,
    layers: &'a Layers,
    rules: &'a MergeRules,
    order: &'a [Arc<str>],
    variables: &'a Variables,
    request: &'a PlanRequest,
    units: Vec<RenderUnit>,
    problems: Vec<Diagnostic>,
}

impl Visit for Planning<'_> {
    fn visit(&mut self, id: NodeId, said: &Composition) {
        let node = &self.graph.nodes[id];
        let wanted = &self.request.components;
        // A container on the way to a component that is wanted has nothing to say and may stay.
        let is_container = matches!(node.content, Content::Nothing);
        if !(wanted.includes(&node.address) || is_container && wanted.leads_on(&node.address)) {
            return;
        }
        self.problems.extend(node.problems.iter().cloned());
        self.dead_settings(id, said);
        if !is_refused(&node.problems) {
            let unit = self.unit(id, said);
            self.units.extend(unit);
        }
    }

    fn problems(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.problems
    }
}

impl Planning<'_> {
    fn unit(&mut self, id: NodeId, said: &Composition) -> Option<RenderUnit> {
        let node = &self.graph.nodes[id];
        let engine = match (&node.content, &node.spec.kind) {
            (Content::Missing, _) => return None,
            (Content::Nothing, _) => Engine::Container,
            (Content::Tree(tree), ComponentType::Helm) => Engine::Helm { chart: tree.clone() },
            (Content::Tree(tree), ComponentType::Template) => Engine::Template { tree: tree.clone() },
            (Content::Tree(tree), _) => Engine::Static { tree: tree.clone(), http: node.spec.method == Method::Http },
        };
        let component = Composed {
            policy: node.merge.as_deref(),
            takes_shared: takes_values(node),
            drops_nulls: node.spec.kind == ComponentType::Template,
            documents: &node.documents,
            remote: node.remote,
            is_root: node.parent.is_none(),
            expressions: node.expressions,
            variables: self.variables,
        };
        let scope = said.scope(&component, self.layers, self.rules, &mut self.problems);
        let images = &self.request.images;
        let scope = scope.changed(|config| {
            images.apply(&node.address, config, self.rules, node.merge.as_deref(), &mut self.problems)
        });
        let scope = scope.changed(|config| self.request.assignments.apply(&node.address, config, &mut self.problems));
        let scope = match &self.request.namespace {
            Some(namespace) => scope.in_namespace(Arc::clone(namespace)),
            None => scope,
        };
        let hooks = &node.spec.hooks;
        let none = hooks.before_generate.is_empty() && hooks.after_generate.is_empty();
        Some(RenderUnit {
            address: Arc::clone(&node.address),
            name: Arc::from(node.name()),
            output: Arc::clone(&node.output),
            engine,
            shadowed: false,
            scope: Arc::new(scope),
            environments: Arc::clone(&self.request.environments),
            cluster: self.request.cluster.clone(),
            remote: node.remote,
            place: Some(node.place.clone()),
            overrides: self.request.images.overrides(),
            hooks: UnitHooks {
                before_generate: hooks.before_generate.clone(),
                after_generate: hooks.after_generate.clone(),
                folder: (!none).then(|| node.folder.clone()),
                pin: node.pin.clone(),
            },
        })
    }

    /// Complains about settings for components that do not exist, and about values that are shared among
    /// none.
    fn dead_settings(&mut self, id: NodeId, said: &Composition) {
        let node = &self.graph.nodes[id];
        if is_refused(&node.problems) {
            return;
        }
        let known = || node.spec.subcomponents.iter().map(|entry| entry.name());
        for (name, place) in said.mentioned() {
            let name = name.to_str_lossy();
            if known().any(|entry| entry == name) {
                continue;
            }
            let message = format!("`{}` has no component named `{}`", node.address, name.escape_debug());
            let problem = self.rules.reading.questionable(UNKNOWN_COMPONENT, message).at(place.clone(), "");
            self.problems.push(match nearest(&name, known()) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None if node.spec.subcomponents.is_empty() => {
                    problem.help("remove it: nothing is below this component")
                }
                None => {
                    let names: Vec<&str> = known().take(12).collect();
                    problem.help(format!("components below it: {}", names.join(", ")))
                }
            });
        }
        let mut shared =
            said.strata().iter().filter_map(|stratum| stratum.settings.as_ref()?.shared.as_ref()).peekable();
        if shared.peek().is_none() || self.has_values_below(id) {
            return;
        }
        for shared in shared {
            let message = format!("`sharedConfig` has no effect: no chart or template is below `{}`", node.address);
            let problem = self.rules.reading.questionable(NO_EFFECT, message).at(shared.place.clone(), "");
            self.problems.push(problem.help("write `config` for the component itself"));
        }
    }

    fn has_values_below(&self, id: NodeId) -> bool {
        let children = &self.graph.nodes[id].children;
        children.iter().any(|child| takes_values(&self.graph.nodes[*child]) || self.has_values_below(*child))
    }

    /// Complains about environments that no component has a layer for.
    fn unknown_layers(&mut self) {
        let folders: Vec<&Tree> = self.graph.nodes.iter().flat_map(|node| &node.config_folders).collect();
        for layer in self.order.iter().filter(|layer| ***layer != *COMMON) {
            if !folders.iter().any(|folder| self.layers.file(folder, layer).exists()) {
                let at = self.request.environments.iter().position(|name| **name == **layer);
                let place = at.and_then(|at| self.request.places.get(at)).cloned();
                let mut problem = self.layers.unknown(layer, &folders).maybe_at(place, "");
                if self.request.allow_missing_layers {
                    problem.severity = Severity::Warning;
                }
                self.problems.push(problem);
            }
        }
    }

    /// Complains about units that write the same file. A container gives way: it has nothing to say.
    fn collisions(&mut self) {
        let mut first: HashMap<Arc<str>, usize> = HashMap::new();
        let mut folded: HashMap<String, usize> = HashMap::new();
        for at in 0..self.units.len() {
            let output = Arc::clone(&self.units[at].output);
            if let Some(other) = first.get(&output).copied() {
                if matches!(self.units[other].engine, Engine::Container) {
                    self.units[other].shadowed = true;
                    first.insert(output, at);
                } else if matches!(self.units[at].engine, Engine::Container) {
                    self.units[at].shadowed = true;
                } else {
                    self.problems.push(self.collision(other, at, "the same file"));
                }
                continue;
            }
            match folded.insert(output.to_lowercase(), at) {
                Some(other) if self.units[other].output != output => {
                    let problem = self.collision(other, at, "files that differ only in case");
                    let severity = self.rules.reading.questionable(COLLISION, "").severity;
                    self.problems.push(Diagnostic { severity, ..problem });
                }
                _ => {}
            }
            first.insert(output, at);
        }
        for at in 0..self.units.len() {
            let output = &self.units[at].output;
            for (slash, _) in output.match_indices('/') {
                if let Some(other) = first.get(&output[..slash]) {
                    self.problems.push(self.collision(*other, at, "a file and a folder of one name"));
                }
            }
        }
    }

    fn collision(&self, first: usize, second: usize, what: &str) -> Diagnostic {
        let (first, second) = (&self.units[first], &self.units[second]);
        let message =
            format!("`{}` and `{}` collide: they write {what}, `{}`", first.address, second.address, second.output);
        Diagnostic::error(COLLISION, message)
            .maybe_at(second.place.clone(), "this one")
            .maybe_at(first.place.clone(), "and this one")
            .help("rename one of the components, or give it a folder of its own with `type: component`")
    }
}
