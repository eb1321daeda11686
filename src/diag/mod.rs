//! What is wrong, as data. Printing is `report/`'s work.

mod nearest;
mod number;

pub use nearest::{nearest, nearest_few};
pub use number::grouped;

use std::fmt;

use crate::span::Span;

/// A stable word that names a kind of problem, such as `config.unknown-key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How bad it is. Errors stop the run between stages, warnings do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing, changes nothing.
    Note,
    /// Questionable input that is accepted.
    Warning,
    /// The input is refused.
    Error,
}

/// Which exit code an error leads to (`docs/reference/exit-codes.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Blame {
    /// The input is wrong: exit 1.
    #[default]
    Input,
    /// The command line is wrong: exit 3.
    Usage,
    /// Refused by policy or integrity: exit 4.
    Policy,
    /// Refused because of what the target of a publication holds: exit 5.
    Target,
    /// The outside world failed (network, authentication, missing in the store while offline): exit 6.
    World,
    /// A bug in kiln: exit 70.
    Internal,
}

/// A place in source text with a word about it.
#[derive(Clone, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say there; may be empty.
    pub text: String,
}

/// One problem: what, where, why, and what to do.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The kind of problem.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Which exit code it leads to when it is an error.
    pub blame: Blame,
    /// What is wrong: lower case, no final period, names in backticks.
    pub message: String,
    /// Where; the first label is the main one. Labels may point into different sources.
    pub labels: Vec<Label>,
    /// What to do about it, in the imperative.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error that blames the input.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message.into())
    }

    /// A warning.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message.into())
    }

    /// A note.
    pub fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message.into())
    }

    fn new(code: Code, severity: Severity, message: String) -> Self {
        Self { code, severity, blame: Blame::Input, message, labels: Vec::new(), help: None }
    }

    /// Adds a place.
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a place when there is one.
    pub fn maybe_at(self, span: Option<Span>, text: impl Into<String>) -> Self {
        match span {
            Some(span) => self.at(span, text),
            None => self,
        }
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets who is to blame.
    pub fn blame(mut self, blame: Blame) -> Self {
        self.blame = blame;
        self
    }
}

/// Prints `place: severity: message`, the short form for logs and tests.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(label) = self.labels.first() {
            write!(f, "{}: ", label.span)?;
        }
        let severity = match self.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}[{}]: {}", self.code, self.message)
    }
}

/// Proof that an error was put into a [`Sink`]; carries nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported(());

/// Collects the problems of a stage, so that independent ones are reported in one run.
#[derive(Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
}

impl Sink {
    /// An empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a problem of any severity.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Takes an error and gives the proof of having reported it.
    pub fn fail(&mut self, diagnostic: Diagnostic) -> Reported {
        debug_assert_eq!(diagnostic.severity, Severity::Error);
        self.diagnostics.push(diagnostic);
        Reported(())
    }

    /// Takes over all problems of another sink, in order.
    pub fn append(&mut self, other: Sink) {
        self.diagnostics.extend(other.diagnostics);
    }

    /// `Err` when at least one error was reported.
    pub fn check(&self) -> Result<(), Reported> {
        if self.has_errors() { Err(Reported(())) } else { Ok(()) }
    }

    /// Whether at least one error was reported.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Everything reported so far, in order.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Gives up the sink for its content.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}
