use similar::TextDiff;

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 3;

/// The unified difference of two versions of a file, as `diff -u` and git print it; empty when there is
/// none. A file that is not there reads `/dev/null`.
pub fn difference(path: &str, before: Option<&str>, now: Option<&str>) -> String {
    if before == now {
        return String::new();
    }
    let name = |text: Option<&str>, side: &str| match text {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let (old, new) = (name(before, "a"), name(now, "b"));
    TextDiff::from_lines(before.unwrap_or_default(), now.unwrap_or_default())
        .unified_diff()
        .context_radius(CONTEXT)
        .header(&old, &new)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_diff_prints_it() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\ni\n";
        let found = difference("x.yaml", Some(before), Some(&before.replace('h', "H")));
        assert_eq!(found, "--- a/x.yaml\n+++ b/x.yaml\n@@ -5,5 +5,5 @@\n e\n f\n g\n-h\n+H\n i\n");
        assert_eq!(difference("x", Some("a\n"), Some("a\n")), "");
        assert_eq!(difference("x", None, Some("a\n")), "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(difference("x", Some("a\n"), None), "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
    }
}
