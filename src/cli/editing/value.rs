use std::sync::Arc;

use crate::span::Source;
use crate::value::{Frozen, IntKind};
use crate::yaml::{Scalar, load_node_native, parse_document, resolve};

/// The value that a word of the command line means: typed as YAML types a plain scalar; a list or
/// map in brackets, or a string in quotes. The empty word is the empty string.
pub fn typed_value(word: &str) -> Frozen {
    if word.starts_with(['[', '{', '"', '\'']) {
        let source: Arc<Source> = Source::new("value", word);
        let parsed = parse_document(&source).ok().and_then(|document| load_node_native(&document.root).ok());
        return parsed.unwrap_or_else(|| Frozen::str(word));
    }
    if word.is_empty() {
        return Frozen::str(word);
    }
    match resolve(word) {
        Scalar::Null => Frozen::Nil,
        Scalar::Bool(value) => Frozen::Bool(value),
        Scalar::Int(value) => Frozen::Int(IntKind::Int, value),
        Scalar::Uint(value) => Frozen::Int(IntKind::Uint64, value.cast_signed()),
        Scalar::Float(value) => Frozen::Float(value),
        Scalar::Timestamp | Scalar::Str => Frozen::str(word),
    }
}
