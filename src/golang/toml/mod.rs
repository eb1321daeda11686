//! TOML as BurntSushi/toml 1.6.0 has it: values in, text out ([`marshal`]); text in,
//! values out ([`unmarshal`]). Errors are that library's texts.
//!
//! Reading goes `cursor` (characters) → `lex` (keys and values) → `parse` (tables, in a `tree`).
//! Dates and times are times; what they lack is told by the name of their zone.

mod cursor;
mod encode;
mod lex;
mod parse;
mod scalar;
mod tree;

pub use encode::{marshal, marshal_to};
pub use parse::unmarshal;

/// The zones of times that were written without an offset.
const LOCAL_DATETIME: &str = "datetime-local";
const LOCAL_DATE: &str = "date-local";
const LOCAL_TIME: &str = "time-local";

#[cfg(test)]
mod tests;
