use std::collections::HashMap;

use super::differences::Files;
use super::outcome::{ChangeKind, Reason};
use super::reasons::{Pair, tree};
use super::side::{Side, State};
use crate::config::{ConfigNode, ConfigValue};
use crate::diag::Diagnostic;
use crate::render::{Engine, RenderUnit, UnitKey};
use crate::value::Frozen;

/// A unit of a cluster and what happened to it.
pub struct Verdict {
    pub unit: RenderUnit,
    pub key: Option<UnitKey>,
    /// Absent where nothing is compared.
    pub change: Option<ChangeKind>,
    pub reasons: Vec<Reason>,
}

/// What a run is compared with.
pub enum Before<'a> {
    /// The base, with the places of clusters by name.
    Base(&'a Side, HashMap<&'a str, usize>),
    /// A base that cannot be resolved, and why.
    Unknown(String),
}

/// What happened to the units of a cluster. Those that are gone come last.
///
/// # Errors
/// When the cluster cannot be planned as it is.
pub fn compare(
    now: &Side,
    at: usize,
    before: &Before<'_>,
    always: Option<&Reason>,
    files: &Files,
) -> Result<Vec<Verdict>, Vec<Diagnostic>> {
    let units = now.plan(at)?;
    let all = |units: Vec<State>, change, reason: &Reason| {
        units.into_iter().map(|state| verdict(state, change, vec![reason.clone()])).collect()
    };
    let name = &now.clusters[at].name;
    let (base, places) = match before {
        Before::Unknown(why) => return Ok(all(units, ChangeKind::Changed, &Reason::new("unresolved", why))),
        Before::Base(base, places) => (*base, places),
    };
    let Some(place) = places.get(name.value.as_str()).copied() else {
        let reason = Reason::new("cluster", "the cluster is new").at(now.place(&name.place));
        return Ok(all(units, ChangeKind::Added, &reason));
    };
    let old = match base.plan(place) {
        Ok(old) => old,
        Err(problems) => {
            let why = problems.first().map_or_else(String::new, |problem| format!(": {}", problem.message));
            let reason = Reason::new("unresolved", format!("the cluster cannot be compared{}{why}", base.when()));
            return Ok(all(units, ChangeKind::Changed, &reason));
        }
    };
    let pair = Pair { files, base: (base, place), now: (now, at) };
    if pair.moved() {
        let reason = Reason::new("output", "the cluster is written to another folder")
            .at(now.place(&now.clusters[at].output.place));
        return Ok(all(units, ChangeKind::Changed, &reason));
    }
    let mut old: HashMap<std::sync::Arc<str>, State> =
        old.into_iter().map(|state| (std::sync::Arc::clone(&state.unit.address), state)).collect();
    let mut verdicts = Vec::with_capacity(units.len());
    // Whether kinds may be defined that were not, or the other way round.
    let mut kinds = false;
    for state in units {
        let before = old.remove(&state.unit.address);
        let (change, reasons) = match &before {
            None => (ChangeKind::Added, pair.why_added(&state.unit)),
            Some(_) if always.is_some() => (ChangeKind::Changed, always.cloned().into_iter().collect()),
            Some(before) if is_same(before, &state.unit, state.key) => (ChangeKind::Unchanged, Vec::new()),
            Some(before) => (ChangeKind::Changed, pair.why_changed(before, &state)),
        };
        if change != ChangeKind::Unchanged {
            let may = |unit: &RenderUnit| may_define_kinds(unit, files);
            kinds |= may(&state.unit) || before.is_some_and(|before| may(&before.unit));
        }
        verdicts.push(verdict(state, change, reasons));
    }
    let mut gone: Vec<State> = old.into_values().collect();
    gone.sort_by(|one, other| one.unit.address.cmp(&other.unit.address));
    for state in gone {
        kinds |= may_define_kinds(&state.unit, files);
        let reasons = pair.why_removed(&state.unit);
        verdicts.push(Verdict { unit: state.unit, key: None, change: Some(ChangeKind::Removed), reasons });
    }
    if kinds {
        for verdict in verdicts.iter_mut().filter(|verdict| verdict.change == Some(ChangeKind::Unchanged)) {
            if injects(&verdict.unit, now.project.reading.is_strict()) {
                verdict.change = Some(ChangeKind::Changed);
                let text = "another component may define kinds, which decide what gets a namespace";
                verdict.reasons.push(Reason::new("kinds", text));
            }
        }
    }
    Ok(verdicts)
}

fn verdict(state: State, change: ChangeKind, reasons: Vec<Reason>) -> Verdict {
    Verdict { unit: state.unit, key: state.key, change: Some(change), reasons }
}

impl Verdict {
    /// Of a unit that is compared with nothing.
    pub fn unknown(state: State) -> Self {
        Self { unit: state.unit, key: state.key, change: None, reasons: Vec::new() }
    }
}

/// Whether a unit gives the same as before, as far as that depends on it alone.
pub fn is_same(before: &State, unit: &RenderUnit, key: Option<UnitKey>) -> bool {
    key.is_some()
        && before.key == key
        && before.unit.output == unit.output
        && before.unit.shadowed == unit.shadowed
        && before.unit.scope.inject_namespace() == unit.scope.inject_namespace()
        && has_same_overrides(&before.unit, unit)
}

/// Whether the images in both become the same.
pub fn has_same_overrides(one: &RenderUnit, other: &RenderUnit) -> bool {
    one.overrides.len() == other.overrides.len()
        && one.overrides.iter().zip(other.overrides.iter()).all(|(one, other)| {
            one.name == other.name
                && (&one.new_name, &one.new_tag, &one.digest) == (&other.new_name, &other.new_tag, &other.digest)
        })
}

impl Pair<'_> {
    fn moved(&self) -> bool {
        let output = |(side, at): &(&Side, usize)| side.clusters[*at].output.value.clone();
        output(&self.base) != output(&self.now)
    }
}

/// Whether what a unit gives depends on the kinds that others define.
pub fn injects(unit: &RenderUnit, strict: bool) -> bool {
    strict && matches!(unit.engine, Engine::Helm { .. }) && unit.scope.inject_namespace().is_some()
}

/// Whether a unit may give definitions of kinds: when its files or its values name them.
pub fn may_define_kinds(unit: &RenderUnit, files: &Files) -> bool {
    let in_files =
        |listing: Option<&super::differences::Listing>| listing.is_none_or(|listing| listing.may_define_kinds);
    tree(&unit.engine).is_some_and(|tree| files.of(tree, in_files)) || unit.scope.config().is_some_and(names_kind)
}

fn names_kind(node: &ConfigNode) -> bool {
    match &node.value {
        ConfigValue::Scalar(Frozen::Str(text)) => {
            memchr::memmem::find(text.as_bytes(), b"CustomResourceDefinition").is_some()
        }
        ConfigValue::Scalar(_) => false,
        ConfigValue::List(items) => items.iter().any(|item| names_kind(item)),
        ConfigValue::Map(map) => map.values().any(|item| names_kind(item)),
    }
}
