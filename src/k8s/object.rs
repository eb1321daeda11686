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
