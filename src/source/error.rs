use crate::diag::{Blame, Code, Diagnostic};
use crate::span::Span;

use super::spec::Asker;

/// A source is written in a way that is refused before any connection.
pub const INVALID: Code = Code("source.invalid");
/// A protocol or host that is not allowed.
pub const NOT_ALLOWED: Code = Code("source.not-allowed");
/// The network or a server failed.
pub const UNREACHABLE: Code = Code("source.unreachable");
/// A server wants credentials, or refused them.
pub const UNAUTHORIZED: Code = Code("source.unauthorized");
/// A token is named whose environment variable is not set.
pub const TOKEN_MISSING: Code = Code("source.token-missing");
/// A commit, tag, branch, chart or version that does not exist.
pub const NOT_FOUND: Code = Code("source.not-found");
/// What a source delivered makes no sense.
pub const MALFORMED: Code = Code("source.malformed");
/// A size, count or time limit was exceeded.
pub const LIMIT: Code = Code("source.limit");
/// Content differs from its digest.
pub const CORRUPT: Code = Code("source.corrupt");
/// A vendored file differs from what the lock pins.
pub const MODIFIED: Code = Code("source.modified");
/// The store lacks something that the lock names.
pub const MISSING: Code = Code("source.missing");
/// The store could not be read or written.
pub const STORE: Code = Code("source.store");
/// The lock is missing, damaged or out of date.
pub const LOCK: Code = Code("source.lock");
/// Others pushed to the same ref again and again.
pub const CONTENDED: Code = Code("source.contended");
/// Somebody asked this process to end.
pub const INTERRUPTED: Code = Code("source.interrupted");
/// A chart that must be signed is not, or not by the right key.
pub const SIGNATURE: Code = Code("source.signature");
/// A source says something odd of what is taken from it.
pub const ODD: Code = Code("source.odd");
/// A source holds something that kiln leaves out.
pub const LEFT_OUT: Code = Code("source.left-out");

/// The part of a request that an error is about; decides which span it points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum About {
    /// The URL.
    #[default]
    Source,
    /// The `version` field.
    Version,
    /// The `branch` field.
    Branch,
    /// The `path` field, which names the chart of a chart repository.
    Path,
}

/// Why a source cannot be had. Knows nothing of who asked, so that one failure serves every asker.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SourceError {
    /// The kind of problem.
    pub code: Code,
    /// Which exit code it leads to.
    pub blame: Blame,
    /// What is wrong. Text from servers is escaped, credentials never appear.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// What part of the request it is about.
    pub about: About,
    /// The place in what the source delivered.
    pub at: Option<Span>,
}

impl SourceError {
    /// An error that blames the input.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, blame: Blame::Input, message: message.into(), help: None, about: About::Source, at: None }
    }

    /// An error of the outside world.
    pub fn world(code: Code, message: impl Into<String>) -> Self {
        Self { blame: Blame::World, ..Self::new(code, message) }
    }

    /// A refusal by policy or integrity.
    pub fn policy(code: Code, message: impl Into<String>) -> Self {
        Self { blame: Blame::Policy, ..Self::new(code, message) }
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds to what may be done.
    pub(super) fn with_notes(mut self, notes: &[String]) -> Self {
        for note in notes {
            self.help = Some(self.help.map_or_else(|| note.clone(), |help| format!("{help}; {note}")));
        }
        self
    }

    /// Says what part of the request it is about.
    pub fn about(mut self, about: About) -> Self {
        self.about = about;
        self
    }

    /// Names the place in what the source delivered.
    pub fn at(mut self, span: Span) -> Self {
        self.at = Some(span);
        self
    }

    /// The diagnostic, pointing at what the source delivered and at the request of `asker`.
    pub fn diagnostic(&self, asker: &Asker) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.code, self.message.clone())
            .blame(self.blame)
            .maybe_at(self.at.clone(), "")
            .maybe_at(asker.span(self.about).cloned(), format!("asked for by `{}`", asker.address));
        match &self.help {
            Some(help) => diagnostic.help(help.clone()),
            None => diagnostic,
        }
    }
}

/// The diagnostic of an error that no component's request caused.
impl From<SourceError> for Diagnostic {
    fn from(error: SourceError) -> Self {
        let diagnostic = Diagnostic::error(error.code, error.message).blame(error.blame).maybe_at(error.at, "");
        match error.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// The most characters of foreign text that a message shows.
const SHOWN_CHARS: usize = 300;

/// Text from a server or a foreign file, made safe for a terminal: control characters escaped, cut
/// to a sensible length.
pub(super) fn foreign(text: &str) -> String {
    let text = text.trim();
    let mut shown = String::new();
    for (at, char) in text.chars().enumerate() {
        if at == SHOWN_CHARS {
            shown.push('…');
            break;
        }
        if char.is_control() { shown.extend(char.escape_default()) } else { shown.push(char) }
    }
    shown
}
