use crate::golang::glob::path_match;

/// The rules of a `.helmignore` file.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    pattern: Pattern,
    negated: bool,
    dirs_only: bool,
    /// Whether the pattern is compared with the whole path rather than the last name.
    whole_path: bool,
}

/// A pattern of Go's `path.Match`. Most are of a kind that needs no search.
#[derive(Debug)]
enum Pattern {
    /// Without wildcards.
    Exact(String),
    /// `*` and the end of a name.
    Ending(String),
    Other(String),
}

impl Pattern {
    fn new(text: &str) -> Self {
        let is_plain = |text: &str| !text.contains(['*', '?', '[', '\\']);
        match text.strip_prefix('*') {
            _ if is_plain(text) => Self::Exact(text.to_owned()),
            Some(ending) if is_plain(ending) && !ending.contains('/') => Self::Ending(ending.to_owned()),
            _ => Self::Other(text.to_owned()),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(text) => name == text,
            Self::Ending(ending) => name.strip_suffix(&**ending).is_some_and(|start| !start.contains('/')),
            Self::Other(text) => path_match(text, name).unwrap_or(false),
        }
    }
}

impl Rules {
    /// Reads a `.helmignore` file and adds the rule that always holds (dot files in `templates/`).
    /// The error is Helm's text.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let mut rules = Self::default();
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        for line in text.split(|byte| *byte == b'\n') {
            rules.add(&String::from_utf8_lossy(line))?;
        }
        rules.add("templates/.?*")?;
        Ok(rules)
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if line.contains("**") {
            return Err("double-star (**) syntax is not supported".to_owned());
        }
        path_match(line, "abc")?;
        let (negated, pattern) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let (dirs_only, pattern) = match pattern.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let whole_path = pattern.contains('/');
        let pattern = Pattern::new(pattern.strip_prefix('/').unwrap_or(pattern));
        self.rules.push(Rule { pattern, negated, dirs_only, whole_path });
        Ok(())
    }

    /// Number of rules.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether the rules leave out the entry at a path of the chart. A negated rule leaves out all that
    /// it does not match, as in Helm.
    pub fn ignores(&self, path: &str, is_dir: bool) -> bool {
        for rule in &self.rules {
            if rule.negated {
                if (rule.dirs_only && !is_dir) || !rule.matches(path) {
                    return true;
                }
            } else if (is_dir || !rule.dirs_only) && rule.matches(path) {
                return true;
            }
        }
        false
    }
}

impl Rule {
    fn matches(&self, path: &str) -> bool {
        let name = if self.whole_path { path } else { path.rsplit('/').next().unwrap_or(path) };
        self.pattern.matches(name)
    }
}

#[cfg(test)]
mod tests {
    use super::Rules;

    #[test]
    fn rules() {
        let ignores = |text: &str, path: &str, is_dir| Rules::parse(text.as_bytes()).unwrap().ignores(path, is_dir);
        assert!(ignores("*.txt", "a/b.txt", false));
        assert!(!ignores("a/*.txt", "a/b/c.txt", false));
        assert!(ignores("*", "a/b.txt", false));
        assert!(!ignores("*.txt", "a/b.txt.gz", false));
        assert!(ignores("/*.txt", "b.txt", false));
        assert!(!ignores("templates/*.txt", "a/b.txt", false));
        assert!(ignores("b.t[xyz]t", "a/b.txt", false));
        assert!(ignores("/b.txt", "b.txt", false));
        assert!(!ignores("/b.txt", "a/b.txt", false));
        assert!(ignores("ci/", "ci", true));
        assert!(!ignores("ci/", "ci", false));
        assert!(ignores("!a.txt", "Chart.yaml", false));
        assert!(!ignores("!a.txt", "a.txt", false));
        assert!(ignores("# nothing\n\n", "templates/.hidden", false));
        assert!(!ignores("", "templates/sub/.hidden", false));
        assert!(Rules::parse(b"a/**").is_err());
    }
}
