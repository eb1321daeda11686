use crate::value::{Map, ObjectRef};

/// What a missing key of a map is (`missingkey=…` of Go's `Option`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value at all; prints `<no value>`.
    #[default]
    Default,
    /// The zero value of the map's element type, nil for `map[string]interface {}`.
    Zero,
    /// An error.
    Error,
}

/// How a set is executed.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What a missing key is.
    pub missing_key: MissingKey,
    /// The budgets of one run.
    pub limits: Limits,
    /// The methods of maps of a named type: an object that has them, if the type has any.
    pub map_methods: Option<fn(&Map) -> Option<ObjectRef>>,
}

/// The budgets of one run, shared by all templates that it executes.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Steps: actions, loop iterations, calls, and what functions charge.
    pub fuel: u64,
    /// Bytes written, counting captured output each time it is written.
    pub output_bytes: u64,
    /// Bytes that values made by functions occupy. Counts what was made, even if it is no longer used.
    pub memory_bytes: u64,
    /// Templates within templates.
    pub depth: u32,
    /// Stack that nested templates and expressions may use. The thread must have
    /// [`Limits::thread_stack`] bytes.
    pub stack_bytes: usize,
}

impl Limits {
    /// What a thread's stack must hold: nested execution, the parser that a function such as `tpl`
    /// may start at the deepest place, and what functions use themselves.
    pub const fn thread_stack(&self) -> usize {
        self.stack_bytes + super::parse::STACK_BYTES + (512 << 10)
    }
}

impl Default for Limits {
    /// Far above what honest templates need (large charts take some 100,000 steps), and used up within
    /// a second or two. The depth is Go's. The stack holds some thousands of nested `include`s (about 2
    /// to 5 KiB each, three times that in a debug build), so a tool's own limit on those is met first.
    /// Reserved stack costs address space, not memory.
    fn default() -> Self {
        Self {
            fuel: 20_000_000,
            output_bytes: 64 << 20,
            memory_bytes: 256 << 20,
            depth: 100_000,
            stack_bytes: 24 << 20,
        }
    }
}

/// A budget that an execution used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::fuel`].
    Fuel,
    /// [`Limits::output_bytes`].
    Output,
    /// [`Limits::memory_bytes`].
    Memory,
    /// [`Limits::depth`] or [`Limits::stack_bytes`].
    Depth,
}
