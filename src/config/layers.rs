use std::collections::BTreeSet;
use std::sync::Arc;

use super::merge::{MergeRules, merge};
use super::read::read_settings;
use super::settings::Settings;
use crate::diag::{Code, Diagnostic, nearest};
use crate::source::{EntryKind, Memo, Tree};
use crate::span::Span;
use crate::stack::{Reading, read_yaml_or_json};

/// The layer below all others.
pub const COMMON: &str = "common";

const INVALID_NAME: Code = Code("config.invalid-layer-name");
const UNKNOWN_LAYER: Code = Code("config.unknown-layer");
const DUPLICATE_LAYER: Code = Code("config.duplicate-layer");

/// One layer's file of one component.
#[derive(Debug, Default)]
pub struct LayerFile {
    /// Whether there is a file.
    pub exists: bool,
    /// What it says; absent when it is broken or empty.
    pub settings: Option<Arc<Settings>>,
    /// What is wrong with it.
    pub problems: Vec<Diagnostic>,
}

/// The layers of all components of a stack. Each file is read once, however many environments and
/// clusters ask for it.
pub struct Layers {
    reading: Reading,
    files: Memo<LayerKey, LayerFile>,
}

/// A component's folder and a layer.
type LayerKey = (String, Arc<str>);

impl Layers {
    /// Layers that are read in a certain way.
    pub fn new(reading: Reading) -> Self {
        Self { reading, files: Memo::default() }
    }

    /// `config/<layer>.yaml`, else `config/<layer>.json`, of a component's folder.
    pub fn file(&self, folder: &Tree, layer: &Arc<str>) -> Arc<LayerFile> {
        let key = (folder.display(""), Arc::clone(layer));
        self.files.get(key, || self.read(folder, layer))
    }

    /// Gives back the memory of layers that nobody will ask for again.
    pub fn forget(&self, is_over: impl Fn(&str) -> bool) {
        self.files.retain(|(_, layer)| !is_over(layer));
    }

    fn read(&self, folder: &Tree, layer: &Arc<str>) -> LayerFile {
        let mut problems = Vec::new();
        match read_yaml_or_json(folder, &format!("config/{layer}"), self.reading) {
            Ok(None) => LayerFile::default(),
            Ok(Some(file)) => {
                let settings = read_settings(&file, layer, self.reading, &mut problems);
                LayerFile { exists: true, settings, problems }
            }
            Err(problem) => LayerFile { exists: true, settings: None, problems: vec![problem] },
        }
    }

    /// What all layers say about a component with a folder of its own: `above` (from its parent)
    /// first, then its own layers in the given order.
    pub fn merged(
        &self,
        above: Option<&Arc<Settings>>,
        folders: &[Tree],
        layers: &[Arc<str>],
        rules: &MergeRules,
        problems: &mut Vec<Diagnostic>,
    ) -> Arc<Settings> {
        let mut merged = above.cloned();
        for folder in folders {
            for layer in layers {
                let file = self.file(folder, layer);
                problems.extend(file.problems.iter().cloned());
                let Some(low) = &file.settings else { continue };
                merged = Some(match &merged {
                    None => Arc::clone(low),
                    Some(high) => merge(high, low, rules, problems),
                });
            }
        }
        merged.unwrap_or_default()
    }

    /// Complains about an environment that no component has a file for, though there are others.
    pub fn unknown(&self, layer: &str, folders: &[&Tree]) -> Diagnostic {
        let mut names = BTreeSet::new();
        for folder in folders {
            list_layers(folder, "", &mut names, 0);
        }
        names.remove(COMMON);
        let shown: String = layer.chars().flat_map(char::escape_debug).collect();
        let message = format!("no component has a layer `{shown}`: `config/{shown}.yaml` was not found");
        // Where there are no layers at all, the name cannot be a slip.
        let problem = match names.is_empty() {
            true => Diagnostic::warning(UNKNOWN_LAYER, message),
            false => self.reading.questionable(UNKNOWN_LAYER, message),
        };
        match nearest(layer, names.iter().map(String::as_str)) {
            Some(name) => problem.help(format!("did you mean `{name}`?")),
            None if names.is_empty() => problem.help("there are no layers besides `common`"),
            None => {
                let some: Vec<&str> = names.iter().take(12).map(String::as_str).collect();
                problem.help(format!("layers: {}", some.join(", ")))
            }
        }
    }
}

/// The layers to load for the environments asked for: those first, `common` last. Fabrikate loads a
/// layer as often as it is named, so that its lists double; the strict reading loads it once.
///
/// `places` says where the environments are written, in the same order, unless they were typed.
pub fn layer_order(
    environments: &[String],
    places: &[Span],
    reading: Reading,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Arc<str>> {
    let effect = if reading.is_strict() { "it is loaded once" } else { "its lists are doubled" };
    let mut order: Vec<Arc<str>> = Vec::new();
    for (at, environment) in environments.iter().enumerate() {
        let place = || places.get(at).cloned();
        if let Some(why) = unusable(environment) {
            let message = format!("`{}` is not a layer's name: it {why}", environment.escape_debug());
            let problem = Diagnostic::error(INVALID_NAME, message).maybe_at(place(), "");
            problems.push(problem.help("a layer is a file below `config/`"));
            continue;
        }
        let again = order.iter().any(|known| **known == **environment);
        if again || environment == COMMON {
            let message = match environment == COMMON {
                true => format!("`common` is always loaded, below all other layers; named here, {effect}"),
                false => format!("the layer `{environment}` is given twice; {effect}"),
            };
            let problem = Diagnostic::warning(DUPLICATE_LAYER, message).maybe_at(place(), "");
            problems.push(problem.help("name each layer once, and `common` never"));
        }
        if !again || !reading.is_strict() {
            order.push(Arc::from(environment.as_str()));
        }
    }
    if !reading.is_strict() || !order.iter().any(|known| **known == *COMMON) {
        order.push(Arc::from(COMMON));
    }
    order
}

fn unusable(environment: &str) -> Option<&'static str> {
    if environment.is_empty() || environment.split('/').any(str::is_empty) {
        return Some("has an empty part");
    }
    if environment.split('/').any(|part| part == "." || part == "..") {
        return Some("leads out of the folder `config`");
    }
    if environment.starts_with('-') {
        return Some("begins with `-`, like a flag");
    }
    if environment.contains('\\') || environment.chars().any(char::is_control) {
        return Some("has a backslash or a control character");
    }
    None
}

/// Collects the names of all layers of a folder.
fn list_layers(folder: &Tree, below: &str, names: &mut BTreeSet<String>, depth: usize) {
    let Ok(entries) = folder.list(&format!("config/{below}")) else { return };
    for entry in entries {
        match entry.kind {
            EntryKind::Dir if depth < 8 => list_layers(folder, &format!("{below}{}/", entry.name), names, depth + 1),
            EntryKind::Dir => {}
            EntryKind::File => {
                let stem = entry.name.strip_suffix(".yaml").or_else(|| entry.name.strip_suffix(".json"));
                names.extend(stem.map(|stem| format!("{below}{stem}")));
            }
        }
    }
}
