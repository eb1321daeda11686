use std::sync::Arc;

use crate::output::CopyNote;

/// How a copy differs from what it is a copy of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copying {
    suffix: String,
    namespace: Option<String>,
}

/// How long a copy is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyTerms {
    /// The branch that it is made for; none where the suffix tells.
    pub branch: Option<String>,
    /// From when on nobody wants it (RFC 3339).
    pub expires: Option<String>,
}

impl Copying {
    /// A copy whose names end with `suffix`, with all its objects in `namespace` where one is given.
    ///
    /// # Errors
    /// Why the suffix or the namespace cannot be.
    pub fn new(suffix: &str, namespace: Option<&str>) -> Result<Self, String> {
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_name = |text: &str| text.bytes().all(is_part) && !text.ends_with('-');
        if suffix.is_empty() || !is_name(suffix) {
            return Err(format!(
                "`{}` cannot end a name: a suffix has small letters, digits and dashes, as in `-pr42`",
                suffix.escape_debug()
            ));
        }
        if let Some(name) = namespace
            && (name.is_empty() || name.len() > 63 || name.starts_with('-') || !is_name(name))
        {
            return Err(format!("`{}` cannot be the name of a namespace", name.escape_debug()));
        }
        Ok(Self { suffix: suffix.to_owned(), namespace: namespace.map(str::to_owned) })
    }

    /// What ends the names.
    pub fn suffix(&self) -> &str {
        &self.suffix
    }

    /// The namespace of all objects.
    pub fn namespace(&self) -> Option<Arc<str>> {
        self.namespace.as_deref().map(Arc::from)
    }

    /// The name of the copy of something.
    pub fn name_of(&self, name: &str) -> String {
        format!("{name}{}", self.suffix)
    }

    /// What is recorded of a copy of a cluster.
    pub fn note(&self, of: &str, terms: &CopyTerms) -> CopyNote {
        CopyNote {
            of: of.to_owned(),
            suffix: self.suffix.clone(),
            namespace: self.namespace.clone(),
            branch: terms.branch.clone(),
            expires: terms.expires.clone(),
            ..CopyNote::default()
        }
    }
}
