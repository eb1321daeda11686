use std::sync::Arc;

use super::documents::ValuesDocument;
use super::{Condition, Hooks, MergePolicy};
use crate::source::names_archive;
use crate::span::Span;

/// A string as written, with its place.
#[derive(Clone, Debug)]
pub struct Text {
    /// The string.
    pub value: String,
    /// Where it is written.
    pub place: Span,
}

/// What a component is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComponentType {
    /// A component file of its own that holds others together.
    Component,
    /// A Helm chart.
    Helm,
    /// Manifests taken as they are.
    Static,
    /// Native templates.
    Template,
    /// A word that means nothing; Fabrikate renders an empty file for it.
    Unknown(String),
}

impl ComponentType {
    /// The words that mean something.
    pub const NAMES: [&str; 4] = ["component", "helm", "static", "template"];

    /// The type that a word names; the empty word is `component`.
    pub fn from_word(word: &str) -> Self {
        match word {
            "" | "component" => ComponentType::Component,
            "helm" => ComponentType::Helm,
            "static" => ComponentType::Static,
            "template" => ComponentType::Template,
            other => ComponentType::Unknown(other.to_owned()),
        }
    }
}

/// How a component's material is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A git repository.
    Git,
    /// A chart repository.
    Helm,
    /// A folder beside the component file.
    Local,
    /// One file by URL, which may be an archive.
    Http,
}

impl Method {
    /// The words that mean something.
    pub const NAMES: [&str; 4] = ["git", "helm", "local", "http"];

    /// The method that a word names: `http` in any case, the others exactly; `None` for other
    /// words, which Fabrikate takes for `local`.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "git" => Some(Method::Git),
            "helm" => Some(Method::Helm),
            "" | "local" => Some(Method::Local),
            word if word.eq_ignore_ascii_case("http") => Some(Method::Http),
            _ => None,
        }
    }
}

/// A component as written, in a file of its own or as an entry of `subcomponents`. Empty strings
/// count as absent.
#[derive(Clone, Debug)]
pub struct ComponentSpec {
    /// The name: output file, release name, key of its configuration.
    pub name: Option<Text>,
    /// What it is made of (`type`, or the old `generator`, which wins).
    pub kind: ComponentType,
    /// Where `kind` is written.
    pub kind_place: Option<Span>,
    /// How its material is fetched.
    pub method: Method,
    /// Where the material is: a URL or a local folder.
    pub source: Option<Text>,
    /// The folder in the source; for chart repositories the chart's name.
    pub path: Option<Text>,
    /// Commit, tag or branch; for chart repositories the version.
    pub version: Option<Text>,
    /// The branch.
    pub branch: Option<Text>,
    /// Commands around installing and generating.
    pub hooks: Hooks,
    /// When it is part of the stack.
    pub when: Option<Condition>,
    /// How its values are merged.
    pub merge: Option<Arc<MergePolicy>>,
    /// Documents of values below all layers, of rising priority.
    pub values_from: Vec<ValuesDocument>,
    /// Whether `${{ … }}` in its fields is an expression, where it says so.
    pub expressions: Option<bool>,
    /// The entries below.
    pub subcomponents: Vec<Arc<ComponentSpec>>,
    /// The whole entry or file.
    pub place: Span,
}

impl ComponentSpec {
    /// The name, empty when there is none.
    pub fn name(&self) -> &str {
        self.name.as_ref().map_or("", |name| &name.value)
    }

    /// The place to point at when the name is meant.
    pub fn name_place(&self) -> &Span {
        self.name.as_ref().map_or(&self.place, |name| &name.place)
    }

    /// The place to point at when the source is meant: the source, else the whole entry.
    pub fn source_place(&self) -> &Span {
        self.source.as_ref().map_or(&self.place, |source| &source.place)
    }

    /// The place to point at when the path is meant: the path, else the whole entry.
    pub fn path_place(&self) -> &Span {
        self.path.as_ref().map_or(&self.place, |path| &path.place)
    }

    /// The folder in the source, empty when there is none.
    pub fn path(&self) -> &str {
        self.path.as_ref().map_or("", |path| &path.value)
    }

    /// Whether the source is an archive by its name.
    pub fn names_archive(&self) -> bool {
        self.source.as_ref().is_some_and(|source| names_archive(&source.value))
    }

    /// Whether the entry points at a component file that is fetched.
    pub fn is_fetched(&self) -> bool {
        let by_method = match self.method {
            Method::Git => true,
            Method::Http => self.names_archive(),
            Method::Helm | Method::Local => false,
        };
        self.is_loaded() && by_method
    }

    /// Whether the entry is only a pointer to a component file of its own.
    pub fn is_loaded(&self) -> bool {
        self.kind == ComponentType::Component
    }
}
