use serde::Deserialize;

use super::needed::{MAX_BYTES, Text};
use crate::golang::semver::{Constraints, Version};
use crate::source::error::foreign;
use crate::source::tree::Tree;

/// What the lock says that a chart's author shipped.
#[derive(Debug, Default)]
pub(super) struct Locked {
    shown: String,
    entries: Vec<(String, String, String)>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    dependencies: Option<Vec<Option<Entry>>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    name: Option<Text>,
    #[serde(default)]
    version: Option<Text>,
    #[serde(default)]
    repository: Option<Text>,
}

impl Locked {
    /// Reads the lock that belongs to the file with the declarations. One that cannot be read is told
    /// and passed over: what it says is a wish, what counts is kiln's own lock.
    pub(super) fn read(chart: &Tree, declared_in: &str, oddities: &mut Vec<String>) -> Self {
        let file = if declared_in == "requirements.yaml" { "requirements.lock" } else { "Chart.lock" };
        let shown = chart.display(file);
        let Some(bytes) = chart.read(file).ok().filter(|bytes| bytes.len() <= MAX_BYTES) else {
            return Self::default();
        };
        match serde_yaml::from_slice::<Option<File>>(&bytes) {
            Ok(file) => {
                let entries = file.and_then(|file| file.dependencies).unwrap_or_default().into_iter().flatten();
                let text = |text: &Option<Text>| Text::text(text.as_ref());
                let entries = entries.map(|entry| (text(&entry.name), text(&entry.repository), text(&entry.version)));
                Self { entries: entries.collect(), shown }
            }
            Err(error) => {
                oddities.push(format!("{shown} cannot be read and is passed over: {}", foreign(&error.to_string())));
                Self::default()
            }
        }
    }

    /// The version to ask for: the locked one when the range accepts it, else the range.
    pub(super) fn version(&self, name: &str, repository: &str, range: &str, oddities: &mut Vec<String>) -> String {
        let place = |repository: &str| repository.trim_end_matches('/').to_owned();
        let own = |(of, at, _): &&(String, String, String)| of == name && place(at) == place(repository);
        let mut versions = self.entries.iter().filter(own).map(|(.., version)| version).peekable();
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
