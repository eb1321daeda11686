use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Reported, Severity, Sink, nearest, nearest_few};
use crate::stack::{Cluster, ClusterFile, Graph};

use super::Selection;

const UNKNOWN: Code = Code("clusters.unknown");
const UNKNOWN_LABEL: Code = Code("clusters.unknown-label");
const NO_MATCH: Code = Code("clusters.no-match");
const UNKNOWN_COMPONENT: Code = Code("clusters.unknown-component");

/// The clusters that were asked for, in the order of the file. Names and labels that no cluster has
/// are errors, and so is a selection of nothing.
pub(in crate::pipeline) fn select<'f>(
    file: &'f ClusterFile,
    selection: &Selection,
    sink: &mut Sink,
) -> Result<Vec<&'f Cluster>, Reported> {
    let all = &file.clusters;
    if all.is_empty() {
        let message = format!("there are no clusters in {}", file.shown);
        return Err(sink.fail(Diagnostic::error(NO_MATCH, message)));
    }
    let names = || all.iter().map(|cluster| cluster.name.value.as_str());
    for name in &selection.names {
        if !names().any(|known| known == name) {
            let message = format!("there is no cluster `{}` in {}", name.escape_debug(), file.shown);
            let near: Vec<String> = nearest_few(name, names(), 3).iter().map(|name| format!("`{name}`")).collect();
            sink.push(Diagnostic::error(UNKNOWN, message).help(format!("the nearest: {}", near.join(", "))));
        }
    }
    let labels: BTreeSet<&str> = all.iter().flat_map(|cluster| cluster.labels.keys().map(String::as_str)).collect();
    for key in selection.labels.iter().flat_map(|selector| selector.keys()) {
        if !labels.contains(key) {
            let problem = Diagnostic::error(UNKNOWN_LABEL, format!("no cluster has a label `{}`", key.escape_debug()));
            sink.push(match nearest(key, labels.iter().copied()) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("there are: {}", labels.iter().copied().collect::<Vec<_>>().join(", "))),
            });
        }
    }
    sink.check()?;
    let is_meant = |cluster: &&Cluster| {
        let name = &cluster.name.value;
        (selection.names.is_empty() || selection.names.contains(name))
            && selection.labels.iter().all(|selector| selector.matches(name, &cluster.labels))
    };
    let meant: Vec<&Cluster> = all.iter().filter(is_meant).collect();
    if meant.is_empty() {
        let message = format!("no cluster in {} was selected", file.shown);
        return Err(sink.fail(Diagnostic::error(NO_MATCH, message).help("correct `--selector` or `--cluster`")));
    }
    Ok(meant)
}

/// The names of the clusters that a selection means, in the order of the file.
pub fn fleet_names(file: &ClusterFile, selection: &Selection) -> Vec<String> {
    // Whoever compiles them complains about what is wrong with a selection.
    let meant = select(file, selection, &mut Sink::new()).unwrap_or_default();
    meant.into_iter().map(|cluster| cluster.name.value.clone()).collect()
}

/// Complains about components that clusters name and the stack does not have.
pub(super) fn check_components(clusters: &[&Cluster], graphs: &[Graph], sink: &mut Sink) {
    let nodes = || graphs.iter().flat_map(|graph| &graph.nodes);
    // What is below a component that could not be resolved is not known.
    let is_broken = |problem: &Diagnostic| problem.severity == Severity::Error;
    if nodes().any(|node| node.problems.iter().any(is_broken)) {
        return;
    }
    let known: BTreeSet<&str> = nodes().map(|node| &*node.address).collect();
    let mut said = BTreeSet::new();
    for text in clusters.iter().flat_map(|cluster| cluster.components.named()) {
        // Defaults are those of many clusters.
        if known.contains(text.value.as_str()) || !said.insert((text.place.source.name(), text.place.start)) {
            continue;
        }
        let message = format!("the stack has no component `{}`", text.value.escape_debug());
        let problem = Diagnostic::error(UNKNOWN_COMPONENT, message).at(text.place.clone(), "");
        sink.push(match nearest(&text.value, known.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => {
                let some: Vec<&str> = known.iter().take(12).copied().collect();
                problem.help(format!("components: {}", some.join(", ")))
            }
        });
    }
}
