use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::span::{Source, Span};

use super::printable::{printable, stand_ins};
use super::redact::redact;

/// Bytes of a long line that are shown on either side of a place.
const AROUND: usize = 200;
/// The most bytes and lines that a place itself is shown with.
const LONGEST_PLACE: usize = 600;
const MOST_LINES: usize = 8;

/// The texts of sources as they may be shown. Each is prepared once, however many messages are about it.
#[derive(Default)]
pub struct Texts {
    by_source: RefCell<HashMap<*const Source, Arc<str>>>,
}

impl Texts {
    /// The snippet of a source.
    pub fn snippet(&self, source: &Arc<Source>) -> Snippet {
        let mut known = self.by_source.borrow_mut();
        let text = known.entry(Arc::as_ptr(source)).or_insert_with(|| stand_ins(redact(source.text())).into());
        Snippet { name: printable(source.name()).into_owned(), text: Arc::clone(text) }
    }
}

/// The part of a place that is marked: a place may be a whole file.
pub fn marked(span: &Span) -> Range<usize> {
    let text = span.source.text();
    let end = floor(text, span.range().end);
    let start = floor(text, span.range().start.min(end));
    let covered = &text[start..end];
    let lines = covered.match_indices('\n').nth(MOST_LINES - 1).map_or(covered.len(), |(at, _)| at);
    start..start + floor(covered, lines.min(LONGEST_PLACE))
}

/// The text of one source as miette reads it, with secrets masked and nothing that a terminal obeys. Of
/// long lines only the part around a place is given.
#[derive(Debug)]
pub struct Snippet {
    name: String,
    text: Arc<str>,
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = &*self.text;
        let (start, end) = (span.offset(), span.offset() + span.len());
        if end > text.len() || !text.is_char_boundary(start) || !text.is_char_boundary(end) {
            return Err(MietteError::OutOfBounds);
        }
        let own_line = line_start(text, start);
        let mut from = own_line;
        if before == 0 {
            from = start;
        } else if start - own_line > AROUND {
            from = floor(text, start - AROUND);
        } else {
            for _ in 0..before {
                let above = line_start(text, from.saturating_sub(1));
                if from - above > AROUND {
                    break;
                }
                from = above;
            }
        }
        let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |length| at + length);
        let mut to = end;
        if after > 0 {
            to = line_end(end.saturating_sub(1).max(start));
            for _ in 0..after {
                let below = line_end((to + 1).min(text.len()));
                if to == text.len() || below - to > AROUND {
                    break;
                }
                to = below;
            }
            // The line break belongs to the last line.
            to = (to + 1).min(text.len());
            if to.saturating_sub(end) > AROUND * (after + 1) {
                to = floor(text, end + AROUND);
            }
        }
        let line = text[..from].bytes().filter(|byte| *byte == b'\n').count();
        let column = text[line_start(text, from)..from].chars().count();
        let shown = &text[from..to];
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            shown.as_bytes(),
            (from, shown.len()).into(),
            line,
            column,
            shown.lines().count(),
        )))
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}
