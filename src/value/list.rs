use std::cell::{Cell, OnceCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use super::{Frozen, IntKind, Value};

/// Go's slice types, as far as templates meet them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListType {
    /// `[]interface {}`.
    Any,
    /// `[]string`.
    Str,
    /// `[]int`.
    Int,
    /// `[]uint8`; the items are `Value::Int(IntKind::Uint8, …)`.
    Bytes,
    /// `[]map[string]interface {}`.
    Map,
    /// Any other slice, by its full type name.
    Other(&'static str),
}

impl ListType {
    /// The type's name as `%T` prints it.
    pub fn name(self) -> &'static str {
        match self {
            ListType::Any => "[]interface {}",
            ListType::Str => "[]string",
            ListType::Int => "[]int",
            ListType::Bytes => "[]uint8",
            ListType::Map => "[]map[string]interface {}",
            ListType::Other(name) => name,
        }
    }
}

/// A Go slice: a reference to items that do not change (no template function writes to a slice in place).
#[derive(Clone)]
pub struct List {
    ty: ListType,
    cell: Option<Rc<ListCell>>,
}

struct ListCell {
    items: OnceCell<Vec<Value>>,
    closed: Closed,
    /// Go's capacity where it is more than the length.
    capacity: usize,
    seen: Cell<ListSeen>,
}

/// What was read of a list; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ListSeen {
    /// Nobody asks.
    Unwatched,
    /// Nothing.
    Nothing,
    /// How many items it has.
    Length,
    /// Its items; containers among them tell for themselves.
    Items,
    /// All that is below it.
    Whole,
}

/// What the items are made from when they are first read.
enum Closed {
    Nothing,
    Frozen(Arc<[Frozen]>),
    Bytes(Arc<[u8]>),
}

impl Closed {
    fn open(&self) -> Vec<Value> {
        match self {
            Closed::Nothing => Vec::new(),
            Closed::Frozen(items) => items.iter().map(Value::from).collect(),
            Closed::Bytes(bytes) => bytes.iter().map(|byte| Value::Int(IntKind::Uint8, i64::from(*byte))).collect(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Closed::Nothing => 0,
            Closed::Frozen(items) => items.len(),
            Closed::Bytes(bytes) => bytes.len(),
        }
    }
}

impl List {
    /// A slice of the given type.
    pub fn new(ty: ListType, items: Vec<Value>) -> Self {
        Self::with_capacity(ty, items, 0)
    }

    /// A slice of the given type and, where it is more than the length, capacity.
    pub fn with_capacity(ty: ListType, items: Vec<Value>, capacity: usize) -> Self {
        let cell = ListCell {
            items: OnceCell::from(items),
            closed: Closed::Nothing,
            capacity,
            seen: Cell::new(ListSeen::Unwatched),
        };
        Self { ty, cell: Some(Rc::new(cell)) }
    }

    /// A slice that Go builds by appending one item after the other.
    pub fn appended(ty: ListType, items: Vec<Value>) -> Self {
        let capacity = appended_capacity(items.len());
        Self::with_capacity(ty, items, capacity)
    }

    /// The nil slice of the given type.
    pub fn nil(ty: ListType) -> Self {
        Self { ty, cell: None }
    }

    /// A `[]interface {}` opened on first use, with the capacity that Go's decoders give it.
    pub fn frozen(items: Arc<[Frozen]>) -> Self {
        let capacity = appended_capacity(items.len());
        Self::closed(ListType::Any, Closed::Frozen(items), capacity)
    }

    /// A `[]uint8`; the items are made when they are first read.
    pub fn bytes(bytes: Arc<[u8]>) -> Self {
        Self::closed(ListType::Bytes, Closed::Bytes(bytes), 0)
    }

    fn closed(ty: ListType, closed: Closed, capacity: usize) -> Self {
        let seen = Cell::new(ListSeen::Unwatched);
        Self { ty, cell: Some(Rc::new(ListCell { items: OnceCell::new(), closed, capacity, seen })) }
    }

    /// The slice type.
    pub fn ty(&self) -> ListType {
        self.ty
    }

    /// The items.
    pub fn items(&self) -> &[Value] {
        self.note(ListSeen::Items);
        self.read_items()
    }

    fn read_items(&self) -> &[Value] {
        let Some(cell) = self.cell.as_deref() else { return &[] };
        cell.items.get_or_init(|| {
            let items = cell.closed.open();
            if cell.seen.get() != ListSeen::Unwatched {
                items.iter().for_each(Value::watch);
            }
            items
        })
    }

    /// The frozen items behind this list, as long as nobody has opened it. Counts as reading all that
    /// is below it.
    pub fn as_frozen(&self) -> Option<&Arc<[Frozen]>> {
        match self.cell.as_deref() {
            Some(ListCell { items, closed: Closed::Frozen(frozen), .. }) if items.get().is_none() => {
                self.note(ListSeen::Whole);
                Some(frozen)
            }
            _ => None,
        }
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.note(ListSeen::Length);
        match &self.cell {
            None => 0,
            Some(cell) => cell.items.get().map_or_else(|| cell.closed.len(), Vec::len),
        }
    }

    /// Notes reads from now on, here and below.
    pub(super) fn watch(&self) {
        let Some(cell) = self.cell.as_deref().filter(|cell| cell.seen.get() == ListSeen::Unwatched) else { return };
        cell.seen.set(ListSeen::Nothing);
        if let Some(items) = cell.items.get() {
            items.iter().for_each(Value::watch);
        }
    }

    /// What was read, and the items if they were opened.
    pub(super) fn seen(&self) -> Option<(ListSeen, &[Value])> {
        let cell = self.cell.as_deref()?;
        Some((cell.seen.get(), cell.items.get().map_or(&[], Vec::as_slice)))
    }

    fn note(&self, seen: ListSeen) {
        if let Some(cell) = self.cell.as_deref() {
            let before = cell.seen.get();
            if before != ListSeen::Unwatched && before < seen {
                cell.seen.set(seen);
            }
        }
    }

    /// Go's `cap`: up to there a slice expression may reach beyond the length.
    pub fn capacity(&self) -> usize {
        self.cell.as_ref().map_or(0, |cell| cell.capacity.max(self.len()))
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The items if they were made already, else none.
    pub fn opened(&self) -> &[Value] {
        self.cell.as_ref().and_then(|cell| cell.items.get()).map_or(&[], Vec::as_slice)
    }

    /// Whether nothing else refers to this slice. The nil slice is no reference.
    pub fn is_unique(&self) -> bool {
        self.cell.as_ref().is_some_and(|cell| Rc::strong_count(cell) == 1)
    }

    /// Whether this is the nil slice.
    pub fn is_nil(&self) -> bool {
        self.cell.is_none()
    }

    /// Whether both are the same reference.
    pub fn same(&self, other: &List) -> bool {
        match (&self.cell, &other.cell) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
}

/// Go doubles the capacity of small slices that are appended to; bigger ones count as full here.
fn appended_capacity(len: usize) -> usize {
    const DOUBLED: usize = 512;
    if len == 0 || len > DOUBLED { len } else { len.next_power_of_two() }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.items()).finish()
    }
}
