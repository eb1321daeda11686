use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::beside::{keep_beside, keep_dependencies};
use super::charts::Wanted;
use crate::config::{COMMON, Composition, Layers, MergeRules};
use crate::diag::{Diagnostic, Reported, Sink};
use crate::jinja::expression::Variables;
use crate::pipeline::graphs::of_cluster;
use crate::pipeline::hooks::{HookCall, HookRules, run_hooks};
use crate::pipeline::overriding::instead;
use crate::pipeline::project::Project;
use crate::pipeline::walk::{Visit, Walk};
use crate::source::{Install, Lock, Overrides, Pin, Request, SourceSpec, Store, Tree, complete_chart};
use crate::stack::{
    Fetch, Graph, Hook, Material, Materials, Node, NodeId, PATH_NOT_FOUND, StackInput, load_clusters, resolve,
};

/// A run of `install`.
pub(super) struct Installing<'a> {
    pub project: &'a Project,
    pub session: Install<'a>,
    pub hooks: HookRules<'a>,
    pub keep_beside: bool,
    pub layers: Layers,
    /// What was resolved in this run.
    pub pins: HashMap<SourceSpec, Pin>,
    /// What expressions in fields of components see.
    pub variables: Variables,
    /// The components whose sources are fetched, by address.
    pub done: HashSet<Arc<str>>,
    /// The components whose hooks ran, by address.
    pub hooked: HashSet<Arc<str>>,
}

/// What was fetched in this run.
struct Fresh<'a> {
    pins: &'a HashMap<SourceSpec, Pin>,
    store: &'a Store,
    overrides: &'a Overrides,
}

impl Materials for Fresh<'_> {
    fn instead(&self, request: &Request) -> Result<Option<Material>, Diagnostic> {
        instead(self.overrides, request)
    }

    fn find(&self, request: &Request) -> Result<Option<Material>, Diagnostic> {
        let Some(pin) = self.pins.get(&request.spec.recorded()) else { return Ok(None) };
        let tree = self.store.open(pin).map_err(|error| error.diagnostic(&request.asker))?;
        let pin = Arc::from(format!("{}@{}", request.spec.recorded().url(), pin.resolved()));
        Ok(Some(Material { tree, pin }))
    }

    fn chart(&self, source: &Tree, path: &str) -> Result<Tree, Diagnostic> {
        // Completed when all dependencies are there.
        source.subtree(path).map_err(|error| Diagnostic::error(PATH_NOT_FOUND, error.to_string()))
    }
}

/// The components to install, with the entries that are disabled right below them.
struct Enabled<'a> {
    graph: &'a Graph,
    nodes: Vec<(NodeId, usize, HashSet<NodeId>)>,
    problems: Vec<Diagnostic>,
}

impl Visit for Enabled<'_> {
    fn visit(&mut self, id: NodeId, said: &Composition) {
        let node = &self.graph.nodes[id];
        let is_disabled =
            |child: &&NodeId| said.below(&self.graph.nodes[**child].entry).is_disabled_above(self.graph.reading);
        let disabled = node.children.iter().filter(is_disabled).copied().collect();
        let depth = std::iter::successors(node.parent, |above| self.graph.nodes[*above].parent).count();
        self.nodes.push((id, depth, disabled));
    }

    fn problems(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.problems
    }
}

