//! Tables as helm draws them: columns separated by tabs and filled with blanks.

/// Draws rows without a final line feed. Texts wider than `widest` are cut; 0 for no limit.
pub fn draw(rows: &[Vec<&str>], widest: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let widths = rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count());
        let width = widths.max().unwrap_or_default();
        if widest > 0 { width.min(widest) } else { width }
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line =
        |row: &Vec<&str>| row.iter().zip(&widths).map(|(text, width)| fit(text, *width)).collect::<Vec<_>>().join("\t");
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Fills a text with blanks, or cuts it and says so with dots.
fn fit(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        // A column of empty texts still shows one blank, as in helm.
        return format!("{text}{}", " ".repeat(width - count));
    }
    if width == 0 {
        return text.to_owned();
    }
    let kept = width.saturating_sub(3).max(1);
    format!("{}...", text.chars().take(kept).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::draw;

    #[test]
    fn columns_are_filled_and_cut() {
        let rows = [vec!["NAME", "URL"], vec!["a", "https://example.com"], vec!["", ""]];
        assert_eq!(draw(&rows, 0), "NAME\tURL                \na   \thttps://example.com\n    \t                   ");
        assert_eq!(draw(&rows, 10), "NAME\tURL       \na   \thttps:/...\n    \t          ");
    }
}
