/// What follows the name of a scheme in a `WWW-Authenticate` header, when it is that scheme.
pub(in crate::source) fn challenge_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (first, rest) = text.trim().split_once(' ')?;
    first.eq_ignore_ascii_case(word).then_some(rest)
}

/// Reads `key="value",key="value"`.
pub(in crate::source) fn challenge_parameters(text: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.trim_matches([',', ' ']).to_ascii_lowercase();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        parameters.push((key, value.to_owned()));
        rest = next;
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_taken_apart() {
        let parameters = challenge_parameters(r#"realm="https://a/token",service="r", scope="repository:x:pull""#);
        let expected = [("realm", "https://a/token"), ("service", "r"), ("scope", "repository:x:pull")];
        assert_eq!(parameters, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(challenge_word("bearer x=y", "Bearer"), Some("x=y"));
        assert_eq!(challenge_word("Basic realm=x", "Bearer"), None);
    }
}
