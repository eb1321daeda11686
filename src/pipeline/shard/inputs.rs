use std::path::Path;

use sha2::{Digest, Sha256};

use crate::diag::{Code, Diagnostic};
use crate::pipeline::{GenerateOptions, HookPolicy, Project};
use crate::source::{EntryKind, Lock, Tree, TreeError, sha256_hex};
use crate::stack::{Cluster, Content, Graph, PROJECT_FILE};

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
    let mut hash = Hash { state: Sha256::new(), passed: root.canonicalize().ok() };
    hash.words(&["kiln plan 1", env!("CARGO_PKG_VERSION"), &lock_digest(project.lock.as_ref())?]);
    let hooks = match options.hooks {
        HookPolicy::Allow => "run",
        HookPolicy::Off | HookPolicy::Skip => "skipped",
    };
    hash.words(&[
        hooks,
        if options.force_types { "forced" } else { "" },
        &format!("{:?} {:?}", options.nondeterminism, options.now),
    ]);
    for (flag, text) in options.assignments.words() {
        hash.words(&[flag, text]);
    }
    options.assignments.files().for_each(|content| hash.bytes(content));
    clusters.iter().for_each(|cluster| hash.cluster(cluster));
    let mut graphs = graphs.iter();
    let found = hash.file(&project.tree, PROJECT_FILE).and_then(|()| graphs.try_for_each(|graph| hash.graph(graph)));
    found.map_err(|error| error.diagnostic(UNREADABLE))?;
    Ok(format!("sha256:{}", sha256_hex(&hash.state.finalize())))
}

struct Hash {
    state: Sha256,
    /// The root of generated trees, which is no input even where it lies in a component's folder.
    passed: Option<std::path::PathBuf>,
}

impl Hash {
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
            }
            for (folder, document) in &node.documents {
                // One that lies elsewhere is found when it is read.
                if folder.subtree(&document.path.value).is_ok() {
                    self.file(folder, &document.path.value)?;
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
