//! Expressions in the fields of files: `when`, and `${{ … }}` in texts.
//!
//! In: a text with its place, and [`Variables`]. Out: a value, or a diagnostic that points at the very
//! name. A name that is not there is an error unless the expression asks whether it is (`is defined`,
//! `| default(…)`).

mod evaluate;
mod guards;
mod text;
mod variables;

pub use evaluate::evaluate;
pub use text::fill;
pub use variables::Variables;

#[cfg(test)]
mod tests;
