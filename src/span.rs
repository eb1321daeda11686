//! Places in source text.
//!
//! A [`Source`] is one piece of text with a name (a file, a flag, standard input). A [`Span`] is a
//! byte range of one source and travels with everything that was read from it. An [`Origin`] says
//! which layer of the configuration supplied a value, and where in it.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

/// One named piece of source text, shared by every span that points into it.
pub struct Source {
    name: String,
    text: Arc<str>,
    /// The digest of the text, once somebody asked.
    mark: OnceLock<String>,
}

impl Source {
    /// Wraps `text` under `name`, which is shown to users (normally a path relative to the project).
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into(), mark: OnceLock::new() })
    }

    /// The name shown in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The 1-based line and column (in characters) of a byte offset. Offsets past the end count as the end.
    pub fn line_col(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }

    /// The byte offset of the start of a 1-based line, or the end of the text when there are fewer lines.
    pub fn line_start(&self, line: usize) -> usize {
        let mut at = 0;
        for _ in 1..line {
            match self.text[at..].find('\n') {
                Some(next) => at += next + 1,
                None => return self.text.len(),
            }
        }
        at
    }
}

/// Sources of different text look different: whoever compares values that are kept as places in a text
/// by how they are shown compares the text, too.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = self.mark.get_or_init(|| {
            let digest = Sha256::digest(self.text.as_bytes());
            digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
        });
        write!(f, "Source({} {mark})", self.name)
    }
}

/// A byte range of one source.
#[derive(Clone, Debug)]
pub struct Span {
    /// The text that the range belongs to.
    pub source: Arc<Source>,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Makes a span from a byte range; a range beyond 4 GiB is cut off at the limit.
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Self {
        let cut = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { source: Arc::clone(source), start: cut(range.start), end: cut(range.end) }
    }

    /// The byte range within [`Source::text`].
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text covered, empty when the range does not fit the source.
    pub fn text(&self) -> &str {
        self.source.text().get(self.range()).unwrap_or_default()
    }
}

/// Prints `file:line:col`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, col) = self.source.line_col(self.start as usize);
        write!(f, "{}:{line}:{col}", self.source.name())
    }
}

/// Where a value was set: the layer it came from and its place there.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The layer in the user's words: an environment (`prod`), `chart default`, a flag.
    pub layer: Arc<str>,
    /// The place of the value in that layer's text.
    pub span: Span,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.span, self.layer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_lines_from_one() {
        let source = Source::new("a.yaml", "é: 1\nb: 2\n");
        assert_eq!(source.line_col(0), (1, 1));
        assert_eq!(source.line_col(2), (1, 2));
        assert_eq!(source.line_col(6), (2, 1));
        assert_eq!(source.line_col(99), (3, 1));
        assert_eq!(source.line_start(2), 6);
        assert_eq!(Span::new(&source, 6..7).to_string(), "a.yaml:2:1");
        assert_eq!(Span::new(&source, 6..7).text(), "b");
    }
}
