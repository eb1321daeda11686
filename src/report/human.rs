use std::fmt;
use std::io::{self, IsTerminal, Write};

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

use crate::diag::{Diagnostic, Label, Severity};
use crate::span::Source;

use super::redact::redact;

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Prints diagnostics and summaries for people.
#[derive(Clone, Debug)]
pub struct Reporter {
    quiet: bool,
    verbose: bool,
    color: bool,
    terminal: bool,
}

impl Reporter {
    /// A reporter on stderr. `quiet` leaves errors only; `verbose` adds notes.
    pub fn new(color: Color, quiet: bool, verbose: bool) -> Self {
        let terminal = io::stderr().is_terminal();
        let wanted = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self { quiet, verbose, color: wanted, terminal }
    }

    /// Whether progress may be drawn.
    pub fn shows_progress(&self) -> bool {
        self.terminal && !self.quiet
    }

    /// Prints diagnostics in order. Notes need `verbose`, warnings fall to `quiet`.
    pub fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        let mut out = String::new();
        for diagnostic in diagnostics {
            let shown = match diagnostic.severity {
                Severity::Error => true,
                Severity::Warning => !self.quiet,
                Severity::Note => self.verbose && !self.quiet,
            };
            if shown {
                self.print(&mut out, diagnostic);
            }
        }
        self.write(&out);
    }

    /// One line about the whole run, such as `rendered 12 components`.
    pub fn summary(&self, line: &str) {
        if !self.quiet {
            self.write(&format!("{line}\n"));
        }
    }

    /// A line that only `verbose` shows.
    pub fn detail(&self, line: &str) {
        if self.verbose && !self.quiet {
            self.write(&format!("{line}\n"));
        }
    }

    fn print(&self, out: &mut String, diagnostic: &Diagnostic) {
        let theme = match (self.color, self.terminal) {
            (true, _) => GraphicalTheme::unicode(),
            (false, true) => GraphicalTheme::unicode_nocolor(),
            (false, false) => GraphicalTheme::none(),
        };
        // Lines are wrapped for people only; elsewhere a message stays on one line, so that it can be searched.
        let width = if self.terminal { 110 } else { 10_000 };
        let handler =
            GraphicalReportHandler::new_themed(theme).with_width(width).with_context_lines(1).with_links(false);
        if handler.render_report(out, &Shown::new(diagnostic)).is_err() {
            out.push_str(&format!("{diagnostic}\n"));
        }
    }

    fn write(&self, text: &str) {
        // A closed stderr is no reason to fail.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

/// A diagnostic with the labels of one source; labels in other sources become related notes.
#[derive(Debug)]
struct Shown<'a> {
    message: &'a str,
    code: Option<&'a str>,
    help: Option<&'a str>,
    severity: miette::Severity,
    snippet: Option<Snippet>,
    labels: Vec<LabeledSpan>,
    related: Vec<Shown<'a>>,
}

impl<'a> Shown<'a> {
    fn new(diagnostic: &'a Diagnostic) -> Self {
        let severity = match diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        };
        let mut groups: Vec<Vec<&Label>> = Vec::new();
        for label in &diagnostic.labels {
            match groups.iter_mut().find(|group| group[0].span.source.name() == label.span.source.name()) {
                Some(group) => group.push(label),
                None => groups.push(vec![label]),
            }
        }
        let mut groups = groups.into_iter();
        let first = groups.next().unwrap_or_default();
        let related = groups
            .map(|labels| {
                let message =
                    labels.iter().map(|label| label.text.as_str()).find(|text| !text.is_empty()).unwrap_or("here");
                Shown::place(message, None, None, miette::Severity::Advice, &labels, Vec::new())
            })
            .collect();
        Shown::place(
            &diagnostic.message,
            Some(diagnostic.code.0),
            diagnostic.help.as_deref(),
            severity,
            &first,
            related,
        )
    }

    fn place(
        message: &'a str,
        code: Option<&'a str>,
        help: Option<&'a str>,
        severity: miette::Severity,
        labels: &[&Label],
        related: Vec<Shown<'a>>,
    ) -> Self {
        let snippet = labels.first().map(|label| Snippet::new(&label.span.source));
        let labels = labels
            .iter()
            .enumerate()
            .map(|(at, label)| {
                let text = (!label.text.is_empty() && label.text != message).then(|| label.text.clone());
                let range = label.span.range();
                let end = range.end.min(label.span.source.text().len());
                let start = range.start.min(end);
                let span = SourceSpan::from(start..end);
                // The head of the snippet names the place of the primary label.
                match at {
                    0 => LabeledSpan::new_primary_with_span(text, span),
                    _ => LabeledSpan::new_with_span(text, span),
                }
            })
            .collect();
        Self { message, code, help, severity, snippet, labels, related }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.help.map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet.as_ref().map(|snippet| snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.labels.is_empty() { None } else { Some(Box::new(self.labels.iter().cloned())) }
    }

    fn related<'b>(&'b self) -> Option<Box<dyn Iterator<Item = &'b dyn miette::Diagnostic> + 'b>> {
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(self.related.iter().map(|shown| shown as &dyn miette::Diagnostic)))
    }
}

/// The text of one source as miette reads it, with secrets masked.
#[derive(Debug)]
struct Snippet {
    name: String,
    text: String,
}

impl Snippet {
    fn new(source: &Source) -> Self {
        Self { name: source.name().to_owned(), text: redact(source.text()) }
    }
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.as_str().read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line(),
            inner.column(),
            inner.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests;
