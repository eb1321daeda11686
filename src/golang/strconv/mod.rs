//! Go's strconv: texts of numbers, booleans and quoted strings in, values out, and quoting back.
//! Formatting floats is the neighbour [`float`](super::float).

mod error;
mod number;
mod parse_float;
mod printable;
mod quote;

pub use error::NumError;
pub use number::{atoi, parse_bool, parse_int, parse_uint};
pub use parse_float::parse_float;
pub use printable::is_print;
pub use quote::{append_quote, append_quote_rune, append_quote_to_ascii, can_backquote, quote, unquote, unquote_body};

#[cfg(test)]
mod tests;
