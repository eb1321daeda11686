use crate::diag::{Code, Diagnostic};
use crate::golang::glob::path_match;
use crate::source::{EntryKind, Tree, TreeError};
use crate::stack::Reading;
use crate::stack::document::read_yaml;
use crate::stack::fields::{FieldRules, Fields};
use crate::stack::spec::Text;

use super::Cluster;
use super::read::{CODES, MOST_CLUSTERS, invalid, open, too_many};
use super::settings::{KEYS, Settings};

const GLOB: Code = Code("clusters.glob");

/// `glob` of a map: one pattern or a list of them.
pub(super) fn patterns(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Text> {
    match fields.get("glob").map(|node| (node, node.as_seq())) {
        None => Vec::new(),
        Some((node, None)) => fields.text_of("glob", node, problems).into_iter().collect(),
        Some((_, Some(items))) => {
            items.iter().filter_map(|item| fields.text_of("an item of `glob`", item, problems)).collect()
        }
    }
}

/// The clusters of all files that a pattern fits, in the order of their paths. Each file is one entry;
/// without a `name` the cluster is called what the last `*` of the pattern stands for.
pub(super) fn discover(
    pattern: &Text,
    folder: &Tree,
    defaults: &Settings,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Cluster> {
    let parts: Vec<&str> = pattern.value.split('/').filter(|part| *part != ".").collect();
    let broken = |part: &&&str| part.is_empty() || **part == ".." || **part == "**" || path_match(part, "").is_err();
    if let Some(part) = parts.iter().find(broken) {
        let message = format!("`{}` cannot be part of a pattern of paths", part.escape_debug());
        problems.push(invalid(pattern.place.clone(), message).help("write it like `clusters/*/cluster.yaml`"));
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Err(error) = search(folder, &parts, String::new(), &mut found) {
        problems.push(error.diagnostic(GLOB).at(pattern.place.clone(), ""));
        return Vec::new();
    }
    if found.is_empty() {
        let message = format!("no file fits `{}`", pattern.value.escape_debug());
        problems.push(Diagnostic::warning(GLOB, message).at(pattern.place.clone(), ""));
    }
    if found.len() > MOST_CLUSTERS {
        problems.push(too_many(pattern.place.clone()));
        return Vec::new();
    }
    found.iter().filter_map(|path| read(path, &parts, folder, defaults, problems)).collect()
}

/// Collects the files below a folder that the parts of a pattern lead to.
fn search(folder: &Tree, parts: &[&str], below: String, found: &mut Vec<String>) -> Result<(), TreeError> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    let wanted = if rest.is_empty() { EntryKind::File } else { EntryKind::Dir };
    let join = |name: &str| if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
    let names: Vec<String> = if is_pattern(part) {
        if folder.kind(&below)? != Some(EntryKind::Dir) {
            return Ok(());
        }
        let entries = folder.list(&below)?.into_iter();
        // As in a shell, hidden files must be asked for.
        let fits = |name: &str| name.starts_with('.') == part.starts_with('.') && path_match(part, name) == Ok(true);
        entries.filter(|entry| entry.kind == wanted && fits(&entry.name)).map(|entry| join(&entry.name)).collect()
    } else {
        let path = join(part);
        if folder.kind(&path)? == Some(wanted) { vec![path] } else { Vec::new() }
    };
    for path in names {
        match rest.is_empty() {
            true => found.push(path),
            false => search(folder, rest, path, found)?,
        }
    }
    Ok(())
}

fn is_pattern(part: &str) -> bool {
    part.contains(['*', '?', '[', '\\'])
}

fn read(
    path: &str,
    pattern: &[&str],
    folder: &Tree,
    defaults: &Settings,
    problems: &mut Vec<Diagnostic>,
) -> Option<Cluster> {
    let file = match read_yaml(folder, path, Reading::Strict) {
        Ok(file) => file?,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let rules = FieldRules::of(&file, Reading::Strict, CODES);
    let map = open(&file, &rules, "a cluster's file", problems)?;
    let keys = [&["apiVersion", "kind", "name"], &KEYS[..]].concat();
    map.check(&keys, "a cluster", problems);
    map.header("Cluster", problems);
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let own = folder.subtree(parent).unwrap_or_else(|_| folder.clone());
    let settings = Settings::read(&rules, &map, &own, problems);
    let name = match map.text("name", problems) {
        Some(name) => name,
        None => Text { value: matched(path, pattern)?, place: rules.span(&file.document.root) },
    };
    Some(settings.over(defaults).cluster(name, problems))
}

/// What the last `*` of a pattern stands for in a path.
fn matched(path: &str, pattern: &[&str]) -> Option<String> {
    let (part, name) = pattern.iter().zip(path.split('/')).filter(|(part, _)| is_pattern(part)).last()?;
    let Some((before, after)) =
        part.split_once('*').filter(|(before, after)| !is_pattern(before) && !is_pattern(after))
    else {
        return Some(name.to_owned());
    };
    Some(name.strip_prefix(before)?.strip_suffix(after)?.to_owned())
}
