use crate::golang::{strconv, url};

/// Whether a text is a reference to a registry.
pub fn is_oci(text: &str) -> bool {
    text.starts_with("oci://")
}

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Host and port.
    pub registry: String,
    /// The path of the artefact.
    pub repository: String,
    /// The tag as the registry knows it, without `+`; empty for none.
    pub tag: String,
    /// The digest; empty for none.
    pub digest: String,
}

impl Reference {
    /// Reads `host/path:tag@digest`, with or without `oci://`, as helm does.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix("oci://").unwrap_or(text);
        let (text, digest) = text.rsplit_once('@').unwrap_or((text, ""));
        let (place, tag) = match text.rsplit_once(':') {
            Some((place, tag)) if !tag.contains('/') => (place, tag.replace('+', "_")),
            _ => (text, String::new()),
        };
        let (registry, repository) =
            place.split_once('/').ok_or("invalid reference: missing registry or repository")?;
        let reference =
            Self { registry: registry.to_owned(), repository: repository.to_owned(), tag, digest: digest.to_owned() };
        reference.check()?;
        Ok(reference)
    }

    fn check(&self) -> Result<(), String> {
        let wrong = |what: &str, text: &str| {
            Err(format!("invalid reference: invalid {what} {}", strconv::quote(text.as_bytes())))
        };
        let host = url::parse(format!("dummy://{}", self.registry).as_bytes()).map(|url| url.host);
        if self.registry.is_empty() || host.as_deref() != Ok(self.registry.as_bytes()) {
            return wrong("registry", &self.registry);
        }
        if !self.repository.split('/').all(is_component) {
            return wrong("repository", &self.repository);
        }
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_tag = |tag: &str| {
            tag.len() <= 128
                && is_word(tag.as_bytes()[0])
                && tag.bytes().all(|byte| is_word(byte) || b".-".contains(&byte))
        };
        if !self.tag.is_empty() && !is_tag(&self.tag) {
            return wrong("tag", &self.tag);
        }
        if !self.digest.is_empty() && !is_digest(&self.digest) {
            return Err("invalid checksum digest format".to_owned());
        }
        Ok(())
    }

    /// What the registry is asked for: the tag, else the digest.
    pub fn asked(&self) -> &str {
        if self.tag.is_empty() { &self.digest } else { &self.tag }
    }
}

/// `host/path:tag` or `host/path@digest`.
impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { registry, repository, tag, digest } = self;
        match (tag.is_empty(), digest.is_empty()) {
            (false, _) => write!(f, "{registry}/{repository}:{tag}"),
            (true, false) => write!(f, "{registry}/{repository}@{digest}"),
            (true, true) => write!(f, "{registry}/{repository}"),
        }
    }
}

/// Lower-case words joined by `.`, `_`, `__` or dashes.
fn is_component(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let (Some(first), Some(last)) = (text.bytes().next(), text.bytes().last()) else { return false };
    let joined_well = text
        .split(|char: char| char.is_ascii() && is_plain(char as u8))
        .all(|joint| matches!(joint, "" | "." | "_" | "__") || joint.bytes().all(|byte| byte == b'-'));
    is_plain(first) && is_plain(last) && joined_well
}

/// Whether a text is a digest of SHA-256, the only kind that is checked.
pub fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        let parts =
            |text: &str| Reference::parse(text).map(|it| [it.registry, it.repository, it.tag, it.digest].join(" "));
        let digest = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(parts("oci://h:5000/a/b").unwrap(), "h:5000 a/b  ");
        assert_eq!(parts("h/a__b/c-d.e:1.2.3+b.1").unwrap(), "h a__b/c-d.e 1.2.3_b.1 ");
        assert_eq!(parts(&format!("h/a:1@{digest}")).unwrap(), format!("h a 1 {digest}"));
        for (text, error) in [
            ("oci://h", "missing registry or repository"),
            ("h/A", "invalid repository \"A\""),
            ("h/a//b", "invalid repository \"a//b\""),
            ("h/a/../b", "invalid repository \"a/../b\""),
            ("h x/a", "invalid registry \"h x\""),
            ("h/a:-x", "invalid tag \"-x\""),
        ] {
            assert_eq!(parts(text), Err(format!("invalid reference: {error}")));
        }
        assert!(parts("h/a@sha256:00").is_err());
    }
}
