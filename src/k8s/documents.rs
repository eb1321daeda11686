/// Splits a YAML stream at its `---` lines. Gives each document's byte range without the separator
/// line's `---`, the end marker `...`, and surrounding blank lines; what follows `---` on its line
/// belongs to the document. Documents without content (blank or comments only) are left out.
///
/// A line that starts with `---` cannot stand inside a scalar, so lines are enough to look at.
pub fn split(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut documents = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let marks = |mark: &str| {
            line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        };
        if marks("---") {
            push(&mut documents, text, start..at);
            start = at + 3;
        } else if marks("...") {
            push(&mut documents, text, start..at);
            start = at + line.len();
        }
        at += line.len();
    }
    push(&mut documents, text, start..text.len());
    documents
}

fn push(documents: &mut Vec<std::ops::Range<usize>>, text: &str, range: std::ops::Range<usize>) {
    let body = &text[range.clone()];
    let has_content = body.lines().any(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#') && !line.starts_with('%')
    });
    if !has_content {
        return;
    }
    // Leading blanks go line by line, because the first line's indentation counts.
    let mut start = range.start;
    for line in body.split_inclusive('\n') {
        if !line.trim().is_empty() {
            break;
        }
        start += line.len();
    }
    if start == range.start && body.starts_with(' ') && start > 0 {
        start += body.len() - body.trim_start_matches(' ').len();
    }
    documents.push(start..range.start + body.trim_end().len());
}

#[cfg(test)]
mod tests {
    use super::split;

    fn parts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn documents_end_at_separators_only() {
        assert_eq!(parts("a: 1\n---\nb: 2\n"), ["a: 1", "b: 2"]);
        assert_eq!(
            parts("---\n# Source: x\na: |\n  ---\n  t\n\n\n---\n---\n# only a comment\n---\nb: 2"),
            ["# Source: x\na: |\n  ---\n  t", "b: 2"]
        );
        assert_eq!(parts("--- {a: 1}\n...\n\n  b: 2\n  c: 3\n"), ["{a: 1}", "  b: 2\n  c: 3"]);
        assert_eq!(parts("---a: 1\n"), ["---a: 1"]);
        assert_eq!(parts("%YAML 1.1\n---\na: 1\r\n---\r\nb: 2\r\n"), ["a: 1", "b: 2"]);
        assert!(parts("\n# nothing\n---\n").is_empty());
    }
}
