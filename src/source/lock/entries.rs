use std::collections::{BTreeMap, BTreeSet};

use crate::golang::semver::{Constraints, Version};
use crate::source::pin::Pin;
use crate::source::spec::SourceSpec;

/// One locked source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockEntry {
    /// What it resolved to.
    pub pin: Pin,
    /// The addresses of the components that ask for it, sorted.
    pub asked_by: BTreeSet<String>,
}

/// The content of `kiln.lock`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The seed of values that templates take for random, in hex; made once.
    pub seed: String,
    /// The day the seed was made, `YYYY-MM-DD`: the date that templates see.
    pub created: String,
    /// The locked sources by what was asked, without credentials.
    pub(super) entries: BTreeMap<SourceSpec, LockEntry>,
}

impl Lock {
    /// The pin of a source, when this very source is locked.
    pub fn lookup(&self, spec: &SourceSpec) -> Option<&Pin> {
        self.entries.get(&spec.recorded()).map(|entry| &entry.pin)
    }

    /// The pin that still satisfies what is asked: that of the same source, or one of the same
    /// repository that another constraint or name selected and this one accepts too.
    pub fn satisfying(&self, spec: &SourceSpec) -> Option<&Pin> {
        if let Some(pin) = self.lookup(spec) {
            return Some(pin);
        }
        let recorded = spec.recorded();
        let asked = match &recorded {
            SourceSpec::ChartRepo { version, .. } | SourceSpec::Git { version: Some(version), .. } => version,
            SourceSpec::Git { version: None, .. } | SourceSpec::Http { .. } => return None,
        };
        // For git a plain `1.2` is the name of a tag, not a range.
        let is_range = matches!(recorded, SourceSpec::ChartRepo { .. })
            || asked.contains(['^', '~', '<', '>', '=', '*', '|', ',']);
        let constraints = Constraints::parse(asked).ok().filter(|_| is_range);
        self.entries.values().map(|entry| &entry.pin).filter(|pin| pin.is_of(&recorded)).find(|pin| {
            let version = match pin {
                Pin::Git { commit, .. } if commit == asked => return true,
                Pin::Git { reference, .. } => reference.as_deref().and_then(|name| name.strip_prefix("refs/tags/")),
                Pin::Chart { version, .. } => Some(version.as_str()),
                Pin::Http { .. } => None,
            };
            let Some(version) = version else { return false };
            // A tag may have a name that is no version.
            let accepts = |constraints: &Constraints| Version::parse(version).is_ok_and(|own| constraints.check(&own));
            version == asked || constraints.as_ref().is_some_and(accepts)
        })
    }

    /// A lock with the same seed and date that locks nothing yet.
    pub fn emptied(&self) -> Self {
        Self { seed: self.seed.clone(), created: self.created.clone(), entries: BTreeMap::new() }
    }

    /// This lock with the entries of another one that it lacks.
    pub fn with(mut self, more: &Self) -> Self {
        for (spec, entry) in &more.entries {
            self.entries.entry(spec.clone()).or_insert_with(|| entry.clone());
        }
        self
    }

    /// This lock without the entries for sources that another one has.
    pub fn without(&self, base: &Self) -> Self {
        let mut rest = self.clone();
        rest.entries.retain(|spec, _| !base.entries.contains_key(spec));
        rest
    }

    /// Records what a source resolved to, and who asked for it.
    pub fn insert(&mut self, spec: &SourceSpec, pin: Pin, asked_by: &str) {
        self.record(spec, pin).asked_by.insert(asked_by.to_owned());
    }

    /// Records what a source resolved to.
    pub(in crate::source) fn record(&mut self, spec: &SourceSpec, pin: Pin) -> &mut LockEntry {
        let entry = self
            .entries
            .entry(spec.recorded())
            .or_insert_with(|| LockEntry { pin: pin.clone(), asked_by: BTreeSet::new() });
        entry.pin = pin;
        entry
    }

    /// All entries, in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = (&SourceSpec, &LockEntry)> {
        self.entries.iter()
    }

    /// How many sources are locked.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is locked.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
