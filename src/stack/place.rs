use std::path::{Component, Path, PathBuf};

use crate::diag::{Code, Diagnostic};
use crate::source::{Tree, TreeError};
use crate::span::Span;

pub(super) const OUTSIDE: Code = Code("component.outside-project");

/// How far local paths may reach.
#[derive(Clone, Debug)]
pub enum Reach {
    /// Anywhere, as with Fabrikate: the project's own files without `kiln.yaml`.
    Anywhere,
    /// Below a folder on disk: the project's own files with `kiln.yaml`.
    Below(PathBuf),
    /// Below the root of the tree: fetched components.
    Tree,
}

/// The folder (or file) `path` seen from `base`. Paths that lead out of the tree are opened on disk
/// as far as `reach` allows; whether something stands there shows when it is read.
pub fn open_path(base: &Tree, path: &str, place: &Span, reach: &Reach) -> Result<Tree, Diagnostic> {
    let refused = |why: &str| {
        let message = format!("`{}` leads out of {why}", path.escape_debug());
        Diagnostic::error(OUTSIDE, message).at(place.clone(), "")
    };
    if !path.starts_with('/') {
        match base.subtree(path) {
            Ok(tree) => return Ok(tree),
            Err(TreeError::Escapes { .. }) => {}
            Err(error) => return Err(Diagnostic::error(OUTSIDE, error.to_string()).at(place.clone(), "")),
        }
    }
    if matches!(reach, Reach::Tree) {
        let help = "a fetched component can only use files of its own source";
        return Err(refused("the fetched source").help(help));
    }
    let Some(folder) = base.on_disk("") else { return Err(refused("the project")) };
    let target = std::path::absolute(folder.join(path)).map_or_else(|_| folder.join(path), |path| normalised(&path));
    if let Reach::Below(root) = reach {
        let real = target.canonicalize().unwrap_or_else(|_| target.clone());
        let bound = root.canonicalize().unwrap_or_else(|_| root.clone());
        if !real.starts_with(&bound) {
            let help = "move it into the project, or take it from git with `method: git`";
            return Err(refused("the project, that is, outside its root folder").help(help));
        }
    }
    let shown = if path.starts_with('/') { path.to_owned() } else { shown(&base.display(""), path) };
    Ok(Tree::directory(target, shown))
}

/// Resolves `.` and `..` by their letters.
fn normalised(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                result.pop();
            }
            part => result.push(part),
        }
    }
    result
}

/// `path` seen from a folder that users know as `base`, as short as possible.
fn shown(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')).filter(|part| !matches!(*part, "" | ".")) {
        match part {
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if base.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// A name for the folder itself, whatever the spelling or the links that lead to it.
pub(super) fn identity(tree: &Tree) -> String {
    match tree.on_disk("").map(|folder| folder.canonicalize().unwrap_or(folder)) {
        Some(folder) => folder.to_string_lossy().into_owned(),
        None => tree.display(""),
    }
}
