use std::path::Path;
use std::time::Instant;

use crate::cli::events::{self, Event};
use crate::cli::timings::Counts;
use crate::output::Change;
use crate::pipeline::{ClusterOutcome, Fleet, Generated};
use crate::report::grouped;

use super::print::Tree;

/// What was compiled.
pub(in crate::cli::commands) enum Outcome {
    One(Generated),
    Many(Fleet),
}

impl Outcome {
    /// The root of generated trees, where that is a place of the whole project.
    pub fn root(&self) -> Option<&Path> {
        match self {
            Self::One(_) => None,
            Self::Many(fleet) => Some(&fleet.root),
        }
    }

    /// The trees, in their order.
    pub fn trees(&self) -> Vec<Tree<'_>> {
        match self {
            Self::One(generated) => vec![("", generated.folder.clone(), &generated.changes)],
            Self::Many(fleet) => {
                let clusters = fleet.clusters.iter();
                clusters.map(|made| (made.output.as_str(), fleet.root.join(&made.output), &made.changes)).collect()
            }
        }
    }

    /// How many of what, for the table of times.
    pub fn counts(&self, started: Instant) -> Counts {
        let counts = match self {
            Self::One(generated) => {
                vec![("rendered", generated.rendered), ("reused", generated.reused), ("kept", generated.kept)]
            }
            Self::Many(fleet) => vec![
                ("clusters", fleet.compiled()),
                ("rendered", fleet.rendered),
                ("repeated", fleet.repeated),
                ("reused", fleet.reused),
                ("fetched", fleet.fetched),
                ("kept", fleet.kept),
            ],
        };
        Counts { counts, wall: started.elapsed() }
    }

    /// One line about all of it; `since` is the revision that it was compared with.
    pub fn summary(&self, since: Option<&str>, started: Instant) -> String {
        match self {
            Self::One(generated) => summary(generated, since, started),
            Self::Many(fleet) => fleet_summary(fleet, since, started),
        }
    }

    /// What changed, as events; `commit` is the project's. The contents of the changes must be known.
    pub fn events(&self, commit: Option<&str>) -> Vec<Event> {
        match self {
            Self::One(generated) => {
                let name = generated.folder.file_name().unwrap_or_default().to_string_lossy();
                events::of(&name, &generated.folder, &generated.changes, commit)
            }
            Self::Many(fleet) => {
                let of = |made: &ClusterOutcome| {
                    events::of(&made.name, &fleet.root.join(&made.output), &made.changes, commit)
                };
                fleet.clusters.iter().flat_map(of).collect()
            }
        }
    }
}

fn summary(generated: &Generated, since: Option<&str>, started: Instant) -> String {
    let changes = &generated.changes;
    let noun = if generated.rendered == 1 { "component" } else { "components" };
    let again = again(generated.reused, 0) + &kept(generated.kept, since);
    format!(
        "{}: {} added, {} changed, {} removed, {} unchanged; rendered {} {noun}{} in {:.2} s",
        generated.folder.strip_prefix(".").unwrap_or(&generated.folder).display(),
        changes.count(Change::Added),
        changes.count(Change::Changed),
        changes.count(Change::Removed),
        changes.unchanged,
        grouped(generated.rendered),
        if again.is_empty() { again } else { format!("{again},") },
        started.elapsed().as_secs_f64()
    )
}

/// How many components were not rendered: they stand as an earlier run wrote them, or are the same for
/// another cluster.
fn again(reused: usize, repeated: usize) -> String {
    let reused = if reused == 0 { String::new() } else { format!(", reused {}", grouped(reused)) };
    let repeated = if repeated == 0 { String::new() } else { format!(", used {} again", grouped(repeated)) };
    format!("{reused}{repeated}")
}

/// How many components were not rendered because they are as in the revision that was named.
fn kept(kept: usize, since: Option<&str>) -> String {
    since.map_or_else(String::new, |revision| format!(", kept {} that are as in {revision}", grouped(kept)))
}

fn fleet_summary(fleet: &Fleet, since: Option<&str>, started: Instant) -> String {
    let clusters = fleet.compiled();
    let noun = if clusters == 1 { "cluster" } else { "clusters" };
    let components = if fleet.rendered == 1 { "component" } else { "components" };
    let pruned = fleet.clusters.len() - clusters;
    let pruned = if pruned == 0 { String::new() } else { format!(" (and {} removed)", grouped(pruned)) };
    let mut again = again(fleet.reused, fleet.repeated);
    if fleet.fetched > 0 {
        again.push_str(&format!(", fetched {}", grouped(fleet.fetched)));
    }
    again.push_str(&kept(fleet.kept, since));
    if !again.is_empty() {
        again.push(',');
    }
    format!(
        "{} {noun}{pruned}: {} added, {} changed, {} removed, {} unchanged; rendered {} {components}{again} in {:.2} s",
        grouped(clusters),
        grouped(fleet.count(Change::Added)),
        grouped(fleet.count(Change::Changed)),
        grouped(fleet.count(Change::Removed)),
        grouped(fleet.unchanged()),
        grouped(fleet.rendered),
        started.elapsed().as_secs_f64()
    )
}
