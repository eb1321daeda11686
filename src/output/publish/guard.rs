use super::FileChange;

/// A reason not to follow a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    /// The folders that would be written hold files already, and this owner has never published there.
    Unmanaged {
        /// Some of them.
        paths: Vec<String>,
        /// How many there are.
        count: usize,
    },
    /// Files that nobody recorded stand where others belong.
    InTheWay {
        /// Some of them.
        paths: Vec<String>,
        /// How many there are.
        count: usize,
    },
    /// A file belongs to another owner.
    Foreign {
        /// The file.
        path: String,
        /// Its owner.
        owner: String,
    },
    /// Files of this owner were edited or removed by somebody else: what was published, and what is there.
    Drift(Vec<FileChange>),
    /// Too much would be deleted.
    Deletes {
        /// How many files.
        files: usize,
        /// How many the owner has.
        owned: usize,
    },
    /// Whole clusters would be deleted.
    Clusters(Vec<String>),
    /// There is nothing in any file that was rendered.
    Empty,
}
