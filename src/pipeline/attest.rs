use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::Project;
use crate::config::COMMON;
use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::{Attestation, Resource};
use crate::source::{EntryKind, Pin, Tree, sha256_hex};
use crate::stack::{Content, Graph, Node};

const UNREADABLE: Code = Code("provenance.unreadable");

/// Files at the top of a project that say what a build is.
const PROJECT_FILES: [&str; 8] = [
    "kiln.yaml",
    "kiln.lock",
    "clusters.yaml",
    "images.yaml",
    "publish.yaml",
    "tenancy.yaml",
    "access.yaml",
    "kiln.override.lock",
];

/// Deeper folders than this are not looked into.
const DEEPEST: usize = 64;

/// What a build was asked for, as its statement tells.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The command: `generate` or `publish`.
    pub command: &'static str,
    /// Environments, highest priority first; none when clusters were compiled.
    pub environments: Vec<String>,
    /// The clusters that were compiled.
    pub clusters: Vec<String>,
    /// The layers that were asked for.
    pub layers: BTreeSet<String>,
    /// Where the output went: its files are no materials.
    pub out: PathBuf,
    /// What becomes of values that the input does not determine, when the command line says.
    pub nondeterminism: Option<&'static str>,
    /// The date that templates see, when the caller was given one.
    pub now: Option<i64>,
    /// Who builds: a URI.
    pub builder: String,
}

