//! From the text of a URL to a place that may be reached.
//!
//! Everything that is dangerous in a URL is refused here, before any connection: options that look
//! like hosts, remote helpers, credentials, control characters, protocols that are not allowed.

mod check;
mod text;

pub(super) use check::{Address, For, Policy, SshAddress, resolve};
pub(super) use text::{carries_secret, shown, without_credentials};

#[cfg(test)]
mod tests;
