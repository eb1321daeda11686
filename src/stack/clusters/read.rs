use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::source::Tree;
use crate::span::Span;
use crate::stack::Reading;
use crate::stack::document::{ProjectDocument, read_yaml};
use crate::stack::fields::{FieldCodes, FieldRules, Fields};
use crate::stack::spec::Text;
use crate::yaml::{Node, load_node_native};

use super::settings::{KEYS, Settings};
use super::{Cluster, ClusterFile, check, discover, matrix};

/// The name of the file that lists clusters.
pub const CLUSTERS_FILE: &str = "clusters.yaml";

pub(super) const CODES: FieldCodes = FieldCodes {
    unknown_key: Code("clusters.unknown-key"),
    duplicate_key: Code("clusters.duplicate-key"),
    wrong_type: Code("clusters.wrong-type"),
};
pub(super) const INVALID: Code = Code("clusters.invalid-value");
const LIMIT: Code = Code("clusters.limit");

/// The most clusters of a project.
pub(super) const MOST_CLUSTERS: usize = 100_000;

/// Reads `clusters.yaml` of a folder and the files that it names; `None` when there is none. The file
/// is kiln's own: whatever is questionable in it is an error, with or without `kiln.yaml`.
///
/// # Errors
/// When `sink` got at least one error.
pub fn load_clusters(folder: &Tree, sink: &mut Sink) -> Result<Option<ClusterFile>, Reported> {
    let file = match read_yaml(folder, CLUSTERS_FILE, Reading::Strict) {
        Ok(None) => return Ok(None),
        Ok(Some(file)) => file,
        Err(problem) => return Err(sink.fail(problem)),
    };
    let mut problems = Vec::new();
    let clusters = parse(&file, folder, &mut problems);
    check::check(&clusters, &mut problems);
    check::once_per_place(&mut problems);
    let mut own = Sink::new();
    problems.into_iter().for_each(|problem| own.push(problem));
    let result = own.check();
    sink.append(own);
    result.map(|()| Some(ClusterFile { clusters, shown: folder.display(CLUSTERS_FILE) }))
}

fn parse(file: &ProjectDocument, folder: &Tree, problems: &mut Vec<Diagnostic>) -> Vec<Cluster> {
    let mut clusters = Vec::new();
    let rules = FieldRules::of(file, Reading::Strict, CODES);
    let Some(fields) = open(file, &rules, "the cluster file", problems) else { return clusters };
    fields.check(&["apiVersion", "kind", "defaults", "clusters", "matrix", "glob"], "the cluster file", problems);
    fields.header("ClusterMatrix", problems);
    let defaults = match fields.get("defaults").and_then(|node| rules.map("defaults", node, problems)) {
        Some(map) => {
            map.check(&KEYS, "`defaults`", problems);
            Settings::read(&rules, &map, folder, problems)
        }
        None => Settings::default(),
    };
    let mut patterns: Vec<Text> = Vec::new();
    match fields.get("clusters").map(|node| (node, node.as_map().is_some())) {
        // Another way to write `glob`.
        Some((node, true)) => {
            if let Some(map) = rules.map("clusters", node, problems) {
                map.check(&["glob"], "`clusters`", problems);
                patterns.extend(discover::patterns(&map, problems));
            }
        }
        _ => {
            for item in fields.list("clusters", problems) {
                clusters.extend(entry(&rules, item, folder, &defaults, problems));
            }
        }
    }
    if let Some(map) = fields.get("matrix").and_then(|node| rules.map("matrix", node, problems)) {
        clusters.extend(matrix::expand(&rules, &map, folder, &defaults, problems));
    }
    patterns.extend(discover::patterns(&fields, problems));
    for pattern in &patterns {
        clusters.extend(discover::discover(pattern, folder, &defaults, problems));
    }
    if clusters.len() > MOST_CLUSTERS {
        problems.push(too_many(rules.span(&file.document.root)));
        clusters.truncate(MOST_CLUSTERS);
    }
    clusters
}

/// The map of a file, once everything in it can be decoded.
pub(super) fn open<'d>(
    file: &'d ProjectDocument,
    rules: &FieldRules<'d>,
    what: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<Fields<'d>> {
    problems.extend(file.problems.iter().cloned());
    if let Err(error) = load_node_native(&file.document.root) {
        problems.push(error.to_diagnostic(rules.source));
        return None;
    }
    rules.map(what, &file.document.root, problems)
}

fn entry(
    rules: &FieldRules<'_>,
    item: &Node,
    folder: &Tree,
    defaults: &Settings,
    problems: &mut Vec<Diagnostic>,
) -> Option<Cluster> {
    let map = rules.map("an item of `clusters`", item, problems)?;
    let keys = [&["name"], &KEYS[..]].concat();
    map.check(&keys, "a cluster", problems);
    let settings = Settings::read(rules, &map, folder, problems);
    let Some(name) = map.text("name", problems) else {
        if map.get("name").is_none_or(|node| node.as_str() == Some("")) {
            problems.push(invalid(start_of(rules, item), "a cluster needs a `name`"));
        }
        return None;
    };
    Some(settings.over(defaults).cluster(name, problems))
}

/// A value that means nothing.
pub(super) fn invalid(place: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(INVALID, message).at(place, "")
}

pub(super) fn too_many(place: Span) -> Diagnostic {
    let message = format!("there are more than {MOST_CLUSTERS} clusters");
    Diagnostic::error(LIMIT, message).at(place, "").help("split the project, or exclude combinations")
}

/// The first line of a node.
fn start_of(rules: &FieldRules<'_>, node: &Node) -> Span {
    let span = rules.span(node);
    let line = span.text().lines().next().unwrap_or_default().len();
    Span { source: Arc::clone(&span.source), start: span.start, end: span.start + u32::try_from(line).unwrap_or(0) }
}
