use super::declared::{Declared, dependencies};
use crate::golang::semver::{Constraints, Version};
use crate::source::error::foreign;
use crate::source::tree::Tree;

/// What the lock says that a chart's author shipped.
#[derive(Debug, Default)]
pub(super) struct Locked {
    shown: String,
    entries: Vec<Declared>,
}

impl Locked {
    /// Reads the lock that belongs to the file with the declarations. One that cannot be read is told
    /// and passed over: what it says is a wish, what counts is kiln's own lock.
    pub(super) fn read(chart: &Tree, declared_in: &str, oddities: &mut Vec<String>) -> Self {
        let file = if declared_in == "requirements.yaml" { "requirements.lock" } else { "Chart.lock" };
        let shown = chart.display(file);
        match dependencies(chart, file) {
            Ok(entries) => Self { entries: entries.unwrap_or_default(), shown },
            Err(error) => {
                oddities.push(format!("{shown} cannot be read and is passed over: {}", error.message));
                Self::default()
            }
        }
    }

    /// The version to ask for: the locked one when the range accepts it, else the range.
    pub(super) fn version(&self, name: &str, repository: &str, range: &str, oddities: &mut Vec<String>) -> String {
        let place = |repository: &str| repository.trim_end_matches('/').to_owned();
        let own = |entry: &&Declared| entry.name == name && place(&entry.repository) == place(repository);
        let mut versions = self.entries.iter().filter(own).map(|entry| &entry.version).peekable();
        if versions.peek().is_none() {
            if !self.entries.is_empty() {
                oddities.push(format!("{} is out of date: it does not lock `{}`", self.shown, foreign(name)));
            }
            return range.to_owned();
        }
        let constraints = Constraints::parse(if range.is_empty() { "*" } else { range });
        let accepted = |version: &&String| {
            let parsed = Version::parse(version);
            *version == range || constraints.as_ref().is_ok_and(|it| parsed.is_ok_and(|version| it.check(&version)))
        };
        let mut rest = versions.clone();
        match versions.find(accepted) {
            Some(version) => version.clone(),
            None => {
                let locked = rest.next().map(String::as_str).unwrap_or_default();
                oddities.push(format!(
                    "{} is out of date: it locks `{}` at {}, and the chart wants {}",
                    self.shown,
                    foreign(name),
                    foreign(locked),
                    foreign(range)
                ));
                range.to_owned()
            }
        }
    }
}
