use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as JinjaValue};
use minijinja::{Error, ErrorKind};

use crate::jinja::values::to_jinja;
use crate::value::{Frozen, FrozenMap, Str};

/// What expressions may name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variables {
    names: Arc<FrozenMap>,
    /// Why a name may not be there, in the words of a message.
    absence: String,
}

impl Variables {
    /// Variables by name. `absence` says why another name is not there (`the cluster `a` has no such
    /// label`).
    pub fn new(names: Vec<(Str, Frozen)>, absence: impl Into<String>) -> Self {
        Self { names: Arc::new(FrozenMap::new(names)), absence: absence.into() }
    }

    /// The same and one more.
    pub fn with(&self, name: &str, value: Frozen) -> Self {
        let names = self.names.iter().map(|(name, value)| (name.clone(), value.clone()));
        let names = names.chain([(Str::from(name), value)]).collect();
        Self { names: Arc::new(FrozenMap::new(names)), absence: self.absence.clone() }
    }

    pub(super) fn absence(&self) -> &str {
        &self.absence
    }

    /// The variables as an expression sees them, and where a name is noted that is not there.
    pub(super) fn seen(&self, guarded: BTreeSet<String>) -> (JinjaValue, Missing) {
        let missing = Missing::default();
        let root = Names {
            path: String::new(),
            map: Arc::clone(&self.names),
            guarded: Arc::new(guarded),
            missing: missing.clone(),
        };
        (JinjaValue::from_object(root), missing)
    }
}

/// The first name that an expression asked for in vain, and what there is instead.
#[derive(Clone, Default)]
pub(super) struct Missing(Arc<Mutex<Option<MissingName>>>);

#[derive(Clone)]
pub(super) struct MissingName {
    pub path: String,
    pub known: Vec<String>,
}

impl Missing {
    pub fn name(&self) -> Option<MissingName> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A map whose missing keys are errors.
struct Names {
    path: String,
    map: Arc<FrozenMap>,
    guarded: Arc<BTreeSet<String>>,
    missing: Missing,
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.map.iter()).finish()
    }
}

/// Functions that expressions may call, which stand behind the variables.
const FUNCTIONS: [&str; 4] = ["range", "dict", "namespace", "debug"];

impl Object for Names {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &JinjaValue) -> Option<JinjaValue> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<JinjaValue> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        match self.map.get(key) {
            Some(Frozen::Map(map)) => Some(JinjaValue::from_object(Names {
                path,
                map: Arc::clone(map),
                guarded: Arc::clone(&self.guarded),
                missing: self.missing.clone(),
            })),
            Some(value) => Some(to_jinja(value)),
            None if self.guarded.contains(&path) => None,
            None if self.path.is_empty() && FUNCTIONS.contains(&key) => None,
            None => {
                let known = self.map.iter().map(|(key, _)| key.to_string()).collect();
                let missing = MissingName { path: path.clone(), known };
                self.missing.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(missing);
                Some(JinjaValue::from(Error::new(ErrorKind::UndefinedError, path)))
            }
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.map.iter().map(|(key, _)| JinjaValue::from(key.to_string())).collect())
    }
}
