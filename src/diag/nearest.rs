/// The candidate that a mistyped name most likely meant: the smallest edit distance (insertion,
/// deletion, replacement, swap of neighbours), at most a third of the longer name. Ties go to the
/// earlier candidate.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let limit = (name.chars().count().max(candidate.chars().count()) / 3).max(1);
        let found = distance(name, candidate);
        if found <= limit && best.is_none_or(|(least, _)| found < least) {
            best = Some((found, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The `most` candidates that are most like a name, the nearest first, however far they are.
pub fn nearest_few<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    let mut all: Vec<(usize, &str)> =
        candidates.into_iter().map(|candidate| (distance(name, candidate), candidate)).collect();
    all.sort_by_key(|(far, _)| *far);
    all.truncate(most);
    all.into_iter().map(|(_, candidate)| candidate).collect()
}

fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{nearest, nearest_few};

    #[test]
    fn finds_typos_but_not_strangers() {
        let names = ["replicas", "image", "resources"];
        assert_eq!(nearest("replcias", names), Some("replicas"));
        assert_eq!(nearest("imag", names), Some("image"));
        assert_eq!(nearest("Image", names), Some("image"));
        assert_eq!(nearest("ingress", names), None);
        assert_eq!(nearest("x", []), None);
        assert_eq!(nearest_few("imago", names, 2), ["image", "replicas"]);
    }
}
