use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::documents::{DocumentPlace, LoadedDocument, load_document};
use super::expressions::evaluated_document;
use super::patch::{Patches, ReadPatches, read_patches};
use super::read::read_settings;
use super::settings::Settings;
use crate::diag::{Code, Diagnostic, nearest};
use crate::jinja::expression::Variables;
use crate::source::{EntryKind, Memo, Tree};
use crate::stack::{DocumentKind, Reach, Reading, Text, ValuesDocument, read_yaml_or_json};
use crate::value::Str;

/// The layer below all others.
pub const COMMON: &str = "common";

const UNKNOWN_LAYER: Code = Code("config.unknown-layer");

/// What the name of a patch file has between the layer's name and the ending.
pub(super) const PATCH: &str = ".patch";

/// One layer's files of one component.
#[derive(Debug)]
pub struct LayerFile {
    /// The layer.
    pub layer: Arc<str>,
    /// The component's folder.
    pub folder: Tree,
    /// The folder of the file in it, which paths in the file start at.
    pub dir: String,
    /// The file as users know it, if there is one.
    pub shown: Option<String>,
    /// What it says; absent when it is broken or empty.
    pub settings: Option<Arc<Settings>>,
    /// Whether `${{ … }}` in it is an expression.
    pub expressions: bool,
    /// The patch file as users know it, if there is one.
    pub patch_shown: Option<String>,
    /// What it says.
    pub patches: Option<Arc<Patches>>,
    /// Whether `${{ … }}` in its values is an expression.
    pub patch_expressions: bool,
    /// What is wrong with them.
    pub problems: Vec<Diagnostic>,
}

impl LayerFile {
    /// Whether the component has this layer.
    pub fn exists(&self) -> bool {
        self.shown.is_some() || self.patch_shown.is_some()
    }
}

/// The layers of all components of a stack. Each file is read once, however many environments and
/// clusters ask for it.
pub struct Layers {
    reading: Reading,
    reach: Reach,
    files: Memo<LayerKey, LayerFile>,
    documents: Memo<DocumentKey, LoadedDocument>,
}

/// A component's folder and a layer.
type LayerKey = (String, Arc<str>);

/// Everything that tells documents apart.
#[derive(PartialEq, Eq, Hash)]
struct DocumentKey {
    folder: String,
    dir: String,
    path: String,
    kind: DocumentKind,
    key: String,
    name: Option<String>,
    at: Vec<Str>,
    layer: Arc<str>,
}

impl Layers {
    /// Layers that are read in a certain way. Documents that the project's own files name may be as far
    /// away as `reach` says; those that fetched ones name are in the same tree.
    pub fn new(reading: Reading, reach: Reach) -> Self {
        Self { reading, reach, files: Memo::default(), documents: Memo::default() }
    }

    /// `config/<layer>.yaml`, else `config/<layer>.json`, of a component's folder, and its patch file.
    pub fn file(&self, folder: &Tree, layer: &Arc<str>) -> Arc<LayerFile> {
        let key = (folder.display(""), Arc::clone(layer));
        self.files.get(key, || self.read(folder, layer))
    }

    /// The values of a document that a file in `dir` of a folder names.
    pub(super) fn document(
        &self,
        folder: &Tree,
        dir: &str,
        remote: bool,
        document: &ValuesDocument,
        layer: &Arc<str>,
    ) -> Arc<LoadedDocument> {
        let key = DocumentKey {
            folder: folder.display(""),
            dir: dir.to_owned(),
            path: document.path.value.clone(),
            kind: document.kind,
            key: document.key.value.clone(),
            name: document.name.as_ref().map(|name| name.value.clone()),
            at: document.at.clone(),
            layer: Arc::clone(layer),
        };
        self.documents.get(key, || {
            let place = DocumentPlace { folder, dir, reach: if remote { &Reach::Tree } else { &self.reach } };
            load_document(&place, document, layer, self.reading)
        })
    }

