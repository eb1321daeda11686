//! Holds what edits of sources keep, and which images end up in the output: `kiln image set`, `set`, `add`,
//! `remove`, `event apply`, `images.yaml`.
#![cfg(unix)]

#[path = "../harness/settings.rs"]
mod settings;

mod channels;
mod documents;
mod events;
mod image_set;
mod laws;
mod project;
mod pushing;
