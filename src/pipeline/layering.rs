use std::sync::Arc;

use serde::Serialize;

use super::fleet::{Selection, select};
use super::graphs::{Graphs, addressed, of_cluster, without_cluster};
use super::walk::{LeftOut, Visit, Walk};
use super::{GenerateOptions, Project};
use crate::config::{Assignments, Composition, LayerFile, Layers, MergeRules, Stratum, layer_order};
use crate::diag::{Diagnostic, Reported, Sink};
use crate::jinja::expression::Variables;
use crate::stack::{
    ClusterFile, ComponentFilter, Condition, Graph, ListRule, MergePolicy, Node, NodeId, NullRule, Reading,
    ValuesDocument,
};
use crate::value::Frozen;

/// The layers of one cluster or list of environments.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetLayers {
    /// The cluster's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// All layers, highest priority first.
    pub layers: Vec<String>,
    /// The components, a parent before those below it.
    pub components: Vec<ComponentLayers>,
}

/// The layers of one component.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentLayers {
    /// Its address.
    pub component: String,
    /// Why it is left out, with everything below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
    /// Its conditions that hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
    /// The files of its own folder, there or not, highest priority first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<OwnFile>,
    /// What is said about it, highest priority first.
    pub values: Vec<Said>,
    /// How its values are merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge: Option<MergeInForce>,
}

/// A layer of a component's own folder.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnFile {
    /// The layer.
    pub layer: String,
    /// Its file.
    pub file: String,
    /// Whether there is one.
    pub exists: bool,
    /// Its patch file, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
}

/// What one source says about a component.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// The layer, flag or definition.
    pub layer: String,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What it says: keys, documents, a patch.
    pub says: Vec<String>,
}

/// The rules by which a component's values are merged.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MergeInForce {
    /// What becomes of lists.
    pub lists: String,
    /// What becomes of `null`.
    pub null: &'static str,
    /// Rules of single paths.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<(String, String)>,
    /// Where they are written, unless they are the defaults.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// Tells which files say something about each component, and in which order: for the clusters that are
/// selected, or for the environments of `options` where there is no list of clusters.
///
/// # Errors
/// When `sink` got at least one error.
pub fn layers_of(
    project: &Project,
    clusters: Option<(&ClusterFile, &Selection)>,
    options: &GenerateOptions,
    sink: &mut Sink,
) -> Result<Vec<TargetLayers>, Reported> {
    let layers = Layers::new(project.reading, project.reach());
    let rules = MergeRules { reading: project.reading, force_types: true };
    let mut targets = Vec::new();
    match clusters {
        None => {
            let graph = project.resolve(sink)?;
            let assignments = addressed(&options.assignments, std::slice::from_ref(&graph), sink)?;
            let target = Target {
                graph: &graph,
                layers: &layers,
                rules: &rules,
                assignments: &assignments,
                components: &ComponentFilter::default(),
            };
            let variables = without_cluster(&project.vars());
            targets.push(target.told(None, &options.environments, variables, sink));
        }
        Some((file, selection)) => {
            let meant = select(file, selection, sink)?;
            let graphs = Graphs::of(project, &meant, sink)?;
            let assignments = graphs.assignments(&options.assignments, sink)?;
            for cluster in meant {
                let target = Target {
                    graph: graphs.of_cluster(cluster),
                    layers: &layers,
                    rules: &rules,
                    assignments: &assignments,
                    components: &cluster.components,
                };
                let environments: Vec<String> = cluster.layers.iter().map(|layer| layer.value.clone()).collect();
                let variables = of_cluster(cluster, &project.vars());
                targets.push(target.told(Some(cluster.name.value.clone()), &environments, variables, sink));
            }
        }
    }
    sink.check().map(|()| targets)
}

struct Target<'a> {
    graph: &'a Graph,
    layers: &'a Layers,
    rules: &'a MergeRules,
    assignments: &'a Assignments,
    components: &'a ComponentFilter,
}

impl Target<'_> {
    fn told(
        &self,
        cluster: Option<String>,
        environments: &[String],
        variables: Variables,
        sink: &mut Sink,
    ) -> TargetLayers {
        let mut problems = Vec::new();
        let order = layer_order(environments, &[], self.rules.reading, &mut problems);
        let names = order.iter().map(|layer| Frozen::str(&**layer)).collect();
        let variables = variables.with("layers", Frozen::list(names));
        let walk = Walk {
            graph: self.graph,
            layers: self.layers,
            rules: self.rules,
            order: &order,
            variables: Some(&variables),
        };
        let mut telling = Telling { target: self, order: &order, components: Vec::new(), problems };
        walk.run(&mut telling);
        telling.problems.into_iter().for_each(|problem| sink.push(problem));
        let layers = order.iter().map(|layer| layer.to_string()).collect();
        TargetLayers { cluster, layers, components: telling.components }
    }
}

struct Telling<'a> {
    target: &'a Target<'a>,
    order: &'a [Arc<str>],
    components: Vec<ComponentLayers>,
    problems: Vec<Diagnostic>,
}

