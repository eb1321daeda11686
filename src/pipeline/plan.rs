use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::walk::{Visit, Walk};
use crate::config::{COMMON, Layers, MergeRules, Settings, layer_order};
use crate::diag::{Code, Diagnostic, Reported, Severity, Sink, nearest};
use crate::render::{Engine, RenderUnit, UnitHooks};
use crate::source::Tree;
use crate::stack::{ComponentType, Content, Graph, Method, Node, NodeId};

const UNKNOWN_COMPONENT: Code = Code("config.unknown-component");
const COLLISION: Code = Code("output.collision");

/// What is to be rendered for a list of environments.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The units; a parent stands before its children, siblings in declaration order.
    pub units: Vec<RenderUnit>,
    /// The environments as asked for.
    pub environments: Arc<[String]>,
}

/// Plans the environments of one stack. Problems that several environments share are reported once.
pub struct Planner<'a> {
    graph: &'a Graph,
    layers: &'a Layers,
    rules: MergeRules,
    reported: HashSet<String>,
}

impl<'a> Planner<'a> {
    /// A planner of a resolved stack.
    pub fn new(graph: &'a Graph, layers: &'a Layers, rules: MergeRules) -> Self {
        Self { graph, layers, rules, reported: HashSet::new() }
    }

    /// Makes the units of all components that are not disabled, in the given environments, highest
    /// priority first.
    pub fn plan(&mut self, environments: &[String], sink: &mut Sink) -> Result<Plan, Reported> {
        let mut problems = Vec::new();
        let order = layer_order(environments, self.rules.reading, &mut problems);
        let environments: Arc<[String]> = Arc::from(environments);
        let failed = is_refused(&problems);
        let mut planning = Planning {
            graph: self.graph,
            layers: self.layers,
            rules: &self.rules,
            order: &order,
            environments: &environments,
            units: Vec::new(),
            problems,
        };
        if !failed {
            let walk = Walk { graph: self.graph, layers: self.layers, rules: &self.rules, order: &order };
            walk.run(&mut planning);
            planning.unknown_layers();
            planning.collisions();
        }
        let Planning { units, problems, .. } = planning;
        let refused = is_refused(&problems);
        for problem in problems {
            if self.reported.insert(fingerprint(&problem)) {
                sink.push(problem);
            }
        }
        match refused {
            true => Err(sink.check().err().unwrap_or_else(|| sink.fail(already_reported()))),
            false => Ok(Plan { units, environments }),
        }
    }
}

/// What tells problems apart, without looking for their lines: there may be very many.
fn fingerprint(problem: &Diagnostic) -> String {
    let mut text = format!("{} {}", problem.code, problem.message);
    for label in &problem.labels {
        let _ = write!(text, " {}:{}", label.span.source.name(), label.span.start);
    }
    text
}

fn is_refused(problems: &[Diagnostic]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

fn already_reported() -> Diagnostic {
    Diagnostic::error(COLLISION, "the stack has errors that were reported for another environment")
}

struct Planning<'a> {
    graph: &'a Graph,
    layers: &'a Layers,
    rules: &'a MergeRules,
    order: &'a [Arc<str>],
    environments: &'a Arc<[String]>,
    units: Vec<RenderUnit>,
    problems: Vec<Diagnostic>,
}

impl Visit for Planning<'_> {
    fn visit(&mut self, id: NodeId, settings: &Settings) {
        let node = &self.graph.nodes[id];
        self.problems.extend(node.problems.iter().cloned());
        self.dead_settings(node, settings);
        if !is_refused(&node.problems) {
            self.units.extend(self.unit(node, settings));
        }
    }

    fn problems(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.problems
    }
}

impl Planning<'_> {
    fn unit(&self, node: &Node, settings: &Settings) -> Option<RenderUnit> {
        let engine = match (&node.content, &node.spec.kind) {
            (Content::Missing, _) => return None,
            (Content::Nothing, _) => Engine::Container,
            (Content::Tree(tree), ComponentType::Helm) => Engine::Helm { chart: tree.clone() },
            (Content::Tree(tree), ComponentType::Template) => Engine::Template { tree: tree.clone() },
            (Content::Tree(tree), _) => Engine::Static { tree: tree.clone(), http: node.spec.method == Method::Http },
        };
        let hooks = &node.spec.hooks;
        let none = hooks.before_generate.is_empty() && hooks.after_generate.is_empty();
        Some(RenderUnit {
            address: Arc::clone(&node.address),
            name: Arc::from(node.name()),
            output: Arc::clone(&node.output),
            engine,
            shadowed: false,
            scope: Arc::new(settings.scope()),
            environments: Arc::clone(self.environments),
            remote: node.remote,
            place: Some(node.place.clone()),
            hooks: UnitHooks {
                before_generate: hooks.before_generate.clone(),
                after_generate: hooks.after_generate.clone(),
                folder: (!none).then(|| node.folder.clone()),
                pin: node.pin.clone(),
            },
        })
    }

    /// Complains about settings for components that do not exist.
    fn dead_settings(&mut self, node: &Node, settings: &Settings) {
        if is_refused(&node.problems) {
            return;
        }
        let known = || node.spec.subcomponents.iter().map(|entry| entry.name());
        for (name, below) in &settings.subcomponents {
            let name = name.to_str_lossy();
            if known().any(|entry| entry == name) {
                continue;
            }
            let message = format!("`{}` has no component named `{}`", node.address, name.escape_debug());
            let problem = self.rules.reading.questionable(UNKNOWN_COMPONENT, message).at(below.key.clone(), "");
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
    }

    /// Complains about environments that no component has a layer for.
    fn unknown_layers(&mut self) {
        let folders: Vec<&Tree> = self.graph.nodes.iter().flat_map(|node| &node.config_folders).collect();
        for layer in self.order.iter().filter(|layer| ***layer != *COMMON) {
            if !folders.iter().any(|folder| self.layers.file(folder, layer).exists) {
                self.problems.push(self.layers.unknown(layer, &folders));
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
