use std::collections::{BTreeMap, HashMap, HashSet};

use crate::diag::{Code, Diagnostic, Label};

use super::Cluster;

const INVALID_NAME: Code = Code("clusters.invalid-name");
const DUPLICATE: Code = Code("clusters.duplicate-name");
const SAME_OUTPUT: Code = Code("clusters.same-output");

/// Complains about names and output folders that cannot be, and that stand twice.
pub(super) fn check(clusters: &[Cluster], problems: &mut Vec<Diagnostic>) {
    let mut names: HashMap<&str, &Cluster> = HashMap::new();
    // By lower case letters: many file systems take `Prod` and `prod` for one.
    let mut outputs: BTreeMap<String, &Cluster> = BTreeMap::new();
    for cluster in clusters {
        let name = &cluster.name;
        if name.value.is_empty() || name.value.contains([',', '=', '!', '`']) || !is_printable(&name.value) {
            let message = format!("`{}` cannot be the name of a cluster", name.value.escape_debug());
            problems.push(Diagnostic::error(INVALID_NAME, message).at(name.place.clone(), ""));
            continue;
        }
        if let Some(first) = names.insert(&name.value, cluster) {
            let message = format!("two clusters are named `{}`", name.value);
            problems.push(
                Diagnostic::error(DUPLICATE, message)
                    .at(name.place.clone(), "again here")
                    .at(first.name.place.clone(), "first here")
                    .help("rename one of them"),
            );
            continue;
        }
        let output = &cluster.output;
        if let Err(why) = check_output(&output.value) {
            let message =
                format!("`{}` cannot be the output folder of `{}`: {why}", output.value.escape_debug(), name.value);
            let help = "it is a folder below the root of generated files, by default the cluster's name";
            problems.push(Diagnostic::error(INVALID_NAME, message).at(output.place.clone(), "").help(help));
            continue;
        }
        if let Some(first) = outputs.insert(output.value.to_lowercase(), cluster) {
            problems.push(same_output(first, cluster, "write to the same folder"));
        }
    }
    for (output, cluster) in &outputs {
        for (slash, _) in output.match_indices('/') {
            if let Some(above) = outputs.get(&output[..slash]) {
                problems.push(same_output(above, cluster, "write into one another's folders"));
            }
        }
    }
}

fn same_output(first: &Cluster, second: &Cluster, what: &str) -> Diagnostic {
    let message =
        format!("the clusters `{}` and `{}` {what}, `{}`", first.name.value, second.name.value, second.output.value);
    Diagnostic::error(SAME_OUTPUT, message)
        .at(second.output.place.clone(), "this one")
        .at(first.output.place.clone(), "and this one")
        .help("give one of them another `output`")
}

fn is_printable(text: &str) -> bool {
    !text.chars().any(|char| char.is_control() || char.is_whitespace())
}

fn check_output(output: &str) -> Result<(), &'static str> {
    if !is_printable(output) || output.contains(['\\', ':']) {
        return Err("it has a backslash, a colon, a blank or a control character");
    }
    if output.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err("it is no plain relative path");
    }
    let is_reserved = |part: &str| matches!(part.to_ascii_lowercase().as_str(), ".git" | ".kiln");
    if output.split('/').any(is_reserved) { Err("`.git` and `.kiln` are reserved") } else { Ok(()) }
}

/// Of several complaints about one place keeps the first: what is wrong with a shared template is wrong
/// for many clusters.
pub(super) fn once_per_place(problems: &mut Vec<Diagnostic>) {
    let mut seen = HashSet::new();
    problems.retain(|problem| {
        let place = |label: &Label| (label.span.source.name().to_owned(), label.span.start, label.span.end);
        problem.labels.first().is_none_or(|label| seen.insert((problem.code, place(label))))
    });
}
