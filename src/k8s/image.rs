use std::fmt;

use crate::span::Span;

/// An image reference in its parts: `[registry/]repository[:tag][@digest]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageRef {
    /// The registry's host, with a port if it has one (`registry.example.com:5000`).
    pub registry: Option<String>,
    /// The path on the registry (`acme/web`).
    pub repository: String,
    /// Such as `1.4.0`.
    pub tag: Option<String>,
    /// Such as `sha256:…`.
    pub digest: Option<String>,
}

impl ImageRef {
    /// Reads a reference. `None` when it is none: upper case or blanks in the repository, a tag or digest with
    /// other characters than registries take.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match name[last..].find(':') {
            Some(colon) => (&name[..last + colon], Some(&name[last + colon + 1..])),
            None => (name, None),
        };
        let (registry, repository) = split_registry(name);
        let valid = is_repository(repository) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest);
        valid.then(|| Self {
            registry: registry.map(str::to_owned),
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// Registry and repository as they are written together.
    pub fn name(&self) -> String {
        match &self.registry {
            Some(registry) => format!("{registry}/{}", self.repository),
            None => self.repository.clone(),
        }
    }

    /// What tells versions apart: tag, digest or both.
    pub fn has_version(&self) -> bool {
        self.tag.is_some() || self.digest.is_some()
    }

    /// Whether `wanted` names this image: one repository, and one registry if `wanted` has one. `docker.io` and
    /// `library/` are what they stand for when they are left out.
    pub fn is(&self, wanted: &ImageRef) -> bool {
        let same_registry = match &wanted.registry {
            None => true,
            Some(registry) => hub(self.registry.as_deref()) == hub(Some(registry)),
        };
        same_registry && library(&self.repository) == library(&wanted.repository)
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = &self.registry {
            write!(f, "{registry}/")?;
        }
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// What becomes of one image wherever it is used, as an entry of kustomize's `images` says it.
#[derive(Clone, Debug)]
pub struct ImageOverride {
    /// The image that is meant; tag and digest play no part.
    pub name: ImageRef,
    /// The name that it gets, with the registry.
    pub new_name: Option<String>,
    /// The tag that it gets. Without a digest beside it the image has none afterwards.
    pub new_tag: Option<String>,
    /// The digest that it gets. Without a tag beside it the image has none afterwards.
    pub digest: Option<String>,
    /// Where the entry is written.
    pub place: Span,
}

impl ImageOverride {
    /// Whether the entry says which version is meant.
    pub fn has_version(&self) -> bool {
        self.new_tag.is_some() || self.digest.is_some()
    }
}

/// Splits the registry's host from a name: the first part is one when it has a dot or a port, or is `localhost`.
pub fn split_registry(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), rest),
        _ => (None, name),
    }
}

fn hub(registry: Option<&str>) -> &str {
    match registry {
        None | Some("index.docker.io") => "docker.io",
        Some(registry) => registry,
    }
}

fn library(repository: &str) -> &str {
    repository.strip_prefix("library/").unwrap_or(repository)
}

/// Whether a text can be the path of a repository.
pub fn is_repository(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|char: char| char.is_ascii_lowercase() || char.is_ascii_digit())
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
    };
    text.split('/').all(part)
}

/// Whether a text can be a tag.
pub fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=128).contains(&text.len())
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || b".-".contains(&byte))
}

/// Whether a text can be a digest: an algorithm and at least 32 hexadecimal digits.
pub fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        algorithm.starts_with(|char: char| char.is_ascii_lowercase())
            && algorithm.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+._-".contains(&byte))
            && hex.len() >= 32
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn references_come_apart_and_together() {
        let whole = format!("registry.example.com:5000/acme/web:1.4@{DIGEST}");
        let parsed = ImageRef::parse(&whole).unwrap();
        assert_eq!(parsed.registry.as_deref(), Some("registry.example.com:5000"));
        assert_eq!((parsed.repository.as_str(), parsed.tag.as_deref()), ("acme/web", Some("1.4")));
        assert_eq!((parsed.digest.as_deref(), parsed.to_string()), (Some(DIGEST), whole));
        let short = ImageRef::parse("localhost/web").unwrap();
        assert_eq!((short.registry.as_deref(), short.has_version()), (Some("localhost"), false));
        for text in ["", "Acme/web", "a b", "web:", "web:a/b:c d", "web@sha256:12", "a//b", "web:1 2", "{{ x }}"] {
            assert!(ImageRef::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn names_match_without_the_registry_unless_it_is_given() {
        let is = |one: &str, wanted: &str| ImageRef::parse(one).unwrap().is(&ImageRef::parse(wanted).unwrap());
        assert!(is("registry.example.com/acme/web:1", "acme/web"));
        assert!(is("registry.example.com/acme/web:1", "registry.example.com/acme/web"));
        assert!(!is("registry.example.com/acme/web:1", "other.example.com/acme/web"));
        assert!(!is("acme/web-api:1", "acme/web") && !is("x/acme/web", "acme/web"));
        assert!(is("nginx:1", "docker.io/library/nginx") && is("docker.io/library/nginx:1", "nginx"));
    }
}
