use crate::golang::glob::path_match;

/// The rules of a `.helmignore` file.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    pattern: String,
    negated: bool,
    dirs_only: bool,
    /// Whether the pattern is compared with the whole path rather than the last name.
    whole_path: bool,
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
        let pattern = pattern.strip_prefix('/').unwrap_or(pattern).to_owned();
        self.rules.push(Rule { pattern, negated, dirs_only, whole_path });
        Ok(())
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
        path_match(&self.pattern, name).unwrap_or(false)
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
