/// Replaces the beginnings of URLs before anything is fetched, to reach mirrors. The lock keeps
/// recording what was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrites {
    /// From and to; the longest `from` wins, of equal ones the first.
    rules: Vec<(String, String)>,
}

impl Rewrites {
    /// No rewriting.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads rules of the form `https://github.com/=file:///mirror/`. The error names the rule.
    pub fn parse<'a>(rules: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut parsed = Vec::new();
        for rule in rules.into_iter().map(str::trim).filter(|rule| !rule.is_empty()) {
            match rule.split_once('=') {
                Some((from, to)) if !from.is_empty() && !to.is_empty() => parsed.push((from.to_owned(), to.to_owned())),
                _ => return Err(format!("`{}` is no rewriting rule of the form FROM=TO", rule.escape_debug())),
            }
        }
        parsed.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        Ok(Self { rules: parsed })
    }

    /// The URL to go to, and whether a rule applied.
    pub fn apply(&self, url: &str) -> (String, bool) {
        let applied = self.rule(url).map(|(from, to)| format!("{to}{}", &url[from.len()..]));
        let hit = applied.is_some();
        (applied.unwrap_or_else(|| url.to_owned()), hit)
    }

    /// Whether one rule, or none, applies to both.
    pub(super) fn treat_alike(&self, one: &str, other: &str) -> bool {
        self.rule(one) == self.rule(other)
    }

    /// What rules begin with that none of these URLs begins with.
    pub fn unmatched<'r>(&'r self, urls: &[&str]) -> impl Iterator<Item = &'r str> {
        let unmatched = self.rules.iter().filter(|(from, _)| !urls.iter().any(|url| url.starts_with(from.as_str())));
        unmatched.map(|(from, _)| from.as_str())
    }

    fn rule(&self, url: &str) -> Option<&(String, String)> {
        self.rules.iter().find(|(from, _)| url.starts_with(from.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_wins() {
        let rewrites =
            Rewrites::parse(["https://github.com/=file:///a/", " https://github.com/org/=file:///b/ ", ""]).unwrap();
        assert_eq!(rewrites.apply("https://github.com/org/x"), ("file:///b/x".to_owned(), true));
        assert_eq!(rewrites.apply("https://github.com/other/x"), ("file:///a/other/x".to_owned(), true));
        assert_eq!(rewrites.apply("https://gitlab.com/x"), ("https://gitlab.com/x".to_owned(), false));
        assert!(Rewrites::parse(["https://github.com/"]).is_err());
        assert!(rewrites.treat_alike("https://github.com/org/x", "https://github.com/org/y"));
        assert!(!rewrites.treat_alike("https://github.com/org/x", "https://github.com/z"));
        assert!(rewrites.treat_alike("https://a/", "https://b/"));
        assert_eq!(rewrites.unmatched(&["https://github.com/z"]).collect::<Vec<_>>(), ["https://github.com/org/"]);
    }
}
