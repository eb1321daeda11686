use std::fmt;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic};
use crate::span::{Source, Span};

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// The whole message as the imitated Go function words it, such as `yaml: line 3: did not find expected key`.
    /// Its line number follows go-yaml's habits and may be one less than the true line.
    pub message: String,
    /// What is wrong, without prefixes and line.
    pub problem: String,
    /// The byte offset of the problem, where one place can be named.
    pub offset: Option<u32>,
}

impl YamlError {
    /// An error that go-yaml reports without a line.
    pub(super) fn plain(problem: impl Into<String>, offset: Option<u32>) -> Self {
        let problem = problem.into();
        Self { message: format!("yaml: {problem}"), problem, offset }
    }

    /// An error with go-yaml's line number; 0 prints none.
    pub(super) fn at_line(problem: &str, line: u32, offset: u32) -> Self {
        let message = match line {
            0 => format!("yaml: {problem}"),
            line => format!("yaml: line {line}: {problem}"),
        };
        Self { message, problem: problem.to_owned(), offset: Some(offset) }
    }

    /// An error of a later step, whose message has no `yaml: ` in front.
    pub(super) fn later(message: impl Into<String>, offset: Option<u32>) -> Self {
        let message = message.into();
        Self { problem: message.clone(), message, offset }
    }

    /// Puts the words of the calling function in front.
    pub(super) fn prefixed(mut self, prefix: &str) -> Self {
        self.message.insert_str(0, prefix);
        self
    }

    /// The 1-based line of the problem in `text`, where one place can be named.
    pub fn line(&self, text: &[u8]) -> Option<usize> {
        let end = (self.offset? as usize).min(text.len());
        Some(text[..end].iter().filter(|byte| **byte == b'\n').count() + 1)
    }

    /// The error as a diagnostic with code `yaml.syntax`.
    pub fn to_diagnostic(&self, source: &Arc<Source>) -> Diagnostic {
        let span = self.offset.map(|at| Span::new(source, at as usize..at as usize));
        let diagnostic = Diagnostic::error(Code("yaml.syntax"), self.problem.clone());
        match span {
            Some(span) => diagnostic.at(span, ""),
            None => diagnostic.at(Span::new(source, 0..0), ""),
        }
    }
}

/// Prints [`YamlError::message`].
impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for YamlError {}
