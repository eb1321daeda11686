//! Fabrikate's way of cutting a chart's output into documents.

use memchr::memmem;

/// The parts of `helm template`'s output as Fabrikate cuts them: at every line start that reads
/// `---`, the first part keeping its own. The text of each part is kept byte for byte.
pub fn parts(text: &str) -> Vec<&str> {
    const CUT: &str = "\n---";
    let mut parts = Vec::new();
    let mut start = 0;
    for at in memmem::find_iter(text.as_bytes(), CUT) {
        parts.push(&text[start..at]);
        start = at + CUT.len();
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn the_first_part_keeps_its_separator() {
        let text = "---\n# Source: a\nkind: A\n---\n# only\n---\nkind: C # x\n";
        assert_eq!(parts(text), ["---\n# Source: a\nkind: A", "\n# only", "\nkind: C # x\n"]);
    }
}
