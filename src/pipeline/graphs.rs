use std::collections::HashMap;
use std::sync::Arc;

use super::Project;
use super::plan::takes_values;
use crate::config::Assignments;
use crate::diag::{Reported, Sink};
use crate::jinja::expression::Variables;
use crate::stack::{Answer, Cluster, Graph};
use crate::value::{Frozen, Str};

/// The stacks of some clusters: one for all of them, unless fields of components have expressions that
/// give different clusters different things.
pub(super) struct Graphs {
    graphs: Vec<Graph>,
    /// Which of them a cluster has, by its name; the first where it is not named.
    of: HashMap<String, usize>,
    vars: Frozen,
}

impl Graphs {
    /// Resolves a project for its clusters.
    pub fn of(project: &Project, clusters: &[&Cluster], sink: &mut Sink) -> Result<Self, Reported> {
        let vars = project.vars();
        let mut graphs: Vec<Graph> = Vec::new();
        let mut shapes: Vec<Shape> = Vec::new();
        let mut of = HashMap::new();
        for cluster in clusters {
            let variables = of_cluster(cluster, &vars);
            let at = match shapes.iter().find_map(|shape| shape.find(&variables)) {
                Some(at) => at,
                None => {
                    let graph = project.resolve_for(variables, sink)?;
                    let results: Option<Vec<String>> =
                        graph.answers.iter().map(|answer| answer.result.clone()).collect();
                    // Where an expression failed, the graph says so for its cluster alone.
                    if let Some(results) = results {
                        Shape::of(&graph, &mut shapes).graphs.insert(results, graphs.len());
                    }
                    graphs.push(graph);
                    graphs.len() - 1
                }
            };
            if at > 0 {
                of.insert(cluster.name.value.clone(), at);
            }
        }
        if graphs.is_empty() {
            graphs.push(project.resolve(sink)?);
        }
        Ok(Self { graphs, of, vars })
    }

    /// All of them; there is at least one.
    pub fn all(&self) -> &[Graph] {
        &self.graphs
    }

    /// The first.
    pub fn first(&self) -> &Graph {
        &self.graphs[0]
    }

    /// That of a cluster.
    pub fn of_cluster(&self, cluster: &Cluster) -> &Graph {
        &self.graphs[self.of.get(&cluster.name.value).copied().unwrap_or_default()]
    }

    /// Values of the command line for addresses of components.
    ///
    /// # Errors
    /// When `sink` got an error about a component that no cluster has, or that reads no values.
    pub fn assignments(&self, asked: &Assignments, sink: &mut Sink) -> Result<Arc<Assignments>, Reported> {
        addressed(asked, &self.graphs, sink)
    }

    /// What expressions see for a cluster.
    pub fn variables(&self, cluster: &Cluster) -> Variables {
        of_cluster(cluster, &self.vars)
    }
}

/// The graphs whose fields have the same expressions, by what these give.
struct Shape {
    answers: Vec<Answer>,
    graphs: HashMap<Vec<String>, usize>,
}

impl Shape {
    fn of<'s>(graph: &Graph, shapes: &'s mut Vec<Self>) -> &'s mut Self {
        let place = |answer: &Answer| {
            let place = &answer.field.place;
            (place.source.name().to_owned(), place.start)
        };
        let is_same = |shape: &Self| shape.answers.iter().map(place).eq(graph.answers.iter().map(place));
        let at = shapes.iter().position(is_same).unwrap_or_else(|| {
            shapes.push(Self { answers: graph.answers.clone(), graphs: HashMap::new() });
            shapes.len() - 1
        });
        &mut shapes[at]
    }

    /// The graph that resolving with these variables would give, if it is known.
    fn find(&self, variables: &Variables) -> Option<usize> {
        let results: Option<Vec<String>> = self.answers.iter().map(|answer| answer.again(variables)).collect();
        self.graphs.get(&results?).copied()
    }
}

/// Values of the command line for addresses of components of some stacks.
pub(super) fn addressed(asked: &Assignments, graphs: &[Graph], sink: &mut Sink) -> Result<Arc<Assignments>, Reported> {
    if asked.is_empty() {
        return Ok(Arc::default());
    }
    let nodes = graphs.iter().flat_map(|graph| &graph.nodes);
    let components: Vec<(&str, bool)> = nodes.map(|node| (&*node.address, takes_values(node))).collect();
    match asked.resolved(&components) {
        Ok(assignments) => Ok(Arc::new(assignments)),
        Err(problems) => {
            problems.into_iter().for_each(|problem| sink.push(problem));
            sink.check().map(|()| Arc::default())
        }
    }
}

/// What expressions see for a cluster: each label by its own name too, unless that means something else.
pub(super) fn of_cluster(cluster: &Cluster, vars: &Frozen) -> Variables {
    if cluster.is_typed {
        return without_cluster(vars);
    }
    let text = |text: &str| Frozen::str(text);
    let labels: Vec<(Str, Frozen)> =
        cluster.labels.iter().map(|(key, value)| (key.as_str().into(), text(value))).collect();
    let name = text(cluster.place_name());
    let copy = cluster.copy_of.as_ref().map(|_| ("copy".into(), text(&cluster.name.value)));
    let own = std::iter::once(("name".into(), name.clone())).chain(copy).chain(labels.clone()).collect();
    let own = Frozen::map(own);
    let kiln = Frozen::map(vec![("cluster".into(), own.clone())]);
    // Of equal names the last counts.
    let mut names = labels.clone();
    names.extend([
        ("name".into(), name),
        ("labels".into(), Frozen::map(labels)),
        ("vars".into(), vars.clone()),
        ("cluster".into(), own),
        ("kiln".into(), kiln),
    ]);
    Variables::new(names, format!("the cluster `{}` has no such label", cluster.name.value))
}

/// What expressions see where no cluster is compiled for.
pub(super) fn without_cluster(vars: &Frozen) -> Variables {
    let nothing = || Frozen::map(Vec::new());
    let names = vec![("labels".into(), nothing()), ("vars".into(), vars.clone()), ("kiln".into(), nothing())];
    Variables::new(names, "labels are those of clusters, and this is compiled for none")
}
