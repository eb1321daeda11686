//! The little language of `--set` and its relatives: `a.b[0].c=value,d={x,y}`.
//!
//! Text and the values so far enter; the values with the assignments made in place leave. Errors have
//! Helm's texts without the name of the flag.

mod json;
mod literal;
mod parser;

pub use literal::set_literal;
pub use parser::{is_json_object, set, set_file, set_json, set_string};

/// The highest list index.
const MAX_INDEX: i64 = 65536;
/// How deep names may nest.
const MAX_NESTING: usize = 30;

#[cfg(test)]
mod tests;
