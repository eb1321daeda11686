use std::collections::HashSet;
use std::sync::Arc;

use super::documents::LoadedDocument;
use super::expressions::{evaluated, evaluated_document, evaluated_setting};
use super::fold::{Step, fold};
use super::layers::{LayerFile, Layers};
use super::merge::{MergeRules, without_nulls};
use super::patch::Patches;
use super::settings::{Settings, Shared};
use super::{ConfigMap, ConfigNode, ConfigValue, Layer, Scope, Setting};
use crate::diag::Diagnostic;
use crate::jinja::expression::Variables;
use crate::source::Tree;
use crate::span::{Source, Span};
use crate::stack::{MergePolicy, NullRule, Reading, ValuesDocument};
use crate::value::Str;

/// The layer's name of documents that a component's definition names.
const DEFINITION: &str = "component.yaml";

/// What all layers say about one component, highest first, before it is merged.
#[derive(Clone, Debug, Default)]
pub struct Composition {
    strata: Vec<Stratum>,
    /// How many of them are said by components above.
    from_above: usize,
}

/// What one layer's file says about a component.
#[derive(Clone, Debug)]
pub struct Stratum {
    /// The file.
    pub file: Arc<LayerFile>,
    /// What it says, if it mentions the component.
    pub settings: Option<Arc<Settings>>,
    /// What it shares among all components below one of those above, the nearest first.
    pub shared: Vec<Arc<Shared>>,
    /// What its patch file says, if that mentions the component.
    pub patches: Option<Arc<Patches>>,
    /// Whether the file came from a fetched source.
    pub remote: bool,
}

/// The component that a composition is of, as far as it matters for its values.
pub struct Composed<'a> {
    /// How its values are merged.
    pub policy: Option<&'a MergePolicy>,
    /// Whether it takes what is shared: it is a chart or native templates.
    pub takes_shared: bool,
    /// Whether its templates see deleted values as absent, where its policy deletes them.
    pub drops_nulls: bool,
    /// Documents that its definition names, with the folder that their paths start at.
    pub documents: &'a [(Tree, ValuesDocument)],
    /// Whether the definition came from a fetched source.
    pub remote: bool,
    /// Whether it is the root component.
    pub is_root: bool,
    /// Whether `${{ … }}` in its definition is an expression.
    pub expressions: bool,
    /// What expressions may name.
    pub variables: &'a Variables,
}

impl Composition {
    /// What the layers say about the component below whose entry has this name.
    pub fn below(&self, entry: &str) -> Self {
        let strata: Vec<Stratum> = self.strata.iter().filter_map(|stratum| stratum.below(entry)).collect();
        Self { from_above: strata.len(), strata }
    }

    /// Adds what the component's own folder says, below everything else.
    pub fn add_folder(
        &mut self,
        layers: &Layers,
        folder: &Tree,
        remote: bool,
        order: &[Arc<str>],
        problems: &mut Vec<Diagnostic>,
    ) {
        for layer in order {
            let file = layers.file(folder, layer);
            problems.extend(file.problems.iter().cloned());
            let (settings, patches) = (file.settings.clone(), file.patches.clone());
            if settings.is_some() || patches.is_some() {
                self.strata.push(Stratum { file, settings, shared: Vec::new(), patches, remote });
            }
        }
    }

    /// What each layer says, highest first.
    pub fn strata(&self) -> &[Stratum] {
        &self.strata
    }

    /// Whether a component above turns the component off. With Fabrikate a layer that mentions a
    /// component at all decides.
    pub fn is_disabled_above(&self, reading: Reading) -> bool {
        self.disabled_above_at(reading).is_some()
    }

    /// Where a component above turns the component off.
    pub fn disabled_above_at(&self, reading: Reading) -> Option<Span> {
        place_of(self.disabled(&self.strata[..self.from_above], reading))
    }

    /// Where the component is turned off, by a component above or by itself.
    pub fn disabled_at(&self, reading: Reading) -> Option<Span> {
        let strata = match reading {
            Reading::Strict => &self.strata,
            Reading::Fabrikate => &self.strata[..self.from_above],
        };
        place_of(self.disabled(strata, reading))
    }

