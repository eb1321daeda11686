use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::diag::{Diagnostic, nearest};
use crate::source::Tree;
use crate::stack::fields::{FieldRules, Fields};
use crate::stack::spec::Text;
use crate::yaml::Node;

use super::read::{MOST_CLUSTERS, invalid, too_many};
use super::settings::{KEYS, Settings, check_label};
use super::{Cluster, placeholder};

/// Axis → its values, in the order of the file.
type Axes = IndexMap<String, Vec<String>>;
/// A value for each axis, in the order of the axes, and what `include` adds to it.
struct Combination {
    values: Vec<String>,
    more: BTreeMap<String, String>,
}

/// The clusters of a cross product: the first axis changes slowest, combinations of `include` come
/// last. Values of axes are labels.
pub(super) fn expand(
    rules: &FieldRules<'_>,
    fields: &Fields<'_>,
    folder: &Tree,
    defaults: &Settings,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Cluster> {
    let before = problems.len();
    let axes = axes(rules, fields, problems);
    let settings = Settings::read(rules, fields, folder, problems).over(defaults);
    let template = fields.text("name", problems);
    if template.is_none() && problems.len() == before {
        problems.push(invalid(fields.span(), "`matrix` needs a `name`, such as `\"{stage}-{region}\"`"));
    }
    let size = axes.values().try_fold(1_usize, |size, values| size.checked_mul(values.len()));
    if size.is_none_or(|size| size > MOST_CLUSTERS) {
        problems.push(too_many(fields.span()));
        return Vec::new();
    }
    let excluded: Vec<Vec<Option<String>>> =
        fields.list("exclude", problems).iter().filter_map(|item| excluded(rules, item, &axes, problems)).collect();
    let mut combinations = product(&axes);
    let is_excluded = |values: &[String]| {
        let fits = |rule: &Vec<Option<String>>| {
            rule.iter().zip(values).all(|(wanted, value)| wanted.as_ref().is_none_or(|wanted| wanted == value))
        };
        excluded.iter().any(fits)
    };
    combinations.retain(|combination| !is_excluded(&combination.values));
    for item in fields.list("include", problems) {
        let Some(included) = included(rules, item, &axes, problems) else { continue };
        match combinations.iter_mut().find(|known| known.values == included.values) {
            Some(known) => known.more.extend(included.more),
            None => combinations.push(included),
        }
    }
    let Some(template) = template.filter(|_| problems.len() == before || !axes.is_empty()) else { return Vec::new() };
    let mut clusters = Vec::with_capacity(combinations.len());
    for combination in combinations {
        let mut labels: BTreeMap<String, String> = axes.keys().cloned().zip(combination.values).collect();
        labels.extend(combination.more);
        // A placeholder that is wrong is wrong for each combination.
        let Some(name) = placeholder::fill(&template, None, &labels, problems) else { break };
        clusters.push(Settings::of_labels(labels).over(&settings).cluster(name, problems));
    }
    clusters
}

/// The axes of `axes`, or, where there is no such key, all lists of the map that are nothing else.
fn axes(rules: &FieldRules<'_>, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Axes {
    let known = [&["name", "axes", "include", "exclude"], &KEYS[..]].concat();
    let own = fields.get("axes").and_then(|node| rules.map("axes", node, problems));
    let mut axes = Axes::new();
    if own.is_some() || fields.get("axes").is_some() {
        fields.check(&known, "`matrix`", problems);
    } else {
        let short = |key: &Node| key.as_str().filter(|key| !known.contains(key)).map(str::to_owned);
        let lists = fields.entries().iter().filter(|(_, value)| value.as_seq().is_some());
        let names: Vec<String> = lists.filter_map(|(key, _)| short(key)).collect();
        let all: Vec<&str> = known.iter().copied().chain(names.iter().map(String::as_str)).collect();
        fields.check(&all, "`matrix`", problems);
        for name in &names {
            axis(rules, fields, name, &mut axes, problems);
        }
        if axes.is_empty() {
            problems.push(invalid(fields.span(), "`matrix` needs `axes`, such as `{stage: [staging, prod]}`"));
        }
        return axes;
    }
    if let Some(own) = own {
        own.check_duplicates(problems);
        for (key, _) in own.entries() {
            axis(rules, &own, key.as_str().unwrap_or_default(), &mut axes, problems);
        }
    }
    if axes.is_empty() {
        problems.push(invalid(fields.span(), "`matrix` needs `axes`, such as `{stage: [staging, prod]}`"));
    }
    axes
}

fn axis(rules: &FieldRules<'_>, fields: &Fields<'_>, name: &str, axes: &mut Axes, problems: &mut Vec<Diagnostic>) {
    let key = fields.entries().iter().find(|(key, _)| key.as_str() == Some(name)).map(|(key, _)| rules.span(key));
    if let (Err(why), Some(place)) = (check_label(name), &key) {
        problems.push(invalid(place.clone(), why));
        return;
    }
    let mut values: Vec<String> = Vec::new();
    for item in fields.list(name, problems) {
        let Some(text) = fields.text_of(&format!("a value of `{name}`"), item, problems) else { continue };
        if values.contains(&text.value) {
            let message = format!("`{}` stands twice in the axis `{name}`", text.value.escape_debug());
            problems.push(invalid(text.place, message).help("remove one of them"));
            continue;
        }
        values.push(text.value);
    }
    match (values.is_empty(), key) {
        (true, Some(place)) => problems.push(invalid(place, format!("the axis `{name}` has no values"))),
        _ => {
            axes.insert(name.to_owned(), values);
        }
    }
}

fn product(axes: &Axes) -> Vec<Combination> {
    let mut all: Vec<Vec<String>> = if axes.is_empty() { Vec::new() } else { vec![Vec::new()] };
    for values in axes.values() {
        let longer = |known: &Vec<String>, value: &String| [known.as_slice(), std::slice::from_ref(value)].concat();
        all = all.iter().flat_map(|known| values.iter().map(move |value| longer(known, value))).collect();
    }
    all.into_iter().map(|values| Combination { values, more: BTreeMap::new() }).collect()
}

/// A rule of `exclude`: for each axis the value that it must have, if any.
fn excluded(
    rules: &FieldRules<'_>,
    item: &Node,
    axes: &Axes,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<Option<String>>> {
    let map = rules.map("an item of `exclude`", item, problems)?;
    let names: Vec<&str> = axes.keys().map(String::as_str).collect();
    map.check(&names, "an item of `exclude`", problems);
    let mut rule = Vec::new();
    for (name, values) in axes {
        let Some(node) = map.get(name) else {
            rule.push(None);
            continue;
        };
        let text = map.text_of(name, node, problems)?;
        if !values.contains(&text.value) {
            problems.push(no_value(&text, name, values));
            return None;
        }
        rule.push(Some(text.value));
    }
    if rule.iter().all(Option::is_none) {
        problems.push(invalid(rules.span(item), "an item of `exclude` names no axis, so that nothing would be left"));
        return None;
    }
    Some(rule)
}

fn no_value(text: &Text, axis: &str, values: &[String]) -> Diagnostic {
    let message = format!("the axis `{axis}` has no value `{}`", text.value.escape_debug());
    let problem = invalid(text.place.clone(), message);
    match nearest(&text.value, values.iter().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("its values: {}", values.join(", "))),
    }
}

/// A combination of `include`: a value for each axis, known or not; other keys are labels.
fn included(rules: &FieldRules<'_>, item: &Node, axes: &Axes, problems: &mut Vec<Diagnostic>) -> Option<Combination> {
    let map = rules.map("an item of `include`", item, problems)?;
    map.check_duplicates(problems);
    let mut labels = BTreeMap::new();
    for (key, value) in map.entries() {
        let name = key.as_str().unwrap_or_default();
        if let Err(why) = check_label(name) {
            problems.push(invalid(rules.span(key), why));
            return None;
        }
        labels.insert(name.to_owned(), map.text_of(name, value, problems)?.value);
    }
    let mut values = Vec::new();
    for axis in axes.keys() {
        match labels.remove(axis) {
            Some(value) => values.push(value),
            None => {
                let message = format!("an item of `include` needs a value for the axis `{axis}`");
                problems.push(invalid(rules.span(item), message));
                return None;
            }
        }
    }
    Some(Combination { values, more: labels })
}
