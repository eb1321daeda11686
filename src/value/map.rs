use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::{Frozen, FrozenMap, Str, Value};

/// Go's map types, as far as templates meet them. The type belongs to the reference: a conversion
/// in Go gives another type to the same map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapType {
    /// `map[string]interface {}`.
    Any,
    /// `chartutil.Values`.
    Values,
    /// `map[string]string`.
    Str,
    /// Any other map, by its full type name.
    Other(&'static str),
}

impl MapType {
    /// The type's name as `%T` prints it.
    pub fn name(self) -> &'static str {
        match self {
            MapType::Any => "map[string]interface {}",
            MapType::Values => "chartutil.Values",
            MapType::Str => "map[string]string",
            MapType::Other(name) => name,
        }
    }
}

/// A Go map: a shared, mutable reference. Keys are sorted bytewise, as Go's `range` visits them.
#[derive(Clone)]
pub struct Map {
    ty: MapType,
    cell: Option<Rc<RefCell<State>>>,
}

enum State {
    /// Nothing was written. Containers that were read have a twin at their entry's place; there are
    /// no places as long as none was read.
    Frozen {
        map: Arc<FrozenMap>,
        twins: Vec<Option<Value>>,
    },
    Live(BTreeMap<Str, Value>),
}

/// The value of a frozen entry. A container is made once and then stays the same reference.
fn thawed(frozen: &Frozen, twin: Option<&mut Option<Value>>) -> Value {
    match (frozen, twin) {
        (Frozen::List(_) | Frozen::Map(_), Some(twin)) => twin.get_or_insert_with(|| Value::from(frozen)).clone(),
        _ => Value::from(frozen),
    }
}

impl State {
    fn get(&mut self, key: &[u8]) -> Option<Value> {
        let (map, twins) = match self {
            State::Live(entries) => return entries.get(key).cloned(),
            State::Frozen { map, twins } => (map, twins),
        };
        let (at, frozen) = map.find(key)?;
        if twins.is_empty() && matches!(frozen, Frozen::List(_) | Frozen::Map(_)) {
            twins.resize(map.len(), None);
        }
        Some(thawed(frozen, twins.get_mut(at)))
    }

    fn entries(&mut self) -> Vec<(Str, Value)> {
        let (map, twins) = match self {
            State::Live(entries) => return entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
            State::Frozen { map, twins } => (map, twins),
        };
        twins.resize(map.len(), None);
        map.iter().zip(twins).map(|((key, frozen), twin)| (key.clone(), thawed(frozen, Some(twin)))).collect()
    }

    /// Makes the map writable: entries get their own place, containers keep the twins they have.
    fn live(&mut self) -> &mut BTreeMap<Str, Value> {
        if let State::Frozen { .. } = self {
            *self = State::Live(self.entries().into_iter().collect());
        }
        match self {
            State::Live(entries) => entries,
            State::Frozen { .. } => unreachable!("opened above"),
        }
    }
}

impl Map {
    /// An empty `map[string]interface {}`.
    pub fn new() -> Self {
        Self::from_live(BTreeMap::new())
    }

    /// The nil map of the given type.
    pub fn nil(ty: MapType) -> Self {
        Self { ty, cell: None }
    }

    /// A `map[string]interface {}` opened on first use.
    pub fn frozen(map: Arc<FrozenMap>) -> Self {
        Self { ty: MapType::Any, cell: Some(Rc::new(RefCell::new(State::Frozen { map, twins: Vec::new() }))) }
    }

    fn from_live(entries: BTreeMap<Str, Value>) -> Self {
        Self { ty: MapType::Any, cell: Some(Rc::new(RefCell::new(State::Live(entries)))) }
    }

    /// The map type.
    pub fn ty(&self) -> MapType {
        self.ty
    }

    /// The same map under another type.
    pub fn with_type(&self, ty: MapType) -> Self {
        Self { ty, cell: self.cell.clone() }
    }

