//! Files and charts from where the words of helm's command line say, in helm's own way and words.
//!
//! URLs, references to a registry, logins and TLS files enter; bytes leave. Other than an
//! [`Install`](super::Install), which follows a project's policy and pins what it fetches, this goes
//! wherever the user's flags and files lead, unencrypted too, as helm does; nothing is stored. Errors
//! are texts of helm and of the Go libraries below it. Passwords go to the host that they were given
//! for and never into a text.

mod asking;
mod client;
mod registry;
mod tls;
mod words;

pub use asking::{Asking, Login};
pub use client::Remote;
pub(super) use registry::{Credential, Logins};
pub use registry::{Credentials, CredentialsError, Pulled, Registry, is_oci};
pub use tls::Tls;

#[cfg(test)]
mod tests;
