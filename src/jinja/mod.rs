//! minijinja with kiln's values: strict undefined, positions in errors, includes confined to a folder.
//!
//! In go a folder ([`Tree`](crate::source::Tree)) and variables ([`Frozen`](crate::value::Frozen)),
//! out come the text of one rendered file or a diagnostic that points into the template. Knows
//! nothing of components; templates see no environment, clock or network.

mod error;
pub mod expression;
mod filters;
mod renderer;
mod values;

pub use renderer::{Limits, Renderer};