impl Installing<'_> {
    /// Fetches everything for the stack, and for those of clusters that are different: fields of components
    /// may have expressions.
    pub fn all(&mut self, sink: &mut Sink) -> Result<(), Reported> {
        let graph = self.components(sink)?;
        let mut complete: Vec<Graph> = Vec::new();
        let (mut clusters, is_whole) = (None, graph.answers.iter().all(|answer| answer.result.is_some()));
        if !graph.answers.is_empty() {
            clusters = load_clusters(&self.project.tree, sink)?.filter(|file| !file.clusters.is_empty());
        }
        // Without clusters the expressions must have their values all the same.
        if is_whole || clusters.is_none() {
            complete.push(graph);
        }
        let vars = self.project.vars();
        let clusters = clusters.iter().flat_map(|file| &file.clusters);
        for cluster in clusters.filter(|cluster| !cluster.disabled) {
            let variables = of_cluster(cluster, &vars);
            if complete.iter().any(|graph| graph.is_same_for(&variables)) {
                continue;
            }
            self.variables = variables;
            self.done.clear();
            complete.push(self.components(sink)?);
        }
        for graph in &complete {
            self.dependencies(graph, sink)?;
            self.report(graph, sink)?;
        }
        Ok(())
    }

    /// Fetches until no component asks for more, and gives the complete stack.
    fn components(&mut self, sink: &mut Sink) -> Result<Graph, Reported> {
        let mut graph = self.resolve(sink)?;
        if let Some(root) = graph.replaced_root.clone() {
            let place = |moment, hooks| HookCall {
                moment,
                address: root.name(),
                hooks,
                folder: &self.project.tree,
                remote: false,
                pin: None,
            };
            run_hooks(&place("before-install", &root.hooks.before_install), &self.hooks, sink)?;
            let own: Vec<Fetch> = graph.root().fetches.iter().filter(|fetch| fetch.is_component).cloned().collect();
            let keep = self.keep_beside;
            fetch_all(&mut self.session, &mut self.pins, self.project, keep, &own, sink)?;
            run_hooks(&place("after-install", &root.hooks.after_install), &self.hooks, sink)?;
            graph = self.resolve(sink)?;
        }
        loop {
            let enabled = self.enabled(&graph);
            let waiting = || enabled.nodes.iter().filter(|(id, ..)| !self.done.contains(&graph.nodes[*id].address));
            let Some(depth) = waiting().map(|(_, depth, _)| *depth).min() else {
                enabled.problems.into_iter().for_each(|problem| sink.push(problem));
                sink.check()?;
                return Ok(graph);
            };
            let level: Vec<_> = waiting().filter(|(_, own, _)| *own == depth).cloned().collect();
            if self.level(&graph, &level, sink)? {
                graph = self.resolve(sink)?;
            }
        }
    }

    /// Installs the components of one level; gives whether anything may have changed on the way.
    /// Components without hooks are fetched side by side.
    fn level(
        &mut self,
        graph: &Graph,
        level: &[(NodeId, usize, HashSet<NodeId>)],
        sink: &mut Sink,
    ) -> Result<bool, Reported> {
        let has_hooks =
            |node: &Node| !node.spec.hooks.before_install.is_empty() || !node.spec.hooks.after_install.is_empty();
        let one_by_one = level.iter().any(|(id, ..)| has_hooks(&graph.nodes[*id]));
        let mut changed = false;
        for group in level.chunks(if one_by_one { 1 } else { level.len() }) {
            let mut wanted: Vec<Fetch> = Vec::new();
            for (id, _, disabled) in group {
                let node = &graph.nodes[*id];
                if !self.hooked.contains(&node.address) {
                    let hooks = &node.spec.hooks.before_install;
                    changed |= run_hooks(&call(node, "before-install", hooks), &self.hooks, sink)?;
                }
                wanted.extend(node.fetches.iter().filter(|fetch| !fetch.is_component).cloned());
                for child in &node.children {
                    // Fabrikate clones a disabled component all the same.
                    if self.project.reading.is_strict() && disabled.contains(child) {
                        continue;
                    }
                    let child = &graph.nodes[*child];
                    wanted.extend(child.fetches.iter().filter(|fetch| fetch.is_component).cloned());
                }
            }
            changed |= !wanted.is_empty();
            fetch_all(&mut self.session, &mut self.pins, self.project, self.keep_beside, &wanted, sink)?;
            for (id, ..) in group {
                let node = &graph.nodes[*id];
                if self.hooked.insert(Arc::clone(&node.address)) {
                    let hooks = &node.spec.hooks.after_install;
                    changed |= run_hooks(&call(node, "after-install", hooks), &self.hooks, sink)?;
                }
                self.done.insert(Arc::clone(&node.address));
            }
        }
        Ok(changed)
    }

    /// Fetches the dependencies that charts declare and do not carry.
    fn dependencies(&mut self, graph: &Graph, sink: &mut Sink) -> Result<(), Reported> {
        let enabled = self.enabled(graph);
        let mut wanted = Wanted::default();
        let mut charts: Vec<&Node> = Vec::new();
        for (id, ..) in &enabled.nodes {
            let node = &graph.nodes[*id];
            let Some((source, path)) = &node.chart else { continue };
            charts.push(node);
            wanted.of_component(node, source, path).map_err(|problem| sink.fail(problem))?;
        }
        // What was fetched may lack something in turn.
        let mut requests = Vec::new();
        while !wanted.requests.is_empty() {
            let round = std::mem::take(&mut wanted.requests);
            ask(&mut self.session, &mut self.pins, &round, sink)?;
            for request in &round {
                let Some(pin) = self.pins.get(&request.spec.recorded()) else { continue };
                wanted.of_dependency(pin, &request.asker, &self.project.store).map_err(|problem| sink.fail(problem))?;
            }
            requests.extend(round);
        }
        wanted.notes.drain(..).for_each(|note| sink.push(note));
        if !self.keep_beside || requests.is_empty() {
            return Ok(());
        }
        let mut lock = Lock::default();
        for request in &requests {
            if let Some(pin) = self.pins.get(&request.spec.recorded()) {
                lock.insert(&request.spec, pin.clone(), &request.asker.address);
            }
        }
        for node in charts {
            let Some((source, path)) = &node.chart else { continue };
            let Some(fetch) = node.fetches.iter().find(|fetch| !fetch.is_component) else { continue };
            let chart = complete_chart(source, path, &lock, &self.project.store)
                .map_err(|error| sink.fail(error.diagnostic(&fetch.request.asker)))?;
            keep_dependencies(fetch, path, &chart).map_err(|problem| sink.fail(problem))?;
        }
        Ok(())
    }

    /// Reports what is wrong with the components, except what rendering may still find.
    fn report(&self, graph: &Graph, sink: &mut Sink) -> Result<(), Reported> {
        let mut seen: HashSet<String> = HashSet::new();
        for (id, ..) in self.enabled(graph).nodes {
            for problem in &graph.nodes[id].problems {
                if problem.code != PATH_NOT_FOUND && seen.insert(problem.to_string()) {
                    sink.push(problem.clone());
                }
            }
        }
        sink.check()
    }

    fn resolve(&self, sink: &mut Sink) -> Result<Graph, Reported> {
        let materials = Fresh { pins: &self.pins, store: &self.project.store, overrides: &self.project.overrides };
        let input = StackInput {
            root: self.project.tree.clone(),
            reading: self.project.reading,
            reach: self.project.reach(),
            materials: &materials,
            variables: self.variables.clone(),
        };
        let mut own = Sink::new();
        match resolve(&input, &mut own) {
            Ok(graph) => Ok(graph),
            Err(reported) => {
                sink.append(own);
                Err(reported)
            }
        }
    }

    fn enabled<'g>(&self, graph: &'g Graph) -> Enabled<'g> {
        let rules = MergeRules { reading: self.project.reading, force_types: true };
        let order = [Arc::from(COMMON)];
        let mut enabled = Enabled { graph, nodes: Vec::new(), problems: Vec::new() };
        Walk { graph, layers: &self.layers, rules: &rules, order: &order, variables: None }.run(&mut enabled);
        enabled
    }
}

