use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Frozen, FrozenMap, Str, Value};

/// The content of a map, and what was read of it if the map is watched.
pub(super) struct Body {
    pub state: State,
    /// Whether reads are noted: the map is part of a release's input.
    pub watched: bool,
    /// What was noted beyond the marks of entries.
    pub seen: Option<Box<Seen>>,
}

pub(super) enum State {
    /// Nothing was written.
    Frozen {
        map: Arc<FrozenMap>,
        /// A container that was read has a twin at its entry's place, so that it stays one reference;
        /// of a watched map a scalar that was read has one too. There are no places as long as
        /// nothing was read.
        twins: Vec<Option<Value>>,
        /// Whether a container has a twin, which somebody may write to.
        open: bool,
    },
    Live(BTreeMap<Str, Slot>),
}

/// What stands at an entry.
pub(super) enum Part {
    /// Nobody has opened it.
    Closed(Frozen),
    /// It may have changed.
    Open(Value),
}

/// The place of an entry.
pub(super) struct Slot {
    pub value: Value,
    pub mark: Mark,
}

/// Where an entry's value comes from, and whether it was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Part of the input and not read.
    Unread,
    /// Part of the input and read.
    Read,
    /// Written while the release was rendered, or part of a map that is not watched.
    Own,
}

/// What was read of a watched map beside its entries.
#[derive(Default)]
pub(super) struct Seen {
    /// The set of its keys: listed, counted, or asked for emptiness.
    pub keys: bool,
    /// All that is below it, at once.
    pub whole: bool,
    /// Keys that were asked for and do not exist.
    pub missing: Vec<Str>,
    /// Entries that were read and then replaced or removed.
    pub replaced: Vec<(Str, Value)>,
}

/// Beyond that many keys that were not there, the set of keys counts as read.
const MISSING: usize = 64;

/// The value of a frozen entry. A container is made once and then stays the same reference.
fn thawed(frozen: &Frozen, twin: &mut Option<Value>, watched: bool, open: &mut bool) -> Value {
    let is_container = matches!(frozen, Frozen::List(_) | Frozen::Map(_));
    if !is_container && !watched {
        return Value::from(frozen);
    }
    *open |= is_container;
    let make = || {
        let value = Value::from(frozen);
        if watched {
            value.watch();
        }
        value
    };
    twin.get_or_insert_with(make).clone()
}

impl Body {
    pub fn frozen(map: Arc<FrozenMap>) -> Self {
        Self::of(State::Frozen { map, twins: Vec::new(), open: false })
    }

    pub fn live(entries: impl IntoIterator<Item = (Str, Value)>) -> Self {
        let slots = entries.into_iter().map(|(key, value)| (key, Slot { value, mark: Mark::Own }));
        Self::of(State::Live(slots.collect()))
    }

    fn of(state: State) -> Self {
        Self { state, watched: false, seen: None }
    }

    pub fn get(&mut self, key: &[u8]) -> Option<Value> {
        let found = match &mut self.state {
            State::Live(slots) => slots.get_mut(key).map(|slot| {
                if slot.mark == Mark::Unread {
                    slot.mark = Mark::Read;
                }
                slot.value.clone()
            }),
            State::Frozen { map, twins, open } => map.find(key).map(|(at, frozen)| {
                let is_container = matches!(frozen, Frozen::List(_) | Frozen::Map(_));
                if twins.is_empty() && (is_container || self.watched) {
                    twins.resize(map.len(), None);
                }
                match twins.get_mut(at) {
                    Some(twin) => thawed(frozen, twin, self.watched, open),
                    None => Value::from(frozen),
                }
            }),
        };
        if found.is_none() && self.watched {
            self.note_missing(key);
        }
        found
    }

    pub fn contains(&mut self, key: &[u8]) -> bool {
        if self.watched {
            return self.get(key).is_some();
        }
        match &self.state {
            State::Frozen { map, .. } => map.get_bytes(key).is_some(),
            State::Live(slots) => slots.contains_key(key),
        }
    }

    pub fn entries(&mut self) -> Vec<(Str, Value)> {
        self.note_keys();
        match &mut self.state {
            State::Live(slots) => slots
                .iter_mut()
                .map(|(key, slot)| {
                    if slot.mark == Mark::Unread {
                        slot.mark = Mark::Read;
                    }
                    (key.clone(), slot.value.clone())
                })
                .collect(),
            State::Frozen { map, twins, open } => {
                twins.resize(map.len(), None);
                let watched = self.watched;
                (map.iter().zip(twins))
                    .map(|((key, frozen), twin)| (key.clone(), thawed(frozen, twin, watched, open)))
                    .collect()
            }
        }
    }

