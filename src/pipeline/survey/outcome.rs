use serde::Serialize;

/// What a run would render.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Survey {
    /// What it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    /// The environments that were typed, highest priority first; absent for the clusters of clusters.yaml.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environments: Option<Vec<String>>,
    /// The digest of `kiln.lock`.
    pub lock: String,
    /// How many units of each kind there are.
    pub counts: Counts,
    /// What `cost` means: `recorded` for milliseconds of an earlier run, else `estimated`.
    pub costs: &'static str,
    /// The units, in the order of the clusters and of the stack.
    pub units: Vec<SurveyedUnit>,
    /// The jobs that the clusters with something to render are packed into.
    #[serde(skip)]
    pub jobs: Vec<Job>,
}

/// A revision.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Base {
    /// As it was asked for.
    pub revision: String,
    /// The commit.
    pub commit: String,
}

/// Numbers of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All that a run renders.
    pub units: usize,
    /// Of them those that are new since the base.
    pub added: usize,
    /// Of them those that give something else, or may.
    pub changed: usize,
    /// Of them those that give the same.
    pub unchanged: usize,
    /// Units that are gone since the base.
    pub removed: usize,
}

/// A component of a cluster.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SurveyedUnit {
    /// The cluster's name, `/`, the component's address.
    pub id: String,
    /// The cluster's name.
    pub cluster: String,
    /// The component's address.
    pub component: String,
    /// The file that it is written to, below the root of generated trees.
    pub file: String,
    /// The digest of everything that determines what is rendered; absent where that differs from run to
    /// run, and for what is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What rendering it takes, about.
    pub cost: f64,
    /// What happened to it since the base; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeKind>,
    /// Why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// What happened to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It gives something else, or may.
    Changed,
    /// It is gone.
    Removed,
    /// It gives the same.
    Unchanged,
}

/// Why a unit changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// One of a fixed list of words.
    pub reason: &'static str,
    /// The same in a sentence.
    pub text: String,
    /// The file where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line there, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// Clusters that one machine compiles.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its number and the number of jobs: `1/4`.
    pub shard: String,
    /// Names of clusters.
    pub clusters: Vec<String>,
    /// How many components they have.
    pub units: usize,
    /// The sum of their costs.
    pub cost: f64,
}
