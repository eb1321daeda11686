use std::fmt;

use crate::source::TreeError;
use crate::yaml::YamlError;

/// A chart that cannot be loaded. Prints Helm's text.
#[derive(Clone, Debug)]
pub struct LoadError {
    message: String,
    /// The file at fault, relative to the outermost chart (through `charts/`).
    pub file: Option<String>,
    /// The keys and indices that lead to the fault in it; empty when the whole file is meant.
    pub at: Vec<String>,
    /// What the YAML reader found wrong with it.
    pub yaml: Option<Box<YamlError>>,
    /// What the file tree said.
    pub tree: Option<Box<TreeError>>,
}

impl LoadError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), file: None, at: Vec::new(), yaml: None, tree: None }
    }

    pub(super) fn in_file(message: impl Into<String>, file: &str) -> Self {
        Self { file: Some(file.to_owned()), ..Self::new(message) }
    }

    pub(super) fn at(self, keys: Vec<String>) -> Self {
        Self { at: keys, ..self }
    }

    pub(super) fn with_yaml(self, error: YamlError) -> Self {
        Self { yaml: Some(Box::new(error)), ..self }
    }

    /// Names the chart that holds the failing one.
    pub(super) fn in_subchart(mut self, entry: &str, parent: &str) -> Self {
        self.message = format!("error unpacking subchart {entry} in {parent}: {}", self.message);
        self.file = self.file.map(|file| format!("charts/{entry}/{file}"));
        self
    }
}

impl From<TreeError> for LoadError {
    fn from(error: TreeError) -> Self {
        Self { tree: Some(Box::new(error.clone())), ..Self::new(error.to_string()) }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LoadError {}
