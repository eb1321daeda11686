use crate::diag::{Blame, Code, Diagnostic, Reported, Sink};
use crate::output::publish::SourceCommit;
use crate::pipeline::Project;
use crate::source::{Checkout, Lineage};

use super::PublishOptions;

const DIRTY: Code = Code("publish.dirty-source");
/// The most changed files that a message names.
const MOST_NAMED: usize = 5;

/// What files are published from.
pub(super) struct Origin {
    checkout: Option<Checkout>,
    /// The commit that is checked out.
    pub commit: Option<SourceCommit>,
    /// The repository, as it is told.
    pub name: String,
    /// Whether files are not as they were committed.
    pub dirty: bool,
}

impl Origin {
    /// Looks at the repository that a project is part of. A project outside of a repository has no commits, and
    /// with them no order: a later run may be of anything.
    pub fn of(
        project: &Project,
        passed: &[std::path::PathBuf],
        options: &PublishOptions,
        sink: &mut Sink,
    ) -> Result<Self, Reported> {
        let checkout = Checkout::find(&project.folder);
        let Some(found) = &checkout else {
            let folder = project.folder.canonicalize().unwrap_or_else(|_| project.folder.clone());
            let name = folder.file_name().map_or_else(|| ".".to_owned(), |name| name.to_string_lossy().into_owned());
            return Ok(Self { checkout, commit: None, name, dirty: false });
        };
        let failed = |error: crate::source::SourceError| Diagnostic::from(error);
        let head = found.head().map_err(|error| sink.fail(failed(error)))?;
        let changed = found.changed(passed, MOST_NAMED + 1).map_err(|error| sink.fail(failed(error)))?;
        let dirty = !changed.is_empty();
        if dirty {
            let more = if changed.len() > MOST_NAMED { " and more" } else { "" };
            let named: Vec<String> =
                changed.iter().take(MOST_NAMED).map(|path| format!("`{}`", path.escape_debug())).collect();
            let message = format!("the source is not as it was committed: {}{more}", named.join(", "));
            if options.require_clean {
                let problem = Diagnostic::error(DIRTY, message).blame(Blame::Target);
                return Err(sink.fail(problem.help("commit them, or leave out `--require-clean`")));
            }
            let help = "commit them first; the commit will say `-dirty`";
            sink.push(Diagnostic::warning(DIRTY, message).help(help));
        }
        let name = found.name();
        let commit = head.map(|head| SourceCommit {
            id: head.id.to_string(),
            subject: head.subject,
            body: head.body,
            author: head.author,
            written: head.written,
            time: head.time,
        });
        Ok(Self { checkout, commit, name, dirty })
    }

    /// How an earlier commit stands to the one that is published now; `None` when neither has any.
    pub fn lineage(&self, before: &str) -> Lineage {
        match (&self.checkout, &self.commit) {
            (Some(checkout), Some(commit)) => match git2::Oid::from_str(&commit.id) {
                Ok(now) => checkout.lineage(before, now),
                Err(_) => Lineage::Unknown { shallow: false },
            },
            _ => Lineage::Unknown { shallow: false },
        }
    }

    /// The URL that the repository came from.
    pub fn url(&self) -> Option<String> {
        self.checkout.as_ref()?.url()
    }

    /// The repository's folder of configuration, for settings of git.
    pub fn checkout(&self) -> Option<&Checkout> {
        self.checkout.as_ref()
    }
}
