use std::collections::BTreeMap;

/// A path that may not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Empty, absolute, or with `.` or `..` parts, a backslash or a control character.
    #[error("`{0}` is not a plain relative path")]
    NotPlain(String),
    /// A part such as `.git` or `.kiln` that tools treat specially.
    #[error("`{path}` uses the reserved name `{part}`")]
    Reserved {
        /// The whole path.
        path: String,
        /// The part.
        part: String,
    },
    /// Two contents for one path, or a file where a folder must be.
    #[error("`{0}` is written twice")]
    Taken(String),
}

/// Files to be: path below the target folder → content, sorted by path.
#[derive(Clone, Debug, Default)]
pub struct OutputSet {
    files: BTreeMap<String, Vec<u8>>,
}

impl OutputSet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file.
    ///
    /// # Errors
    /// When the path is not a plain relative path, is reserved, or is taken.
    pub fn insert(&mut self, path: &str, content: Vec<u8>) -> Result<(), PathError> {
        check(path)?;
        let mut folder = String::new();
        for part in path.split('/') {
            folder.push_str(part);
            if self.files.contains_key(&folder) {
                return Err(PathError::Taken(path.to_owned()));
            }
            folder.push('/');
        }
        if self.files.range(folder.clone()..).next().is_some_and(|(other, _)| other.starts_with(&folder)) {
            return Err(PathError::Taken(path.to_owned()));
        }
        self.files.insert(path.to_owned(), content);
        Ok(())
    }

    /// Path and content of each file, sorted by path.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_str(), content.as_slice()))
    }

    /// The content of a file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

fn check(path: &str) -> Result<(), PathError> {
    for part in path.split('/') {
        let plain = !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':']);
        if !plain || part.chars().any(char::is_control) {
            return Err(PathError::NotPlain(path.to_owned()));
        }
        let lower = part.trim_end_matches([' ', '.']).to_ascii_lowercase();
        if matches!(lower.as_str(), ".git" | ".kiln") || lower.starts_with(".kiln-") {
            return Err(PathError::Reserved { path: path.to_owned(), part: part.to_owned() });
        }
    }
    Ok(())
}
