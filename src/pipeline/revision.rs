use super::Project;
use crate::diag::{Diagnostic, Reported, Sink};
use crate::source::{LOCK_NAME, Lock, Overrides, Revision};
use crate::span::Source;
use crate::stack::{Reading, load_project_file};

/// Finds a revision of the repository that a project is part of.
///
/// # Errors
/// When there is no repository or no such commit.
pub fn find_revision(project: &Project, asked: &str, sink: &mut Sink) -> Result<Revision, Reported> {
    Revision::find(&project.folder, asked).map_err(|error| sink.fail(Diagnostic::from(error)))
}

impl Project {
    /// The project as a commit has it, read from git's objects without checking anything out. Its lock
    /// and its files are those of the commit; fetched sources come from the store and the vendor folder as
    /// they are now, and what they lack counts as missing.
    ///
    /// # Errors
    /// When `sink` got at least one error.
    pub fn at_revision(&self, revision: &Revision, sink: &mut Sink) -> Result<Self, Reported> {
        let tree = revision.folder().map_err(|error| sink.fail(Diagnostic::from(error)))?;
        let file = load_project_file(&tree, sink)?;
        let lock = match tree.is_file(LOCK_NAME) {
            false => None,
            true => {
                let refused = |error: String| Diagnostic::error(crate::diag::Code("source.lock"), error);
                let text = tree.read(LOCK_NAME).map_err(|error| error.to_string());
                let text = text.and_then(|bytes| String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string()));
                let parsed =
                    text.map_err(refused).and_then(|text| Lock::parse(&Source::new(tree.display(LOCK_NAME), text)));
                Some(parsed.map_err(|problem| sink.fail(problem))?)
            }
        };
        Ok(Self {
            folder: self.folder.clone(),
            tree,
            reading: if file.is_some() { Reading::Strict } else { Reading::Fabrikate },
            file: file.unwrap_or_default(),
            lock,
            store: self.store.clone(),
            locked: false,
            lenient: self.lenient,
            overrides: Overrides::default(),
        })
    }
}
