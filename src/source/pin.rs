use super::spec::SourceSpec;

/// What a [`SourceSpec`] resolved to: enough to find the content in the store and to prove that it
/// is the same content.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pin {
    /// A commit.
    Git {
        /// The repository as asked, without credentials.
        url: String,
        /// The full name of the tag or branch that was taken; absent when a commit was asked for.
        reference: Option<String>,
        /// The commit's id in hex.
        commit: String,
        /// The id of the commit's tree in hex.
        tree: String,
        /// SHA-256 over the paths, modes and contents of the tree, in hex.
        sha256: String,
    },
    /// A chart archive.
    Chart {
        /// The repository as asked, without credentials.
        url: String,
        /// The chart's name.
        chart: String,
        /// The version that was selected.
        version: String,
        /// Where the archive was found.
        archive: String,
        /// SHA-256 of the manifest that names the archive, in hex, when it came from a registry.
        manifest: Option<String>,
        /// The fingerprint of the key that signed the archive, in hex, when that was asked for.
        signed_by: Option<String>,
        /// SHA-256 of the archive in hex.
        sha256: String,
    },
    /// A file.
    Http {
        /// Its URL as asked, without credentials.
        url: String,
        /// SHA-256 of its content in hex.
        sha256: String,
    },
}

impl Pin {
    /// The source's URL as asked, without credentials.
    pub fn url(&self) -> &str {
        match self {
            Self::Git { url, .. } | Self::Chart { url, .. } | Self::Http { url, .. } => url,
        }
    }

    /// The digest that names the content.
    pub fn sha256(&self) -> &str {
        match self {
            Self::Git { sha256, .. } | Self::Chart { sha256, .. } | Self::Http { sha256, .. } => sha256,
        }
    }

    /// What was resolved to, short, for listings: a commit, a version, a digest.
    pub fn resolved(&self) -> &str {
        match self {
            Self::Git { commit, .. } => commit,
            Self::Chart { version, .. } => version,
            Self::Http { sha256, .. } => sha256,
        }
    }

    /// Where the content was found, as recorded: a URL.
    pub fn location(&self) -> &str {
        match self {
            Self::Git { url, .. } | Self::Http { url, .. } => url,
            Self::Chart { archive, .. } => archive,
        }
    }

    /// Whether the pin could have come from such a source, whatever its version.
    pub fn is_of(&self, spec: &SourceSpec) -> bool {
        match (self, spec) {
            (Self::Git { url, .. }, SourceSpec::Git { url: asked, .. })
            | (Self::Http { url, .. }, SourceSpec::Http { url: asked }) => url == asked,
            (Self::Chart { url, chart, .. }, SourceSpec::ChartRepo { url: asked, chart: name, .. }) => {
                url == asked && chart == name
            }
            _ => false,
        }
    }
}
