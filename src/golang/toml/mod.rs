//! TOML as BurntSushi/toml 1.6.0 has it: values in, text out ([`marshal`]); text in,
//! [`Frozen`](crate::value::Frozen) data out ([`unmarshal`]). Errors are that library's texts.
//!
//! Reading goes `cursor` (characters) → `lex` (keys and values) → `parse` (tables, in a `tree`).
//! Dates and times are read as strings, in the form that JSON and YAML give them.

mod cursor;
mod encode;
mod lex;
mod parse;
mod scalar;
mod tree;

pub use encode::{marshal, marshal_to};
pub use parse::unmarshal;

#[cfg(test)]
mod tests;
