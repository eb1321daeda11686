//! Edits of a project's own files: what `set`, `add` and `remove` share.
//!
//! In: a file of the project, or the wish for one, and changes at paths. Out: the changed file, with
//! everything else in it as it was. YAML keeps its comments and layout; JSON stays JSON.

mod component;
mod file;
mod json;
mod value;
mod version;

pub use component::{LIST, as_fabrikate_writes, has, item, open_component, positions};
pub use file::EditedFile;
pub use value::typed_value;
pub use version::AskedVersion;

/// Whose habits an edit follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// kiln's.
    Kiln,
    /// Those of Fabrikate, for scripts that call it: values are strings, entries are sorted.
    Fabrikate,
}

#[cfg(test)]
mod tests;
