use std::borrow::Cow;
use std::fmt;
use std::io::{self, IsTerminal, Write};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, SourceSpan};

use crate::diag::{Diagnostic, Label, Severity};

use super::printable::printable;
use super::snippet::{Snippet, Texts, marked};

/// The most errors, and the most other messages, of one run that are printed.
const MOST_SHOWN: usize = 100;
/// Labels that stand further apart, in bytes, get snippets of their own.
const FAR_APART: usize = 4000;

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
        let texts = Texts::default();
        let (mut errors, mut others, mut left_out) = (0, 0, 0);
        for diagnostic in diagnostics {
            let shown = match diagnostic.severity {
                Severity::Error => true,
                Severity::Warning => !self.quiet,
                Severity::Note => self.verbose && !self.quiet,
            };
            if !shown {
                continue;
            }
            let count = if diagnostic.severity == Severity::Error { &mut errors } else { &mut others };
            *count += 1;
            if *count <= MOST_SHOWN {
                self.print(&mut out, diagnostic, &texts);
            } else {
                left_out += 1;
            }
        }
        if left_out > 0 {
            out.push_str(&format!("{left_out} more messages are not shown\n"));
        }
        self.write(&out);
    }

    /// One line about the whole run, such as `rendered 12 components`.
    pub fn summary(&self, line: &str) {
        if !self.quiet {
            self.write(&format!("{}\n", printable(line)));
        }
    }

    /// A line that only `verbose` shows.
    pub fn detail(&self, line: &str) {
        if self.verbose && !self.quiet {
            self.write(&format!("{}\n", printable(line)));
        }
    }

    fn print(&self, out: &mut String, diagnostic: &Diagnostic, texts: &Texts) {
        let theme = match (self.color, self.terminal) {
            (true, _) => GraphicalTheme::unicode(),
            (false, true) => GraphicalTheme::unicode_nocolor(),
            (false, false) => GraphicalTheme::none(),
        };
        // Lines are wrapped for people only; elsewhere a message stays on one line, so that it can be searched.
        let width = if self.terminal { 110 } else { 10_000 };
        let handler =
            GraphicalReportHandler::new_themed(theme).with_width(width).with_context_lines(1).with_links(false);
        if handler.render_report(out, &Shown::new(diagnostic, texts)).is_err() {
            out.push_str(&format!("{}\n", printable(&diagnostic.to_string())));
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
    message: Cow<'a, str>,
    code: Option<&'a str>,
    help: Option<Cow<'a, str>>,
    severity: miette::Severity,
    snippet: Option<Snippet>,
    labels: Vec<LabeledSpan>,
    related: Vec<Shown<'a>>,
}

impl<'a> Shown<'a> {
    fn new(diagnostic: &'a Diagnostic, texts: &Texts) -> Self {
        let severity = match diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        };
        let mut groups: Vec<Vec<&Label>> = Vec::new();
        for label in &diagnostic.labels {
            let together = |group: &&mut Vec<&Label>| {
                let (first, own) = (&group[0].span, &label.span);
                first.source.name() == own.source.name() && first.start.abs_diff(own.start) as usize <= FAR_APART
            };
            match groups.iter_mut().find(together) {
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
                Shown::place(message, None, None, miette::Severity::Advice, (&labels, texts), Vec::new())
            })
            .collect();
        Shown::place(
            &diagnostic.message,
            Some(diagnostic.code.0),
            diagnostic.help.as_deref(),
            severity,
            (&first, texts),
            related,
        )
    }

    fn place(
        message: &'a str,
        code: Option<&'a str>,
        help: Option<&'a str>,
        severity: miette::Severity,
        (labels, texts): (&[&Label], &Texts),
        related: Vec<Shown<'a>>,
    ) -> Self {
        let snippet = labels.first().map(|label| texts.snippet(&label.span.source));
        let labels = labels
            .iter()
            .enumerate()
            .map(|(at, label)| {
                let text =
                    (!label.text.is_empty() && label.text != message).then(|| printable(&label.text).into_owned());
                let span = SourceSpan::from(marked(&label.span));
                // The head of the snippet names the place of the primary label.
                match at {
                    0 => LabeledSpan::new_primary_with_span(text, span),
                    _ => LabeledSpan::new_with_span(text, span),
                }
            })
            .collect();
        Self { message: printable(message), code, help: help.map(printable), severity, snippet, labels, related }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
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
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
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

#[cfg(test)]
mod tests;
