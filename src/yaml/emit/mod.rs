//! Values to text, byte for byte as Go's libraries write them.
//!
//! The emitter lays out what it is told in the order it is told; the walkers in this file tell it
//! the parts of a value.

mod analysis;
mod detour;
mod emitter;
mod number;
mod order;
mod walk;

mod scalar;

pub use walk::{emit_frozen, emit_node, to_yaml, to_yaml_frozen, to_yaml_pretty};

/// Whose layout is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// go-yaml v2: sequences in mappings are not indented, lines are folded at 80 columns.
    GoV2,
    /// go-yaml v3 with an indentation of 2: sequences are indented, lines are never folded.
    GoV3,
}
