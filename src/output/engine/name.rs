use std::collections::HashMap;

/// The most characters of a name: engines put it into a label.
const MOST: usize = 63;

/// Why names cannot be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No letter or digit is in it.
    #[error("`{0}` cannot be made a name of a Kubernetes object")]
    Impossible(String),
    /// It has too many characters.
    #[error("`{0}` is longer than the 63 characters that a name may have here")]
    TooLong(String),
    /// Two clusters come to the same name.
    #[error("the clusters `{one}` and `{other}` would both be the {kind} `{name}`")]
    Taken {
        /// The kind of object.
        kind: &'static str,
        /// The name.
        name: String,
        /// A cluster.
        one: String,
        /// Another cluster.
        other: String,
    },
}

/// Makes a text the name of an object that engines may also use as a label (RFC 1123: lower case letters,
/// digits and `-`): letters become small, everything else a `-`.
///
/// # Errors
/// When nothing is left of it, or too much.
pub fn dns_label(text: &str) -> Result<String, NameError> {
    let letters = text.chars().map(|char| char.to_ascii_lowercase());
    let name: String = letters.map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).collect();
    let name = name.trim_matches('-');
    match name.len() {
        0 => Err(NameError::Impossible(text.to_owned())),
        length if length > MOST => Err(NameError::TooLong(text.to_owned())),
        _ => Ok(name.to_owned()),
    }
}

/// Names that were given, each once.
pub(super) struct Names {
    kind: &'static str,
    of: HashMap<String, String>,
}

impl Names {
    pub(super) fn new(kind: &'static str) -> Self {
        Self { kind, of: HashMap::new() }
    }

    /// The name of the object for a cluster.
    pub(super) fn give(&mut self, wanted: &str, cluster: &str) -> Result<String, NameError> {
        let name = dns_label(wanted)?;
        match self.of.insert(name.clone(), cluster.to_owned()) {
            Some(one) => Err(NameError::Taken { kind: self.kind, name, one, other: cluster.to_owned() }),
            None => Ok(name),
        }
    }
}
