//! Typed loading: nodes to any type that serde can deserialize, with places for every complaint.
//!
//! Scalars mean what go-yaml v2 reads. A string takes any scalar but null, as written. Of duplicate
//! keys the last one counts; they, and keys that the type does not know, are reported beside the
//! result, because how bad they are is for the caller to say.

mod access;
mod error;
mod node;
mod spanned;

use std::cell::RefCell;
use std::sync::Arc;

use serde::de::DeserializeOwned;

pub use spanned::Spanned;

use super::load::check_native;
use super::{Document, Node};
use crate::diag::Diagnostic;
use crate::span::{Source, Span};

/// A key that deserves a word.
#[derive(Clone, Debug)]
pub struct KeyNote {
    /// The keys that lead to it and itself, such as `subcomponents[2].sorce`.
    pub path: String,
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub span: Span,
    /// The names that the type knows there; empty for a duplicate key.
    pub known: &'static [&'static str],
}

/// What was noticed while a value was read.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Keys that the type does not know and that were skipped.
    pub unknown: Vec<KeyNote>,
    /// Keys that a later equal one overrides.
    pub duplicate: Vec<KeyNote>,
}

/// Reads a document into a type.
///
/// # Errors
/// A diagnostic with code `yaml.type` (wrong type, unknown word), `yaml.missing-key` or
/// `yaml.syntax`.
pub fn from_document<T: DeserializeOwned>(document: &Document, notes: &mut Notes) -> Result<T, Box<Diagnostic>> {
    from_node(&document.source, &document.root, notes)
}

/// Reads a node of `source` into a type.
///
/// # Errors
/// Those of [`from_document`].
pub fn from_node<T: DeserializeOwned>(
    source: &Arc<Source>,
    node: &Node,
    notes: &mut Notes,
) -> Result<T, Box<Diagnostic>> {
    check_native(node).map_err(|error| Box::new(error.to_diagnostic(source)))?;
    let context = Context { source, notes: RefCell::new(std::mem::take(notes)), path: RefCell::default() };
    let result = T::deserialize(node::NodeDeserializer { node, context: &context });
    *notes = context.notes.into_inner();
    result.map_err(|error| Box::new(error.into_diagnostic(source)))
}

/// What all parts of one reading share.
struct Context<'c> {
    source: &'c Arc<Source>,
    notes: RefCell<Notes>,
    path: RefCell<Vec<Step>>,
}

/// A step of a path.
enum Step {
    Key(String),
    Index(usize),
}

impl Context<'_> {
    /// The path to the value at hand.
    fn path(&self) -> String {
        let mut text = String::new();
        for step in self.path.borrow().iter() {
            match step {
                Step::Key(key) if text.is_empty() => text.push_str(key),
                Step::Key(key) => {
                    text.push('.');
                    text.push_str(key);
                }
                Step::Index(index) => text.push_str(&format!("[{index}]")),
            }
        }
        text
    }

    fn key_note(&self, name: &str, key: &Node, known: &'static [&'static str]) -> KeyNote {
        let path = match self.path() {
            path if path.is_empty() => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        KeyNote { path, key: name.to_owned(), span: key.span(self.source), known }
    }
}
