use std::sync::{Arc, OnceLock};

use crate::source::{Held, Tree, TreeError};

use super::File;

/// Files up to that many bytes are read with the chart. Of a larger one it is only made sure that it can
/// be read: most charts carry much that no template asks for.
const READ_AT_ONCE: u64 = 32 * 1024;

/// A file of a chart that may be read when it is asked for. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The path below the chart's folder.
    pub name: String,
    content: Arc<Content>,
}

#[derive(Debug)]
enum Content {
    Here(Arc<[u8]>),
    Later { tree: Tree, path: String, size: u64, read: OnceLock<Result<Arc<[u8]>, TreeError>> },
}

impl Attachment {
    /// A file whose content is known.
    pub fn new(name: String, data: Arc<[u8]>) -> Self {
        Self { name, content: Arc::new(Content::Here(without_bom(data))) }
    }

    /// The file at a path of a tree.
    pub fn open(tree: &Tree, path: String) -> Result<Self, TreeError> {
        let content = match tree.read_up_to(&path, READ_AT_ONCE)? {
            Held::Whole(data) => Content::Here(without_bom(data)),
            Held::Size(size) => Content::Later { tree: tree.clone(), path: path.clone(), size, read: OnceLock::new() },
        };
        Ok(Self { name: path, content: Arc::new(content) })
    }

    /// The same file under another path.
    pub fn renamed(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// The size in bytes, as far as it is known without reading.
    pub fn size(&self) -> usize {
        match &*self.content {
            Content::Here(data) => data.len(),
            Content::Later { size, .. } => usize::try_from(*size).unwrap_or(usize::MAX),
        }
    }

    /// The content, without a byte order mark.
    pub fn read(&self) -> Result<Arc<[u8]>, TreeError> {
        match &*self.content {
            Content::Here(data) => Ok(Arc::clone(data)),
            Content::Later { tree, path, read, .. } => read.get_or_init(|| tree.read(path).map(without_bom)).clone(),
        }
    }

    /// The file with its content.
    pub(super) fn needed(self) -> Result<File, TreeError> {
        Ok(File { data: self.read()?, name: self.name })
    }

    /// Why the content could not be read when somebody asked for it.
    pub fn fault(&self) -> Option<&TreeError> {
        match &*self.content {
            Content::Here(_) => None,
            Content::Later { read, .. } => read.get()?.as_ref().err(),
        }
    }
}

fn without_bom(data: Arc<[u8]>) -> Arc<[u8]> {
    match data.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => Arc::from(rest),
        None => data,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn large_files_are_read_when_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("small"), "\u{feff}small").unwrap();
        fs::write(folder.path().join("large"), format!("\u{feff}{}", "x".repeat(40_000))).unwrap();
        let tree = Tree::directory(folder.path(), "");
        let [small, large] = ["small", "large"].map(|name| Attachment::open(&tree, name.to_owned()).unwrap());
        fs::remove_file(folder.path().join("small")).unwrap();
        assert_eq!(&*small.read().unwrap(), b"small");
        assert_eq!((small.size(), large.size()), (5, 40_003));
        assert_eq!(large.read().unwrap().len(), 40_000);

        let large = Attachment::open(&tree, "large".to_owned()).unwrap();
        fs::remove_file(folder.path().join("large")).unwrap();
        assert!(large.fault().is_none());
        assert!(large.read().is_err());
        assert!(large.fault().is_some());
    }
}
