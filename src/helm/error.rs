use std::fmt;

use crate::gotmpl::{ExecError, ParseError};

use super::manifest::ManifestError;

/// A release that cannot be rendered. Prints Helm's text.
#[derive(Clone, Debug)]
pub struct RenderError {
    text: String,
    cause: RenderCause,
    rendered: Vec<(String, Vec<u8>)>,
}

/// What went wrong, as data.
#[derive(Clone, Debug)]
pub enum RenderCause {
    /// The chart may not be rendered by itself, or lacks a dependency: the keys and indices that lead to
    /// the reason in `Chart.yaml`.
    Chart(Vec<String>),
    /// The release's name is no name.
    Name,
    /// The values do not fit the charts.
    Values,
    /// The values do not satisfy a schema.
    Schema(Vec<Misfit>),
    /// The chart refuses the Kubernetes version.
    KubeVersion,
    /// A template cannot be parsed.
    Parse(Box<ParseError>),
    /// A template failed.
    Exec(Box<ExecError>),
    /// A file of a chart could not be read when it was needed.
    File,
    /// The output of a template is no list of YAML maps.
    Manifest(Box<ManifestError>),
}

/// A value that does not satisfy a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The names of the subcharts that lead to the chart whose schema it is.
    pub subcharts: Vec<String>,
    /// The keys and indices that lead to the value, seen from that chart.
    pub at: Vec<String>,
}

impl RenderError {
    pub(super) fn new(text: impl Into<String>, cause: RenderCause) -> Self {
        Self { text: text.into(), cause, rendered: Vec::new() }
    }

    pub(super) fn parse(text: String, error: Box<ParseError>) -> Self {
        Self::new(text, RenderCause::Parse(error))
    }

    pub(super) fn exec(text: String, error: Box<ExecError>) -> Self {
        Self::new(text, RenderCause::Exec(error))
    }

    /// What went wrong, as data.
    pub fn cause(&self) -> &RenderCause {
        &self.cause
    }

    /// The files that templates gave, by path, when it is their content that is wrong.
    pub fn rendered(&self) -> &[(String, Vec<u8>)] {
        &self.rendered
    }

    pub(super) fn with_rendered(self, files: impl Iterator<Item = (String, Vec<u8>)>) -> Self {
        Self { rendered: files.collect(), ..self }
    }

    /// Whether rendering itself had begun. Helm then adds a hint about `--debug` to its text.
    pub fn has_begun(&self) -> bool {
        matches!(
            self.cause,
            RenderCause::KubeVersion | RenderCause::Parse(_) | RenderCause::Exec(_) | RenderCause::Manifest(_)
        )
    }
}

impl From<Box<ManifestError>> for RenderError {
    fn from(error: Box<ManifestError>) -> Self {
        let text = format!("YAML parse error on {}: {}", error.path, error.message);
        Self::new(text, RenderCause::Manifest(error))
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for RenderError {}