    /// Keys and what stands below them. Of a watched map all of that counts as read.
    pub fn parts(&mut self) -> Vec<(Str, Part)> {
        match &self.state {
            State::Frozen { map, twins, .. } if !self.watched => {
                let mut twins = twins.iter();
                let part = |frozen: &Frozen| match twins.next() {
                    Some(Some(twin)) => Part::Open(twin.clone()),
                    Some(None) | None => Part::Closed(frozen.clone()),
                };
                let keys = map.iter().map(|(key, _)| key.clone());
                keys.zip(map.iter().map(|(_, frozen)| frozen).map(part)).collect()
            }
            _ => self.entries().into_iter().map(|(key, value)| (key, Part::Open(value))).collect(),
        }
    }

    pub fn keys(&mut self) -> Vec<Str> {
        self.note_keys();
        match &self.state {
            State::Frozen { map, .. } => map.iter().map(|(key, _)| key.clone()).collect(),
            State::Live(slots) => slots.keys().cloned().collect(),
        }
    }

    pub fn len(&mut self) -> usize {
        self.note_keys();
        match &self.state {
            State::Frozen { map, .. } => map.len(),
            State::Live(slots) => slots.len(),
        }
    }

    /// The frozen map, as long as no container of it was read. All of it counts as read.
    pub fn as_frozen(&mut self) -> Option<Arc<FrozenMap>> {
        match &self.state {
            State::Frozen { map, open: false, .. } => {
                let map = Arc::clone(map);
                if self.watched {
                    self.seen().whole = true;
                }
                Some(map)
            }
            _ => None,
        }
    }

    pub fn insert(&mut self, key: Str, value: Value) {
        let slot = Slot { value, mark: Mark::Own };
        let replaced = self.opened().insert(key.clone(), slot);
        self.keep_read(key, replaced);
    }

    pub fn remove(&mut self, key: &[u8]) -> Option<Value> {
        let (key, slot) = self.opened().remove_entry(key)?;
        let value = slot.value.clone();
        self.keep_read(key, Some(slot));
        Some(value)
    }

    fn keep_read(&mut self, key: Str, replaced: Option<Slot>) {
        if let Some(Slot { value, mark: Mark::Read }) = replaced {
            self.seen().replaced.push((key, value));
        }
    }

    /// Makes the map writable: entries get their own place, containers keep the twins they have.
    fn opened(&mut self) -> &mut BTreeMap<Str, Slot> {
        if let State::Frozen { map, twins, .. } = &mut self.state {
            twins.resize(map.len(), None);
            let watched = self.watched;
            let slot = |frozen: &Frozen, twin: Option<Value>| {
                let mark = match twin {
                    _ if !watched => Mark::Own,
                    Some(_) => Mark::Read,
                    None => Mark::Unread,
                };
                let value = twin.unwrap_or_else(|| {
                    let value = Value::from(frozen);
                    if watched {
                        value.watch();
                    }
                    value
                });
                Slot { value, mark }
            };
            let slots = map.iter().zip(std::mem::take(twins));
            self.state = State::Live(slots.map(|((key, frozen), twin)| (key.clone(), slot(frozen, twin))).collect());
        }
        match &mut self.state {
            State::Live(slots) => slots,
            State::Frozen { .. } => unreachable!("opened above"),
        }
    }

    /// Notes reads from now on, here and below.
    pub fn watch(&mut self) {
        if std::mem::replace(&mut self.watched, true) {
            return;
        }
        match &mut self.state {
            State::Live(slots) => {
                for slot in slots.values_mut() {
                    slot.mark = Mark::Unread;
                    slot.value.watch();
                }
            }
            State::Frozen { map, twins, open } => {
                // The twins so far do not tell of reads.
                if *open {
                    let twins = std::mem::take(twins);
                    let slots = map.iter().zip(twins).map(|((key, frozen), twin)| {
                        let value = twin.unwrap_or_else(|| Value::from(frozen));
                        value.watch();
                        (key.clone(), Slot { value, mark: Mark::Unread })
                    });
                    self.state = State::Live(slots.collect());
                }
            }
        }
    }

    pub fn seen(&mut self) -> &mut Seen {
        self.seen.get_or_insert_default()
    }

    fn note_keys(&mut self) {
        if self.watched {
            self.seen().keys = true;
        }
    }

    fn note_missing(&mut self, key: &[u8]) {
        let seen = self.seen();
        if seen.keys || seen.missing.iter().any(|known| known.as_bytes() == key) {
            return;
        }
        if seen.missing.len() == MISSING {
            seen.keys = true;
        } else {
            seen.missing.push(Str::from(key));
        }
    }
}
