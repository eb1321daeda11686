//! Connections for libgit2, which speaks the git protocol but reaches nobody by itself here.
//!
//! One made-up protocol is registered; which connection it uses is said by [`within`] for the
//! current thread. https goes through the web client, ssh through the `ssh` program, the git
//! protocol over a plain socket; all are bounded in bytes and time by a [`Meter`]. What libgit2 cannot do
//! goes over the same connections by a [`Channel`].

mod advertisement;
mod channel;
mod connection;
mod guard;
mod meter;
mod piped;
mod socket;
mod ssh;
mod web;

pub(super) use channel::{Channel, RECEIVE_PACK, UPLOAD_PACK};
pub(in crate::source) use connection::{Connection, WebConnection};
pub(super) use connection::{REMOTE_URL, register, within};
pub(super) use meter::Meter;