impl Visit for Telling<'_> {
    fn visit(&mut self, id: NodeId, said: &Composition) {
        let node = &self.target.graph.nodes[id];
        if !self.target.components.leads_on(&node.address) {
            return;
        }
        let conditions = node.conditions.iter().filter_map(|condition| match condition {
            Condition::Expression(text) => Some(text.value.clone()),
            Condition::Fixed(_) => None,
        });
        self.components.push(ComponentLayers {
            component: node.address.to_string(),
            left_out: None,
            when: conditions.collect(),
            files: self.own_files(node),
            values: self.values(node, said),
            merge: super::plan::takes_values(node).then(|| in_force(node.merge.as_deref(), self.target.rules.reading)),
        });
    }

    fn left_out(&mut self, id: NodeId, why: LeftOut<'_>) {
        let node = &self.target.graph.nodes[id];
        if !self.target.components.leads_on(&node.address) {
            return;
        }
        let why = match why {
            LeftOut::Disabled(place) => format!("disabled at {place}"),
            LeftOut::Condition(Condition::Fixed(_)) => "when: false".to_owned(),
            LeftOut::Condition(Condition::Expression(text)) => format!("not when {} ({})", text.value, text.place),
        };
        self.components.push(ComponentLayers {
            component: node.address.to_string(),
            left_out: Some(why),
            when: Vec::new(),
            files: Vec::new(),
            values: Vec::new(),
            merge: None,
        });
    }

    fn problems(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.problems
    }
}

impl Telling<'_> {
    fn own_files(&self, node: &Node) -> Vec<OwnFile> {
        let mut files = Vec::new();
        for folder in &node.config_folders {
            for layer in self.order {
                let file = self.target.layers.file(folder, layer);
                files.push(OwnFile {
                    layer: layer.to_string(),
                    exists: file.shown.is_some(),
                    file: file.shown.clone().unwrap_or_else(|| folder.display(&format!("config/{layer}.yaml"))),
                    patch: file.patch_shown.clone(),
                });
            }
        }
        files
    }

    fn values(&self, node: &Node, said: &Composition) -> Vec<Said> {
        let set = self.target.assignments.of(&node.address);
        let mut all: Vec<Said> =
            set.map(|text| Said { layer: "command line".to_owned(), file: None, says: vec![text] }).collect();
        for stratum in said.strata() {
            all.extend(of_layer(stratum, super::plan::takes_values(node)));
        }
        let documents: Vec<ValuesDocument> =
            node.documents.iter().rev().map(|(_, document)| document.clone()).collect();
        if !documents.is_empty() {
            let file = documents[0].place.source.name().to_owned();
            let says = documents.iter().map(|document| shown("valuesFrom", document)).collect();
            all.push(Said { layer: "definition".to_owned(), file: Some(file), says });
        }
        all
    }
}

/// What a layer says about a component, and what its patch does.
fn of_layer(stratum: &Stratum, takes_shared: bool) -> Vec<Said> {
    let LayerFile { layer, shown: file, patch_shown, .. } = &*stratum.file;
    let mut says = Vec::new();
    if let Some(settings) = &stratum.settings {
        let keys = [
            ("disabled", settings.disabled.is_some()),
            ("namespace", settings.namespace.is_some()),
            ("injectNamespace", settings.inject_namespace.is_some()),
            ("config", settings.config.is_some()),
        ];
        says.extend(keys.into_iter().filter(|(_, is_said)| *is_said).map(|(key, _)| key.to_owned()));
        says.extend(settings.values_from.iter().rev().map(|document| shown("valuesFrom", document)));
    }
    for shared in stratum.shared.iter().filter(|_| takes_shared) {
        if shared.config.is_some() {
            says.push("sharedConfig".to_owned());
        }
        says.extend(shared.documents.iter().rev().map(|document| shown("sharedConfig", document)));
    }
    let mut all = Vec::new();
    if let Some(patch) = stratum.patches.as_ref().and_then(|patches| patches.own.as_ref()) {
        let count = patch.operations.len();
        let says = vec![if count == 1 { "1 operation".to_owned() } else { format!("{count} operations") }];
        all.push(Said { layer: layer.to_string(), file: patch_shown.clone(), says });
    }
    if !says.is_empty() {
        all.push(Said { layer: layer.to_string(), file: file.clone(), says });
    }
    all
}

fn shown(key: &str, document: &ValuesDocument) -> String {
    format!("{key} {} {}", document.kind.word(), document.path.value)
}

fn in_force(policy: Option<&MergePolicy>, reading: Reading) -> MergeInForce {
    let default = if reading.is_strict() { NullRule::Delete } else { NullRule::Ignore };
    let lists = policy.and_then(|policy| policy.lists.as_ref()).unwrap_or(&ListRule::Concat);
    let paths = policy.map_or(&[][..], |policy| &policy.paths);
    MergeInForce {
        lists: lists.to_string(),
        null: policy.and_then(|policy| policy.null).unwrap_or(default).word(),
        paths: paths.iter().map(|rule| (rule.pattern.clone(), rule.rule.to_string())).collect(),
        place: policy.and_then(|policy| policy.place.as_ref()).map(ToString::to_string),
    }
}
