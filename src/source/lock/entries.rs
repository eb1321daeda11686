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

    /// The pin that still satisfies what is asked: that of the same source, or the version of the
    /// same chart that another constraint selected and this one accepts too.
    pub fn satisfying(&self, spec: &SourceSpec) -> Option<&Pin> {
        if let Some(pin) = self.lookup(spec) {
            return Some(pin);
        }
        let recorded = spec.recorded();
        let SourceSpec::ChartRepo { version, .. } = &recorded else { return None };
        let constraints = Constraints::parse(version).ok()?;
        self.entries.values().map(|entry| &entry.pin).find(|pin| {
            pin.is_of(&recorded) && Version::parse(pin.resolved()).is_ok_and(|version| constraints.check(&version))
        })
    }

    /// A lock with the same seed and date that locks nothing yet.
    pub fn emptied(&self) -> Self {
        Self { seed: self.seed.clone(), created: self.created.clone(), entries: BTreeMap::new() }
    }

    /// Records what a source resolved to, and who asked for it.
    pub fn insert(&mut self, spec: &SourceSpec, pin: Pin, asked_by: &str) {
        let entry = self
            .entries
            .entry(spec.recorded())
            .or_insert_with(|| LockEntry { pin: pin.clone(), asked_by: BTreeSet::new() });
        entry.pin = pin;
        entry.asked_by.insert(asked_by.to_owned());
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
