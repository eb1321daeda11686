//! Holds that an incremental run gives what a clean one gives, and that it renders no more than it must.
#![cfg(unix)]

mod damage;
mod named;
mod project;
mod random;
mod verify;
