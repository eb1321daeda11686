use std::collections::HashSet;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::config::{Layers, layer_order};
use crate::diag::{Code, Diagnostic};
use crate::jinja::expression::Variables;
use crate::pipeline::graphs::of_cluster;
use crate::pipeline::{GenerateOptions, HookPolicy, Project};
use crate::render::BUILD;
use crate::source::{EntryKind, Lock, Tree, TreeError, sha256_hex};
use crate::stack::{CLUSTERS_FILE, Cluster, Content, Graph, IMAGES_FILE, PROJECT_FILE};
use crate::value::Frozen;

const UNREADABLE: Code = Code("shard.unreadable");

/// Deeper folders than this are not looked into: whoever reads them complains.
const DEEPEST: usize = 64;

/// The digest of a lock, as shards compare it; of an empty one without a lock.
pub fn lock_digest(lock: Option<&Lock>) -> Result<String, Diagnostic> {
    let text = lock.map_or_else(|| Ok(String::new()), Lock::text)?;
    Ok(format!("sha256:{}", sha256_hex(text.as_bytes())))
}

/// The digest of what all shards of a run must have in common: the clusters that were asked for, the
/// flags that show in what is written, and the files of the project and of its sources. Shards run on
/// machines of their own, which may have checked out different revisions.
///
/// # Errors
/// When a file cannot be read.
pub fn plan_digest(
    project: &Project,
    graphs: &[Graph],
    clusters: &[&Cluster],
    options: &GenerateOptions,
    root: &Path,
) -> Result<String, Diagnostic> {
    let layers = Layers::new(project.reading, project.reach());
    let targets = clusters.iter().map(|cluster| variables(project, cluster)).collect();
    let mut hash = Hash { state: Sha256::new(), passed: root.canonicalize().ok(), project, layers, targets };
    hash.words(&["kiln plan 2", BUILD, &lock_digest(project.lock.as_ref())?]);
    let hooks = match options.hooks {
        HookPolicy::Allow => "run",
        HookPolicy::Off | HookPolicy::Skip => "skipped",
    };
    hash.words(&[
        hooks,
        if options.force_types { "forced" } else { "" },
        &format!("{:?} {:?}", options.nondeterminism, options.now),
        &format!("{:?}", options.copying),
    ]);
    for (flag, text) in options.assignments.words() {
        hash.words(&[flag, text]);
    }
    options.assignments.files().for_each(|content| hash.bytes(content));
    // From a file that `kiln.yaml` may name.
    project.file.api_versions.iter().for_each(|version| hash.words(&["api", version]));
    clusters.iter().for_each(|cluster| hash.cluster(cluster));
    hash.all(graphs, clusters).map_err(|error| error.diagnostic(UNREADABLE))?;
    Ok(format!("sha256:{}", sha256_hex(&hash.state.finalize())))
}

struct Hash<'p> {
    state: Sha256,
    /// The root of generated trees, which is no input even where it lies in a component's folder.
    passed: Option<std::path::PathBuf>,
    project: &'p Project,
    layers: Layers,
    /// What expressions see for each cluster.
    targets: Vec<Variables>,
}

fn variables(project: &Project, cluster: &Cluster) -> Variables {
    let names: Vec<String> = cluster.layers.iter().map(|layer| layer.value.clone()).collect();
    let order = layer_order(&names, &[], project.reading, &mut Vec::new());
    let order = order.iter().map(|layer| Frozen::str(&**layer)).collect();
    of_cluster(cluster, &project.vars()).with("layers", Frozen::list(order))
}

