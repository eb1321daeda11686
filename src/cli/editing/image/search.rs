//! Which files say images, and what they say.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Part, Slot};
use super::conventions::Searched;
use super::ours;
use crate::cli::editing::read_text;
use crate::diag::{Diagnostic, Sink};
use crate::k8s::ImageRef;
use crate::pipeline::Project;
use crate::source::{EntryKind, Tree};
use crate::span::Source;
use crate::stack::{
    Binding, CLUSTERS_FILE, ComponentType, Content, Graph, IMAGES_FILE, ImageFile, Node as Component, NodeId,
    load_images,
};
use crate::value::Frozen;
use crate::yaml::edit::Step;
use crate::yaml::{Document, Node, load, parse_stream};

/// Folders nested deeper than this hold no layers.
const DEEPEST: usize = 8;

/// Everything that says an image, in the order of files and lines. With `only`, a file, nothing else is searched.
pub fn search(
    folder: &Tree,
    project: Option<&Project>,
    only: Option<&str>,
    problems: &mut Vec<Diagnostic>,
) -> Result<Vec<Candidate>, Diagnostic> {
    let mut quiet = Sink::new();
    // What is wrong with the stack is for `generate` to say; here it only means fewer hints.
    let graph = project.and_then(|project| project.resolve(&mut quiet).ok());
    let images = load_images(folder, &mut quiet).ok().flatten();
    let mut search = Search { folder, graph: graph.as_ref(), images: images.as_ref(), found: Vec::new() };
    let layers = search.layers();
    let files: BTreeSet<String> = match only {
        Some(file) => BTreeSet::from([file.to_owned()]),
        None => {
            let own = [IMAGES_FILE, CLUSTERS_FILE].map(str::to_owned);
            own.into_iter().chain(layers.keys().cloned()).chain(search.all_layers()).collect()
        }
    };
    for file in &files {
        let asked = only.is_some();
        match search.file(file, layers.get(file).map_or(&[], Vec::as_slice)) {
            Ok(true) => {}
            Ok(false) if asked => return Err(missing(file)),
            Ok(false) => {}
            Err(problem) if asked => return Err(problem),
            // Another file may be broken without being in the way.
            Err(problem) => problems.push(problem),
        }
    }
    let mut found = search.found;
    found.sort_by(|a, b| (a.key().0, a.document, a.place.start).cmp(&(b.key().0, b.document, b.place.start)));
    found.dedup_by(|a, b| a.key() == b.key());
    Ok(found)
}

fn missing(file: &str) -> Diagnostic {
    Diagnostic::error(crate::diag::Code("image.no-file"), format!("there is no file `{}`", file.escape_debug()))
}

struct Search<'a> {
    folder: &'a Tree,
    graph: Option<&'a Graph>,
    images: Option<&'a ImageFile>,
    found: Vec<Candidate>,
}

impl Search<'_> {
    /// The layers of components, each with the components whose settings it begins with.
    fn layers(&self) -> BTreeMap<String, Vec<NodeId>> {
        let mut layers: BTreeMap<String, Vec<NodeId>> = BTreeMap::new();
        for (id, node) in self.graph.iter().flat_map(|graph| graph.nodes.iter().enumerate()) {
            if node.remote {
                continue;
            }
            for folder in &node.config_folders {
                let mut files = Vec::new();
                list(folder, "config", &mut files, 0);
                for file in files {
                    layers.entry(folder.display(&file)).or_default().push(id);
                }
            }
        }
        layers.retain(|path, _| self.folder.is_file(path));
        layers
    }

    /// The layers of the root component, for a stack that cannot be resolved.
    fn all_layers(&self) -> Vec<String> {
        let mut files = Vec::new();
        list(self.folder, "config", &mut files, 0);
        files
    }

    /// Searches a file; `false` when there is none.
    fn file(&mut self, file: &str, nodes: &[NodeId]) -> Result<bool, Diagnostic> {
        let Some(text) = read_text(self.folder, file)? else { return Ok(false) };
        let source = Source::new(file, text);
        let documents = parse_stream(&source).map_err(|error| error.to_diagnostic(&source))?;
        for (index, document) in documents.iter().enumerate() {
            // Refuses what cannot be decoded, such as aliases that multiply.
            crate::yaml::load_node_native(&document.root).map_err(|error| error.to_diagnostic(&source))?;
            let searched = Searched { file, index, document };
            match file {
                IMAGES_FILE => ours::channels(&searched, &document.root, &mut self.found),
                _ if file == CLUSTERS_FILE => ours::pins(&searched, &document.root, &mut self.found),
                _ => {
                    for node in nodes.iter().filter(|_| index == 0) {
                        self.settings(&searched, &document.root, &mut Vec::new(), *node, 0);
                    }
                    searched.by_convention(&document.root, &[], None, &mut self.found);
                    if file.rsplit('/').next() == Some("cluster.yaml") {
                        ours::pins(&searched, &document.root, &mut self.found);
                    }
                }
            }
        }
        Ok(true)
    }

    /// Searches what a layer says about a component and those below it, where it is known which values take
    /// which image.
    fn settings<'d>(
        &mut self,
        searched: &Searched<'d>,
        node: &'d Node,
        path: &mut Vec<Step>,
        id: NodeId,
        depth: usize,
    ) {
        let Some(graph) = self.graph.filter(|_| depth <= 100) else { return };
        let component = &graph.nodes[id];
        if let Some(config) = node.get("config") {
            path.push(Step::from("config"));
            let bindings = self.images.map_or(&[][..], |images| images.bindings.as_slice());
            for binding in bindings.iter().filter(|binding| binding.is_of(&component.address)) {
                self.found.extend(bound(searched, config, path, binding));
            }
            if let Some(defaults) = defaults(&component.content, &component.spec.kind) {
                searched.by_convention(config, path, Some(&defaults), &mut self.found);
            }
            path.pop();
        }
        let Some(below) = node.get("subcomponents") else { return };
        path.push(Step::from("subcomponents"));
        for child in &component.children {
            let entry = &*graph.nodes[*child].entry;
            let Some(node) = below.get(entry) else { continue };
            path.push(Step::from(entry));
            self.settings(searched, node, path, *child, depth + 1);
            path.pop();
        }
        path.pop();
    }
}