fn call<'a>(node: &'a Node, moment: &'static str, hooks: &'a [Hook]) -> HookCall<'a> {
    let pin = node.pin.as_deref();
    HookCall { moment, address: &node.address, hooks, folder: &node.folder, remote: node.remote, pin }
}

/// Fetches sources and, as Fabrikate, writes them beside the component files.
fn fetch_all(
    session: &mut Install<'_>,
    pins: &mut HashMap<SourceSpec, Pin>,
    project: &Project,
    keep: bool,
    wanted: &[Fetch],
    sink: &mut Sink,
) -> Result<(), Reported> {
    let requests: Vec<Request> = wanted.iter().map(|fetch| fetch.request.clone()).collect();
    ask(session, pins, &requests, sink)?;
    for fetch in wanted.iter().filter(|_| keep) {
        let Some(pin) = pins.get(&fetch.request.spec.recorded()) else { continue };
        let tree = project.store.open(pin).map_err(|error| sink.fail(error.diagnostic(&fetch.request.asker)))?;
        keep_beside(fetch, &tree).map_err(|problem| sink.fail(problem))?;
    }
    Ok(())
}

fn ask(
    session: &mut Install<'_>,
    pins: &mut HashMap<SourceSpec, Pin>,
    requests: &[Request],
    sink: &mut Sink,
) -> Result<(), Reported> {
    let answers = session.ask(requests, sink);
    let mut complete = true;
    for (request, pin) in requests.iter().zip(answers) {
        match pin {
            Some(pin) => {
                pins.insert(request.spec.recorded(), pin);
            }
            None => complete = false,
        }
    }
    if complete { Ok(()) } else { sink.check() }
}
