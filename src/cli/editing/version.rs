use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::change::Edited;
use super::file::EditedFile;
use crate::diag::{Blame, Code, Diagnostic};
use crate::source::{Overlaid, Tree, overlay};
use crate::stack::{Graph, Node as Component};
use crate::value::Frozen;
use crate::yaml::edit::Step;
use crate::yaml::{Node, NodeKind};

const USAGE: Code = Code("usage.update");

/// A component file in which a component asks for another version, not written yet.
pub struct AskedVersion {
    file: EditedFile,
    /// The folder that the file is in.
    folder: PathBuf,
    /// The file's path in the project, when it lies in there.
    path: Option<String>,
}

impl AskedVersion {
    /// Lets the component of that name or address ask for a version. Everything else in the file stays as
    /// it is, comments included.
    pub fn change(project: &Path, graph: &Graph, name: &str, to: &str) -> Result<Self, Diagnostic> {
        let component = find(graph, name)?;
        let refuse = |what: &str| {
            let message = format!("`{}` {what}", component.address);
            Diagnostic::error(USAGE, message).blame(Blame::Usage).at(component.place.clone(), "")
        };
        if component.fetches.is_empty() {
            return Err(refuse("has no source that is fetched"));
        }
        // The file that names the source: the component's own, or that of the nearest one above.
        let source = component.spec.source_place();
        let own = component.is_loaded() && source.source.name() != component.place.source.name();
        let mut holder = Some(component);
        if !own {
            let above = |node: &Component| node.parent.map(|parent| &graph.nodes[parent]);
            holder = above(component);
            while let Some(node) = holder.filter(|node| !node.is_loaded()) {
                holder = above(node);
            }
        }
        let folder = holder.filter(|node| !node.remote).and_then(|node| node.folder.on_disk(""));
        let Some(folder) = folder else {
            return Err(refuse("is defined in a source that is fetched").help("ask for another version of that source"));
        };
        let mut file = EditedFile::open(&Tree::directory(&folder, ""), "component")?;
        let entry = if own { Some(Vec::new()) } else { path_to(file.root(), component.place.start) };
        let Some(mut path) = entry else {
            return Err(refuse("is not where its file says: it changed meanwhile"));
        };
        path.push(Step::from("version"));
        file.set(&path, &Frozen::str(to))?;
        let path = below(project, &folder).map(|folder| match folder.as_str() {
            "" => file.name().to_owned(),
            folder => format!("{folder}/{}", file.name()),
        });
        Ok(Self { file, folder, path })
    }

    /// The project's files with the edited one in its place.
    pub fn laid_over(&self, tree: &Tree) -> Tree {
        let Some(path) = &self.path else { return tree.clone() };
        let text: Arc<[u8]> = Arc::from(self.file.document().source.text().as_bytes());
        overlay(tree.clone(), BTreeMap::from([(path.clone(), Overlaid::File(text))]))
    }

    /// Writes the file.
    pub fn write(&self) -> Result<(), Diagnostic> {
        Edited::of(vec![self.file.change()]).write(&self.folder)
    }
}

fn find<'g>(graph: &'g Graph, name: &str) -> Result<&'g Component, Diagnostic> {
    let is_meant = |node: &&Component| &*node.address == name || node.address.rsplit('/').next() == Some(name);
    let found: Vec<&Component> = graph.nodes.iter().filter(is_meant).collect();
    let refuse = |message: String| Diagnostic::error(USAGE, message).blame(Blame::Usage);
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(refuse(format!("there is no component named `{}`", name.escape_debug()))),
        several => {
            let addresses: Vec<&str> = several.iter().map(|node| &*node.address).collect();
            let message = format!("several components are named `{}`", name.escape_debug());
            Err(refuse(message).help(format!("write one of: {}", addresses.join(", "))))
        }
    }
}

/// The path to the map that starts at an offset, or has a text that does: its name.
fn path_to(node: &Node, start: u32) -> Option<Vec<Step>> {
    let with = |step: Step, below: Vec<Step>| [vec![step], below].concat();
    let is_here = |(_, value): &(Node, Node)| value.as_str().is_some() && value.start == start;
    match &node.kind {
        NodeKind::Map { entries, .. } if node.start == start || entries.iter().any(is_here) => Some(Vec::new()),
        NodeKind::Map { entries, .. } => {
            entries.iter().find_map(|(key, value)| Some(with(Step::from(key.as_str()?), path_to(value, start)?)))
        }
        NodeKind::Seq { items, .. } => {
            items.iter().enumerate().find_map(|(at, item)| Some(with(Step::Index(at), path_to(item, start)?)))
        }
        NodeKind::Scalar { .. } | NodeKind::Alias { .. } => None,
    }
}

/// The path of a folder below another one.
fn below(project: &Path, folder: &Path) -> Option<String> {
    let real = |path: &Path| path.canonicalize().ok();
    let below: PathBuf = real(folder)?.strip_prefix(real(project)?).ok()?.to_owned();
    below.to_str().map(str::to_owned)
}
