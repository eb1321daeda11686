//! The rules of `helm lint`. The files of a chart, the user's values and [`LintOptions`] enter; what the
//! rules found leaves, in Helm's order and words. Nothing is printed here and no cluster is asked.
//!
//! One file per group of rules, in the order in which they run: [`chartfile`] for `Chart.yaml`,
//! [`values`] for `values.yaml` and its schema, [`templates`] for what templates are and what they
//! render to ([`rendering`], [`documents`], [`object`]), [`dependencies`] for the charts in `charts/`.

mod chartfile;
mod dependencies;
mod documents;
mod message;
mod object;
mod rendering;
mod templates;
mod values;

pub use message::{Message, Severity};

use crate::gotmpl::Limits;
use crate::source::Tree;
use crate::value::Frozen;

use super::capabilities::KubeVersion;
use message::Findings;

/// How a chart is checked.
#[derive(Clone, Debug)]
pub struct LintOptions {
    /// The namespace that templates see.
    pub namespace: String,
    /// The version of Kubernetes that templates see and that deprecations are measured by.
    pub kube_version: KubeVersion,
    /// Whether templates' values are not compared with schemas. The values of the chart itself always are.
    pub skip_schema_validation: bool,
    /// The budgets of the templates. The calling thread's stack must hold [`Limits::thread_stack`] bytes.
    pub limits: Limits,
}

/// What linting a chart gives.
#[derive(Debug)]
pub struct Lint {
    /// What the rules found.
    pub messages: Vec<Message>,
    /// What `required` and `fail` would have said, and warnings of putting values together: lines for
    /// the terminal, in Helm's words.
    pub notes: Vec<String>,
}

/// Checks a chart in a folder. `folder` is its whole path, which some messages show.
pub fn lint(chart: &Tree, folder: &str, values: &Frozen, options: &LintOptions) -> Lint {
    let mut findings = Findings::default();
    let mut notes = Vec::new();
    chartfile::check(chart, &mut findings);
    values::check(chart, values, &mut findings);
    templates::check(chart, values, options, &mut findings, &mut notes);
    dependencies::check(chart, folder, &mut findings);
    Lint { messages: findings.into_messages(), notes }
}
