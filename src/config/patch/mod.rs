//! JSON patches (RFC 6902) between layers: `config/<layer>.patch.yaml`.
//!
//! In: the patch file of a layer ([`read_patches`]). Out: a [`Patch`] per component, which changes
//! values that are merged from its layer and those below ([`Patch::apply`]). Values keep their places;
//! what an operation adds has its place in the patch file.

mod apply;
mod read;

pub use read::{Patch, Patches};
pub(super) use read::{ReadPatches, read_patches};
