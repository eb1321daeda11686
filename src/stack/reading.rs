use crate::diag::{Code, Diagnostic};

/// How strictly a project is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Without `kiln.yaml`: results equal Fabrikate's, questionable input is a warning.
    Fabrikate,
    /// With `kiln.yaml`: questionable input is an error.
    Strict,
}

impl Reading {
    /// Whether the project has a `kiln.yaml`.
    pub fn is_strict(self) -> bool {
        self == Reading::Strict
    }

    /// A problem that Fabrikate lets pass: an error in the strict reading, else a warning.
    pub fn questionable(self, code: Code, message: impl Into<String>) -> Diagnostic {
        match self {
            Reading::Fabrikate => Diagnostic::warning(code, message),
            Reading::Strict => Diagnostic::error(code, message),
        }
    }
}
