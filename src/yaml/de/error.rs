use std::fmt;
use std::sync::Arc;

use serde::de::{self, Expected, Unexpected};

use crate::diag::{Code, Diagnostic, nearest};
use crate::span::{Source, Span};

/// Why a node does not fit a type.
#[derive(Debug)]
pub(super) struct Error {
    code: Code,
    message: String,
    help: Option<String>,
    /// Byte range and path of the value at fault, set where it is first known.
    place: Option<(u32, u32, String)>,
}

const TYPE: Code = Code("yaml.type");

impl Error {
    fn new(code: Code, message: String) -> Self {
        Self { code, message, help: None, place: None }
    }

    /// Says where, unless a deeper place is known already.
    pub(super) fn at(mut self, start: u32, end: u32, path: impl FnOnce() -> String) -> Self {
        if self.place.is_none() {
            self.place = Some((start, end, path()));
        }
        self
    }

    pub(super) fn into_diagnostic(self, source: &Arc<Source>) -> Diagnostic {
        let (start, end, path) = self.place.unwrap_or_default();
        let message = if path.is_empty() { self.message } else { format!("`{path}`: {}", self.message) };
        let diagnostic = Diagnostic::error(self.code, message).at(Span::new(source, start as usize..end as usize), "");
        match self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Error::new(TYPE, message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Error::new(TYPE, format!("expected {expected}, found {}", shown(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        choice(TYPE, format!("unknown value `{variant}`"), variant, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        choice(Code("yaml.unknown-key"), format!("unknown key `{field}`"), field, expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Error::new(Code("yaml.missing-key"), format!("missing key `{field}`"))
    }
}

fn choice(code: Code, message: String, word: &str, expected: &'static [&'static str]) -> Error {
    let mut error = Error::new(code, message);
    error.help = match nearest(word, expected.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if expected.is_empty() => None,
        None => Some(format!("use one of `{}`", expected.join("`, `"))),
    };
    error
}

fn shown(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Unit => "nothing".to_owned(),
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Signed(value) => format!("the number {value}"),
        Unexpected::Unsigned(value) => format!("the number {value}"),
        Unexpected::Float(value) => format!("the number {value}"),
        Unexpected::Str(text) if text.chars().count() <= 40 => format!("the text `{text}`"),
        Unexpected::Str(_) => "a text".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a map".to_owned(),
        other => other.to_string(),
    }
}