impl Hash<'_> {
    fn all(&mut self, graphs: &[Graph], clusters: &[&Cluster]) -> Result<(), TreeError> {
        for name in [PROJECT_FILE, CLUSTERS_FILE, IMAGES_FILE] {
            self.file(&self.project.tree, name)?;
        }
        // Files that the list of clusters names have some of them.
        let mut seen: HashSet<&str> = HashSet::new();
        for source in clusters.iter().map(|cluster| &cluster.name.place.source) {
            if seen.insert(source.name()) {
                self.words(&["clusters", source.text()]);
            }
        }
        graphs.iter().try_for_each(|graph| self.graph(graph))
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.state.update((bytes.len() as u64).to_be_bytes());
        self.state.update(bytes);
    }

    fn words(&mut self, words: &[&str]) {
        words.iter().for_each(|word| self.bytes(word.as_bytes()));
    }

    fn cluster(&mut self, cluster: &Cluster) {
        let flags = format!("{} {}", cluster.disabled, cluster.allow_failure);
        self.words(&["cluster", &cluster.name.value, &cluster.output.value, &flags]);
        cluster.labels.iter().for_each(|(key, value)| self.words(&["label", key, value]));
        cluster.layers.iter().for_each(|layer| self.words(&["layer", &layer.value]));
        cluster.components.only.iter().for_each(|only| self.words(&["only", &only.value]));
        cluster.components.except.iter().for_each(|except| self.words(&["except", &except.value]));
        let version = cluster.profile.kube_version.as_ref().map(|text| text.value.as_str());
        self.words(&["kube", version.unwrap_or_default()]);
        cluster.profile.api_versions.iter().for_each(|version| self.words(&["api", version]));
    }

    fn graph(&mut self, graph: &Graph) -> Result<(), TreeError> {
        let mut seen: Vec<&Tree> = Vec::new();
        for node in &graph.nodes {
            self.words(&["component", &node.address, &node.output, node.pin.as_deref().unwrap_or_default()]);
            for name in ["component.yaml", "component.json"] {
                self.file(&node.folder, name)?;
            }
            for folder in &node.config_folders {
                self.folder(&folder.subtree("config")?, "", 0)?;
                self.documents_of_layers(folder, "", node.remote, 0)?;
            }
            for (folder, document) in &node.documents {
                let targets = if node.expressions { &self.targets[..] } else { &[] };
                for (written, file) in self.layers.documents_of_definition(folder, document, node.remote, targets) {
                    self.document(&written, &file)?;
                }
            }
            // One chart may serve many components.
            if let Content::Tree(tree) = &node.content
                && !seen.iter().any(|known| known.same(tree))
            {
                seen.push(tree);
                match tree.kind("")? {
                    Some(EntryKind::Dir) => self.folder(tree, "", 0)?,
                    Some(EntryKind::File) => self.file(tree, "")?,
                    None => self.words(&["nothing"]),
                }
            }
        }
        Ok(())
    }

    /// Documents of values, which may lie anywhere, that layers in a folder's `config` name.
    fn documents_of_layers(&mut self, folder: &Tree, below: &str, remote: bool, depth: usize) -> Result<(), TreeError> {
        let config = folder.subtree("config")?;
        if depth > DEEPEST || config.kind(below)? != Some(EntryKind::Dir) {
            return Ok(());
        }
        for entry in config.list(below)? {
            let path = if below.is_empty() { entry.name.clone() } else { format!("{below}/{}", entry.name) };
            let layer = path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".json"));
            match (entry.kind, layer) {
                (EntryKind::Dir, _) => self.documents_of_layers(folder, &path, remote, depth + 1)?,
                (EntryKind::File, Some(layer)) if may_name_documents(&config.read(&path)?) => {
                    for (written, file) in self.layers.documents_named(folder, layer, remote, &self.targets) {
                        self.document(&written, &file)?;
                    }
                }
                (EntryKind::File, _) => {}
            }
        }
        Ok(())
    }

    fn document(&mut self, written: &str, file: &Tree) -> Result<(), TreeError> {
        self.words(&["document", written]);
        self.file(file, "")
    }

    fn file(&mut self, tree: &Tree, path: &str) -> Result<(), TreeError> {
        if tree.kind(path)? == Some(EntryKind::File) {
            self.words(&["file", path]);
            self.bytes(&tree.read(path)?);
        }
        Ok(())
    }

    fn folder(&mut self, tree: &Tree, path: &str, depth: usize) -> Result<(), TreeError> {
        if depth > DEEPEST || tree.kind(path)? != Some(EntryKind::Dir) || self.is_output(tree, path) {
            return Ok(());
        }
        for entry in tree.list(path)? {
            let below = if path.is_empty() { entry.name.clone() } else { format!("{path}/{}", entry.name) };
            match entry.kind {
                EntryKind::Dir if matches!(entry.name.as_str(), ".git" | ".kiln") => {}
                EntryKind::Dir => self.folder(tree, &below, depth + 1)?,
                EntryKind::File => self.file(tree, &below)?,
            }
        }
        Ok(())
    }

    fn is_output(&self, tree: &Tree, path: &str) -> bool {
        let Some(passed) = &self.passed else { return false };
        tree.on_disk(path).and_then(|folder| folder.canonicalize().ok()).is_some_and(|folder| folder == *passed)
    }
}

/// Whether a layer's file may name documents: each of them is written with one of two keys, plainly or with
/// an escape.
fn may_name_documents(text: &[u8]) -> bool {
    [&b"configMap"[..], b"secret", b"\\"].iter().any(|word| memchr::memmem::find(text, word).is_some())
}
