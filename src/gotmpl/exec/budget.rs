//! What is left of the limits of a run.

use crate::value::{List, ListType, Value};

use super::super::limits::{Limit, Limits};
use super::super::stack::StackMark;

/// Bytes of text that a function reads or writes for the price of one step.
const BYTES_PER_STEP: u64 = 16;
/// What printing a map or list costs besides its text.
const PRINTING_STEPS: u64 = 10;
/// What an allocation takes besides its content.
const ALLOCATION: u64 = 64;
/// What an item of a list takes.
const ITEM: u64 = size_of::<Value>() as u64;
/// What a map takes with its first entries.
const MAP: u64 = 560;
/// What an entry of a map takes, its key included.
const ENTRY: u64 = 4 * ITEM;

pub(super) struct Budget {
    fuel: u64,
    output: u64,
    memory: u64,
    depth: u32,
    stack: StackMark,
    limits: Limits,
    /// The limit that was hit; nothing goes on after that.
    spent: Option<Limit>,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            fuel: limits.fuel,
            output: limits.output_bytes,
            memory: limits.memory_bytes,
            depth: 0,
            stack: StackMark::here(),
            limits,
            spent: None,
        }
    }

    /// Begins a template that is not within another.
    pub(super) fn begin(&mut self) {
        self.depth = 0;
        self.stack = StackMark::here();
    }

    /// The limit that was hit.
    pub(super) fn spent(&self) -> Option<Limit> {
        self.spent
    }

    /// Takes steps; `false` when there are none left.
    pub(super) fn burn(&mut self, steps: u64) -> bool {
        match self.fuel.checked_sub(steps) {
            Some(left) => self.fuel = left,
            None => {
                self.fuel = 0;
                self.spent.get_or_insert(Limit::Fuel);
            }
        }
        self.spent.is_none()
    }

    /// Takes bytes of output.
    pub(super) fn write(&mut self, bytes: usize) -> bool {
        match self.output.checked_sub(bytes as u64) {
            Some(left) => self.output = left,
            None => {
                self.output = 0;
                self.spent.get_or_insert(Limit::Output);
            }
        }
        self.spent.is_none()
    }

    /// Takes bytes that values occupy.
    pub(super) fn occupy(&mut self, bytes: u64) -> bool {
        match self.memory.checked_sub(bytes) {
            Some(left) => self.memory = left,
            None => {
                self.memory = 0;
                self.spent.get_or_insert(Limit::Memory);
            }
        }
        self.spent.is_none()
    }

    /// Takes what a copy of so many entries of a map costs, until they are given back.
    pub(super) fn borrow_entries(&mut self, entries: usize) -> bool {
        self.burn(entries as u64) && self.occupy(entries as u64 * ENTRY)
    }

    /// Gives back what entries occupied.
    pub(super) fn give_back_entries(&mut self, entries: usize) {
        self.memory += entries as u64 * ENTRY;
    }

    /// Takes the steps that reading the texts among a function's arguments is worth.
    pub(super) fn read<'v>(&mut self, args: impl Iterator<Item = &'v Value>) -> bool {
        let bytes: u64 = args.map(|arg| if let Value::Str(text) = arg { text.len() as u64 } else { 0 }).sum();
        bytes < BYTES_PER_STEP || self.burn(bytes / BYTES_PER_STEP)
    }

    /// Takes the steps that printing the maps and lists among a function's arguments is worth, however
    /// little is in them.
    pub(super) fn print<'v>(&mut self, args: impl Iterator<Item = &'v Value>) -> bool {
        let containers = args.filter(|arg| matches!(arg, Value::List(_) | Value::Map(_) | Value::Object(_))).count();
        self.burn(PRINTING_STEPS * containers as u64)
    }

    /// Takes what the result of a function costs, if the function made it. Results that stand
    /// elsewhere too are paid already.
    pub(super) fn made(&mut self, value: &Value) -> bool {
        match value {
            Value::Str(text) if text.is_unique() => {
                let bytes = text.len() as u64;
                self.occupy(ALLOCATION + bytes) && (bytes < BYTES_PER_STEP || self.burn(bytes / BYTES_PER_STEP))
            }
            Value::List(list) if list.is_unique() => {
                let bytes = weight_of_list(list);
                self.occupy(bytes) && self.burn(bytes / BYTES_PER_STEP)
            }
            Value::Map(map) if map.is_unique() => {
                let entries = map.len() as u64;
                self.occupy(MAP + entries * ENTRY) && self.burn(entries)
            }
            _ => self.spent.is_none(),
        }
    }

    pub(super) fn stack_left(&mut self) -> bool {
        if self.stack.used() > self.limits.stack_bytes {
            self.spent.get_or_insert(Limit::Depth);
        }
        self.spent.is_none()
    }

    /// Enters a template within a template.
    pub(super) fn enter(&mut self) -> bool {
        if self.depth >= self.limits.depth {
            self.spent.get_or_insert(Limit::Depth);
        }
        self.depth += 1;
        self.stack_left()
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// What the limit that was hit is called in messages.
    pub(super) fn message(&self) -> String {
        match self.spent {
            Some(Limit::Output) => format!("exceeded the limit of {} output bytes", self.limits.output_bytes),
            Some(Limit::Memory) => {
                format!("exceeded the limit of {} bytes of memory for values", self.limits.memory_bytes)
            }
            Some(Limit::Depth) => "exceeded maximum template depth (100000)".to_owned(),
            Some(Limit::Fuel) | None => format!("exceeded the limit of {} template steps", self.limits.fuel),
        }
    }
}

/// The items of a new list, and the texts and lists that only it holds.
fn weight_of_list(list: &List) -> u64 {
    let own = ALLOCATION + list.capacity() as u64 * ITEM;
    let inner = |item: &Value| match item {
        Value::Str(text) if text.is_unique() => ALLOCATION + text.len() as u64,
        Value::List(list) if list.is_unique() => ALLOCATION + list.len() as u64 * ITEM,
        _ => 0,
    };
    match list.ty() {
        ListType::Int | ListType::Bytes => own,
        _ => own + list.opened().iter().map(inner).sum::<u64>(),
    }
}
