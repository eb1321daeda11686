use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::output::publish::DeleteBound;
use crate::output::{Contents, CopyRule, FileContents, Unwanted};
use crate::pipeline::{CopyTerms, Copying, Selection};
use crate::source::Retries;

/// What to publish, where to, and what is allowed.
#[derive(Clone, Debug, Default)]
pub struct PublishOptions {
    /// Which clusters; all when nothing is said.
    pub selection: Selection,
    /// The repository, in place of the one that `publish.yaml` names.
    pub repo: Option<String>,
    /// The branch, likewise.
    pub branch: Option<String>,
    /// The owner, likewise.
    pub owner: Option<String>,
    /// The folder of each cluster, likewise.
    pub clusters: Option<String>,
    /// A folder on this machine instead of a repository.
    pub to: Option<PathBuf>,
    /// Whether only to say what would be done.
    pub dry_run: bool,
    /// Whether [`BranchOutcome::texts`] are told also where files are written.
    pub contents: Contents,
    /// Whether [`Published::subjects`] are told.
    pub subjects: bool,
    /// What may be done that is refused otherwise.
    pub rights: Rights,
    /// How much may be deleted, in place of what `publish.yaml` says.
    pub max_delete: Option<DeleteBound>,
    /// Whether the files of disabled clusters are removed.
    pub prune_disabled: bool,
    /// Whether a commit is proposed instead of put onto the branch.
    pub pull_request: Option<bool>,
    /// Whether each proposal gets a branch of its own.
    pub unique: bool,
    /// The message of commits.
    pub message: Option<String>,
    /// Whether the source must be as it was committed.
    pub require_clean: bool,
    /// How often to try when others are faster.
    pub retries: Retries,
    /// Seconds since 1970 for commits of a source without commits.
    pub now: Option<i64>,
    /// What is done about copies of clusters.
    pub copies: CopyJob,
    /// Where the object cache lies; `.kiln/publish` of the project when absent.
    pub cache: Option<PathBuf>,
}

/// What a publication does about copies of clusters. Whatever it is, other copies stay as they are.
#[derive(Clone, Debug, Default)]
pub enum CopyJob {
    /// Nothing: it is about clusters.
    #[default]
    None,
    /// The clusters that are selected are copies, of this kind and for so long.
    Make(Copying, CopyTerms),
    /// Nothing is published; copies that nobody wants any more are removed.
    Prune(CopyRule),
}

/// What may be done that is refused otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Take over files that are there already.
    pub adopt: bool,
    /// Publish an older commit over a newer one.
    pub rollback: bool,
    /// Delete whole clusters, and more than the limits allow.
    pub delete: bool,
    /// Overwrite what others did to published files.
    pub drift: DriftRight,
}

/// Whether what others did to published files is overwritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DriftRight {
    /// It is not.
    #[default]
    Keep,
    /// It is, and the commit says so.
    Overwrite,
}

/// Where something was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A repository, as shown to people.
    Repository(String),
    /// A folder.
    Folder(PathBuf),
}

/// What was published.
#[derive(Clone, Debug)]
pub struct Published {
    /// Where.
    pub destination: Destination,
    /// Whose files.
    pub owner: String,
    /// The commit of the source, when it has any.
    pub source: Option<String>,
    /// What became of each branch; of a folder there is one without a name.
    pub branches: Vec<BranchOutcome>,
    /// Names of clusters that are disabled and were left alone.
    pub disabled: Vec<String>,
    /// How many components were rendered.
    pub rendered: usize,
    /// How often it was tried.
    pub tries: u32,
    /// Whether nothing was done but say what would be.
    pub dry_run: bool,
    /// What was published, for statements about it; nothing where that was not asked for.
    pub subjects: Subjects,
}

/// What a publication is made of.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    /// The SHA-256 of each file that was rendered, in hex, by its path in the target; behind the name of its branch
    /// and a colon where several branches are published.
    pub digests: BTreeMap<String, String>,
    /// The clusters that were rendered.
    pub clusters: Vec<String>,
    /// The root of generated trees, whose files are no inputs.
    pub root: PathBuf,
}

impl Published {
    /// Whether a branch or the folder changed.
    pub fn is_changed(&self) -> bool {
        self.branches.iter().any(|branch| branch.changed)
    }
}

/// What became of a branch.
#[derive(Clone, Debug, Default)]
pub struct BranchOutcome {
    /// The branch that was pushed to; empty for a folder.
    pub branch: String,
    /// The branch that the commit is proposed for.
    pub proposed_for: Option<String>,
    /// Whether it changed.
    pub changed: bool,
    /// The new commit.
    pub commit: Option<String>,
    /// The commit that the branch pointed at before.
    pub before: Option<String>,
    /// Number of files that are new, changed, removed and unchanged.
    pub counts: [usize; 4],
    /// The clusters that were rendered for the branch, and how many of them changed.
    pub clusters: (usize, usize),
    /// What changed, by cluster and component.
    pub components: Vec<ComponentChange>,
    /// Copies of clusters that were removed, and why.
    pub pruned: Vec<(String, Unwanted)>,
    /// Files that were left where others go away, or because of `preserve`.
    pub kept: Vec<String>,
    /// Files with their contents before and after; only where nothing is done, or when they were asked for.
    pub texts: Vec<FileContents>,
    /// Where to open a pull request by hand.
    pub compare_url: Option<String>,
    /// What a pull request would say.
    pub body: Option<String>,
}

/// The files of one component of one cluster that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentChange {
    /// The cluster; empty for files that are about many.
    pub cluster: String,
    /// The component's address; the file's own name when nobody knows it any more.
    pub component: String,
    /// The files' paths.
    pub files: Vec<String>,
}
