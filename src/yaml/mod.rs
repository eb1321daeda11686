//! Text to spanned nodes and back, exactly as Go's YAML libraries read and write.
//!
//! In: bytes or a [`Source`](crate::span::Source). Out: plain values ([`load`]), documents whose
//! every node knows its place ([`parse_document`]), typed data, edited text, emitted text.
//!
//! Reading goes `read` (characters) → `scan` (tokens) → `parse` (events) → `compose` (nodes) →
//! `decode` (values, by way of `resolve`); `everyday` takes a shorter way for plain texts. Grammar and scalar rules are those of go-yaml v2, which
//! Helm and Fabrikate use; writing knows its two dialects.
//!
//! This room knows neither Kubernetes nor files.

mod chars;
mod compose;
mod de;
mod decode;
pub mod edit;
mod emit;
mod error;
mod everyday;
mod fields;
mod json;
mod load;
mod node;
mod parse;
mod read;
mod resolve;
mod scan;
mod show;
mod skim;

pub use de::{KeyNote, Notes, Spanned, from_document, from_node};
pub use emit::{
    Dialect, emit_frozen, emit_node, to_yaml, to_yaml_frozen, to_yaml_in, to_yaml_pretty, to_yaml_pretty_in,
};
pub use error::YamlError;
pub use json::parse_json_document;
pub use load::{
    check_node, load, load_list, load_map, load_native, load_node, load_node_native, parse_document, parse_stream,
};
pub use node::{Document, Node, NodeKind, NodeProperties, Style};
pub use resolve::{Scalar, resolve};
pub use skim::{Skim, skim};

#[cfg(test)]
mod tests;
