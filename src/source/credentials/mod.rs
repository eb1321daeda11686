//! What may be sent to a URL.
//!
//! In: a URL that is about to be asked, and what its server says. Out: a [`Token`], bound to a scheme,
//! a host and a path, or the reason why there is none. Asked in this order: the project's
//! `access.yaml` files, `KILN_TOKEN_…` variables, the credential helpers of the user's git
//! configuration, netrc, the logins of docker and Helm for registries, those of Helm for chart
//! repositories. Nothing is ever written, kept between runs, or printed: the types here have no text.
//!
//! This room reads the environment and the home folder, by way of an [`Environment`], and starts the
//! programs that keep credentials. It reaches no network.

mod access;
mod environment;
mod git_config;
mod git_helper;
mod helm_repos;
mod keyring;
mod netrc;
mod program;
mod registries;
mod scope;
mod token;
mod variables;

pub use access::Access;
pub use environment::Environment;
pub(super) use git_config::files as git_config_files;
pub(super) use keyring::{Keyring, Offer, Purpose, RegistryLogin};
pub(super) use program::credential_program;
#[cfg(test)]
pub(super) use scope::Scope;
pub(super) use token::Token;

#[cfg(all(test, unix))]
mod tests;
