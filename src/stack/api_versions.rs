use super::Reading;
use super::document::read_yaml;
use super::fields::{FieldCodes, FieldRules, Fields};
use crate::diag::{Code, Diagnostic};
use crate::source::Tree;
use crate::span::Span;
use crate::yaml::Node;

/// `apiVersions` of a map: a list, or `{file: …}`, relative to `folder`. `codes` and `value` are those of
/// messages about the file that has the map.
pub(super) fn api_versions(
    rules: &FieldRules<'_>,
    fields: &Fields<'_>,
    folder: &Tree,
    (codes, value): (FieldCodes, Code),
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<String>> {
    let invalid = |place: Span, message: String| Diagnostic::error(value, message).at(place, "");
    let node = fields.get("apiVersions")?;
    if let Some(items) = node.as_seq() {
        return Some(listed(fields, items, problems));
    }
    if node.as_map().is_none() {
        problems.push(rules.wrong_type("apiVersions", node, "a list or `{file: …}`"));
        return None;
    }
    let map = rules.map("apiVersions", node, problems)?;
    map.check(&["file"], "`apiVersions`", problems);
    let Some(file) = map.text("file", problems) else {
        problems.push(invalid(rules.span(node), "`apiVersions` needs a list or `file`".to_owned()));
        return None;
    };
    match read_yaml(folder, &file.value, Reading::Strict) {
        Err(problem) => {
            problems.push(problem.at(file.place, "named here"));
            None
        }
        Ok(None) => {
            let message = format!("the file `{}` does not exist", folder.display(&file.value));
            problems.push(invalid(file.place, message).help("paths are relative to the file that names them"));
            None
        }
        Ok(Some(found)) => {
            problems.extend(found.problems.iter().cloned());
            from_file(&FieldRules::of(&found, Reading::Strict, codes), &found.document.root, problems)
        }
    }
}

/// A list, or the lines that `kubectl api-versions` prints, which YAML reads as one long string.
fn from_file(rules: &FieldRules<'_>, root: &Node, problems: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
    if let Some(items) = root.as_seq() {
        return Some(items.iter().filter_map(|item| plain(rules, item, problems)).collect());
    }
    match root.as_str().filter(|_| root.as_map().is_none() && !root.is_null()) {
        Some(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
        None => {
            let what = "a file of API versions";
            problems.push(rules.wrong_type(what, root, "a list, or what `kubectl api-versions` prints"));
            None
        }
    }
}

fn plain(rules: &FieldRules<'_>, item: &Node, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let text = item.as_str().filter(|text| !text.is_empty() && !item.is_null()).map(str::to_owned);
    if text.is_none() {
        problems.push(rules.wrong_type("an API version", item, "a string"));
    }
    text
}

fn listed(fields: &Fields<'_>, items: &[Node], problems: &mut Vec<Diagnostic>) -> Vec<String> {
    items
        .iter()
        .filter_map(|item| fields.text_of("an item of `apiVersions`", item, problems))
        .map(|text| text.value)
        .collect()
}
