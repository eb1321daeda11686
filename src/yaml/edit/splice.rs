use std::ops::Range;

/// Replacements of byte ranges that do not overlap.
#[derive(Debug, Default)]
pub(super) struct Splices(Vec<(Range<usize>, String)>);

impl Splices {
    /// One replacement.
    pub(super) fn one(range: Range<usize>, text: impl Into<String>) -> Self {
        Self(vec![(range, text.into())])
    }

    /// Adds a replacement.
    pub(super) fn and(mut self, range: Range<usize>, text: impl Into<String>) -> Self {
        self.0.push((range, text.into()));
        self
    }

    /// The text with all replacements made.
    pub(super) fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = String::with_capacity(text.len() + 64);
        let mut at = 0;
        for (range, new) in self.0 {
            out.push_str(text.get(at..range.start).unwrap_or_default());
            out.push_str(&new);
            at = at.max(range.end);
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }
}