    fn disabled<'s>(&self, strata: &'s [Stratum], reading: Reading) -> Option<&'s Setting<bool>> {
        let mut said = strata.iter().filter_map(|stratum| stratum.settings.as_ref());
        match reading {
            Reading::Strict => said.find_map(|settings| settings.disabled.as_ref()),
            Reading::Fabrikate => said.next().and_then(|settings| settings.disabled.as_ref()),
        }
    }

    /// The names of components below that are mentioned, each once, with the place.
    pub fn mentioned(&self) -> Vec<(&Str, &Span)> {
        let mut known = HashSet::new();
        let settings = self.strata.iter().filter_map(|stratum| stratum.settings.as_ref());
        let said = settings.flat_map(|settings| settings.subcomponents.iter().map(|(name, below)| (name, &below.key)));
        let patches = self.strata.iter().filter_map(|stratum| stratum.patches.as_ref());
        let patched = patches.flat_map(|patches| patches.below.iter().map(|(name, (key, _))| (name, key)));
        said.chain(patched).filter(|(name, _)| known.insert(*name)).collect()
    }

    /// Everything merged.
    pub fn scope(
        &self,
        component: &Composed<'_>,
        layers: &Layers,
        rules: &MergeRules,
        problems: &mut Vec<Diagnostic>,
    ) -> Scope {
        let mut steps = Vec::with_capacity(self.strata.len() + 1);
        if component.is_root && !rules.reading.is_strict() {
            // Fabrikate begins the root's values with an empty map, into which no `null` is merged; other
            // components take their first values as they are.
            steps.push(Step { value: Some(empty()), patch: None });
        }
        for stratum in &self.strata {
            let first = steps.len();
            self.steps(stratum, component, layers, &mut steps, problems);
            if let Some(patch) = stratum.patches.as_ref().and_then(|patches| patches.own.clone()) {
                let variables = Some(component.variables).filter(|_| stratum.file.patch_expressions);
                let patch = patch.evaluated(variables, problems);
                // Over everything that the layer says, and over what is below it.
                match steps.get_mut(first) {
                    Some(step) => step.patch = Some(patch),
                    None => steps.push(Step { value: None, patch: Some(patch) }),
                }
            }
        }
        let definition: Arc<str> = Arc::from(DEFINITION);
        let variables = Some(component.variables).filter(|_| component.expressions);
        for (folder, document) in component.documents.iter().rev() {
            if let Some(document) = evaluated_document(document, variables, problems) {
                let loaded = layers.document(folder, "", component.remote, &document, &definition);
                steps.extend(taken(&loaded, problems));
            }
        }
        let mut config = fold(&steps, rules, component.policy, problems);
        if component.drops_nulls && component.policy.and_then(|policy| policy.null) == Some(NullRule::Delete) {
            config = config.as_ref().map(without_nulls);
        }
        let (namespace, inject_namespace) = self.namespace(rules.reading, component.variables, problems);
        Scope::new(config, namespace, inject_namespace)
    }

    /// The values that a layer has for the component: its own, then those of its documents, then what is
    /// shared.
    fn steps(
        &self,
        stratum: &Stratum,
        component: &Composed<'_>,
        layers: &Layers,
        steps: &mut Vec<Step>,
        problems: &mut Vec<Diagnostic>,
    ) {
        let LayerFile { folder, dir, layer, expressions, .. } = &*stratum.file;
        let variables = Some(component.variables).filter(|_| *expressions);
        let mut take = |config: &Option<Arc<ConfigNode>>, documents: &[ValuesDocument]| {
            let value = config.as_ref().map(|config| evaluated(config, variables, problems));
            steps.extend(value.map(|value| Step { value: Some(value), patch: None }));
            for document in documents.iter().rev() {
                if let Some(document) = evaluated_document(document, variables, problems) {
                    let loaded = layers.document(folder, dir, stratum.remote, &document, layer);
                    steps.extend(taken(&loaded, problems));
                }
            }
        };
        if let Some(settings) = &stratum.settings {
            take(&settings.config, &settings.values_from);
        }
        for shared in stratum.shared.iter().filter(|_| component.takes_shared) {
            take(&shared.config, &shared.documents);
        }
    }

    /// The namespace, and whether it is injected. With Fabrikate injection belongs to the layer that
    /// names the namespace.
    fn namespace(
        &self,
        reading: Reading,
        variables: &Variables,
        problems: &mut Vec<Diagnostic>,
    ) -> (Option<Setting<Arc<str>>>, Option<Setting<bool>>) {
        let said = || self.strata.iter().filter_map(|stratum| Some((stratum, stratum.settings.as_ref()?)));
        let Some((stratum, settings)) = said().find(|(_, settings)| settings.namespace.is_some()) else {
            let inject = said().find_map(|(_, settings)| settings.inject_namespace.clone());
            return (None, inject.filter(|_| reading.is_strict()));
        };
        let variables = Some(variables).filter(|_| stratum.file.expressions);
        let namespace = settings.namespace.as_ref().map(|setting| evaluated_setting(setting, variables, problems));
        let inject = match reading {
            Reading::Strict => said().find_map(|(_, settings)| settings.inject_namespace.clone()),
            Reading::Fabrikate => settings.inject_namespace.clone(),
        };
        (namespace, inject)
    }
}

impl Stratum {
    fn below(&self, entry: &str) -> Option<Self> {
        let below = self.settings.as_ref().and_then(|settings| settings.subcomponents.get(entry.as_bytes()));
        let patches = self.patches.as_ref().and_then(|patches| patches.below.get(entry.as_bytes()));
        let own = self.settings.as_ref().and_then(|settings| settings.shared.as_ref());
        let shared: Vec<Arc<Shared>> = own.into_iter().chain(&self.shared).map(Arc::clone).collect();
        if below.is_none() && patches.is_none() && shared.is_empty() {
            return None;
        }
        Some(Self {
            file: Arc::clone(&self.file),
            settings: below.map(|below| Arc::clone(&below.settings)),
            shared,
            patches: patches.map(|(_, patches)| Arc::clone(patches)),
            remote: self.remote,
        })
    }
}

fn place_of(disabled: Option<&Setting<bool>>) -> Option<Span> {
    disabled.filter(|setting| setting.value).map(|setting| setting.origin.span.clone())
}

fn taken(loaded: &LoadedDocument, problems: &mut Vec<Diagnostic>) -> Option<Step> {
    problems.extend(loaded.problems.iter().cloned());
    loaded.value.clone().map(|value| Step { value: Some(value), patch: None })
}

fn empty() -> Arc<ConfigNode> {
    let layer = Arc::new(Layer { name: Arc::from("nothing"), source: Source::new("", "") });
    Arc::new(ConfigNode::new(ConfigValue::Map(ConfigMap::new()), &layer, 0..0))
}
