use crate::span::Source;
use crate::yaml::{self, Node};

/// What tells objects apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// Such as `apps/v1`; empty when the document has none.
    pub api_version: String,
    /// Such as `Deployment`; empty when the document has none.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`, when set.
    pub namespace: Option<String>,
}

impl Identity {
    /// The API group: what stands before the `/` of the API version, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }
}

/// One document of the output, on its way from rendering to the file.
#[derive(Clone, Debug)]
pub struct Object {
    /// The text, without separator.
    pub text: String,
    /// What it is; `None` for text that is passed on unread.
    pub identity: Option<Identity>,
}

/// The identity of a manifest, read from its text. Parts that are missing are empty; numbers and the
/// like read as their text.
///
/// # Errors
/// What is wrong with the text: it is not YAML, or not a map.
pub fn identify(text: &str) -> Result<Identity, String> {
    let document = yaml::parse_document(&Source::new("", text)).map_err(|error| error.to_string())?;
    if document.root.as_map().is_none() {
        return Err("the document is not a map".to_owned());
    }
    let read = |node: Option<&Node>| node.and_then(Node::as_str).unwrap_or_default().to_owned();
    let metadata = document.root.get("metadata");
    let namespace = metadata.and_then(|metadata| metadata.get("namespace")).filter(|node| !node.is_null());
    Ok(Identity {
        api_version: read(document.root.get("apiVersion")),
        kind: read(document.root.get("kind")),
        name: read(metadata.and_then(|metadata| metadata.get("name"))),
        namespace: namespace.map(|node| read(Some(node))),
    })
}

#[cfg(test)]
mod tests {
    use super::identify;

    #[test]
    fn identities_are_read_from_the_text() {
        let identity = identify("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: b}\n").unwrap();
        assert_eq!((identity.group(), identity.kind.as_str(), identity.name.as_str()), ("apps", "Deployment", "a"));
        assert_eq!(identity.namespace.as_deref(), Some("b"));
        assert_eq!(identify("metadata:\n  namespace:\n").unwrap().namespace, None);
        assert!(identify("- a\n").is_err());
        assert!(identify("a: [\n").is_err());
    }
}
