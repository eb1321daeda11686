use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::stack::{EmitSpec, Text};

/// What `publish.yaml` says.
#[derive(Clone, Debug, Default)]
pub struct PublishFile {
    /// The repository that is written to: a URL, or a path relative to the project.
    pub repo: Option<Text>,
    /// Its branch; in the layout of branches for environments with placeholders.
    pub branch: Option<Text>,
    /// Who writes: several owners may share a branch.
    pub owner: Option<Text>,
    /// How environments and branches belong together.
    pub layout: Layout,
    /// The folder of each cluster, with placeholders.
    pub clusters: Option<Text>,
    /// The folder of objects for GitOps engines.
    pub engine: Option<Text>,
    /// The folder that everything lies in, and outside of which nothing is touched.
    pub active_path: Option<Text>,
    /// How objects are spread over files.
    pub split: Split,
    /// Patterns of paths that are left as they are, whoever wrote them.
    pub preserve: Vec<Text>,
    /// How much may be deleted at once.
    pub limits: DeleteLimits,
    /// Whether commits go to the branch or to one that is proposed for it.
    pub mode: Mode,
    /// What is written besides manifests.
    pub emit: EmitSpec,
    /// How commits are made.
    pub commit: CommitRules,
    /// What becomes of Secrets with values in them.
    pub secrets: SecretRule,
}

/// How environments and branches belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// One branch, one folder for each cluster.
    #[default]
    Directories,
    /// Each commit holds all environments; branches point at commits, and promotion moves them.
    PromotionBranches,
    /// A branch for each environment, and one with `-next` that proposes changes of it.
    EnvironmentBranches,
}

/// How objects are spread over files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// A file for each component.
    #[default]
    Component,
    /// A file for each object: `kind-name_namespace.yaml`.
    Object,
    /// One file for each cluster.
    Single,
}

/// Where commits go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// To the branch.
    #[default]
    Push,
    /// To a branch that is proposed for it.
    PullRequest,
}

/// How much may be deleted at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteLimits {
    /// In percent of the owner's files.
    pub percent: Option<u32>,
    /// In files.
    pub files: Option<usize>,
}

impl Default for DeleteLimits {
    fn default() -> Self {
        Self { percent: Some(20), files: None }
    }
}

/// How commits are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitRules {
    /// Who makes them.
    pub author: Author,
    /// Whether they are signed; git's own configuration decides when absent.
    pub sign: Option<bool>,
    /// Whether the message ends with trailers.
    pub trailers: bool,
    /// The first line, with placeholders.
    pub subject: Option<String>,
}

impl Default for CommitRules {
    fn default() -> Self {
        Self { author: Author::default(), sign: None, trailers: true, subject: None }
    }
}

/// A name and an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

impl Default for Author {
    fn default() -> Self {
        Self { name: "kiln".to_owned(), email: "kiln@localhost".to_owned() }
    }
}

impl Author {
    /// Reads `Name <address>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.trim().split_once('<')?;
        let (name, email) = (name.trim(), rest.strip_suffix('>')?.trim());
        let plain = |text: &str| !text.is_empty() && !text.contains(['<', '>']) && !text.chars().any(char::is_control);
        (plain(name) && plain(email)).then(|| Self { name: name.to_owned(), email: email.to_owned() })
    }
}

/// What becomes of Secrets with values in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretRule {
    /// They are refused.
    #[default]
    Deny,
    /// They are published.
    Allow,
    /// Those whose values are encrypted by SOPS are published.
    SealedOnly,
}

/// Fills the placeholders `{name}`, `{output}` and those of labels into the pattern of a folder or branch.
///
/// # Errors
/// A message, for a placeholder that the cluster has no value for.
pub fn fill_folder(
    pattern: &Text,
    name: &str,
    output: &str,
    labels: &BTreeMap<String, String>,
) -> Result<String, Diagnostic> {
    let mut values = labels.clone();
    values.insert("output".to_owned(), output.to_owned());
    let mut problems = Vec::new();
    let filled = crate::stack::clusters::fill(pattern, Some(name), &values, &mut problems);
    match (filled, problems.pop()) {
        (Some(text), None) => Ok(text.value),
        (_, Some(problem)) => Err(problem),
        (None, None) => Ok(pattern.value.clone()),
    }
}
