use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::span::{Source, Span};
use crate::yaml::{Node, NodeKind, Style};

/// A text that stands in a scalar of a file: a document in the data of a ConfigMap. Places in the text
/// are places in the file.
pub(super) struct Embedded {
    /// The text by itself.
    pub text: Arc<Source>,
    /// The file.
    pub file: Arc<Source>,
    /// The scalar.
    whole: (u32, u32),
    lines: Vec<Line>,
}

/// A line of the text, and where it begins in the file.
struct Line {
    start: usize,
    in_file: usize,
}

impl Embedded {
    /// The text of a scalar. In a literal block scalar each place of it has its place in the file; of
    /// another scalar there is only the whole.
    pub fn of_scalar(node: &Node, file: &Arc<Source>) -> Option<Self> {
        let node = node.resolved();
        let NodeKind::Scalar { text, style } = &node.kind else { return None };
        let lines = if *style == Style::Literal { lines(node, text, file.text()) } else { Vec::new() };
        Some(Self { lines, ..Self::whole(node, text, file) })
    }

    /// A text that was decoded from a scalar.
    pub fn whole(node: &Node, text: &str, file: &Arc<Source>) -> Self {
        Self {
            text: Source::new(file.name(), text),
            file: Arc::clone(file),
            whole: (node.start, node.end),
            lines: Vec::new(),
        }
    }

    /// A range of the text as a range of the file.
    pub fn range(&self, start: u32, end: u32) -> std::ops::Range<u32> {
        match (self.place(start as usize), self.place(end as usize)) {
            (Some(start), Some(end)) if start <= end => start..end,
            _ => self.whole.0..self.whole.1,
        }
    }

    /// The same complaint with its places in the file.
    pub fn relocated(&self, mut problem: Diagnostic) -> Diagnostic {
        for label in &mut problem.labels {
            if Arc::ptr_eq(&label.span.source, &self.text) {
                let range = self.range(label.span.start, label.span.end);
                label.span = Span { source: Arc::clone(&self.file), start: range.start, end: range.end };
            }
        }
        problem
    }

    fn place(&self, offset: usize) -> Option<u32> {
        let line = self.lines.partition_point(|line| line.start <= offset).checked_sub(1)?;
        let line = &self.lines[line];
        let place = line.in_file + (offset - line.start);
        u32::try_from(place).ok().map(|place| place.min(self.whole.1))
    }
}

/// Pairs the lines of a literal block scalar with those of the file: there is one for each, behind the
/// indentation of the first that is not blank.
fn lines(node: &Node, text: &str, file: &str) -> Vec<Line> {
    let Some(header) = file.get(node.start as usize..).and_then(|rest| rest.find('\n')) else { return Vec::new() };
    let mut at = node.start as usize + header + 1;
    let leading = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut indent = None;
    let (mut found, mut start) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        let Some(rest) = file.get(at..) else { return Vec::new() };
        let written = rest.split_inclusive('\n').next().unwrap_or_default();
        let content = line.trim_end_matches('\n');
        if !content.trim_matches(' ').is_empty() {
            let indent = *indent.get_or_insert_with(|| leading(written).saturating_sub(leading(content)));
            // A text that does not follow from the file line by line has no places.
            if written.get(indent..).is_none_or(|own| !own.starts_with(content)) {
                return Vec::new();
            }
        }
        found.push(Line { start, in_file: at + indent.unwrap_or(0).min(written.trim_end().len()) });
        start += line.len();
        at += written.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse_document;

    fn embedded(file: &str) -> Embedded {
        let document = parse_document(&Source::new("cm.yaml", file)).unwrap();
        Embedded::of_scalar(document.root.get("values").unwrap(), &document.source).unwrap()
    }

    fn shown(embedded: &Embedded, word: &str) -> String {
        let at = u32::try_from(embedded.text.text().find(word).unwrap()).unwrap();
        let range = embedded.range(at, at + u32::try_from(word.len()).unwrap());
        Span { source: Arc::clone(&embedded.file), start: range.start, end: range.end }.to_string()
    }

    #[test]
    fn lines_of_a_literal_scalar_are_lines_of_the_file() {
        let literal = embedded("# top\nvalues: |\n\n  a:\n\n    b: 1\n  é: 2\nlast: 1\n");
        assert_eq!(shown(&literal, "b: 1"), "cm.yaml:6:5");
        assert_eq!(shown(&literal, "2"), "cm.yaml:7:6");
        let crlf = embedded("values: |-\r\n  a: 1\r\n  b: 2\r\n");
        assert_eq!(shown(&crlf, "b: 2"), "cm.yaml:3:3");
        let deep = embedded("values: |2\n    a: 1\n");
        assert_eq!(shown(&deep, "a: 1"), "cm.yaml:2:5");
    }

    #[test]
    fn other_scalars_are_one_place() {
        assert_eq!(shown(&embedded("values: \"a: 1\\nb: 2\"\n"), "b: 2"), "cm.yaml:1:9");
        assert_eq!(shown(&embedded("values: >\n  a: 1\n\n  b: 2\n"), "b: 2"), "cm.yaml:1:9");
    }
}
