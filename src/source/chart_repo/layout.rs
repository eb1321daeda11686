use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memchr_iter;

/// Where the versions of each chart stand in an index that is laid out as `helm repo index` writes
/// it: block style, plain keys, one line for each key. An index holds all versions of all charts,
/// and a stack wants a few of them.
pub(super) struct Layout {
    /// By chart: the line of its key and the lines below it.
    pub(super) charts: BTreeMap<String, Range<usize>>,
}

/// Why an index is not read by its layout.
pub(super) enum Unread {
    /// It is written in another way, which YAML may well allow.
    Otherwise,
    /// A chart stands twice, at this offset.
    Duplicate(String, usize),
    /// No `apiVersion` has a value.
    NoVersion,
}

/// The part of the file that a line belongs to.
enum Part {
    Other,
    Entries,
}

impl Layout {
    /// Looks at the beginnings of lines only. A line that could mean something else ends the attempt.
    pub(super) fn scan(text: &str) -> Result<Self, Unread> {
        let mut charts = BTreeMap::new();
        let mut open: Option<(String, usize)> = None;
        let mut indent = 0;
        let mut part = Part::Other;
        let (mut has_version, mut has_entries) = (false, false);
        for (start, line) in lines(text) {
            let content = line.trim_start_matches(' ');
            let depth = line.len() - content.len();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            if depth == 0 {
                close(&mut charts, &mut open, start)?;
                if line == "---" && start == 0 {
                    continue;
                }
                let (key, value) = plain_key(line).ok_or(Unread::Otherwise)?;
                part = Part::Other;
                match key {
                    "apiVersion" => has_version |= !matches!(value, "" | "~" | "null" | "''" | "\"\""),
                    "entries" if !value.is_empty() || has_entries => return Err(Unread::Otherwise),
                    "entries" => {
                        has_entries = true;
                        part = Part::Entries;
                    }
                    _ if starts_flow(value) => return Err(Unread::Otherwise),
                    _ => {}
                }
                continue;
            }
            if !matches!(part, Part::Entries) {
                continue;
            }
            if indent == 0 {
                indent = depth;
            }
            if depth > indent || (depth == indent && open.is_some() && (content == "-" || content.starts_with("- "))) {
                if open.is_none() {
                    return Err(Unread::Otherwise);
                }
                continue;
            }
            if depth < indent {
                return Err(Unread::Otherwise);
            }
            close(&mut charts, &mut open, start)?;
            let (key, value) = plain_key(content).ok_or(Unread::Otherwise)?;
            if !value.is_empty() && value != "[]" {
                return Err(Unread::Otherwise);
            }
            open = Some((key.to_owned(), start));
        }
        close(&mut charts, &mut open, text.len())?;
        match (has_entries, has_version) {
            (false, _) => Err(Unread::Otherwise),
            (true, false) => Err(Unread::NoVersion),
            (true, true) => Ok(Self { charts }),
        }
    }
}

fn close(
    charts: &mut BTreeMap<String, Range<usize>>,
    open: &mut Option<(String, usize)>,
    end: usize,
) -> Result<(), Unread> {
    let Some((name, start)) = open.take() else { return Ok(()) };
    match charts.contains_key(&name) {
        true => Err(Unread::Duplicate(name, start)),
        false => {
            charts.insert(name, start..end);
            Ok(())
        }
    }
}

/// `key:` or `key: value`, the key without quotes and of letters that mean nothing to YAML.
fn plain_key(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    let begins_well = key.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let ends_well = value.is_empty() || value.starts_with(' ');
    (begins_well && ends_well && key.bytes().all(is_plain)).then(|| (key, value.trim()))
}

/// Whether a value may go on in the lines below, whatever their beginnings.
fn starts_flow(value: &str) -> bool {
    let open = |quote: char| value.starts_with(quote) && (value.len() == 1 || !value.ends_with(quote));
    value.starts_with(['[', '{', '&', '*', '!', '|', '>']) && !matches!(value, "[]" | "{}") || open('"') || open('\'')
}

/// Lines with their offsets, without line ends.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len())).map(move |end| {
        let line = &text[start..end];
        let begun = std::mem::replace(&mut start, end + 1);
        (begun, line.strip_suffix('\r').unwrap_or(line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charts(text: &str) -> Option<Vec<(String, String)>> {
        let layout = Layout::scan(text).ok()?;
        Some(layout.charts.into_iter().map(|(name, range)| (name, text[range].to_owned())).collect())
    }

    #[test]
    fn everyday_indexes_are_taken_apart_by_their_lines() {
        let text = "apiVersion: v1\nentries:\n  a:\n  - version: 1.0.0\n    description: |\n      b:\n  # c\n  b: []\n\
                    \n  c-d:\n    - version: 2.0.0\ngenerated: \"2020\"\n";
        let expected = [
            ("a", "  a:\n  - version: 1.0.0\n    description: |\n      b:\n  # c\n"),
            ("b", "  b: []\n\n"),
            ("c-d", "  c-d:\n    - version: 2.0.0\n"),
        ];
        assert_eq!(charts(text).unwrap(), expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }

    #[test]
    fn whatever_may_mean_something_else_is_left_to_yaml() {
        for text in [
            "{\"apiVersion\": \"v1\", \"entries\": {}}",
            "apiVersion: v1\nentries: {a: [{version: 1}]}\n",
            "apiVersion: v1\nentries:\n  \"a\":\n  - version: 1\n",
            "apiVersion: v1\nentries:\n  a: &x\n  - version: 1\n  b: *x\n",
            "apiVersion: v1\nentries:\n  <<: *x\n",
            "apiVersion: v1\nentries:\n    a:\n    - version: 1\n  b:\n  - version: 1\n",
            "apiVersion: v1\nentries:\n- a\n",
            "apiVersion: v1\nentries:\n  - a\n",
            "apiVersion: v1\nx: [\nentries:\n  a:\n  - version: 1\n",
            "apiVersion: v1\nx: \"\nentries:\n  a:\n  - version: 1\n\"\n",
            "apiVersion: v1\n",
            "apiVersion: v1\nentries:\n  a:\n  - version: 1\n---\nentries: {}\n",
        ] {
            assert!(charts(text).is_none(), "{text}");
        }
        assert!(matches!(Layout::scan("entries:\n  a: []\n"), Err(Unread::NoVersion)));
        let twice = "apiVersion: v1\nentries:\n  a: []\n  a: []\n";
        assert!(matches!(Layout::scan(twice), Err(Unread::Duplicate(name, 32)) if name == "a"));
    }
}
