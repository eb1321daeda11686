use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::tree::{Backing, Entry, EntryKind, Tree, TreeError};

/// What an overlay puts over its base.
#[derive(Clone, Debug)]
pub enum Overlaid {
    /// A file.
    File(Arc<[u8]>),
    /// A whole folder.
    Folder(Tree),
}

/// A tree that shows `base` with more files and folders in it, such as a chart with the archives of
/// its dependencies. What is laid over hides what stands at its path. Paths are relative, normalised,
/// and never below one another.
pub fn overlay(base: Tree, over: BTreeMap<String, Overlaid>) -> Tree {
    if over.is_empty() {
        return base;
    }
    Tree::new(Overlay { base, over })
}

struct Overlay {
    base: Tree,
    over: BTreeMap<String, Overlaid>,
}

/// Who answers for a path.
enum Owner<'a> {
    Base,
    /// A folder that holds something laid over, and what the base has there.
    Above,
    File(&'a Arc<[u8]>),
    Folder(&'a Tree, &'a str),
}

impl Overlay {
    fn owner<'a>(&'a self, path: &'a str) -> Owner<'a> {
        match self.over.get(path) {
            Some(Overlaid::File(content)) => return Owner::File(content),
            Some(Overlaid::Folder(tree)) => return Owner::Folder(tree, ""),
            None => {}
        }
        for (at, _) in path.match_indices('/') {
            match self.over.get(&path[..at]) {
                Some(Overlaid::Folder(tree)) => return Owner::Folder(tree, &path[at + 1..]),
                Some(Overlaid::File(_)) | None => {}
            }
        }
        let below = below(path);
        let first = self.over.range(below.clone()..).next();
        if first.is_some_and(|(name, _)| name.starts_with(&below)) { Owner::Above } else { Owner::Base }
    }
}

fn below(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}/") }
}

impl Backing for Overlay {
    fn kind(&self, path: &str) -> Result<Option<EntryKind>, TreeError> {
        match self.owner(path) {
            Owner::Base => self.base.kind(path),
            Owner::Above => Ok(Some(EntryKind::Dir)),
            Owner::File(_) => Ok(Some(EntryKind::File)),
            Owner::Folder(tree, rest) => tree.kind(rest),
        }
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>, TreeError> {
        match self.owner(path) {
            Owner::Base | Owner::Above => self.base.read(path),
            Owner::File(content) => Ok(Arc::clone(content)),
            Owner::Folder(tree, rest) => tree.read(rest),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<Entry>, TreeError> {
        match self.owner(path) {
            Owner::Base => self.base.list(path),
            Owner::Folder(tree, rest) => tree.list(rest),
            Owner::File(_) => Err(TreeError::Missing { path: self.display(path) }),
            Owner::Above => {
                let mut entries: BTreeMap<String, EntryKind> = BTreeMap::new();
                if self.base.is_dir(path) {
                    entries.extend(self.base.list(path)?.into_iter().map(|entry| (entry.name, entry.kind)));
                }
                let below = below(path);
                for (name, over) in self.over.range(below.clone()..) {
                    let Some(rest) = name.strip_prefix(&below) else { break };
                    let (name, kind) = match (rest.split_once('/'), over) {
                        (Some((folder, _)), _) => (folder, EntryKind::Dir),
                        (None, Overlaid::File(_)) => (rest, EntryKind::File),
                        (None, Overlaid::Folder(_)) => (rest, EntryKind::Dir),
                    };
                    entries.insert(name.to_owned(), kind);
                }
                Ok(entries.into_iter().map(|(name, kind)| Entry { name, kind }).collect())
            }
        }
    }

    fn display(&self, path: &str) -> String {
        match self.owner(path) {
            Owner::Folder(tree, rest) => tree.display(rest),
            Owner::Base | Owner::Above | Owner::File(_) => self.base.display(path),
        }
    }

    fn on_disk(&self, path: &str) -> Option<PathBuf> {
        match self.owner(path) {
            Owner::Base => self.base.on_disk(path),
            Owner::Folder(tree, rest) => tree.on_disk(rest),
            Owner::Above | Owner::File(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), Arc::from(text.as_bytes()))).collect();
        Tree::memory(files, "base")
    }

    #[test]
    fn files_and_folders_show_beside_those_of_the_base() {
        let base = tree(&[("Chart.yaml", "x"), ("charts/a/Chart.yaml", "a")]);
        let over = BTreeMap::from([
            ("charts/b-1.tgz".to_owned(), Overlaid::File(Arc::from(&b"b"[..]))),
            ("charts/c".to_owned(), Overlaid::Folder(tree(&[("Chart.yaml", "c"), ("templates/x", "x")]))),
        ]);
        let tree = overlay(base, over);
        let names = |path: &str| -> Vec<String> {
            tree.list(path)
                .unwrap()
                .into_iter()
                .map(|entry| format!("{}{}", entry.name, if entry.kind == EntryKind::Dir { "/" } else { "" }))
                .collect()
        };
        assert_eq!(names(""), ["Chart.yaml", "charts/"]);
        assert_eq!(names("charts"), ["a/", "b-1.tgz", "c/"]);
        assert_eq!(names("charts/c"), ["Chart.yaml", "templates/"]);
        assert_eq!(&*tree.read("charts/b-1.tgz").unwrap(), b"b");
        assert_eq!(&*tree.read("charts/c/templates/x").unwrap(), b"x");
        assert_eq!(&*tree.read("charts/a/Chart.yaml").unwrap(), b"a");
        assert!(tree.read("charts/c/nothing").is_err());
        assert_eq!(tree.display("charts/b-1.tgz"), "base/charts/b-1.tgz");
        assert_eq!(tree.subtree("charts").unwrap().list("").unwrap().len(), 3);
    }
}
