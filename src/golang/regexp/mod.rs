//! Go's regexp: patterns in Go's syntax in, matches out.
//!
//! A pattern is parsed by Go's rules ([`syntax`]) into a [`tree`], which is written in the syntax of the
//! `regex` crate ([`translate`]): the engine has the same leftmost-first semantics, only its syntax
//! and its idea of `\d`, `\w`, `\s` and `\b` differ. Invalid UTF-8 in a text counts, as in Go, as one
//! U+FFFD for each byte.

mod compile;
mod expand;
mod search;
mod syntax;
mod translate;
mod tree;
mod unicode_class;
mod unicode_names;

pub use compile::Regexp;
pub use search::{Bounds, quote_meta};

#[cfg(test)]
mod tests;
