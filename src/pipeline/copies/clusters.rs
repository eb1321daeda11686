use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::pipeline::Selection;
use crate::pipeline::fleet::select;
use crate::stack::{Cluster, ClusterFile, Text};

use super::Copying;

const TAKEN: Code = Code("copy.taken");

/// The clusters with copies of those that are meant, and how to select the copies.
///
/// # Errors
/// When `sink` got an error: names that there are not, and copies that would be called like a cluster.
pub fn copies_of(
    file: &ClusterFile,
    selection: &Selection,
    copying: &Copying,
    sink: &mut Sink,
) -> Result<(ClusterFile, Selection), Reported> {
    let meant = select(file, selection, sink)?;
    let mut with = file.clone();
    let mut names = Vec::with_capacity(meant.len());
    for cluster in meant {
        let ended = |text: &Text| Text { value: copying.name_of(&text.value), place: text.place.clone() };
        let (name, output) = (ended(&cluster.name), ended(&cluster.output));
        let is_taken = |other: &&Cluster| other.name.value == name.value || other.output.value == output.value;
        if let Some(other) = file.clusters.iter().find(is_taken) {
            let message = format!(
                "the copy `{}` of `{}` would be in the way of the cluster `{}`",
                name.value, cluster.name.value, other.name.value
            );
            let problem = Diagnostic::error(TAKEN, message).at(other.name.place.clone(), "");
            sink.push(problem.help("choose another `--name-suffix`"));
        }
        names.push(name.value.clone());
        let copy_of = Some(cluster.name.value.as_str().into());
        with.clusters.push(Cluster { name, output, copy_of, ..cluster.clone() });
    }
    sink.check().map(|()| (with, Selection { names, labels: Vec::new() }))
}
