use std::cell::{RefCell, RefMut};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::body::{Body, Part};
use super::reads::{How, Read, collect};
use super::{FrozenMap, Str, Value};

/// Go's map types, as far as templates meet them. The type belongs to the reference: a conversion
/// in Go gives another type to the same map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapType {
    /// `map[string]interface {}`.
    Any,
    /// A named type for `map[string]interface {}`, such as `chartutil.Values`.
    Values(&'static str),
    /// `map[string]string`.
    Str,
    /// `engine.files`, a chart's files: a `map[string][]uint8`.
    Files,
    /// Any other map, by its full type name.
    Other(&'static str),
}

impl MapType {
    /// The type's name as `%T` prints it.
    pub fn name(self) -> &'static str {
        match self {
            MapType::Any => "map[string]interface {}",
            MapType::Str => "map[string]string",
            MapType::Files => "engine.files",
            MapType::Values(name) | MapType::Other(name) => name,
        }
    }
}

/// A Go map: a shared, mutable reference. Keys are sorted bytewise, as Go's `range` visits them.
#[derive(Clone)]
pub struct Map {
    ty: MapType,
    cell: Option<Rc<RefCell<Body>>>,
}

impl Map {
    /// An empty `map[string]interface {}`.
    pub fn new() -> Self {
        Self::from_live([])
    }

    /// The nil map of the given type.
    pub fn nil(ty: MapType) -> Self {
        Self { ty, cell: None }
    }

    /// A `map[string]interface {}` opened on first use.
    pub fn frozen(map: Arc<FrozenMap>) -> Self {
        Self { ty: MapType::Any, cell: Some(Rc::new(RefCell::new(Body::frozen(map)))) }
    }

    fn from_live(entries: impl IntoIterator<Item = (Str, Value)>) -> Self {
        Self { ty: MapType::Any, cell: Some(Rc::new(RefCell::new(Body::live(entries)))) }
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
        self.cell.as_ref().is_some_and(|cell| cell.borrow_mut().contains(key))
    }

    /// Sets a key. `false`, with nothing done, for the nil map (Go panics there).
    pub fn insert(&self, key: impl Into<Str>, value: Value) -> bool {
        match &self.cell {
            None => false,
            Some(cell) => {
                cell.borrow_mut().insert(key.into(), value);
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
        self.cell.as_ref()?.borrow_mut().remove(key)
    }

    /// The frozen map behind this one, as long as nobody has opened it or a container in it. Counts as
    /// reading all of it.
    pub fn as_frozen(&self) -> Option<Arc<FrozenMap>> {
        self.cell.as_ref()?.borrow_mut().as_frozen()
    }

    /// The keys, sorted bytewise.
    pub fn keys(&self) -> Vec<Str> {
        self.cell.as_ref().map_or_else(Vec::new, |cell| cell.borrow_mut().keys())
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

    /// Keys and what stands below them, to be copied: nothing is opened for that.
    pub(super) fn parts(&self) -> Vec<(Str, Part)> {
        self.cell.as_ref().map_or_else(Vec::new, |cell| cell.borrow_mut().parts())
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.cell.as_ref().map_or(0, |cell| cell.borrow_mut().len())
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

    /// Notes from now on what is read of this map and of all that is below it now; what is written
    /// later is not part of that.
    pub fn watch(&self) {
        if let Some(cell) = &self.cell {
            cell.borrow_mut().watch();
        }
    }

    /// What was read since [`Map::watch`], from the map downwards.
    pub fn reads(&self) -> Vec<Read> {
        let mut reads = Vec::new();
        collect(&Value::Map(self.clone()), &mut Vec::new(), &mut reads);
        // The map itself is at hand; that somebody could look at it is no read.
        reads.retain(|read| !(read.path.is_empty() && read.how == How::Presence));
        reads
    }

    pub(super) fn body(&self) -> Option<RefMut<'_, Body>> {
        self.cell.as_ref().map(|cell| cell.borrow_mut())
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
        Self::from_live(entries)
    }
}

/// Prints the keys only, because a map may contain itself.
impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Map{:?}", self.keys())
    }
}
