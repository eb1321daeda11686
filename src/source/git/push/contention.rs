/// Parts of what servers say when two pushes meet. What decides is whether a ref has moved; but a
/// server may refuse one push while the other, which it is in the way of, has not landed yet.
const WORDS: [&str; 11] = [
    "incorrect old value provided",
    "cannot lock ref",
    "failed to lock",
    "unable to lock",
    "failed to update ref",
    "fetch first",
    "non-fast-forward",
    "stale info",
    "remote ref is at",
    "reference already exists",
    "but expected",
];

/// Whether a server's words mean that another push was in the way.
pub(super) fn is_contention(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    WORDS.iter().any(|words| said.contains(words)) && !said.contains("protected branch")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_servers() {
        assert!(is_contention("remote: error: cannot lock ref 'refs/heads/main': is at 1 but expected 2"));
        assert!(is_contention("incorrect old value provided"));
        assert!(is_contention("! [rejected] main -> main (fetch first)"));
        assert!(!is_contention("GitLab: You are not allowed to push code to protected branches on this project."));
        assert!(!is_contention("GH006: Protected branch update failed for refs/heads/main: failed to update ref"));
        assert!(!is_contention("pre-receive hook declined"));
    }
}
