//! `emit` of `publish.yaml`: what is written for GitOps engines, and with which settings.
//!
//! In: the fields of the section. Out: an [`EmitSpec`], valid by itself; placeholders in it are filled for
//! each cluster by [`SiteText::of`].

mod read;
mod spec;

pub use read::read_emit;
pub use spec::{ArgoSpec, EmitSpec, FluxSpec, SiteText};

#[cfg(test)]
mod tests;