    /// The files that a layer's file of a folder names as documents of values, by their paths as written, with the
    /// variables of any of some targets. What is read for this is not kept.
    pub fn documents_named(
        &self,
        folder: &Tree,
        layer: &str,
        remote: bool,
        targets: &[Variables],
    ) -> BTreeMap<String, Tree> {
        let file = self.read(folder, &Arc::from(layer));
        let reach = if remote { &Reach::Tree } else { &self.reach };
        let place = DocumentPlace { folder, dir: &file.dir, reach };
        let targets = if file.expressions { targets } else { &[] };
        let documents = file.settings.iter().flat_map(|settings| settings.documents());
        documents.flat_map(|document| paths_of(document, targets, |path| place.open(path).ok())).collect()
    }

    /// The same for a document that a component's definition names.
    pub fn documents_of_definition(
        &self,
        folder: &Tree,
        document: &ValuesDocument,
        remote: bool,
        targets: &[Variables],
    ) -> BTreeMap<String, Tree> {
        let reach = if remote { &Reach::Tree } else { &self.reach };
        let place = DocumentPlace { folder, dir: "", reach };
        paths_of(document, targets, |path| place.open(path).ok())
    }

    /// Gives back the memory of layers that nobody will ask for again.
    pub fn forget(&self, is_over: impl Fn(&str) -> bool) {
        self.files.retain(|(_, layer)| !is_over(layer));
        self.documents.retain(|key| !is_over(&key.layer));
    }

    fn read(&self, folder: &Tree, layer: &Arc<str>) -> LayerFile {
        let path = format!("config/{layer}");
        let mut found = LayerFile {
            layer: Arc::clone(layer),
            folder: folder.clone(),
            dir: path.rsplit_once('/').map_or_else(String::new, |(dir, _)| dir.to_owned()),
            shown: None,
            settings: None,
            expressions: false,
            patch_shown: None,
            patches: None,
            patch_expressions: false,
            problems: Vec::new(),
        };
        match read_yaml_or_json(folder, &path, self.reading) {
            Ok(None) => {}
            Ok(Some(file)) => {
                found.shown = Some(file.document.source.name().to_owned());
                if let Some(read) = read_settings(&file, layer, self.reading, &mut found.problems) {
                    (found.settings, found.expressions) = (Some(read.settings), read.expressions);
                }
            }
            Err(problem) => {
                found.shown = Some(folder.display(&path));
                found.problems.push(problem);
            }
        }
        match read_yaml_or_json(folder, &format!("{path}{PATCH}"), self.reading) {
            Ok(None) => {}
            Ok(Some(file)) => {
                found.patch_shown = Some(file.document.source.name().to_owned());
                if let Some(read) = read_patches(&file, layer, self.reading, &mut found.problems) {
                    let ReadPatches { patches, expressions } = read;
                    (found.patches, found.patch_expressions) = (Some(patches), expressions);
                }
            }
            Err(problem) => {
                found.patch_shown = Some(folder.display(&format!("{path}{PATCH}")));
                found.problems.push(problem);
            }
        }
        found
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

/// The paths of a document for some targets, or as it is written where no target has expressions.
fn paths_of(
    document: &ValuesDocument,
    targets: &[Variables],
    open: impl Fn(&Text) -> Option<Tree>,
) -> BTreeMap<String, Tree> {
    let mut found = BTreeMap::new();
    let mut take = |path: &Text| {
        if !found.contains_key(&path.value)
            && let Some(file) = open(path)
        {
            found.insert(path.value.clone(), file);
        }
    };
    match targets.is_empty() || !document.path.value.contains("${{") {
        true => take(&document.path),
        false => {
            for variables in targets {
                // What cannot be evaluated fails where it is used.
                if let Some(document) = evaluated_document(document, Some(variables), &mut Vec::new()) {
                    take(&document.path);
                }
            }
        }
    }
    found
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
                // A patch file is one of the layer's files.
                let stem = stem.map(|stem| stem.strip_suffix(PATCH).unwrap_or(stem));
                names.extend(stem.map(|stem| format!("{below}{stem}")));
            }
        }
    }
}
