/// The furthest that a name may be from a typed word.
const MAX_DISTANCE: usize = 2;

/// The names that a mistyped word may mean, as cobra picks them: close by, or begun with the word.
pub fn alike<'n>(names: impl Iterator<Item = &'n str>, word: &str) -> Vec<&'n str> {
    let lower = word.to_lowercase();
    names.filter(|name| name.starts_with(&lower) || distance(&lower, name) <= MAX_DISTANCE).collect()
}

/// The number of letters to insert, delete or replace. Words are compared by their bytes, as Go's are.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    // Words of very different lengths are far apart, however long.
    if a.len().abs_diff(b.len()) > MAX_DISTANCE {
        return MAX_DISTANCE + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, own) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(own != other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in [("", "ab", 2), ("instal", "install", 1), ("kitten", "mitten", 1), ("ab", "ba", 2)] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn close_names_and_beginnings() {
        let names = ["show", "get", "test", "template", "version"];
        assert_eq!(alike(names.into_iter(), "t"), ["get", "test", "template"]);
        assert_eq!(alike(names.into_iter(), "VERSIO"), ["version"]);
        assert_eq!(alike(names.into_iter(), "render"), [""; 0]);
    }
}
