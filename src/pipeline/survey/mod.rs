//! What a run would render, and why, without rendering.
//!
//! In: an open project, its clusters and, to compare with, a revision of its repository. Out: a [`Survey`]:
//! each component of each cluster with its key, whether it is new, changed or gone since the revision and the
//! [`Reason`]s, and the clusters packed into [`Job`]s of about equal cost. A [`Side`](side::Side) is the project
//! as it is, or as it was; both are planned cluster by cluster, and equal keys mean equal results.

mod compare;
mod costs;
mod differences;
mod disabled;
mod outcome;
mod pack;
mod reasons;
mod run;
mod side;
mod since;

pub use outcome::{ChangeKind, Job, Survey, SurveyedUnit};
pub use run::{SurveyRequest, TIMINGS, survey};

pub(super) use since::{Kept, Since};
