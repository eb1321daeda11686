//! Go's encoding/json: values in, text out ([`marshal`]), and text in, [`Frozen`](crate::value::Frozen)
//! data out ([`unmarshal`]). Errors are Go's texts.
//!
//! Nesting is bounded lower than in Go (by 1,200 levels out, 1,000 in), with Go's words for it.

mod decode;
mod encode;

pub use decode::{unmarshal, unmarshal_partly};
pub use encode::{MAX_BYTES, TOO_LARGE, append_string, marshal, marshal_indent, marshal_indent_to, marshal_to};

#[cfg(test)]
mod tests;
