use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::source::Tree;
use crate::stack::api_versions::api_versions;
use crate::stack::fields::{FieldRules, Fields};
use crate::stack::images::ClusterImageSettings;
use crate::stack::spec::Text;

use super::capabilities;
use super::read::{CODES, INVALID, invalid};
use super::{CapabilityProfile, Cluster, ComponentFilter, placeholder};

/// The keys that an entry, `defaults` and `matrix` share.
pub(super) const KEYS: [&str; 9] =
    ["labels", "layers", "output", "components", "images", "disabled", "allowFailure", "kubeVersion", "apiVersions"];

/// What one place says about clusters. What is absent is said elsewhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    labels: BTreeMap<String, String>,
    layers: Option<Vec<Text>>,
    output: Option<Text>,
    components: Option<ComponentFilter>,
    images: ClusterImageSettings,
    disabled: Option<bool>,
    allow_failure: Option<bool>,
    kube_version: Option<Text>,
    api_versions: Option<Vec<String>>,
}

impl Settings {
    /// Labels and nothing else.
    pub fn of_labels(labels: BTreeMap<String, String>) -> Self {
        Self { labels, ..Self::default() }
    }

    /// Reads the shared keys of a map; files that it names are relative to `folder`.
    pub fn read(rules: &FieldRules<'_>, fields: &Fields<'_>, folder: &Tree, problems: &mut Vec<Diagnostic>) -> Self {
        let layers = fields.get("layers").map(|_| {
            let items = fields.list("layers", problems);
            items.iter().filter_map(|item| fields.text_of("an item of `layers`", item, problems)).collect()
        });
        Self {
            labels: labels(rules, fields, problems),
            layers,
            output: fields.text("output", problems),
            components: components(rules, fields, problems),
            images: ClusterImageSettings::read(rules, fields, problems),
            disabled: fields.boolean("disabled", problems).map(|(value, _)| value),
            allow_failure: fields.boolean("allowFailure", problems).map(|(value, _)| value),
            kube_version: capabilities::kube_version(fields, problems),
            api_versions: api_versions(rules, fields, folder, (CODES, INVALID), problems),
        }
    }

    /// These settings, and `below` where they say nothing. Labels are joined.
    pub fn over(mut self, below: &Self) -> Self {
        for (key, value) in &below.labels {
            self.labels.entry(key.clone()).or_insert_with(|| value.clone());
        }
        Self {
            labels: self.labels,
            layers: self.layers.or_else(|| below.layers.clone()),
            output: self.output.or_else(|| below.output.clone()),
            components: self.components.or_else(|| below.components.clone()),
            images: self.images.over(&below.images),
            disabled: self.disabled.or(below.disabled),
            allow_failure: self.allow_failure.or(below.allow_failure),
            kube_version: self.kube_version.or_else(|| below.kube_version.clone()),
            api_versions: self.api_versions.or_else(|| below.api_versions.clone()),
        }
    }

    /// The cluster of this name that they describe, with placeholders filled in.
    pub fn cluster(self, name: Text, problems: &mut Vec<Diagnostic>) -> Cluster {
        let labels = self.labels;
        let mut filled = |text: &Text| placeholder::fill(text, Some(&name.value), &labels, problems);
        let layers = self.layers.unwrap_or_default().iter().filter_map(&mut filled).collect();
        let output = self.output.as_ref().and_then(&mut filled).unwrap_or_else(|| name.clone());
        let ClusterImageSettings(mut images) = self.images;
        images.channel = images.channel.as_ref().and_then(&mut filled);
        Cluster {
            layers,
            output,
            components: self.components.unwrap_or_default(),
            images: Arc::new(images),
            disabled: self.disabled.unwrap_or(false),
            allow_failure: self.allow_failure.unwrap_or(false),
            is_typed: false,
            profile: Arc::new(CapabilityProfile {
                kube_version: self.kube_version,
                api_versions: self.api_versions.unwrap_or_default(),
            }),
            labels: Arc::new(labels),
            name,
            copy_of: None,
        }
    }
}

fn labels(rules: &FieldRules<'_>, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let Some(map) = fields.get("labels").and_then(|node| rules.map("labels", node, problems)) else { return labels };
    map.check_duplicates(problems);
    for (key, value) in map.entries() {
        let name = key.as_str().unwrap_or_default();
        if let Err(why) = check_label(name) {
            problems.push(invalid(rules.span(key), why));
        } else if let Some(text) = map.text_of(&format!("labels.{name}"), value, problems) {
            labels.insert(name.to_owned(), text.value);
        }
    }
    labels
}

/// Whether a word can be a label: it must be possible to select by it.
pub(super) fn check_label(name: &str) -> Result<(), String> {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '/');
    if name == "name" {
        return Err("a label cannot be called `name`: that is the cluster's own name".to_owned());
    }
    match !name.is_empty() && name.chars().all(is_plain) {
        true => Ok(()),
        false => Err(format!("`{}` cannot be a label: letters, digits and `-_./` can", name.escape_debug())),
    }
}

fn components(rules: &FieldRules<'_>, fields: &Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<ComponentFilter> {
    let node = fields.get("components")?;
    let map = rules.map("components", node, problems)?;
    map.check(&["only", "except"], "`components`", problems);
    let mut read = |key: &str| {
        let items = map.list(key, problems);
        let name = format!("an item of `{key}`");
        items.iter().filter_map(|item| map.text_of(&name, item, problems)).collect::<Vec<Text>>()
    };
    let filter = ComponentFilter { only: read("only"), except: read("except") };
    if map.get("only").is_some() && filter.only.is_empty() {
        let problem = invalid(rules.span(node), "`only` names no component");
        problems.push(problem.help("remove it, or disable the cluster with `disabled: true`"));
    }
    Some(filter)
}
