//! The building blocks for CI systems: every file is read strictly and held against a table of what it may
//! have, and every script in it runs here, with the program that was built, as its CI system would run it.
#![cfg(unix)]

#[path = "../harness/settings.rs"]
mod settings;

#[path = "../../examples/sbom/bom.rs"]
mod bom;

mod engines;
mod files;
mod forges;
mod image;
mod place;
mod release;
