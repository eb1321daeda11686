//! Fabrikate's way of cutting a chart's output into documents.

/// The parts of `helm template`'s output as Fabrikate cuts them: at every line start that reads
/// `---`, the first part keeping its own. The text of each part is kept byte for byte.
pub fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n---")
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn the_first_part_keeps_its_separator() {
        let text = "---\n# Source: a\nkind: A\n---\n# only\n---\nkind: C # x\n";
        assert_eq!(parts(text).collect::<Vec<_>>(), ["---\n# Source: a\nkind: A", "\n# only", "\nkind: C # x\n"]);
    }
}
