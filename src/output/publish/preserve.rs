use crate::golang::glob::path_match;

/// A pattern of paths that are left as they are, read as git reads `.gitignore`: without a slash it fits at
/// any depth, `**` stands for any number of folders, and a folder that it fits covers what is in it.
#[derive(Clone, Debug)]
pub struct Preserve {
    parts: Vec<String>,
}

impl Preserve {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let inner = text.trim_matches('/');
        let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
        if !text.trim_end_matches('/').contains('/') {
            parts.insert(0, "**".to_owned());
        }
        if let Some(part) = parts.iter().find(|part| part.is_empty() || path_match(part, "").is_err()) {
            return Err(format!("`{}` cannot be part of a pattern of paths", part.escape_debug()));
        }
        Ok(Self { parts })
    }

    /// Whether a path, or a folder that it lies in, fits.
    pub fn matches(&self, path: &str) -> bool {
        let names: Vec<&str> = path.split('/').collect();
        fits(&self.parts, &names)
    }
}

fn fits(parts: &[String], names: &[&str]) -> bool {
    match (parts.split_first(), names.split_first()) {
        // What is left of the path lies in a folder that fits.
        (None, _) => true,
        (Some((part, rest)), _) if part == "**" => (0..=names.len())
            .any(|skipped| (rest.is_empty() && skipped > 0) || (!rest.is_empty() && fits(rest, &names[skipped..]))),
        (Some(_), None) => false,
        (Some((part, rest)), Some((name, below))) => path_match(part, name).unwrap_or(false) && fits(rest, below),
    }
}

#[cfg(test)]
mod tests {
    use super::Preserve;

    #[test]
    fn patterns_fit_as_in_gitignore() {
        for (pattern, path, expected) in [
            ("**/NOTES.md", "clusters/a/NOTES.md", true),
            ("**/NOTES.md", "NOTES.md", true),
            ("NOTES.md", "clusters/a/NOTES.md", true),
            ("/NOTES.md", "clusters/a/NOTES.md", false),
            ("CODEOWNERS", "CODEOWNERS", true),
            ("policies/", "policies/x/y.yaml", true),
            ("clusters/*/local", "clusters/a/local/x.yaml", true),
            ("clusters/*/local", "clusters/a/b/local/x.yaml", false),
            ("docs/**", "docs/a/b.md", true),
            ("docs/**", "docs", false),
            ("*.md", "clusters/a/x.yaml", false),
        ] {
            assert_eq!(Preserve::parse(pattern).unwrap().matches(path), expected, "{pattern} {path}");
        }
        assert!(Preserve::parse("a//b").is_err());
        assert!(Preserve::parse("a/[").is_err());
    }
}
