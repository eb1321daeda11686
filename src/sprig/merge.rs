//! `merge` and `mergeOverwrite` as mergo 1.0.1 does them: in place, key by key, and what the
//! destination lacks is shared with the source afterwards.

use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::Map as Dict;
use crate::value::{Kind, Map, MapType, Str, Value};

use super::call::{ENTRY_BYTES, MAX_DEPTH, Outcome, empty, map, variadic};

/// The functions of this file.
pub static TABLE: &[Func] = &[
    variadic("merge", &[Dict], Dict, merge),
    variadic("mergeOverwrite", &[Dict], Dict, merge_overwrite),
    variadic("mustMerge", &[Dict], Dict, must_merge),
    variadic("mustMergeOverwrite", &[Dict], Dict, must_merge_overwrite),
];

/// Why a merge stops.
enum Stop {
    /// mergo's own error, which the forms without `must` swallow.
    Types,
    /// A value for a map of strings, where Go's reflection panics.
    NotAssignable,
    /// Maps that contain themselves; Go overflows its stack there.
    Depth,
    /// A budget of the execution is used up.
    Budget(CallError),
}

fn merge(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    lenient(merged(call, args, false))
}

fn merge_overwrite(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    lenient(merged(call, args, true))
}

fn must_merge(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    merged(call, args, false).map_err(CallError::from)
}

fn must_merge_overwrite(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    merged(call, args, true).map_err(CallError::from)
}

fn lenient(merged: Result<Value, Stop>) -> Outcome {
    match merged {
        Err(Stop::Types) => Ok("".into()),
        other => other.map_err(CallError::from),
    }
}

impl From<Stop> for CallError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Types => "src and dst must be of same type".into(),
            Stop::NotAssignable => {
                "reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string".into()
            }
            Stop::Depth => "maps contain themselves or are nested more than 250 levels deep".into(),
            Stop::Budget(error) => error,
        }
    }
}

/// Merges all further arguments, first to last, into the first.
fn merged(call: &mut Call<'_>, args: &[Value], overwrite: bool) -> Result<Value, Stop> {
    let mut target = map(args, 0);
    for index in 1..args.len() {
        let source = map(args, index);
        if target.is_nil() && !source.is_nil() {
            target = Map::new();
        }
        merge_map(call, &target, &source, overwrite, 0)?;
    }
    Ok(target.into())
}

fn merge_map(call: &mut Call<'_>, target: &Map, source: &Map, overwrite: bool, depth: usize) -> Result<(), Stop> {
    if depth > MAX_DEPTH {
        return Err(Stop::Depth);
    }
    call.exec.charge(source.len() as u64).map_err(Stop::Budget)?;
    let assignable = target.ty() != MapType::Str || source.ty() == MapType::Str;
    let set = |key: Str, value: Value| match assignable {
        true => {
            target.insert(key, value);
            Ok(())
        }
        false => Err(Stop::NotAssignable),
    };
    for (key, new) in source.entries() {
        if matches!(new, Value::Nil) {
            if overwrite {
                set(key, new)?;
            }
            continue;
        }
        let old = target.get_bytes(key.as_bytes());
        let both_maps = match (&old, &new) {
            (Some(Value::Map(old)), Value::Map(new)) => {
                if !old.is_nil() {
                    merge_map(call, old, new, overwrite, depth + 1)?;
                }
                true
            }
            (Some(Value::Object(old)), new)
                if !overwrite && old.kind() == Kind::Ptr && matches!(new.kind(), Kind::Map | Kind::Struct) =>
            {
                return Err(Stop::Types);
            }
            _ => false,
        };
        if old.is_none() {
            call.exec.reserve(ENTRY_BYTES).map_err(Stop::Budget)?;
        }
        // An empty destination counts as absent, also when it became non-empty just now it stays.
        let kept = old.as_ref().is_some_and(|old| !empty(old));
        if !kept || (overwrite && !both_maps) {
            set(key, new)?;
        }
    }
    Ok(())
}
