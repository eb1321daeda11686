use crate::k8s::ImageRef;
use crate::span::Span;
use crate::yaml::Node;
use crate::yaml::edit::Step;

/// A place in a file that says an image.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The file below the project.
    pub file: String,
    /// Which document of the file.
    pub document: usize,
    /// The image that it says now.
    pub image: ImageRef,
    /// How it says it.
    pub slot: Slot,
    /// The value to point at.
    pub place: Span,
    /// The channel of `images.yaml` that this is.
    pub channel: Option<String>,
}

/// How values say an image. Each part knows its path in the document and its present text.
#[derive(Clone, Debug)]
pub enum Slot {
    /// One string: `registry/repository:tag@digest`, or of it only the version (`:tag`).
    Reference(Part),
    /// Parts of their own.
    Parts {
        /// The registry's host.
        registry: Option<Part>,
        /// The repository, perhaps with the registry; absent where the chart's defaults say it.
        repository: Option<Part>,
        /// The tag, perhaps with the digest.
        tag: Option<Part>,
        /// The digest.
        digest: Option<Part>,
        /// Whether the digest is written without its algorithm.
        bare_digest: bool,
    },
    /// An entry as kustomize has them: `{name, newName, newTag, digest}`.
    Entry {
        /// The entry.
        path: Vec<Step>,
        /// The tag.
        tag: Option<Part>,
        /// The digest.
        digest: Option<Part>,
    },
}

impl Slot {
    /// Registry, repository, tag and digest, as far as they are there, with the nodes that say them.
    pub fn of_parts(parts: [Option<(Part, &Node)>; 4], bare_digest: bool) -> Self {
        let [registry, repository, tag, digest] = parts.map(|part| part.map(|(part, _)| part));
        Self::Parts { registry, repository, tag, digest, bare_digest }
    }
}

/// A string among the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it is.
    pub path: Vec<Step>,
    /// What it says; empty for null.
    pub text: String,
}

impl Candidate {
    /// `file:line:column`.
    pub fn location(&self) -> String {
        let (line, column) = self.place.source.line_col(self.place.start as usize);
        format!("{}:{line}:{column}", self.file)
    }

    /// The path of the value that says the version, which tells candidates apart.
    pub fn key(&self) -> (&str, usize, &[Step]) {
        let path = match &self.slot {
            Slot::Reference(part) => &part.path,
            Slot::Parts { tag, digest, .. } => tag.as_ref().or(digest.as_ref()).map_or(&[][..], |part| &part.path),
            Slot::Entry { path, .. } => path,
        };
        (&self.file, self.document, path)
    }
}
