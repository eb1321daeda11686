use std::collections::{BTreeMap, HashMap};

use crate::diag::{Blame, Code, Diagnostic};
use crate::source::Checkout;
use crate::span::{Source, Span};
use crate::stack::{Cluster, Layout, Mode, PublishFile, Text, fill_folder};

use super::{CopyJob, PublishOptions};

const TARGET: Code = Code("publish.target");
const BRANCH: Code = Code("publish.branch");
/// Who publishes when nobody says.
const OWNER: &str = "kiln";
/// Where clusters go when nobody says.
const CLUSTERS: &str = "clusters/{name}";

/// What `publish.yaml` and the command line come to.
pub(super) struct Destinations {
    pub owner: String,
    /// The repository; `None` for a folder.
    pub repo: Option<String>,
    /// The folder that everything lies in.
    pub root: String,
    /// How many parts of a path below the root name a cluster's folder.
    pub depth: usize,
    /// What ends the names of branches that propose something about copies.
    ending: String,
    pub lanes: Vec<Lane>,
    /// Cluster → its lane and its folder.
    pub places: HashMap<String, (usize, String)>,
}

/// A branch and the clusters that go there.
#[derive(Clone, Debug, Default)]
pub(super) struct Lane {
    /// The branch that the clusters are for.
    pub target: String,
    /// The branch that is pushed to: the same one, or one that is proposed for it.
    pub head: String,
    /// Whether commits lie on top of those of the pushed branch, and not afresh on the target.
    pub grows: bool,
}

impl Destinations {
    /// Settles where each cluster goes. `all` are the clusters of the project, also those that are not selected.
    pub fn of(
        file: &PublishFile,
        options: &PublishOptions,
        all: &[Cluster],
        is_fleet: bool,
        short_source: &str,
    ) -> Result<Self, Diagnostic> {
        let owner = match (&options.owner, &file.owner) {
            (Some(owner), _) => owner.clone(),
            (None, Some(owner)) => owner.value.clone(),
            (None, None) => OWNER.to_owned(),
        };
        let repo = options.repo.clone().or_else(|| file.repo.as_ref().map(|repo| repo.value.clone()));
        let is_folder = options.to.is_some();
        if !is_folder && repo.is_none() {
            let message = "nobody says where to publish to";
            let help = "write `target: {repo: URL, branch: BRANCH}` into publish.yaml, or pass `--repo` and `--branch`";
            return Err(Diagnostic::error(TARGET, message).blame(Blame::Usage).help(help));
        }
        let branch = match (&options.branch, &file.branch) {
            (Some(branch), _) => typed("--branch", branch),
            (None, Some(branch)) => branch.clone(),
            (None, None) => typed("target.branch", "main"),
        };
        let clusters = match (&options.clusters, &file.clusters) {
            (Some(folder), _) => typed("--path", folder.trim_matches('/')),
            (None, Some(folder)) => folder.clone(),
            (None, None) => typed("paths.clusters", if is_fleet { CLUSTERS } else { "{name}" }),
        };
        let root = file.active_path.as_ref().map(|text| text.value.clone()).unwrap_or_default();
        let depth = if clusters.value.is_empty() { 0 } else { clusters.value.split('/').count() };
        let proposes = options.pull_request.unwrap_or(file.mode == Mode::PullRequest);
        let ending = match &options.copies {
            CopyJob::None => String::new(),
            CopyJob::Make(copying, _) => copying.suffix().to_owned(),
            CopyJob::Prune(_) => "-prune".to_owned(),
        };
        let mut found = Self { owner, repo, root, depth, ending, lanes: Vec::new(), places: HashMap::new() };
        let mut taken: BTreeMap<(usize, String), &str> = BTreeMap::new();
        for cluster in all {
            let name = cluster.name.value.as_str();
            let fill = |pattern: &Text| fill_folder(pattern, name, &cluster.output.value, &cluster.labels);
            // A copy goes where its cluster is, into a folder of its own.
            let fill_branch = || fill_folder(&branch, cluster.place_name(), &cluster.output.value, &cluster.labels);
            let target = if is_folder { String::new() } else { fill_branch()? };
            if !is_folder {
                check_branch(&target, &branch)?;
            }
            let lane = found.lane(target, file.layout, proposes, options.unique, short_source);
            let folder = fill(&clusters)?;
            let folder = match (found.root.is_empty(), folder.is_empty()) {
                (true, _) => folder,
                (false, true) => found.root.clone(),
                (false, false) => format!("{}/{folder}", found.root),
            };
            if let Some(other) = taken.insert((lane, folder.clone()), name) {
                let message = format!("the clusters `{other}` and `{name}` would both be published to `{folder}`");
                return Err(Diagnostic::error(TARGET, message)
                    .at(clusters.place.clone(), "")
                    .help("use `{name}` in `paths.clusters`"));
            }
            found.places.insert(name.to_owned(), (lane, folder));
        }
        Ok(found)
    }

    fn lane(&mut self, target: String, layout: Layout, proposes: bool, unique: bool, short: &str) -> usize {
        if let Some(at) = self.lanes.iter().position(|lane| lane.target == target) {
            return at;
        }
        let head = match (layout, proposes, unique) {
            (Layout::EnvironmentBranches, ..) if self.root.is_empty() => format!("{target}-next"),
            // Whoever shares a branch proposes on one of its own, as GitOps Promoter looks for it.
            (Layout::EnvironmentBranches, ..) => format!("{target}-next/{}", self.root),
            (_, false, _) => target.clone(),
            (_, true, false) => format!("kiln/{}/{target}{}", self.owner, self.ending),
            (_, true, true) => format!("kiln/{}/{target}{}-{short}", self.owner, self.ending),
        };
        let grows = layout == Layout::EnvironmentBranches || !proposes;
        self.lanes.push(Lane { target, head, grows });
        self.lanes.len() - 1
    }
}

impl Lane {
    /// Whether the commit is proposed and not put onto the branch itself.
    pub fn proposes(&self) -> bool {
        self.head != self.target
    }
}

fn check_branch(branch: &str, pattern: &Text) -> Result<(), Diagnostic> {
    let name = format!("refs/heads/{branch}");
    if !branch.starts_with('-') && Checkout::is_ref_name(&name) {
        return Ok(());
    }
    let message = format!("`{}` cannot be a branch", branch.escape_debug());
    Err(Diagnostic::error(BRANCH, message).at(pattern.place.clone(), ""))
}

/// A text that was typed and not read from a file.
fn typed(what: &str, text: &str) -> Text {
    let source = Source::new(what, text);
    Text { value: text.to_owned(), place: Span::new(&source, 0..text.len()) }
}
