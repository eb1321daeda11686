use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use git2::{ObjectType, Oid, Repository};

use super::PublishError;
use crate::output::OutputSet;
use crate::source::write_blobs;

/// The files of a run, by the ids of their contents; the contents themselves are with the objects that
/// will be pushed.
#[derive(Clone, Debug, Default)]
pub struct RenderedFiles {
    /// Path → file.
    pub files: BTreeMap<String, RenderedFile>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct RenderedFile {
    /// The id that git gives its content.
    pub id: Oid,
    /// Its size in bytes.
    pub bytes: usize,
    /// The cluster that it is for; none for files that are about many.
    pub cluster: Option<Arc<str>>,
    /// The address of the component that made it.
    pub component: Option<Arc<str>>,
}

impl RenderedFiles {
    /// Takes the files of one cluster below `folder`, and keeps the contents that are not `known` to the
    /// target in `objects`. `component` tells who made a file.
    ///
    /// # Errors
    /// When a content cannot be kept.
    pub fn take(
        &mut self,
        folder: &str,
        files: &OutputSet,
        cluster: Option<&Arc<str>>,
        component: impl Fn(&str) -> Option<Arc<str>>,
        known: &mut HashSet<Oid>,
        objects: &Repository,
    ) -> Result<(), PublishError> {
        let mut new: Vec<&[u8]> = Vec::new();
        for (path, content) in files.iter() {
            let id = Oid::hash_object(ObjectType::Blob, content).map_err(PublishError::git("digest a file"))?;
            if known.insert(id) {
                new.push(content);
            }
            let file = RenderedFile { id, bytes: content.len(), cluster: cluster.cloned(), component: component(path) };
            let place = if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
            self.files.insert(place, file);
        }
        write_blobs(objects, &new).map_err(PublishError::git("keep rendered files"))
    }

    /// Whether there is nothing in any file.
    pub fn is_empty(&self) -> bool {
        self.files.values().all(|file| file.bytes == 0)
    }
}