    /// The value below a key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.get_bytes(key.as_bytes())
    }

    /// The value below a key given as bytes.
    pub fn get_bytes(&self, key: &[u8]) -> Option<Value> {
        self.cell.as_ref()?.borrow_mut().get(key)
    }

    /// Whether the key exists, be its value nil or not.
    pub fn contains(&self, key: &str) -> bool {
        self.contains_bytes(key.as_bytes())
    }

    /// Whether the key, given as bytes, exists.
    pub fn contains_bytes(&self, key: &[u8]) -> bool {
        match self.cell.as_ref().map(|cell| cell.borrow()) {
            None => false,
            Some(state) => match &*state {
                State::Frozen { map, .. } => map.get_bytes(key).is_some(),
                State::Live(entries) => entries.contains_key(key),
            },
        }
    }

    /// Sets a key. `false`, with nothing done, for the nil map (Go panics there).
    pub fn insert(&self, key: impl Into<Str>, value: Value) -> bool {
        match &self.cell {
            None => false,
            Some(cell) => {
                cell.borrow_mut().live().insert(key.into(), value);
                true
            }
        }
    }

    /// Removes a key and gives its value.
    pub fn remove(&self, key: &str) -> Option<Value> {
        self.remove_bytes(key.as_bytes())
    }

    /// Removes a key given as bytes and gives its value.
    pub fn remove_bytes(&self, key: &[u8]) -> Option<Value> {
        self.cell.as_ref()?.borrow_mut().live().remove(key)
    }

    /// The frozen map behind this one, as long as nobody has opened it or a container in it.
    pub fn as_frozen(&self) -> Option<Arc<FrozenMap>> {
        match &*self.cell.as_ref()?.borrow() {
            State::Frozen { map, twins } if twins.is_empty() => Some(Arc::clone(map)),
            _ => None,
        }
    }

    /// The keys, sorted bytewise.
    pub fn keys(&self) -> Vec<Str> {
        match self.cell.as_ref().map(|cell| cell.borrow()) {
            None => Vec::new(),
            Some(state) => match &*state {
                State::Frozen { map, .. } => map.iter().map(|(key, _)| key.clone()).collect(),
                State::Live(entries) => entries.keys().cloned().collect(),
            },
        }
    }

    /// Keys and values at this moment, sorted bytewise by key.
    pub fn entries(&self) -> Vec<(Str, Value)> {
        match &self.cell {
            None => Vec::new(),
            Some(cell) => cell.borrow_mut().entries(),
        }
    }

    /// Keys and values at this moment for reading only: a frozen map stays closed, so containers in
    /// it are not the ones that other readers write to.
    pub fn snapshot(&self) -> Vec<(Str, Value)> {
        match self.as_frozen() {
            Some(frozen) => frozen.iter().map(|(key, value)| (key.clone(), Value::from(value))).collect(),
            None => self.entries(),
        }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        match self.cell.as_ref().map(|cell| cell.borrow()) {
            None => 0,
            Some(state) => match &*state {
                State::Frozen { map, .. } => map.len(),
                State::Live(entries) => entries.len(),
            },
        }
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether nothing else refers to this map. The nil map is no reference.
    pub fn is_unique(&self) -> bool {
        self.cell.as_ref().is_some_and(|cell| Rc::strong_count(cell) == 1)
    }

    /// Whether this is the nil map.
    pub fn is_nil(&self) -> bool {
        self.cell.is_none()
    }

    /// Whether both are the same map, whatever their types.
    pub fn same(&self, other: &Map) -> bool {
        match (&self.cell, &other.cell) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }

    /// A new map of type `map[string]interface {}` with the same entries (values are shared).
    pub fn shallow_copy(&self) -> Self {
        self.entries().into_iter().collect()
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl FromIterator<(Str, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Str, Value)>>(entries: I) -> Self {
        Self::from_live(entries.into_iter().collect())
    }
}

/// Prints the keys only, because a map may contain itself.
impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Map{:?}", self.keys())
    }
}
