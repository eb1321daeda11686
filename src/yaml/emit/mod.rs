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

use super::Style;
pub use walk::{emit_frozen, emit_node, to_yaml, to_yaml_frozen, to_yaml_in, to_yaml_pretty, to_yaml_pretty_in};

/// The style in which an encoder writes a string: literal for several lines, quotes for what would
/// read back as something else, plain otherwise.
pub(super) fn natural_style(text: &str, dialect: Dialect) -> Style {
    analysis::analyze(text.as_bytes()).natural_style(text.as_bytes(), dialect)
}

/// Whose layout is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// go-yaml v2: sequences in mappings are not indented, lines are folded at 80 columns.
    GoV2,
    /// go-yaml v3 with an indentation of 2: sequences are indented, lines are never folded.
    GoV3,
    /// [`Dialect::GoV3`] with sequences in mappings not indented, as kustomize writes.
    GoV3Compact,
}

impl Dialect {
    fn is_v2(self) -> bool {
        self == Dialect::GoV2
    }
}