/// The candidate of a component that takes an image by a binding, where a layer says its version.
fn bound<'d>(searched: &Searched<'d>, config: &'d Node, path: &[Step], binding: &Binding) -> Option<Candidate> {
    let part = |keys: &Option<Vec<String>>| {
        let keys = keys.as_ref()?;
        let node = keys.iter().try_fold(config, |node, key| super::conventions::get(node, key))?;
        let text = if node.is_null() { "" } else { node.as_str()? };
        let path = path.iter().cloned().chain(keys.iter().map(|key| Step::from(key.as_str()))).collect();
        Some((Part { path, text: text.to_owned() }, node))
    };
    let values = &binding.values;
    if let Some((part, node)) = part(&values.reference) {
        let mut image = ImageRef::parse(&part.text)?;
        image.repository.clone_from(&binding.named.repository);
        return Some(searched.candidate(image, Slot::Reference(part), node));
    }
    let (tag, digest) = (part(&values.tag), part(&values.digest));
    let place = tag.as_ref().or(digest.as_ref())?.1;
    let repository = part(&values.repository);
    let registry = part(&values.registry);
    let mut image = binding.named.clone();
    if let Some(written) = repository.as_ref().and_then(|(part, _)| ImageRef::parse(&part.text)) {
        image.registry = written.registry.or(image.registry);
    }
    if let Some((registry, _)) = registry.as_ref().filter(|(part, _)| !part.text.is_empty()) {
        image.registry = Some(registry.text.clone());
    }
    image.tag = tag.as_ref().and_then(|(part, _)| part.text.split('@').next()).map(str::to_owned);
    image.digest = digest.as_ref().map(|(part, _)| part.text.clone()).filter(|text| !text.is_empty());
    let slot = Slot::of_parts([registry, repository, tag, digest], false);
    Some(searched.candidate(image, slot, place))
}

/// The values of a chart that is at hand.
fn defaults(content: &Content, kind: &ComponentType) -> Option<Frozen> {
    let (Content::Tree(tree), ComponentType::Helm) = (content, kind) else { return None };
    let values = tree.read("values.yaml").ok()?;
    load(&values).ok()
}

/// The path of the tag among the values of a component's chart, where its defaults say that image.
pub fn values_of_chart(node: &Component, wanted: &ImageRef) -> Option<Vec<String>> {
    let (Content::Tree(tree), ComponentType::Helm) = (&node.content, &node.spec.kind) else { return None };
    let text = tree.read("values.yaml").ok()?;
    let documents = documents("values.yaml", std::str::from_utf8(&text).ok()?).ok()?;
    let mut found = Vec::new();
    let document = documents.first()?;
    let searched = Searched { file: "values.yaml", index: 0, document };
    searched.by_convention(&document.root, &[], None, &mut found);
    let candidate = found.iter().find(|candidate| candidate.image.is(wanted))?;
    let Slot::Parts { tag: Some(tag), .. } = &candidate.slot else { return None };
    let key = |step: &Step| match step {
        Step::Key(key) => Some(key.clone()),
        Step::Index(_) => None,
    };
    tag.path.iter().map(key).collect()
}

fn list(folder: &Tree, below: &str, files: &mut Vec<String>, depth: usize) {
    for entry in folder.list(below).unwrap_or_default() {
        let path = format!("{below}/{}", entry.name);
        match entry.kind {
            EntryKind::Dir if depth < DEEPEST => list(folder, &path, files, depth + 1),
            EntryKind::Dir => {}
            EntryKind::File if path.ends_with(".yaml") || path.ends_with(".json") => files.push(path),
            EntryKind::File => {}
        }
    }
}

/// The documents of a text.
pub fn documents(file: &str, text: &str) -> Result<Vec<Document>, Diagnostic> {
    let source = Source::new(file, text);
    parse_stream(&source).map_err(|error| error.to_diagnostic(&source))
}
