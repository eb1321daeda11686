//! What was read of a watched tree of values.
//!
//! Reading leaves marks in the containers themselves, a bit where an entry is looked up; this file
//! gathers them afterwards. Marks can claim too much (an emptiness check counts as reading the set of
//! keys), never too little: a tree in which nothing that is listed differs gives the same results.

use super::body::{Mark, State};
use super::list::ListSeen;
use super::{Str, Value};

/// A read of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// Keys, and indexes of lists, from the watched map downwards.
    pub path: Vec<Str>,
    /// What was read there.
    pub how: How,
}

/// What was read of the value at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// That there is no such key.
    Missing,
    /// A container's presence and type, but nothing of its content.
    Presence,
    /// The number of a list's items.
    Length,
    /// The set of a map's keys.
    Keys,
    /// A scalar, or the scalars and the length of a list.
    Value,
    /// The value and all that is below it.
    Whole,
}

impl Value {
    /// Notes reads of a container from now on, here and below; scalars have nothing to note.
    pub(super) fn watch(&self) {
        match self {
            Value::Map(map) => map.watch(),
            Value::List(list) => list.watch(),
            _ => {}
        }
    }
}

/// Adds what was read of a value that somebody looked at, with the path that leads to it.
pub(super) fn collect(value: &Value, path: &mut Vec<Str>, reads: &mut Vec<Read>) {
    let before = reads.len();
    let read = |how, path: &[Str]| Read { path: path.to_vec(), how };
    match value {
        Value::Map(map) => {
            let Some(body) = map.body() else { return reads.push(read(How::Value, path)) };
            if let Some(seen) = &body.seen {
                if seen.whole {
                    return reads.push(read(How::Whole, path));
                }
                if seen.keys {
                    reads.push(read(How::Keys, path));
                }
                for key in &seen.missing {
                    path.push(key.clone());
                    reads.push(read(How::Missing, path));
                    path.pop();
                }
            }
            // Looking at entries must not count as reading them.
            let mut entries: Vec<(Str, Value)> = match &body.state {
                State::Live(slots) => (slots.iter())
                    .filter(|(_, slot)| slot.mark == Mark::Read)
                    .map(|(key, slot)| (key.clone(), slot.value.clone()))
                    .collect(),
                State::Frozen { map, twins, .. } => {
                    (map.iter().zip(twins)).filter_map(|((key, _), twin)| Some((key.clone(), twin.clone()?))).collect()
                }
            };
            entries.extend(body.seen.iter().flat_map(|seen| seen.replaced.iter().cloned()));
            drop(body);
            for (key, value) in entries {
                path.push(key);
                collect(&value, path, reads);
                path.pop();
            }
        }
        Value::List(list) => {
            let Some((seen, items)) = list.seen() else { return reads.push(read(How::Value, path)) };
            match seen {
                ListSeen::Unwatched | ListSeen::Nothing => {}
                ListSeen::Length => reads.push(read(How::Length, path)),
                ListSeen::Whole => return reads.push(read(How::Whole, path)),
                ListSeen::Items => {
                    reads.push(read(How::Value, path));
                    for (at, item) in items.iter().enumerate() {
                        if matches!(item, Value::Map(_) | Value::List(_)) {
                            path.push(Str::from(at.to_string()));
                            collect(item, path, reads);
                            path.pop();
                        }
                    }
                }
            }
        }
        _ => reads.push(read(How::Value, path)),
    }
    if reads.len() == before {
        reads.push(read(How::Presence, path));
    }
}
