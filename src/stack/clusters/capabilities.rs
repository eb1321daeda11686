use crate::diag::Diagnostic;
use crate::golang::semver::Version;
use crate::source::Tree;
use crate::stack::Reading;
use crate::stack::document::read_yaml;
use crate::stack::fields::{FieldRules, Fields};
use crate::stack::spec::Text;
use crate::yaml::Node;

use super::read::{CODES, invalid};

/// What the charts of a cluster see of its Kubernetes. Clusters of one profile share everything that
/// depends on it.
#[derive(Clone, Debug, Default)]
pub struct CapabilityProfile {
    /// The version; the project's when absent.
    pub kube_version: Option<Text>,
    /// API versions beside the built-in ones and those of the project.
    pub api_versions: Vec<String>,
}

impl CapabilityProfile {
    /// Whether charts see the same.
    pub fn same(&self, other: &Self) -> bool {
        let version = |profile: &Self| profile.kube_version.as_ref().map(|text| text.value.clone());
        version(self) == version(other) && self.api_versions == other.api_versions
    }
}

/// `kubeVersion` of an entry.
pub(super) fn kube_version(fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = fields.text("kubeVersion", problems)?;
    let plain = text.value.strip_prefix('v').unwrap_or(&text.value);
    let full = if plain.matches('.').count() == 1 { format!("{plain}.0") } else { plain.to_owned() };
    if Version::parse(&full).is_err() {
        let message = format!("`{}` is no version of Kubernetes", text.value.escape_debug());
        problems.push(invalid(text.place.clone(), message).help("write it like `\"1.33\"`"));
        return None;
    }
    Some(text)
}

/// `apiVersions` of an entry: a list, or `{file: …}`, relative to `folder`.
pub(super) fn api_versions(
    rules: &FieldRules<'_>,
    fields: &Fields<'_>,
    folder: &Tree,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<String>> {
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
        problems.push(invalid(rules.span(node), "`apiVersions` needs a list or `file`"));
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
            from_file(&FieldRules::of(&found, Reading::Strict, CODES), &found.document.root, problems)
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
