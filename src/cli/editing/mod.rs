//! Edits of a project's own files: what `set`, `add`, `remove` and `image set` share.
//!
//! In: the files of a folder, on disk or in a commit, and changes at paths. Out: the changed files
//! ([`Edited`]), with everything else in them as it was. YAML keeps its comments and layout; JSON stays
//! JSON. Nothing is written here but by [`Edited::write`].

use std::path::Path;

mod change;
mod component;
mod event;
mod file;
mod image;
mod json;
mod value;
mod version;

pub use change::{Edited, FileChange};
pub use component::{LIST, as_fabrikate_writes, has, item, open_component, positions};
pub use event::{DeploymentEvent, EventRules, apply_event};
pub use file::{EditedFile, read_text};
pub use image::{ImageWish, KitWish, Wanted, set_images, set_in_kit};
pub use value::typed_value;
pub use version::AskedVersion;

/// The name of a folder, which a component file that is made in it gets.
pub fn folder_name(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

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
