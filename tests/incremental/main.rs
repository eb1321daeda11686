//! Holds that an incremental run gives what a clean one gives, and that it renders no more than it must.
#![cfg(unix)]

#[path = "../harness/settings.rs"]
mod settings;

mod damage;
mod named;
mod project;
mod random;
mod verify;