/// The statement about a build: `subjects` is what it made, path → SHA-256.
///
/// # Errors
/// When the project cannot be resolved any more or a file of it cannot be read.
pub fn attest(
    project: &Project,
    asked: &Asked,
    subjects: BTreeMap<String, String>,
    sink: &mut Sink,
) -> Result<Attestation, Reported> {
    // What there is to say about the project was said when it was compiled.
    let graph = project.resolve(&mut Sink::new()).inspect_err(|_| {
        sink.push(unreadable(&project.tree.display(""), "the components changed while they were compiled"));
    })?;
    let mut materials = Materials::new(project, asked);
    for name in PROJECT_FILES {
        if project.tree.is_file(name) {
            materials.file(&project.tree, name).map_err(|problem| sink.fail(problem))?;
        }
    }
    materials.graph(&graph, &asked.layers).map_err(|problem| sink.fail(problem))?;
    let mut resources = materials.found;
    resources.extend(pinned(project));
    Ok(Attestation {
        subjects,
        materials: resources,
        parameters: parameters(asked),
        builder: asked.builder.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

fn parameters(asked: &Asked) -> Map<String, Value> {
    let mut parameters = Map::new();
    parameters.insert("command".to_owned(), json!(asked.command));
    if asked.clusters.is_empty() {
        parameters.insert("environments".to_owned(), json!(asked.environments));
    } else {
        parameters.insert("clusters".to_owned(), json!(asked.clusters));
    }
    if let Some(mode) = asked.nondeterminism {
        parameters.insert("nondeterminism".to_owned(), json!(mode));
    }
    if let Some(now) = asked.now {
        parameters.insert("sourceDateEpoch".to_owned(), json!(now));
    }
    parameters
}

/// What the lock pins.
fn pinned(project: &Project) -> Vec<Resource> {
    let entries = project.lock.iter().flat_map(|lock| lock.entries());
    entries
        .map(|(_, entry)| {
            let mut digest = BTreeMap::new();
            let mut annotations = BTreeMap::new();
            let uri = match &entry.pin {
                Pin::Git { url, reference, commit, tree, sha256 } => {
                    digest.insert("gitCommit".to_owned(), commit.clone());
                    digest.insert("gitTree".to_owned(), tree.clone());
                    // A digest over the tree in a way of our own.
                    annotations.insert("kilnTree".to_owned(), format!("sha256:{sha256}"));
                    annotations.extend(reference.iter().map(|name| ("reference".to_owned(), name.clone())));
                    format!("git+{url}@{commit}")
                }
                Pin::Chart { chart, version, archive, sha256, .. } => {
                    digest.insert("sha256".to_owned(), sha256.clone());
                    annotations.insert("chart".to_owned(), chart.clone());
                    annotations.insert("version".to_owned(), version.clone());
                    archive.clone()
                }
                Pin::Http { url, sha256 } => {
                    digest.insert("sha256".to_owned(), sha256.clone());
                    url.clone()
                }
            };
            let name = entry.asked_by.iter().next().cloned().unwrap_or_default();
            Resource { name, uri: Some(uri), digest, annotations }
        })
        .collect()
}

/// Files of the project that components are made of.
struct Materials {
    /// The project's folder without links.
    root: PathBuf,
    out: PathBuf,
    seen: BTreeSet<PathBuf>,
    found: Vec<Resource>,
}

impl Materials {
    fn new(project: &Project, asked: &Asked) -> Self {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Self { root: real(&project.folder), out: real(&asked.out), seen: BTreeSet::new(), found: Vec::new() }
    }

    fn graph(&mut self, graph: &Graph, layers: &BTreeSet<String>) -> Result<(), Diagnostic> {
        for node in graph.nodes.iter().filter(|node| !node.remote) {
            self.definition(node, layers)?;
            if let Content::Tree(tree) = &node.content {
                self.tree(tree)?;
            }
            if let Some((source, path)) = &node.chart
                && let Ok(chart) = source.subtree(path)
            {
                self.tree(&chart)?;
            }
        }
        Ok(())
    }

    /// The component's own file and its layers.
    fn definition(&mut self, node: &Node, layers: &BTreeSet<String>) -> Result<(), Diagnostic> {
        for folder in std::iter::once(&node.folder).chain(&node.config_folders) {
            self.first(folder, ["component.yaml", "component.json"].map(str::to_owned))?;
        }
        for folder in &node.config_folders {
            for layer in layers.iter().map(String::as_str).chain([COMMON]) {
                self.first(folder, [format!("config/{layer}.yaml"), format!("config/{layer}.json")])?;
            }
        }
        Ok(())
    }

    fn first(&mut self, folder: &Tree, names: [String; 2]) -> Result<(), Diagnostic> {
        match names.iter().find(|name| folder.is_file(name)) {
            Some(name) if folder.on_disk(name).is_some() => self.file(folder, name),
            _ => Ok(()),
        }
    }

    /// All files below a folder on disk, or the file that a tree is.
    fn tree(&mut self, tree: &Tree) -> Result<(), Diagnostic> {
        if tree.on_disk("").is_none() {
            return Ok(());
        }
        match tree.is_dir("") {
            true => self.below(tree, "", 0),
            false => self.file(tree, ""),
        }
    }

    fn below(&mut self, tree: &Tree, folder: &str, depth: usize) -> Result<(), Diagnostic> {
        let place = tree.on_disk(folder).and_then(|place| place.canonicalize().ok());
        if depth > DEEPEST || place.is_some_and(|place| place.starts_with(&self.out)) {
            return Ok(());
        }
        let entries = tree.list(folder).map_err(|error| unreadable(&tree.display(folder), &error.to_string()))?;
        for entry in entries {
            if matches!(entry.name.as_str(), ".git" | ".kiln") {
                continue;
            }
            let path = if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) };
            match entry.kind {
                EntryKind::Dir => self.below(tree, &path, depth + 1)?,
                EntryKind::File => self.file(tree, &path)?,
            }
        }
        Ok(())
    }

    fn file(&mut self, tree: &Tree, path: &str) -> Result<(), Diagnostic> {
        let Some(place) = tree.on_disk(path).and_then(|place| place.canonicalize().ok()) else { return Ok(()) };
        if place.starts_with(&self.out) || !self.seen.insert(place.clone()) {
            return Ok(());
        }
        let content = tree.read(path).map_err(|error| unreadable(&tree.display(path), &error.to_string()))?;
        self.found.push(Resource::file(below(&self.root, &place), sha256_hex(&content)));
        Ok(())
    }
}

/// A path as seen from a folder: with `..` where it lies beside.
fn below(root: &Path, place: &Path) -> String {
    let common = root.components().zip(place.components()).take_while(|(one, other)| one == other).count();
    let up = root.components().skip(common).map(|_| "..".into());
    let down = place.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<String>>().join("/")
}

fn unreadable(place: &str, why: &str) -> Diagnostic {
    Diagnostic::error(UNREADABLE, format!("cannot tell what was compiled: `{place}`: {why}")).blame(Blame::World)
}
