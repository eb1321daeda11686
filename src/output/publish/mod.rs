//! Files to commits: what an owner's files become on a branch, and whether that may be.
//!
//! In: the [`RenderedFiles`] of a run and a [`Base`] that they are put onto, a commit or a folder. Out: a
//! [`Plan`], which says what is added, changed and removed, and [`Objection`]s against it; a tree or a folder
//! that follows the plan. An owner's manifest in the target says which files are its own: only those are
//! ever removed. Nothing here reaches a server, and no work tree is needed.

mod base;
mod commit;
mod folder;
mod guard;
mod hydrator;
mod limits;
mod note;
mod ownership;
mod plan;
mod preserve;
mod reference;
mod rendered;
mod splice;
mod state;

pub use base::{Base, CommitBase, PublishError};
pub use commit::{CommitText, Sign, SourceCommit, commit_message, write_commit};
pub use folder::FolderBase;
pub use guard::Objection;
pub use hydrator::{hydrator_metadata, hydrator_note};
pub use limits::DeleteBound;
pub use note::with_note;
pub use ownership::{Owned, OwnerManifest, pending_manifest};
pub use plan::{FileChange, Plan, PlanOptions, Scope, folder_of, plan};
pub use preserve::Preserve;
pub use reference::references;
pub use rendered::{RenderedFile, RenderedFiles};
pub use splice::splice;
pub use state::PublishState;

#[cfg(test)]
mod tests;
