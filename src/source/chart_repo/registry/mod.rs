//! Charts in OCI registries: a tag or a digest names a manifest, the manifest names the archive.
//!
//! A chart and a version, range or digest enter; the bytes of the archive leave, with the digests of
//! both. Whatever has a digest is checked against it before it is looked at.

mod authorise;
mod challenge;
mod client;
mod manifest;
mod wanted;

pub(in crate::source) use challenge::{challenge_parameters, challenge_word};
pub(in crate::source) use client::{Pulled, Registry};
