use std::collections::HashMap;
use std::fmt::Write as _;

use crate::diag::{Diagnostic, Severity};

/// The most clusters that a message names.
const MOST_NAMES: usize = 8;

/// The messages about many clusters. Equal ones are kept once, with the clusters that they concern.
#[derive(Default)]
pub(super) struct Messages {
    known: HashMap<String, usize>,
    said: Vec<(Diagnostic, Vec<usize>)>,
}

impl Messages {
    /// Takes a message about one cluster, by its place in the list of clusters.
    pub fn add(&mut self, cluster: usize, message: Diagnostic) {
        let at = *self.known.entry(fingerprint(&message)).or_insert(self.said.len());
        match self.said.get_mut(at) {
            None => self.said.push((message, vec![cluster])),
            Some((_, clusters)) if clusters.last() != Some(&cluster) => clusters.push(cluster),
            // Said twice about one cluster, as it would be in a run of its own.
            Some(_) => {}
        }
    }

    /// All messages in the order in which they came, each beginning with the clusters that it is about
    /// unless there is only one in the run.
    pub fn told(self, names: &[&str]) -> impl Iterator<Item = Diagnostic> {
        self.said.into_iter().map(move |(mut message, clusters)| {
            if names.len() > 1 {
                message.message = format!("{}: {}", told_clusters(&clusters, names), message.message);
            }
            message
        })
    }
}

pub(super) fn told_clusters(clusters: &[usize], names: &[&str]) -> String {
    if clusters.len() == names.len() {
        return format!("all {} clusters", names.len());
    }
    let some: Vec<&str> = clusters.iter().take(MOST_NAMES).filter_map(|at| names.get(*at).copied()).collect();
    match clusters.len().saturating_sub(MOST_NAMES) {
        0 => some.join(", "),
        1 => format!("{} and 1 more cluster", some.join(", ")),
        more => format!("{} and {more} more clusters", some.join(", ")),
    }
}

/// What tells messages apart, without looking for their lines: there may be very many.
fn fingerprint(message: &Diagnostic) -> String {
    let severity = match message.severity {
        Severity::Error => 'e',
        Severity::Warning => 'w',
        Severity::Note => 'n',
    };
    let mut text = format!("{severity} {} {}", message.code, message.message);
    for label in &message.labels {
        let _ = write!(text, "\n{}:{} {}", label.span.source.name(), label.span.start, label.text);
    }
    if let Some(help) = &message.help {
        let _ = write!(text, "\n{help}");
    }
    text
}
